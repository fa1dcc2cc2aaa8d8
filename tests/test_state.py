"""The view and its address, the Place held against models and pages, and figures that must say what they are."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import plotly.graph_objects as go
import pytest
from screen import address, assert_fine, make_ready, opened, switched

from components import first_look, show
from components.figures import Drawn, IncompleteFigureError
from components.pointing import default_layer, point
from components.screens import screens
from components.state import Place

SCREENS = {screen.key: screen for screen in screens()}


@pytest.fixture(scope="module", autouse=True)
def _ready():
    for model in ("fashion_cnn", "efficientnet_lite0"):
        make_ready(model)


VIEWS = {
    "a place": (
        "activations",
        {"model": "fashion_cnn", "layer": "conv_2", "channel": "5", "cell": "3-7", "target": "2"},
    ),
    "a question": ("attribution", {"model": "fashion_cnn", "picture": "fashion/77", "target": "0", "minus": "6"}),
    "settings of a page": (
        "attribution",
        {"model": "fashion_cnn", "methods": "layer_cam", "smooth_samples": "3", "smooth_noise": "0.4", "seed": "9"},
    ),
    "no method": ("attribution", {"model": "fashion_cnn", "methods": "-"}),
    "pictures beside": (
        "activations",
        {"model": "fashion_cnn", "also": "fashion/1,fashion/2,fashion/3", "layer": "conv_1"},
    ),
    "kernels": ("kernels", {"model": "fashion_cnn", "layer": "conv_2", "input": "7", "limits": "kernel", "twin": "1"}),
    "range": ("activations", {"model": "fashion_cnn", "range": "fixed", "low": "-2.5", "high": "0.5"}),
    "the photograph": ("overview", {"model": "efficientnet_lite0", "picture": "coffee"}),
}


@pytest.mark.parametrize("name", VIEWS)
def test_an_address_restores_the_view_it_was_written_for(name):
    page, view = VIEWS[name]
    first = switched(opened("overview", **view), page)
    assert_fine(first)
    written = address(first)
    defaults = {"picture": "fashion/0"}
    assert {**defaults, **written} == {**defaults, **view}
    again = switched(opened("overview", **written), page)
    assert_fine(again)
    assert address(again) == written
    assert [one.value for one in again.markdown] == [one.value for one in first.markdown]
    for kind in ("slider", "number_input", "selectbox", "toggle"):
        theirs, ours = getattr(again, kind), getattr(first, kind)
        assert [(one.key, one.value) for one in theirs] == [(one.key, one.value) for one in ours]


def test_a_control_set_back_to_its_default_leaves_the_address():
    at = opened("attribution", model="fashion_cnn", seed=4)
    at.number_input(key="set_seed").set_value(5).run()
    assert address(at)["seed"] == "5"
    at.number_input(key="set_seed").set_value(0).run()
    assert "seed" not in address(at)


def order(at):
    return next(one for one in at.segmented_control if one.label == "Order")


def test_a_control_keeps_its_value_over_a_page_switch():
    at = opened("activations", model="fashion_cnn", layer="conv_2")
    order(at).set_value("active").run()
    at = switched(switched(at, "kernels"), "activations")
    assert order(at).value == "active"


def place(**values):
    return Place(**values)


@pytest.fixture(scope="module")
def fashion():
    from components import compute

    return compute.glance(make_ready("fashion_cnn"))


def test_a_place_that_exists_is_honoured_without_a_note(fashion):
    here = point(place(layer="conv_2", channel=63, row=13, col=0, target=9, minus=0), fashion, SCREENS["activations"])
    assert (here.layer.name, here.channel, here.cell, here.target, here.minus, here.notes) == (
        "conv_2",
        63,
        (13, 0),
        9,
        0,
        (),
    )


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"layer": "conv_2", "channel": 64}, "channel"),
        ({"layer": "conv_2", "row": 14, "col": 0}, "row"),
        ({"target": 10}, "target"),
        ({"target": 3, "minus": 10}, "minus"),
    ],
)
def test_what_does_not_exist_is_let_go_with_one_note(fashion, asked, field):
    here = point(place(**asked), fashion, SCREENS["activations"])
    assert getattr(here, field) is None
    assert len(here.notes) == 1


@pytest.mark.parametrize(("target", "minus"), [(4, 4), (None, 9), (0, 0)])
def test_a_class_is_not_held_against_itself(fashion, target, minus):
    assert fashion.top == 9, "the first test picture is an ankle boot"
    assert point(place(target=target, minus=minus), fashion, SCREENS["attribution"]).minus is None


def test_class_zero_is_a_target_like_any_other(fashion):
    here = point(place(target=0, minus=9), fashion, SCREENS["attribution"])
    assert (here.target, here.minus) == (0, 9), "held against the top class"


def test_pages_open_on_a_layer_that_they_can_show(fashion):
    opened_on = {key: point(place(), fashion, screen).layer for key, screen in SCREENS.items()}
    assert all(SCREENS[key].usable(layer) for key, layer in opened_on.items())
    assert opened_on["attribution"].name == fashion.default_layer
    assert opened_on["kernels"].name == "conv_1"


def test_a_model_without_a_usable_layer_has_none(fashion):
    dense = [layer for layer in fashion.layers if layer.kind == "dense"]
    flat = SimpleNamespace(layers=dense, layer=lambda name: None, logits=None, default_layer=None, top=None)
    assert point(place(), flat, SCREENS["kernels"]).layer is None
    assert default_layer(dense, flat, SCREENS["activations"]) is dense[0]


@pytest.mark.parametrize("missing", ["title", "caption", "alt"])
def test_a_figure_without_its_words_is_refused(missing):
    words = {"title": "t", "caption": "c", "doesnt_show": "", "alt": "a"}
    with pytest.raises(IncompleteFigureError, match=missing):
        show.figure(Drawn(go.Figure(), **{**words, missing: "  "}), "key")


def test_a_figure_with_a_title_of_more_than_90_characters_is_refused():
    with pytest.raises(IncompleteFigureError, match="91"):
        show.figure(Drawn(go.Figure(), "x" * 91, "caption", "", "alt"), "key")


def test_the_first_look_that_ships_is_what_the_live_engine_says():
    from components import compute

    assert first_look.PATH.exists(), "run python -m scripts.make_first_look"
    shipped, live = first_look.load(), compute.glance(make_ready("efficientnet_lite0"))
    assert shipped.precomputed
    assert not live.precomputed
    assert shipped.layers == live.layers
    np.testing.assert_allclose(shipped.logits, live.logits, atol=1e-4)
    np.testing.assert_allclose(shipped.probabilities, live.probabilities, atol=1e-5)
    assert shipped.top == live.top == 285
    assert dict(shipped.faces) == dict(live.faces)
    assert (shipped.default_layer, shipped.output_kind) == (live.default_layer, live.output_kind)
    np.testing.assert_allclose(shipped.total.cells, live.total.cells, atol=1e-5)
    assert abs(shipped.total.total - live.logits[285]) < 1e-4
    apart = compute.answer_sum(make_ready("efficientnet_lite0"), 285, 282)
    np.testing.assert_allclose(shipped.apart.cells, apart.cells, atol=1e-5)
    assert abs(shipped.apart.total - (live.logits[285] - live.logits[282])) < 1e-4
    assert abs(shipped.total.bias + shipped.total.cells.sum() - shipped.total.total) < 1e-4
