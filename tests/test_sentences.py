"""The sentence bank: predicates that were computed, words that may be used, and room in the title."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from components import sentences
from components.figures.contract import TITLE_LIMIT
from components.sentences.findings import MENDS, SENTENCES
from components.sentences.images import NOTES
from components.sentences.maps import WORDS
from components.text import bytes_text, column, fitted, number, percent, shape_text, short
from explain import METHODS
from explain.types import Finding, Target

ROOT = Path(__file__).parent.parent
LABELS = ["Egyptian cat", "tiger cat", "espresso", *(f"class {n}" for n in range(7))]
LONG = "a class whose full name goes on for rather longer than any title in this application has room for"
BANNED = re.compile(
    r"\blooks at\b|\bsees\b|\battention\b|\bthinks\b|\btrust(s|ed|worthy|worthiness)?\b|\b(un)?reliabl[ey]\b",
    re.I,
)
CODES = re.compile(r"\bFinding\(\s*\"(\w+)\"")
CAUSES = re.compile(r"(?:_zero\(|return |else \()\"(\w+)\", ")


def strings(path: Path) -> list[str]:
    """Every string of a module but its docstrings: what may come to the screen."""
    tree = ast.parse(path.read_text())
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent
    ]


SOURCES = sorted(
    path for part in ("components", "pages", "explain", "model_zoo") for path in (ROOT / part).rglob("*.py")
)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_banned_word_reaches_the_screen(path):
    assert not [text for text in strings(path) if BANNED.search(text)]


def test_no_banned_word_in_catalogs_presets_or_page_questions():
    for path in [
        *(ROOT / "locales").rglob("*.po"),
        *(ROOT / "components").rglob("*.toml"),
        *(ROOT / "pages").glob("*.py"),
    ]:
        text = path.read_text() if path.suffix != ".py" else ast.get_docstring(ast.parse(path.read_text())) or ""
        assert not BANNED.search(text), path.name


@pytest.mark.parametrize(
    "text", ["The model looks at the ear", "it Sees a cat", "an attention map", "is trustworthy", "unreliable"]
)
def test_the_linter_knows_its_words(text):
    assert BANNED.search(text)
    assert not BANNED.search("see which parts count; look at its kernels; entrusted")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.385, "0.385"), (9.012, "9.01"), (-1.2, "\u22121.20"), (123.4, "123"), (12345.0, "12,300"),
        (0, "0"), (0.0, "0"), (1000, "1,000"), (-7, "\u22127"),
        (0.001, "1.00\u00d710\u207b\u00b3"), (0.00101, "0.00101"),
        (-0.00012, "\u22121.20\u00d710\u207b\u2074"), (2.5e7, "2.50\u00d710\u2077"), (9.996, "10.0"), (999.6, "1,000"),
        (float("nan"), "NaN"), (float("-inf"), "\u2212\u221e"),
    ],
)  # fmt: skip
def test_numbers_have_three_digits_a_true_minus_and_exponents_from_a_thousandth_down(value, written):
    assert number(value) == written


def test_ticks_drop_zeros_and_columns_share_their_decimals():
    assert number(-0.5, strip=True) == "\u22120.5"
    assert number(100.0, strip=True) == "100"
    assert column([0.123, -0.0004, 0.05]) == ["0.123", "0.000", "0.050"]
    assert column([12.3, -1.0, float("nan")]) == ["12.3", "\u22121.0", "NaN"]
    assert column([0.0, 0.0]) == ["0", "0"]


@pytest.mark.parametrize(
    ("share", "written"),
    [
        (0.385, "38"),
        (0.386, "39"),
        (0.0042, "0.4"),
        (0.0002, "<0.1"),
        (0.9999, ">99.9"),
        (0.996, "99.6"),
        (0, "0"),
        (1, "100"),
    ],
)
def test_percentages_are_never_a_false_nothing_or_all(share, written):
    assert percent(share) == f"{written}\u00a0%"


def test_sizes_shapes_and_names():
    assert bytes_text(553_467_096) == "553\u00a0MB"
    assert bytes_text(1_500_000_000) == "1.5\u00a0GB"
    assert bytes_text(640) == "640\u00a0B"
    assert shape_text((None, 56, 3)) == "?\u00d756\u00d73"
    assert short("abcdef", 4) == "abc\u2026"
    assert len(fitted("{name} over {other}", {"name": LONG, "other": LONG})) <= TITLE_LIMIT
    assert fitted("{name}: {n}", {"name": "cat"}, n=3) == "cat: 3"


@pytest.mark.parametrize(
    ("shares", "close"),
    [
        ([0.39, 0.33, 0.28], True),
        ([0.6, 0.4], True),
        ([0.61, 0.39], False),
        ([0.9, 0.1], False),
        ([1.0, 0.0], False),
        ([1.0], False),
    ],
)
def test_a_close_call_is_a_ratio_of_at_most_one_and_a_half(shares, close):
    assert sentences.close_call(shares) is close


def test_prediction_names_the_runner_up_only_where_it_is_close():
    assert sentences.prediction(LABELS, [0.386, 0.331, 0.283]) == (
        "Egyptian cat, 39\u00a0%. A close call: tiger cat has 33\u00a0%."
    )
    assert sentences.prediction(LABELS, [0.1, 0.0, 0.9]) == "espresso, 90\u00a0%."
    assert sentences.prediction(LABELS, [0.12] + [0.88 / 9] * 9).startswith("Undecided: Egyptian cat leads with 12")
    assert "random" in sentences.prediction(LABELS, [0.9, 0.1], trained=False)
    assert "not a number" in sentences.prediction(LABELS, [np.nan, 0.5])


def test_activation_titles_say_where_silence_and_nan():
    values = np.zeros((14, 50))
    assert sentences.activation_title(37, values) == "Channel 37: silent on this picture"
    values[12, 40] = -3
    assert sentences.activation_title(37, values) == "Channel 37: strongest at row 12, column 40"
    values[0, 0] = np.nan
    assert "1 of 700" in sentences.activation_title(37, values)
    assert (
        sentences.layer_title("conv_1", np.array([1.0, 0.0, 4.0]))
        == "conv_1: channel 2 is the strongest, 1 of 3 are silent"
    )
    assert "all 3 channels" in sentences.layer_title("conv_1", np.zeros(3))


def test_half_of_the_map_is_counted():
    assert sentences.share_for_half(np.ones((10, 10))) == 0.5
    one = np.zeros((10, 10))
    one[3, 3] = -2
    assert sentences.share_for_half(one) == 0.01
    assert np.isnan(sentences.share_for_half(np.zeros((2, 2))))
    assert sentences.share_for_half(np.array([[4.0, 3.0, 2.0, 1.0]])) == 0.5


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_every_method_has_its_word_and_its_titles_fit(method):
    assert method.word in WORDS
    peaked = np.zeros((7, 7))
    peaked[2, 3] = 1
    for values in (peaked, np.ones((7, 7)), np.zeros((7, 7)), np.full((7, 7), np.nan)):
        for target in ("cat", LONG):
            title = sentences.attribution_title(method, values, target)
            assert len(title) <= TITLE_LIMIT
    assert sentences.attribution_title(method, peaked, "cat").endswith(": half of it lies in 2\u00a0% of the picture")
    assert method.word in sentences.attribution_title(method, peaked, "cat").lower()


def test_words_of_cause_are_kept_for_removal():
    for method in METHODS.values():
        title = sentences.attribution_title(method, np.eye(7), "cat")
        assert "because" not in title
        assert "matter" not in title


def test_titles_of_sums_and_covers_follow_from_the_cells():
    cells = np.full((7, 7), -0.1)
    cells[1, 2], cells[3, 3] = 0.4, -0.9
    assert sentences.sum_title(cells, "cat") == "cat: 1 of 49 cells add to it, most at row 1, column 2"
    assert sentences.sum_title(cells, "cat", "dog") == "cat over dog: most from row 1, column 2 (0.400)"
    change = np.full((7, 7), np.nan)
    assert "none tried" in sentences.cover_title(change, "cat")
    change[0, 1] = -0.18
    assert sentences.cover_title(change, "cat") == "cat: covering row 0, column 1 costs it most, 18 points"
    assert sentences.cover_title(-change, "cat") == "cat: no cover lowers its probability"
    change[2, 2] = 0.5
    both = "cat: covering row 0, column 1 costs 18 points; row 2, column 2 adds 50"
    assert sentences.cover_title(change, "cat") == both
    assert sentences.cover_title(change / 100, "cat") == "cat: no cover changes its probability by a point"
    for title in (
        sentences.sum_title(cells, LONG, LONG),
        sentences.sum_title(cells, LONG),
        sentences.cover_title(change, LONG),
    ):
        assert len(title) <= TITLE_LIMIT


def test_the_ends_of_a_signed_map_are_the_two_classes_but_a_gradient_raises_and_lowers():
    labels, pair = ["cat", "dog"], Target(0, 1)
    assert sentences.ends(METHODS["grad_cam"], pair, labels) == ("dog", "cat")
    assert sentences.ends(METHODS["grad_cam"], Target(0), labels) == ("against", "for")
    assert sentences.ends(METHODS["saliency"], pair, labels) == ("lowers the score", "raises the score")


def test_kernels_in_colour_are_titled_by_how_far_they_tell_colours_apart():
    weights = np.ones((3, 3, 3, 2))
    assert "alike" in sentences.colour_title(weights)
    weights[..., 1] = 0
    weights[1, 1, :, 1] = 1, -1, 0
    assert "Kernel 1 " in sentences.colour_title(weights)
    assert "100\u00a0%" in sentences.colour_title(weights)


def test_kernel_titles_are_the_numbers_of_the_weights():
    weights = np.array([0.5, -0.5, 0.5, -0.5])
    assert sentences.kernel_title("conv_1", weights) == "conv_1: mean 0, standard deviation 0.500, n = 4"
    assert sentences.twin_title(weights, weights / 2).endswith("2.00 times")
    assert len(sentences.kernel_title(LONG, weights)) <= TITLE_LIMIT
    assert sentences.norm_title(np.eye(3) * [1, 2, 9]) == "Strongest kernel: from input channel 2 to output channel 2"


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (Target(0), "logit of Egyptian cat"),
        (Target(0, minus=1), "logit of Egyptian cat minus logit of tiger cat"),
        (Target(0, kind="log_probability"), "log-probability of Egyptian cat"),
        (Target(0, kind="probability", sign=-1), "evidence against: probability of Egyptian cat"),
    ],
)
def test_the_score_is_named(target, said):
    assert sentences.target_words(target, LABELS) == said
    assert sentences.target_words(Target(3), []) == "logit of unit 3"


SAMPLES = {
    "map_all_zero": {"cause": "negative_evidence", "layer": "conv", "lowest": -1.0},
    "weights_all_zero": {"layer": "conv"},
    "map_nan": {"count": 3, "layer": "conv", "cause": "weights", "step": "conv"},
    "coarse_grid": {"grid": (1, 1), "cells": 1, "layer": "conv", "finer": "stem"},
    "constant_map": {"value": 0.5, "cells": 49, "layer": None},
    "random_weights": {"model": "fashion_cnn_untrained"},
    "input_outside_range": {"low": 0.0, "high": 255.0, "expected_low": 0.0, "expected_high": 1.0},
    "target_outside_top": {"target": 675, "rank": 87, "of": 1000, "top": 285, "probability": 0.0004},
    "completeness_broken": {"total": 7.1, "difference": 7.95, "error": 0.107, "steps": 288},
    "title_contradicts_class": {"title": "rat", "class": "moving van", "target": 675},
    "too_few_samples": {"agreement": 0.31, "done": 5},
    "convention_surer": {"convention": "caffe", "class": 281, "share": 0.74, "declared": "own", "declared_share": 0.38},
}


def test_every_finding_and_mend_of_the_numerics_has_its_sentence():
    source = "".join(path.read_text() for path in (ROOT / "explain").rglob("*.py"))
    assert set(CODES.findall(source)) == set(SENTENCES) == set(SAMPLES)
    causes = set(CAUSES.findall((ROOT / "explain" / "findings.py").read_text()))
    assert len(causes) == 6
    for cause in causes:
        assert "{" not in sentences.said(Finding("map_all_zero", "warning", {"cause": cause}))
        said = sentences.said(Finding("map_all_zero", "warning", {"cause": cause, "step": "conv_9"}))
        assert ("conv_9" in said) == (cause in ("silent_units", "zero_gradient"))
    found = re.findall(r"\"cause\": \"(\w+)\"", (ROOT / "explain" / "faults.py").read_text())
    assert found == ["weights", "gradient", "method"]
    for cause in ("overflow", *found):
        for step in (None, "conv_9"):
            said = sentences.said(Finding("map_nan", "error", {"cause": cause, "step": step, "count": 2}))
            assert step is None or ("conv_9" in said) == (cause != "method")
    assert "show_signed" in MENDS


@pytest.mark.parametrize("code", SAMPLES)
def test_findings_carry_their_numbers(code):
    said = sentences.said(Finding(code, "warning", SAMPLES[code]))
    assert said.endswith(".")
    assert "{" not in said
    if code == "target_outside_top":
        assert "87 of 1,000" in said
        assert "<0.1" in said
        without = {key: value for key, value in SAMPLES[code].items() if key != "probability"}
        assert "%" not in sentences.said(Finding(code, "warning", without | {"name": "van", "top": "cat"}))


def test_a_missed_sum_is_said_as_a_share_where_there_is_one():
    said = sentences.said(Finding("completeness_broken", "warning", SAMPLES["completeness_broken"]))
    assert "by 11\u00a0%: sum 7.10, score difference 7.95, with 288 steps" in said
    nothing = SAMPLES["completeness_broken"] | {"difference": 0.0, "error": float("inf")}
    assert "by 7.10: sum 7.10, score difference 0" in sentences.said(Finding("completeness_broken", "warning", nothing))


def test_unknown_codes_are_said_and_mends_named():
    assert "odd" in sentences.said(Finding("odd", "info", {"n": 3}))
    assert sentences.mend_label(Finding("map_all_zero", "warning", {}, "show_signed")) == "Show signed map"
    assert sentences.mend_label(Finding("map_nan", "error")) == ""


def test_every_note_of_opening_has_its_sentence():
    makers = ("explain/image_file.py", "components/subjects.py")
    source = "\n".join((ROOT / maker).read_text() for maker in makers)
    codes = {*re.findall(r"Note\(\"(\w+)\"", source), *re.findall(r"Note\(.*?else \"(\w+)\"", source)}
    assert codes == set(NOTES)
    values = {"frames": 3, "orientation": 6, "mode": "CMYK", "share": 0.25, "factor": 2, "width": 9, "height": 6}
    for code in codes:
        said = sentences.image_note(SimpleNamespace(code=code, values=values))
        assert said.endswith(".")
        assert "{" not in said


def test_names_are_cut_between_words_or_at_a_synonym_never_inside_a_word():
    assert short("tabby, tabby cat, mouser", 12) == "tabby"
    assert short("black and gold garden spider", 20) == "black and gold\u2026"
    assert short("black and gold garden spider", 15) == "black and gold\u2026", "the cut falls on the space itself"
    assert short("soft-coated wheaten terrier", 20) == "soft-coated wheaten\u2026"
    assert short("a pneumonoultramicroscopic thing", 14) == "a pneumonoult\u2026", "one word too long for the room"


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_two_imagenet_names_stand_whole_in_a_title(method):
    values = np.zeros((7, 7))
    values[0, :3] = 1
    title = sentences.attribution_title(method, values, "Egyptian cat", "tiger cat")
    blind = METHODS[method.key].targets == "none"
    assert ("Egyptian cat over tiger cat" in title) is not blind
    if blind:
        return
    names = ("American Staffordshire terrier", "soft-coated wheaten terrier")
    longest = sentences.attribution_title(method, values, *names)
    assert len(longest) <= TITLE_LIMIT
    whole = {word for name in names for word in name.split()}
    first, _over, second = (
        longest.partition(": half")[0]
        .partition(" is sensitive")[0]
        .translate({0x2026: "", 0x28: "", 0x29: ""})
        .partition(" over ")
    )
    assert {first.split()[-1], *second.split()} <= whole, "no word is cut"
