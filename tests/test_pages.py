"""Every page with every bundled model, without a browser: what it asks, what it answers, and wrong addresses."""

from __future__ import annotations

import re
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
import streamlit as st
from screen import address, assert_fine, make_ready, notes, opened, switched, texts

from components import compute, frame, presets, screens, warming
from components.parts import activations
from model_zoo import MODELS

SCREENS = {screen.key: screen for screen in screens.screens()}
PRESETS = {preset.key: preset for preset in presets.presets()}


@pytest.fixture(scope="module", autouse=True)
def _ready():
    for model in MODELS:
        make_ready(model)


def headlines(at):
    return [text.removeprefix("#### ") for text in texts(at) if text.startswith("#### ")]


def badges(at):
    return " ".join(text for text in texts(at) if "-badge[" in text)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("page", SCREENS)
def test_a_page_asks_its_question_and_answers_it(page, model):
    at = opened(page, model=model)
    assert_fine(at)
    assert SCREENS[page].question in at.title[0].value
    assert len(at.title) == 1
    if SCREENS[page].strip:
        assert ("Trained" if MODELS[model].trained else "RANDOM WEIGHTS") in badges(at)
    if SCREENS[page].needs_classes and not MODELS[model].labels():
        assert f"{MODELS[model].title} has no class output yet" in notes(at)
        assert not headlines(at)
        return
    (said,) = headlines(at)
    assert 10 < len(said) <= 140
    if SCREENS[page].strip:
        assert at.selectbox(key="strip_layer").value, "the strip's layer picker"
    assert address(at).get("model", "efficientnet_lite0") == model


def test_a_page_that_needs_classes_offers_vgg16s_file_and_says_its_size():
    at = opened("attribution", model="vgg16")
    assert any("553\N{NO-BREAK SPACE}MB" in text for text in texts(at))
    assert any("Fetch" in button.label for button in at.button)


@pytest.mark.parametrize("key", PRESETS)
def test_a_preset_sets_the_page_to_what_it_says(key):
    preset = PRESETS[key]
    at = opened(preset.page, model="fashion_cnn_untrained")
    menu = at.menu_button(key=f"presets_{preset.page}")
    if not presets.possible(preset):
        assert preset.view["model"] == "vgg16"
        assert not any(preset.title in option for option in menu.options), (
            "its classes are in the file that is not here"
        )
        return
    menu.click(key).run()
    assert_fine(at)
    restored = address(at)
    defaults = {"model": "efficientnet_lite0", "picture": "chelsea"}
    assert {name: restored.get(name, defaults.get(name)) for name in preset.view} == dict(preset.view)
    assert len(headlines(at)) == 1
    assert "can't be shown here" not in notes(at)


def test_the_picture_whose_title_is_not_its_target_is_pointed_out():
    at = opened("attribution", **PRESETS["002_four_pictures"].view)
    assert_fine(at)
    said = notes(at)
    assert "moving van" in said
    assert "astronaut" in said
    assert len([text for text in texts(at) if " is sensitive to" in text]) == 8, "two such methods, four pictures"


def test_one_method_on_several_pictures_runs_across_the_pictures():
    view = PRESETS["002_four_pictures"].view | {"methods": "grad_cam"}
    at = opened("attribution", **view)
    assert_fine(at)
    kickers = [text.split("**")[1] for text in texts(at) if text.startswith(":blue[**")]
    assert len(set(kickers)) == 4, "each map is headed by its picture, the method stands above all of them"
    assert "Grad-CAM" in [str(one.value) for one in at.subheader]


def test_without_a_method_one_button_leads_on():
    at = opened("attribution", model="fashion_cnn", methods="-")
    assert_fine(at)
    assert "no map to draw" in notes(at)
    next(button for button in at.button if button.label.startswith("Switch on")).click().run()
    assert_fine(at)
    assert "methods" not in address(at)


def test_a_signed_map_is_captioned_as_what_it_is():
    at = opened("attribution", model="fashion_cnn", methods="saliency,grad_cam", signed=1)
    assert_fine(at)
    said = "\n".join(texts(at))
    assert "gradient of the greatest size" in said
    assert "positive part" not in said
    assert "|gradient|" not in said


