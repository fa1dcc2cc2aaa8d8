"""How pictures are prepared for a user's model: the usual ways, own numbers, a guess, and a warning."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from seeds import seeded

from explain.conventions import colour_ways
from explain.engine import Engine
from model_zoo.own import preprocessing
from model_zoo.own.card import ALWAYS, NEEDS_CLASSES, NEEDS_VALUES
from model_zoo.own.preprocessing import CHOICES, Preparer, custom, fitted, guessed, suspicious
from model_zoo.own.types import Refused

PIXELS = np.random.default_rng(0).integers(0, 256, (12, 20, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("key", "known"), [("0_1", "0_1"), ("-1_1", "-1_1"), ("0_255", "0_255"), ("caffe", "caffe"), ("torch", "imagenet")]
)
def test_a_choice_is_the_convention_of_its_name(key, known):
    expected = colour_ways()[known](PIXELS.astype(np.float32))
    made = CHOICES[key].apply(PIXELS, 3)
    np.testing.assert_allclose(made, expected, atol=2e-5)
    low, high = CHOICES[key].range_of(3)
    assert low <= made.min()
    assert made.max() <= high


def test_caffe_equals_keras_own():
    import keras

    expected = keras.applications.vgg16.preprocess_input(PIXELS.astype(np.float32).copy())
    np.testing.assert_allclose(CHOICES["caffe"].apply(PIXELS, 3), expected, atol=1e-4)


def test_own_numbers():
    way = custom((10, 20, 30), (2, 4, 8), scale=2, order="BGR")
    x = way.apply(np.array([[[100, 120, 140]]], np.uint8), 3)
    np.testing.assert_allclose(x[0, 0], [(70 - 10) / 2, (60 - 20) / 4, (50 - 30) / 8])
    assert custom((0.5,), (0.5,), scale=255).range_of(1) == (-1.0, 1.0)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"mean": (1, 2)}, "mean: expected one finite number or three"),
        ({"mean": (float("nan"),)}, "mean: expected one finite number or three"),
        ({"deviation": (0,)}, "scale, deviation: expected above 0"),
        ({"scale": -1}, "scale, deviation: expected above 0"),
        ({"order": "GBR"}, 'order: expected "RGB" or "BGR"'),
    ],
)
def test_wrong_numbers_are_named(changed, words):
    with pytest.raises(ValueError, match=words):
        custom(**changed)


def test_an_unknown_choice_is_refused():
    with pytest.raises(Refused, match="Pick one of 0_1, -1_1"):
        preprocessing.chosen("mine")


def test_pictures_are_fitted_as_the_models_are_cut():
    square = fitted(PIXELS, (6, 6, 3))
    np.testing.assert_array_equal(square, fitted(PIXELS[:, 4:16], (6, 6, 3)))
    assert fitted(PIXELS, (6, 10, 3)).shape == (6, 10, 3)
    grey = fitted(Image.fromarray(PIXELS), (12, 20, 1))
    np.testing.assert_array_equal(grey[..., 0], np.array(Image.fromarray(PIXELS).convert("L")))
    assert Preparer(CHOICES["torch"], (8, 8, 1))(PIXELS).shape == (8, 8, 1)
    four = Preparer(CHOICES["0_1"], (8, 8, 4))(PIXELS)
    assert four.shape == (8, 8, 4)
    assert not four[..., 3].any()


def config(*names, kind="Functional"):
    inner = [{"class_name": kind, "config": {"name": name, "layers": []}} for name in names]
    return {"class_name": "Sequential", "config": {"name": "net", "layers": inner}}


@pytest.mark.parametrize(
    ("name", "key"),
    [("vgg16", "caffe"), ("resnet50", "caffe"), ("resnet50v2", "-1_1"), ("mobilenetv2_1.00_224", "-1_1"),
     ("densenet121", "torch"), ("efficientnetb0", "0_255"), ("own", "0_1")],
)  # fmt: skip
def test_a_guess_goes_by_the_backbones_name(name, key):
    way, note = guessed(config(name))
    assert way is CHOICES[key]
    assert note.code == "preprocessing_guessed"


def test_a_model_that_scales_itself_gets_plain_pixels():
    assert guessed(config("scale", kind="Rescaling"))[0] is CHOICES["0_255"]


def test_wrong_preparation_is_noticed():
    from keras import Input, Model, layers

    image = Input((16, 16, 3))
    z = layers.BatchNormalization(name="bn")(layers.Conv2D(6, 3, name="conv")(image))
    z = layers.GlobalAveragePooling2D()(layers.ReLU(name="relu")(z))
    model = seeded(Model(image, layers.Dense(3, activation="softmax")(z)))
    draw = np.random.default_rng(1)
    right = draw.uniform(0, 1, (64, 16, 16, 3)).astype(np.float32)
    before = Engine(model).activation(right, "conv")
    model.get_layer("bn").moving_mean.assign(before.mean(axis=(0, 1, 2)))
    model.get_layer("bn").moving_variance.assign(before.var(axis=(0, 1, 2)))
    engine = Engine(model)
    assert suspicious(engine, right[:1]) is None
    for wrong in (right[:1] * 255, right[:1] / 255):
        note = suspicious(engine, wrong)
        assert note is not None
        assert "“bn” meets values far" in note.text


def test_activations_that_are_all_zero_are_noticed():
    from keras import Input, Sequential, layers

    model = Sequential([Input((8, 8, 3)), layers.Conv2D(2, 3, activation="relu", name="conv"), layers.Flatten()])
    model.add(layers.Dense(2, activation="softmax"))
    model.layers[0].bias.assign([-100.0, -100.0])
    note = suspicious(Engine(model), np.zeros((1, 8, 8, 3), np.float32))
    assert note is not None
    assert "all activations of “conv” are zero" in note.text


def test_the_card_speaks_of_every_page():
    from components.screens import screens

    assert {screen.key for screen in screens()} == {"kernels", *ALWAYS, *NEEDS_VALUES, *NEEDS_CLASSES} | (
        {screen.key for screen in screens()} & {"operator"}
    )
