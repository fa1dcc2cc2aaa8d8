"""Choosing by picture and by name: faces drawn from live kernels, what is open is marked, what is refused says why."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from screen import address, assert_fine, make_ready, notes, opened, switched

from components import model_faces, subjects, tokens
from components.screens import screens
from model_zoo import MODELS
from model_zoo.entry import ModelEntry, Weights
from scripts.make_model_faces import live


@pytest.fixture(scope="module", autouse=True)
def _ready():
    for model in MODELS:
        make_ready(model)


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)))


@pytest.mark.parametrize("model", MODELS)
def test_the_face_that_ships_is_drawn_from_the_live_kernels(model):
    shipped, fresh = model_faces.faces()[model], live(model)
    np.testing.assert_array_equal(pixels(shipped.png), pixels(fresh.png))
    assert (shipped.layer, shipped.count, shipped.size) == (fresh.layer, fresh.count, fresh.size)
    assert shipped.limit == pytest.approx(fresh.limit)
    assert len(shipped.png) < 10_000
    assert f"The {shipped.count} kernels of {shipped.layer}" in shipped.words


def test_a_face_holds_every_weight_in_its_own_cell():
    kernels = np.zeros((2, 3, 1, 5), np.float32)
    kernels[1, 2, 0, 4], kernels[0, 0, 0, 0] = 0.5, -0.25
    face = model_faces.draw("conv", kernels)
    cell = 400 // (4 * 4 + 1)
    shown = pixels(face.png)[::cell, ::cell]
    assert shown.shape == (2 * 3 + 1, 4 * 4 + 1, 3), "two rows of four, with gutters"
    scale = tokens.SCALE["weights"]
    assert tuple(shown[1, 1]) == scale.colour(-0.25, (-0.5, 0.5))
    assert tuple(shown[3 + 1 + 1, 1 + 2]) == scale.colour(0.5, (-0.5, 0.5))
    assert tuple(shown[1, 2]) == scale.colour(0.0, (-0.5, 0.5))
    assert face.limit == 0.5
    colours = np.zeros((1, 1, 3, 1), np.float32)
    colours[0, 0] = [[1.0], [0.0], [-1.0]]
    assert pixels(model_faces.draw("rgb", colours).png)[200, 200].tolist() == [255, 128, 0]


def button(at, key):
    return next(one for one in at.button if one.key == key)


def test_cards_mark_what_is_open_and_open_what_is_clicked():
    at = opened(picture="coffee")
    assert button(at, "card_coffee").proto.type == "primary"
    assert button(at, "card_coffee").proto.icon == ":material/check:"
    assert button(at, "card_rocket").proto.type == "secondary"
    button(at, "card_rocket").click().run()
    assert_fine(at)
    assert address(at)["picture"] == "rocket"
    button(at, "model_fashion_cnn").click().run()
    assert_fine(at)
    assert button(at, "model_fashion_cnn").proto.type == "primary"
    assert {key for key in MODELS if button(at, f"model_{key}")} == set(MODELS)
    again = address(at)
    button(at, "model_fashion_cnn").click().run()
    assert address(at) == again, "what is open stays as it is"


def test_a_picture_of_fashion_mnist_has_one_number_everywhere():
    boots = subjects.fashion_of_class(9)
    assert [subjects.nth_of_class(int(at)) for at in boots[:3]] == [1, 2, 3]
    assert subjects.nth_of_class(int(boots[-1])) == len(boots) == 1000
    at = opened(model="fashion_cnn", picture=f"fashion/{boots[2]}")
    assert at.number_input(key="pick_nth").value == 3
    assert button(at, f"card_fashion/{boots[2]}").label == "3"


def test_settings_of_a_page_leave_the_address_of_the_others_and_come_back():
    at = opened("kernels", model="fashion_cnn", layer="conv_2")
    at.toggle(key="set_twin").set_value(True).run()
    assert address(at)["twin"] == "1"
    at = switched(at, "overview")
    assert address(at) == {"model": "fashion_cnn", "layer": "conv_2", "picture": "fashion/0"}
    at = switched(at, "kernels")
    assert address(at)["twin"] == "1"
    assert at.toggle(key="set_twin").value is True


def test_the_layers_of_the_slider_say_how_they_read_their_input():
    at = opened("kernels", model="efficientnet_lite0")
    options = list(at.select_slider(key="layer_slider").options)
    assert options[0] == "stem_conv · plain"
    assert {option.rpartition(" · ")[2] for option in options} == {"plain", "depthwise", "pointwise"}
    at.select_slider(key="layer_slider").set_value(at.select_slider(key="layer_slider").value).run()
    assert_fine(at)
    assert (
        "pool_1 · MaxPooling2D" in opened("activations", model="fashion_cnn").select_slider(key="layer_slider").options
    )


def test_everything_a_click_can_pin_can_be_typed():
    at = opened(model="fashion_cnn", layer="conv_2")
    at.toggle(key="place_open").set_value(True)
    at.run()
    at.number_input(key="place_row").set_value(3).run()
    assert address(at)["cell"] == "3-7", "the column begins in the middle of 14"
    at.number_input(key="place_channel").set_value(12).run()
    at.selectbox(key="place_target").set_value(4).run()
    assert_fine(at)
    assert {key: address(at)[key] for key in ("layer", "channel", "cell", "target")} == {
        "layer": "conv_2", "channel": "12", "cell": "3-7", "target": "4",
    }  # fmt: skip
    at.number_input(key="place_row").set_value(None).run()
    assert "cell" not in address(at)


def dense_only():
    from keras import Input, Sequential, layers

    return Sequential([Input((28, 28, 1)), layers.Flatten(), layers.Dense(10, activation="softmax")])


def test_a_page_that_the_model_cannot_answer_leaves_the_navigation_with_its_reason(monkeypatch):
    likeness = MODELS["fashion_cnn"]
    entry = ModelEntry(
        "dense_only", "Dense only", "No convolution.", (28, 28, 1), (0.0, 1.0), False, "fashion",
        Weights("none", "none"), dense_only, likeness.preprocessor, likeness.namer,
    )  # fmt: skip
    monkeypatch.setitem(MODELS, "dense_only", entry)
    make_ready("dense_only")
    for page in ("overview", "architecture", "activations", "attribution", "kernels"):
        at = opened(page, model="dense_only")
        assert_fine(at)
        assert "**Kernels**: Dense only has no convolution" in notes(at)
    assert "Dense only has no convolution" in at.info[0].value
    at = opened("overview", model="fashion_cnn")
    assert "**Kernels**" not in notes(at)


def test_the_base_of_vgg16_leaves_attribution_out(monkeypatch):
    import streamlit as st

    shown = {}
    build = st.Page
    monkeypatch.setattr(
        st, "Page", lambda *args, **said: shown.update({said["url_path"]: said["visibility"]}) or build(*args, **said)
    )
    at = opened(model="vgg16")
    need_classes = {screen.key for screen in screens() if screen.needs_classes}
    assert "attribution" in need_classes
    assert {key for key, seen in shown.items() if seen == "hidden"} == need_classes
    assert "**Attribution**: VGG16 has no class output yet" in notes(at)
    opened(model="fashion_cnn")
    assert set(shown.values()) == {"visible"}