WRONG = {
    "model": ({"model": "resnet<b>"}, "no model called “resnet<b>”"),
    "picture": ({"picture": "mona_lisa"}, "no picture called “mona_lisa”"),
    "fashion picture": ({"model": "fashion_cnn", "picture": "fashion/10000"}, "no picture called “fashion/10000”"),
    "upload": ({"picture": "upload/0123456789ab"}, "which only its own session has"),
    "layer": ({"model": "fashion_cnn", "layer": "conv_99"}, "no layer called conv_99"),
    "channel": ({"model": "fashion_cnn", "layer": "conv_2", "channel": 9999}, "Channel 9999 does not exist"),
    "channel alone": ({"model": "fashion_cnn", "channel": 9999}, "Channel 9999 does not exist"),
    "target": ({"model": "fashion_cnn", "target": 5000}, "no class 5000"),
    "minus": ({"model": "fashion_cnn", "minus": 10}, "no class 10"),
    "cell": ({"model": "fashion_cnn", "layer": "conv_2", "cell": "99-99"}, "(99, 99)"),
    "target that is no number": ({"model": "fashion_cnn", "target": "abc"}, "target"),
    "samples": ({"model": "fashion_cnn", "smooth_samples": "abc"}, "smooth_samples"),
    "samples out of range": ({"model": "fashion_cnn", "smooth_samples": "201"}, "smooth_samples"),
    "noise": ({"model": "fashion_cnn", "smooth_noise": "nan"}, "smooth_noise"),
    "colours": ({"model": "fashion_cnn", "colours": "rainbow"}, "colours"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_address_falls_back_and_says_so(case):
    view, said = WRONG[case]
    at = opened(**view)
    told = notes(at)
    at = switched(at, "attribution")
    assert_fine(at)
    assert headlines(at)
    assert said in told + notes(at)


def test_the_place_survives_a_page_switch():
    at = opened("activations", model="fashion_cnn", layer="conv_2", channel=37, cell="3-4", target=2)
    kept = address(at)
    for page in ("kernels", "architecture", "attribution", "overview", "activations"):
        at = switched(at, page)
        assert_fine(at)
        assert address(at) == kept
        assert at.selectbox(key="strip_layer").value == "conv_2"
        assert any("channel 37 · cell (3, 4) · class Pullover" in text for text in texts(at))
        if page == "kernels":
            assert at.number_input(key="pick_kernel").value == 37
    assert at.number_input(key="pick_channel").value == 37


def test_a_page_that_shows_a_nearest_layer_says_so_and_keeps_the_place():
    at = opened("kernels", model="fashion_cnn", layer="dense_1")
    assert "dense_1 can't be shown here" in notes(at)
    assert "Shown instead: conv_2" in notes(at)
    assert at.select_slider(key="layer_slider").value == "conv_2"
    at = switched(at, "activations")
    assert at.selectbox(key="strip_layer").value == "dense_1"
    assert "can't be shown" not in notes(at)


def test_the_layer_slider_moves_the_strip_and_the_address():
    at = opened("activations", model="fashion_cnn", layer="conv_1", channel=3)
    at.select_slider(key="layer_slider").set_value("conv_2").run()
    assert_fine(at)
    assert at.selectbox(key="strip_layer").value == "conv_2"
    assert address(at)["layer"] == "conv_2"
    assert "channel" not in address(at), "channel 3 of another layer is another channel"


@pytest.mark.parametrize("page", ["activations", "kernels"])
def test_only_a_step_of_the_layer_slider_makes_the_rest_of_the_page_wait(page, monkeypatch):
    waits = []
    at = opened(page, model="fashion_cnn", layer="conv_1")
    monkeypatch.setattr(frame, "time", SimpleNamespace(sleep=waits.append))
    at.run()
    assert not waits
    at.select_slider(key="layer_slider").set_value("conv_2").run()
    assert_fine(at)
    assert sum(waits) == pytest.approx(frame.PAINT_SECONDS)
    at.run()
    assert sum(waits) == pytest.approx(frame.PAINT_SECONDS)


def test_reset_keeps_model_and_picture_only():
    at = opened("attribution", model="fashion_cnn", picture="fashion/7", layer="conv_1", seed=5, colours="grey")
    next(button for button in at.button if button.label == "Reset").click().run()
    assert_fine(at)
    assert address(at) == {"model": "fashion_cnn", "picture": "fashion/7"}
    assert at.number_input(key="set_seed").value == 0


def test_another_model_keeps_the_picture_only_where_it_fits():
    at = opened(picture="coffee", layer="head_relu", target=3)
    at.selectbox(key="pick_model").set_value("simple_cnn_224").run()
    assert address(at) == {"model": "simple_cnn_224", "picture": "coffee"}
    at.selectbox(key="pick_model").set_value("fashion_cnn").run()
    assert_fine(at)
    assert address(at) == {"model": "fashion_cnn", "picture": "fashion/0"}


def test_a_broken_file_is_refused_and_a_picture_is_answered():
    from model_zoo.samples import PHOTOGRAPHS

    at = opened("overview", picture="rocket")
    at.file_uploader(key="files").upload("<b>notes.png", b"not a picture", "image/png").run()
    assert "<b>notes.png" in at.error[0].value
    assert address(at)["picture"] == "rocket", "what was open stays open"
    at.file_uploader(key="files").upload("mug.png", PHOTOGRAPHS["coffee"].path.read_bytes(), "image/png").run()
    assert_fine(at)
    assert "espresso" in headlines(at)[0].lower()
    assert address(at)["picture"].startswith("upload/")


def test_a_page_that_fails_says_a_code_and_no_more(monkeypatch, caplog):
    def broken(*_):
        raise RuntimeError("/home/somebody/secret.h5")

    monkeypatch.setattr(activations, "headline", broken)
    at = opened("activations", model="fashion_cnn")
    assert not at.exception
    (error,) = at.error
    assert "secret" not in error.value + " ".join(texts(at))
    code = re.search(r"code ([0-9a-f]{8})", error.value).group(1)
    assert code in caplog.text
    monkeypatch.undo()
    assert_fine(at.run())


def test_the_first_look_stands_in_until_the_model_is_ready(monkeypatch):
    live = opened()
    monkeypatch.setattr(warming, "ready", lambda one: False)
    monkeypatch.setattr(compute, "engine", lambda *_: pytest.fail("the first screen must not wait for a model"))
    at = opened()
    assert_fine(at)
    assert "precomputed" in badges(at)
    assert "precomputed" not in badges(live)
    assert headlines(at) == headlines(live)


@pytest.mark.parametrize(("page", "says"), [("overview", False), ("architecture", True)])
def test_a_page_that_waits_for_its_model_under_the_first_look_says_so(page, says, monkeypatch):
    said = []
    monkeypatch.setattr(warming, "ready", lambda one: False)
    monkeypatch.setattr(st, "spinner", lambda text, **_: said.append(text) or nullcontext())
    assert_fine(opened(page))
    assert (said == ["Opening EfficientNet-Lite0; the first time takes some seconds."]) is says


@pytest.mark.parametrize(
    ("model", "weights", "table"),
    [
        ("simple_cnn_224", "seed 0; drawn anew each time, so there is no file.", "9 rows. The arrow"),
        ("efficientnet_lite0", "Licence: Apache-2.0. 19\u00a0MB, sha256 ", "143 rows; scroll for more. The arrow"),
    ],
)
def test_the_architecture_says_where_weights_come_from_and_how_long_its_table_is(model, weights, table):
    said = notes(opened("architecture", model=model))
    assert weights in said
    assert table in said


def test_a_dense_layer_has_units_and_no_channels():
    (said,) = headlines(opened("activations", model="fashion_cnn", layer="dense_1"))
    assert re.match(r"dense_1: \d+ of 100 units are silent here; ", said)
