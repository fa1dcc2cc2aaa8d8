"""A narrow window of a desktop browser: figures planned for it, and controls below the picture instead of beside it."""

from __future__ import annotations

import json

import pytest
from screen import assert_fine, make_ready, opened

from components import widths


@pytest.fixture(scope="module", autouse=True)
def ready():
    return make_ready("fashion_cnn")


def planned(at) -> list[int]:
    """The widths that the page's figures are planned for, the strip left out: it is hidden there."""
    figures = [json.loads(one.proto.spec)["layout"]["width"] for one in at.get("plotly_chart")]
    return [width for width in figures if width != 1000]


@pytest.mark.parametrize("page", ["activations", "kernels", "put_to_the_test"])
def test_a_narrow_window_stacks_a_page_and_plans_its_figures_anew(page):
    at = opened(page, model="fashion_cnn")
    side_by_side, wide = len(at.columns), planned(at)
    at.button(key="turn_narrow").click().run()
    assert_fine(at)
    assert len(at.columns) < side_by_side
    assert max(planned(at)) <= widths.NARROW_WIDTH < max(wide)
    at.button(key="turn_wide").click().run()
    assert_fine(at)
    assert (len(at.columns), planned(at)) == (side_by_side, wide), "and back again"


def test_the_button_that_a_script_presses_is_no_control_of_the_page():
    assert ".st-key-turns" in widths.STYLE
    assert "display: none" in widths.STYLE.partition(".st-key-turns")[2].partition("}")[0]
