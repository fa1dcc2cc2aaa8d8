"""Six ways to feed a picture: against Keras's own preprocessing, and against the models' declared one."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from seeds import pictures

from explain.conventions import SURER, Convention, Reading, colour_ways, conventions, findings, grey_ways, read
from explain.engine import Engine
from model_zoo import MODELS
from model_zoo.images import to_grey, to_rgb
from model_zoo.samples import load_sample

COLOUR = np.random.default_rng(3).integers(0, 256, (6, 5, 3), dtype=np.uint8)
GREY = np.array([[0, 51], [102, 255]], np.uint8)[..., None]
DATA = (0.25, 0.5)
DECLARED = {
    "efficientnet_lite0": "own",
    "vgg16": "caffe",
    "simple_cnn_224": "0_255",
    "fashion_cnn": "0_1",
    "fashion_cnn_untrained": "0_1",
}


def pixels_of(entry):
    side, picture = entry.input_shape[0], load_sample("fashion/7" if entry.pictures == "fashion" else "coffee")
    return to_grey(picture, side)[..., None] if entry.input_shape[2] == 1 else to_rgb(picture, side)


@pytest.mark.parametrize(("key", "mode"), [("caffe", "caffe"), ("-1_1", "tf"), ("imagenet", "torch")])
def test_the_known_ways_are_keras_own(key, mode):
    from keras.applications.imagenet_utils import preprocess_input

    wanted = preprocess_input(COLOUR.astype("float32"), mode=mode)
    np.testing.assert_allclose(colour_ways()[key](COLOUR.astype("float32")), wanted, rtol=1e-5, atol=1e-5)


def test_grey_ways_by_hand():
    made = {key: make(GREY.astype("float32"))[..., 0] for key, make in grey_ways(DATA).items()}
    np.testing.assert_allclose(made["0_1"], [[0, 0.2], [0.4, 1]])
    np.testing.assert_allclose(made["inverted"], [[1, 0.8], [0.6, 0]], atol=1e-7)
    np.testing.assert_allclose(made["-1_1"], [[-1, -0.6], [-0.2, 1]], atol=1e-6)
    np.testing.assert_allclose(made["data"], [[-0.5, -0.1], [0.3, 1.5]], atol=1e-6)
    assert made["per_picture"].mean() == pytest.approx(0, abs=1e-6)
    assert made["per_picture"].std() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_the_first_way_is_what_the_entry_declares(model):
    entry = MODELS[model]
    pixels = pixels_of(entry)
    ways = conventions(pixels, entry.preprocess, data=DATA)
    assert len(ways) == len({way.key for way in ways}) == 6
    assert [way.declared for way in ways] == [True] + [False] * 5
    assert ways[0].key == DECLARED[model]
    np.testing.assert_array_equal(ways[0].x, entry.preprocess(pixels))
    assert ways[0].span == (entry.preprocess(pixels).min(), entry.preprocess(pixels).max())
    assert all(way.x.shape == entry.input_shape and way.x.dtype == np.float32 for way in ways)


@pytest.mark.parametrize("model", MODELS)
def test_the_declared_way_amounts_to_the_picture_itself(model):
    entry = MODELS[model]
    pixels = pixels_of(entry)
    first, *_others = conventions(pixels, entry.preprocess, data=DATA)
    np.testing.assert_array_equal(first.taken_for, pixels)
    assert first.outside == 0


def test_another_way_amounts_to_another_picture():
    plain = conventions(GREY, lambda p: np.asarray(p, np.float32) / 255, data=DATA)
    by_key = {way.key: way for way in plain}
    np.testing.assert_array_equal(by_key["inverted"].taken_for, 255 - GREY)
    np.testing.assert_array_equal(by_key["0_255"].taken_for, np.where(GREY > 0, 255, 0))
    assert by_key["0_255"].outside == 0.75
    swapped = conventions(COLOUR, colour_ways()["caffe"])
    np.testing.assert_array_equal(swapped[0].taken_for, COLOUR)


def test_a_black_picture_still_names_the_declared_way():
    black = np.zeros((4, 4, 3), np.uint8)
    assert conventions(black, lambda p: np.asarray(p, np.float32) / 255)[0].key == "0_1"


def test_a_preprocessing_that_cant_be_turned_round_has_no_picture():
    ways = conventions(COLOUR, lambda p: np.sqrt(np.asarray(p, np.float32)))
    assert ways[0].key == "own"
    assert all(way.taken_for is None and way.outside is None for way in ways)


def test_wrong_sizes_and_a_missing_data_set_are_refused():
    with pytest.raises(ValueError, match="pixels: expected"):
        conventions(COLOUR, lambda p: np.zeros((3, 3, 3), np.float32))
    with pytest.raises(ValueError, match="data: expected mean and deviation"):
        conventions(GREY, lambda p: np.asarray(p, np.float32))


def test_each_way_gets_the_models_own_answer(gap_model):
    engine = Engine(gap_model)
    ways = [Convention(f"{i}", x, i == 0) for i, x in enumerate(pictures(3, (9, 8, 3)))]
    for way, reading in zip(ways, read(engine, ways), strict=True):
        logits, shares = gap_model_logits(gap_model, way.x), engine.probabilities(way.x[None])[0]
        assert reading.classes == tuple(np.argsort(-logits)[:3])
        np.testing.assert_allclose(reading.logits, np.sort(logits)[::-1][:3], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(reading.shares, np.sort(shares)[::-1][:3], rtol=1e-5)


def gap_model_logits(model, x):
    last = model.layers[-1]
    kernel, bias = last.get_weights()
    import keras

    return keras.Model(model.inputs, last.input).predict(x[None], verbose=0)[0] @ kernel + bias


def reading(key, kind, share, declared=False):
    return Reading(Convention(key, np.zeros((1, 1, 3), np.float32), declared), (kind,), (0.0,), (share,))


def test_a_much_surer_way_is_found_and_the_surest_named():
    own = reading("own", 3, 0.38, declared=True)
    assert findings([own, reading("0_1", 4, 0.38 + SURER - 0.01)]) == ()
    (found,) = findings([own, reading("0_1", 4, 0.6), reading("caffe", 5, 0.74), reading("0_255", 6, 0.7)])
    assert (found.code, found.severity) == ("convention_surer", "info")
    assert (found.values["convention"], found.values["class"], found.values["share"]) == ("caffe", 5, 0.74)
    assert (found.values["declared"], found.values["declared_share"]) == ("own", 0.38)
    plain = [dataclasses.replace(one, shares=None) for one in (own, reading("caffe", 5, 0.74))]
    assert findings(plain) == ()


def test_the_cat_fed_in_blue_green_red_becomes_another_cat():
    entry = MODELS["efficientnet_lite0"]
    pixels = to_rgb(load_sample("chelsea"), 224)
    readings = read(Engine(entry.build()), conventions(pixels, entry.preprocess))
    labels = entry.labels()
    said = {one.convention.key: (labels[one.classes[0]], round(one.shares[0], 2)) for one in readings}
    assert said["own"] == ("Egyptian cat", 0.38)
    assert said["caffe"] == ("tabby", 0.74)
    assert findings(readings)[0].values["convention"] == "caffe"
