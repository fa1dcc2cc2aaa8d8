"""Every finding has a sentence and a button, and the button does what it says."""

from __future__ import annotations

import ast
import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from screen import ROOT, address, assert_fine, make_ready, notes, opened
from seeds import pictures, seeded
from test_findings import BRIGHT, Entry, averaging, chain, codes, ten_classes
from test_sentences import SAMPLES

from components import compute, sentences, state
from components.parts import maps, mends, methods
from components.parts.targets import Explained
from components.sentences.findings import MENDS
from explain import METHODS, Target, attribute, conventions, engine_for
from explain.types import Finding


def silent():
    return averaging([1, -1]), -BRIGHT, "grad_cam", 0


def nan_weights():
    model = chain(2, 2, activation="softmax")
    model.get_layer("conv_1").set_weights([np.full((1, 1, 1, 1), np.nan, "float32")])
    return model, BRIGHT, "saliency", 0


def coarse():
    from keras import Input, Sequential, layers

    parts = [Input((6, 6, 1)), layers.Conv2D(2, 3, strides=3, activation="relu"), layers.Flatten(), layers.Dense(2)]
    return seeded(Sequential(parts)), pictures(1, (6, 6, 1))[0], "grad_cam", 0


FOUND = {
    "map_all_zero": (lambda: (averaging([1, -1]), BRIGHT, "grad_cam", 1), "show_signed"),
    "map_all_zero: unsigned": (lambda: (averaging([1, -1]), BRIGHT, "grad_cam_plus_plus", 1), "other_method"),
    "map_all_zero: silent": (silent, "see_step"),
    "map_all_zero: no gradient": (lambda: (averaging([0, 0]), BRIGHT, "saliency", 0), "other_method"),
    "weights_all_zero": (lambda: (averaging([1000, -1000]), BRIGHT, "score_cam", 1), "other_method"),
    "map_nan": (nan_weights, "see_step"),
    "constant_map": (lambda: (averaging([1, -1]), BRIGHT, "saliency", 0), "other_method"),
    "coarse_grid": (coarse, "other_method"),
    "random_weights": (lambda: (Entry(averaging([1, -1]), False), BRIGHT, "grad_cam", 0), "trained_model"),
    "input_outside_range": (
        lambda: (Entry(averaging([1, -1]), value_range=(0.0, 0.5)), BRIGHT, "grad_cam", 0),
        "see_conventions",
    ),
    "input_narrow": (
        lambda: (Entry(averaging([1, -1]), value_range=(0.0, 255.0)), BRIGHT, "grad_cam", 0),
        "see_conventions",
    ),
    "constant_picture": (lambda: (averaging([1, -1]), 0 * BRIGHT + 0.5, "grad_cam", 0), "other_picture"),
    "target_outside_top": (lambda: (ten_classes(), BRIGHT, "grad_cam", 0), "use_top_class"),
}


@pytest.fixture
def view(monkeypatch):
    """The view of a session that no browser has, empty at first."""
    kept: dict[str, str] = {}
    monkeypatch.setattr(state, "view", lambda: kept)
    return kept


@pytest.fixture(scope="module")
def one():
    boot = make_ready("fashion_cnn")
    return Explained(boot, compute.glance(boot), Target(9), boot.title)


@pytest.mark.parametrize("name", FOUND)
def test_a_finding_of_the_numerics_has_a_sentence_and_a_button(name, view, one):
    make, mend = FOUND[name]
    result = attribute(*make())
    finding = next(found for found in result.findings if found.code == name.partition(":")[0])
    assert finding.mend == mend
    assert sentences.said(maps.named(finding, one)).endswith(".")
    button = mends.of(finding, one, result)
    assert button.verb
    assert button.act or button.page


@pytest.mark.parametrize("mend", MENDS)
def test_every_mend_is_a_button_with_an_end(mend, view, one):
    """Whatever the values, a click changes the view or opens a page."""
    values = {"titled": 3, "finer": "conv2d", "parameter": "steps", "to": 96, "step": "conv2d", "twin": "fashion_cnn"}
    result = attribute(engine_for(one.subject.entry), compute.model_input(one.subject), "saliency", Target(9))
    button = mends.of(Finding("map_all_zero", "warning", values, mend), one, result)
    assert button.verb
    if button.act is not None and mend != "use_top_class":
        view.update(model="fashion_cnn", picture="fashion/0", layer="conv_1")
        before = dict(view)
        button.act()
        assert view != before
    else:
        assert button.page or mend == "use_top_class"


