"""The visual language: contrasts, the theme file against the table, and the scale of every quantity."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from components import tokens
from components.colour import contrast, luminance, rgb, text_on
from components.tokens import DARK, LIGHT, SCALE, THEMES

ROOT = Path(__file__).parent.parent
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
BOTH = [*LIGHT.grounds, *DARK.grounds]


def lowest(colour, grounds):
    return min(contrast(colour, ground) for ground in grounds)


def test_contrast_agrees_with_published_ratios():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.005)
    assert contrast("#FF0000", "#FFFFFF") == pytest.approx(4.00, abs=0.005)
    assert luminance("#FFFFFF") == pytest.approx(1)


@pytest.mark.parametrize(
    ("theme", "part", "floor"),
    [
        (LIGHT, "text", 14.3), (LIGHT, "muted", 5.8), (LIGHT, "border", 3.4), (LIGHT, "link", 4.5),
        (DARK, "text", 13.4), (DARK, "muted", 7.2), (DARK, "border", 3.6), (DARK, "link", 7.7), (DARK, "primary", 3.4),
    ],
)  # fmt: skip
def test_text_and_borders_stand_out_on_all_three_grounds(theme, part, floor):
    assert lowest(getattr(theme, part), theme.grounds) >= floor - 0.05


@pytest.mark.parametrize(("theme", "floor"), [(LIGHT, 6.7), (DARK, 4.8)])
def test_white_is_readable_on_the_primary_colour(theme, floor):
    assert contrast("#FFFFFF", theme.primary) >= floor - 0.05


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_status_and_series_are_readable(theme):
    for part in ("ok", "warn", "bad", "untested"):
        assert lowest(getattr(theme, part), theme.grounds) >= 4.5
    for colour in theme.series:
        assert lowest(colour, theme.grounds) >= 4.4
    assert contrast(theme.text, theme.mat) >= 4.5


@pytest.mark.parametrize("colour", [tokens.ACCENT, tokens.LINE, *tokens.SERIES, *set(tokens.KIND_INK.values())])
def test_what_a_figure_draws_itself_holds_on_both_themes(colour):
    assert lowest(colour, BOTH) >= 3


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_the_veil_comes_out_as_the_mat(theme):
    red, green, blue, alpha = (float(part) for part in re.findall(r"[\d.]+", tokens.MAT_VEIL))
    pairs = zip((red, green, blue), rgb(theme.background), strict=True)
    seen = [alpha * top + (1 - alpha) * under for top, under in pairs]
    np.testing.assert_allclose(seen, rgb(theme.mat), atol=1.5)


def test_text_on_takes_the_better_of_ink_and_white():
    assert text_on("#FFFFFF") == tokens.INK
    assert text_on("#542788") == tokens.WHITE
    for grey in range(0, 256, 5):
        assert contrast(text_on((grey, grey, grey)), (grey, grey, grey)) >= 4.2


@pytest.mark.parametrize("name", THEMES)
def test_the_theme_file_says_what_the_table_says(name):
    theme, said = THEMES[name], CONFIG["theme"][name]
    pairs = {
        "primaryColor": theme.primary,
        "backgroundColor": theme.background,
        "secondaryBackgroundColor": theme.secondary,
        "textColor": theme.text,
        "linkColor": theme.link,
        "borderColor": theme.border,
        "blueTextColor": theme.link,
        "greenTextColor": theme.ok,
        "orangeTextColor": theme.warn,
        "redTextColor": theme.bad,
        "grayTextColor": theme.untested,
        "chartCategoricalColors": list(theme.series),
    }
    assert {key: said[key] for key in pairs} == pairs
    assert said["sidebar"]["backgroundColor"] == theme.sidebar
    for key, kind in (("chartSequentialColors", "attribution"), ("chartDivergingColors", "attribution_signed")):
        wanted = SCALE[kind].lut()[np.rint(np.linspace(0, 255, 10)).astype(int)]
        np.testing.assert_allclose([rgb(colour) for colour in said[key]], wanted, atol=3)


def test_the_theme_file_keeps_quiet_and_bounds_uploads():
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["client"] == {"toolbarMode": "minimal", "showErrorDetails": "none", "showErrorLinks": False}
    assert CONFIG["server"]["maxUploadSize"] == 50
    assert CONFIG["theme"]["headingFontSizes"] == ["28px", "20px", "16px"]
    for key in ("font", "codeFont"):
        assert "http" not in CONFIG["theme"][key]


@pytest.mark.parametrize(
    ("kind", "low", "middle", "high"),
    [
        ("weights", "#2166AC", "#F7F7F7", "#B2182B"),
        ("activation_signed", "#8C510A", "#F5F5F5", "#01665E"),
        ("attribution_signed", "#542788", "#F7F7F7", "#B35806"),
        ("difference", "#542788", "#F7F7F7", "#B35806"),
        ("attribution", "#F7F7F7", "#E08214", "#7F3B08"),
        ("input_grey", "#FFFFFF", None, "#000000"),
        ("grey", "#000000", None, "#FFFFFF"),
        ("activation", "#440154", None, "#FDE725"),
    ],
)
def test_each_quantity_has_its_colours(kind, low, middle, high):
    lut = SCALE[kind].lut()
    assert lut.shape == (256, 3)
    assert lut.dtype == np.uint8
    assert tuple(lut[0]) == rgb(low)
    assert tuple(lut[-1]) == rgb(high)
    assert SCALE[kind].colour(-9, (-1, 1)) == rgb(low)
    if middle:
        np.testing.assert_allclose(SCALE[kind].colour(0.0, (-1, 1)), rgb(middle), atol=2)
        assert SCALE[kind].signed == (kind != "attribution")


def test_jet_is_the_notebooks():
    lut = SCALE["jet"].lut().astype(int)
    known = {0: (0, 0, 128), 64: (0, 129, 255), 128: (125, 255, 122), 192: (255, 148, 0), 255: (128, 0, 0)}
    for step, colour in known.items():
        np.testing.assert_allclose(lut[step], colour, atol=4)


@pytest.mark.parametrize("kind", tokens.INKS)
def test_overlays_are_clear_at_zero_and_nearly_opaque_at_the_ends(kind):
    scale = tokens.overlay_scale(kind)
    alphas = [(place, float(colour.rstrip(")").split(",")[-1])) for place, colour in scale]
    assert alphas[-1] == (1.0, tokens.OVERLAY_ALPHA)
    zero = 0.5 if SCALE[kind].signed else 0.0
    assert all(alpha == 0 for place, alpha in alphas if place == zero)
    bar = tokens.overlay_bar(kind)
    assert bar[0][0] == 0
    assert bar[-1][0] == 1
    np.testing.assert_allclose(rgb(bar[-1][1]), 0.85 * np.array(rgb(tokens.INKS[kind][0])) + 0.15 * 217, atol=1)


def test_figures_take_colours_of_quantities_only_from_the_registry():
    named = re.compile(r"colorscale\s*=\s*[\"']|[\"']colorscale[\"']\s*:\s*[\"'\[]|#[0-9A-Fa-f]{6}")
    for path in (ROOT / "components" / "figures").glob("*.py"):
        assert not named.search(path.read_text()), path.name