def test_no_finding_is_made_without_a_mend():
    """The fourth argument, or the third of `_zero`'s helpers, is there and is not the empty string."""
    made = []
    for path in (ROOT / "explain").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
                made.append(node.args[0].value)
                assert len(node.args) == 4, f"{path.name}: {node.args[0].value}"
                assert getattr(node.args[3], "value", "x"), f"{path.name}: {node.args[0].value}"
    assert set(made) == set(SAMPLES), "and each has its sentence, by the test of those"


def test_the_mends_that_the_numerics_name_are_those_that_have_words():
    named = set()
    for path in (ROOT / "explain").rglob("*.py"):
        strings = {node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)}
        named |= {one for one in strings if one in MENDS}
    assert named == set(MENDS)


def test_another_method_goes_another_way(view, one):
    for key, wanted in {"saliency": "occlusion", "grad_cam": "occlusion", "occlusion": "saliency"}.items():
        view["methods"] = key
        result = replace(attribute(averaging([1, -1]), BRIGHT, "saliency", 0), method=key)
        mends.other_method(one, result).act()
        assert set(view.pop("methods").split(",")) == {key, wanted}
    view["methods"] = ",".join(METHODS)
    assert mends.other_method(one, result) is None
    view["methods"] = "saliency"
    assert methods.asked() == ["saliency"]


def test_an_input_far_narrower_than_the_training_range_is_found():
    grey = np.full((4, 4, 1), 100, "float32")
    model = averaging([1, -1])
    for x, low, high, narrow in (
        (BRIGHT, 0.0, 255.0, True),
        (2 * BRIGHT - 1, -123.7, 151.1, True),
        (grey, 0.0, 255.0, True),
        (grey + BRIGHT, 0.0, 255.0, True),
        (255 * BRIGHT, 0.0, 255.0, False),
        (BRIGHT, 0.0, 1.0, False),
        (0.2 * BRIGHT, 0.0, 1.0, False),
    ):
        found = codes(attribute(Entry(model, value_range=(low, high)), x, "grad_cam", 0))
        assert ("input_narrow" in found) == narrow, (float(x.min()), float(x.max()), low, high)
        assert "input_outside_range" not in found


def test_an_untrained_models_map_opens_its_trained_twin():
    at = opened("attribution", model="fashion_cnn_untrained", methods="saliency")
    assert_fine(at)
    next(button for button in at.button if button.label == "Open the trained twin").click().run()
    assert_fine(at)
    assert address(at)["model"] == "fashion_cnn"
    assert not any(button.label == "Open the trained twin" for button in at.button)


def test_an_even_picture_leads_to_the_ways_of_feeding_it():
    file = io.BytesIO()
    Image.new("RGB", (40, 40), (120, 120, 120)).save(file, "PNG")
    at = opened("attribution", model="fashion_cnn", methods="saliency")
    at.file_uploader(key="files").upload("even.png", file.getvalue(), "image/png").run()
    assert_fine(at)
    assert "hardly varies" in notes(at)
    assert any(button.label == "Feed it in other ways" for button in at.button)


def test_a_mend_may_open_another_page(monkeypatch, view, one):
    gone = []
    monkeypatch.setattr(maps.frame, "go", lambda page, **view: gone.append((page, view)))
    monkeypatch.setattr(maps.st, "button", lambda verb, **_more: verb == "See that layer")
    found = tuple(Finding(code, "warning", SAMPLES[code], mend) for code, mend in
                  (("map_nan", "see_step"), ("coarse_grid", "finer_layer")))  # fmt: skip
    result = attribute(engine_for(one.subject.entry), compute.model_input(one.subject), "saliency", Target(9))
    maps.findings(one, replace(result, findings=found), "map")
    assert gone == [("activations", {"layer": "conv"})]


def test_a_surer_convention_leads_to_what_the_model_was_made_for():
    own = conventions.Convention("0_1", BRIGHT, declared=True)
    other = conventions.Convention("caffe", BRIGHT, declared=False)
    readings = [conventions.Reading(way, (0, 1), (1, 0), shares) for way, shares in
                ((own, (0.4, 0.3)), (other, (0.9, 0.1)))]  # fmt: skip
    (finding,) = conventions.findings(readings)
    assert finding.mend == "see_training"
    assert sentences.mend_label(finding) == "See what the model was made for"
