"""Users' models that open: each gives the same maps as a flat, ordinary twin with the same weights."""

from __future__ import annotations

import warnings

import numpy as np
import own_twins
import pytest
from corpus import CASES, good
from corpus.writing import after, archive, conv, draw, entrance, functional, layer, pair, sequential, under, weights
from seeds import pictures, seeded

from explain import METHODS, Target, attribute
from explain.engine import Engine
from explain.errors import NoClassOutput
from explain.kernels import kernel_of
from model_zoo import MODELS
from model_zoo.own import worker
from model_zoo.own.card import ALWAYS
from model_zoo.own.opening import open_model
from model_zoo.own.types import Refused

FEW = ("saliency", "integrated_gradients", "grad_cam", "score_cam")
CHEAP = {"rise": {"masks": 100}, "integrated_gradients": {"steps": 8}}


@pytest.fixture(scope="module", autouse=True)
def one_worker():
    yield
    worker.WORKER.stop()


def opened(data, name="model.keras", **more):
    found = open_model(data, name, **more)
    return found, found.entry.build()


def case(number, at=0):
    return [one for one in CASES if one.number == number][at]


def saved(model, tmp_path, name="model.keras"):
    """Return the file that Keras writes, its own warnings aside."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (model.save_weights if name.endswith("weights.h5") else model.save)(tmp_path / name)
    return (tmp_path / name).read_bytes()


def check_maps(mine, twin, x, targets=(0, 1), keys=FEW):
    """Compare the answers, then each method's raw values and maps for a few targets, at least one of them not zero."""
    here, there = Engine(mine), Engine(twin)
    np.testing.assert_allclose(here.logits(x[None]), there.logits(x[None]), rtol=1e-4, atol=1e-5)
    for key in keys:
        drawn = False
        for target in targets:
            one, other = (attribute(engine, x, key, target, **CHEAP.get(key, {})) for engine in (here, there))
            scale = max(float(np.abs(other.raw).max()), 1e-6)
            np.testing.assert_allclose(one.raw, other.raw, atol=1e-4 * scale, err_msg=key)
            np.testing.assert_allclose(one.map, other.map, atol=1e-4 * scale, err_msg=key)
            drawn |= bool(other.raw.any())
        assert drawn, key


ORDINARY = {
    "5 lambda as compiled loss": {},
    "32 archive named h5": {},
    "32 HDF5 named keras": {},
    "41 two outputs": {"pool": False},
    "45 open size": {"size": (224, 224, 3)},
    "46 channels first": {"pool": False},
    "47 mixed float16": {},
    "48 nested backbone": {"pool": False, "more": True},
    "49 Sequential": {},
    "51 batch of one": {},
}
SAID = {
    5: ("compile_dropped",),
    41: ("outputs",),
    45: ("size",),
    46: ("channels_first",),
    47: ("precision",),
    48: ("nested",),
    51: ("batch",),
}


@pytest.mark.parametrize("one", [one for one in CASES if str(one) in ORDINARY], ids=str)
def test_a_case_gives_its_flat_twins_maps(one):
    found, model = opened(one.data(), one.name)
    assert [note.code for note in found.notes] == [*SAID.get(one.number, ()), "preprocessing_guessed"]
    assert not any(found.card.pages.values())
    assert not any(found.card.methods.values())
    assert found.entry.key == f"own/{found.card.sha256[:12]}"
    assert found.entry.labels() == ["class 0", "class 1", "class 2"]
    keys = tuple(METHODS) if one.number in (48, 49) else FEW if one.number != 45 else ("saliency", "grad_cam")
    x = pictures(1, found.entry.input_shape)[0]
    check_maps(model, own_twins.conv_net(**ORDINARY[str(one)]), x, keys=keys)


def test_52_grey_and_sigmoid_both_ways():
    found, model = opened(case(52).data())
    twin = own_twins.conv_net((16, 16, 1), units=1, activation="sigmoid", channels=1)
    check_maps(model, twin, pictures(1, (16, 16, 1))[0], (Target(0), Target(0, sign=-1)))
    assert not any(found.card.methods.values())
    assert open_model(case(52).data(), "m", class_names=["no", "yes"]).entry.labels() == ["yes"]


def test_42_without_a_convolution_saliency_works():
    found, model = opened(case(42).data())
    check_maps(model, own_twins.dense_net(), pictures(1, (16, 16, 3))[0], keys=("saliency", "integrated_gradients"))
    assert found.card.pages["kernels"] == "the model has no convolution, so there are no kernels to draw"
    check_promises(found, model)


def test_53_a_class_for_every_pixel_has_kernels_and_activations():
    found, model = opened(case(53).data())
    here, there = Engine(model), Engine(own_twins.segmenter())
    x = pictures(1, (16, 16, 3))
    for name, other in zip(("down", "up", "classes"), list(there.activations(x).values())[1:], strict=True):
        np.testing.assert_allclose(here.activation(x, name), other, atol=1e-5)
    np.testing.assert_array_equal(kernel_of(here, "down"), kernel_of(there, there.layers[1].name))
    refused = {key for key, reason in found.card.pages.items() if reason}
    assert refused == {"attribution", "what_if", "put_to_the_test", "mistakes"}
    check_promises(found, model)


def test_40_two_inputs_have_kernels_and_architecture():
    found, model = opened(case(40).data())
    assert "for the others there are no values, so only kernels and architecture" in found.notes[0].text
    assert {key for key, reason in found.card.pages.items() if not reason} == {"kernels", *ALWAYS}
    np.testing.assert_array_equal(kernel_of(Engine(model), "net/conv"), pair(3, 3, 6, 4)["0"])
    check_promises(found, model)


def test_39_weights_that_are_not_finite_open_with_a_notice():
    found, model = opened(case(39).data())
    assert not found.card.finite
    assert found.notes[0].code == "not_finite"
    assert "the weights of “net/conv” are not finite" in found.notes[0].text
    check_promises(found, model)


def check_promises(found, model):
    """Each method does what the card says: a map, or its reason in the error."""
    engine, x = Engine(model), pictures(1, found.entry.input_shape)[0]
    target = 1 if engine.classes else None
    for key, reason in found.card.methods.items():
        if not reason:
            assert np.isfinite(attribute(engine, x, key, target, **CHEAP.get(key, {})).map).all(), key
            continue
        with pytest.raises((ValueError, NoClassOutput)) as error:
            attribute(engine, x, key, target)
        assert reason.removeprefix("it ") in str(error.value), key


def test_54_two_thousand_layers():
    found, model = opened(case(54).data())
    assert found.card.layers == 2002
    x = np.abs(pictures(1, (8, 8, 3))[0])
    check_maps(model, own_twins.shallow(), x, (1,), keys=("saliency",))


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_a_backbone_with_a_head_of_labels(ending, tmp_path):
    nested = seeded(own_twins.transfer(flat=False))
    twin = own_twins.transfer(flat=True)
    twin.set_weights(nested.get_weights())
    found, model = opened(saved(nested, tmp_path, f"model{ending}"), f"model{ending}", class_names=["a", "b", "c", "d"])
    assert found.notes[0].text.startswith(
        "Networks nested in this one were opened: “backbone”. Their layers are listed"
    )
    assert found.entry.labels() == ["a", "b", "c", "d"]
    check_maps(model, twin, pictures(1, (14, 12, 3))[0], (0, 2))
    with pytest.raises(Refused, match="There are 2 class names, and the model has 4 classes"):
        open_model(saved(nested, tmp_path, f"model{ending}"), "m", class_names=["a", "b"])


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_branches_and_skips_with_channels_first(policy, tmp_path):
    first = seeded(own_twins.skipping("channels_first"))
    twin = own_twins.skipping()
    twin.set_weights(first.get_weights())
    given = first if policy == "float32" else own_twins.skipping("channels_first", policy)
    given.set_weights(first.get_weights())
    found, model = opened(saved(given, tmp_path))
    assert "channels_first" in [note.code for note in found.notes]
    assert found.card.input_shape == (10, 9, 3)
    check_maps(model, twin, pictures(1, (10, 9, 3))[0], (0, 3))


@pytest.mark.parametrize(("flatten", "as_last"), [("own", "own"), ("other", "turned")])
def test_a_flatten_keeps_the_order_that_its_weights_are_for(flatten, as_last, tmp_path):
    first = seeded(own_twins.turned_flatten("channels_first", flatten))
    twin = own_twins.turned_flatten("channels_last", as_last)
    twin.set_weights(first.get_weights())
    _, model = opened(saved(first, tmp_path))
    check_maps(model, twin, pictures(1, (9, 8, 3))[0], (0, 1, 2), ("saliency", "grad_cam"))


def test_a_sequential_model_without_an_input_layer_is_rebuilt_and_says_so():
    first, *others = good.body()
    assert first["class_name"] == "InputLayer"
    others[0]["config"]["batch_input_shape"] = [None, 16, 16, 3]
    found, model = opened(archive(sequential(*others), weights(good.arrays())))
    assert [note.code for note in found.notes] == ["sequential", "preprocessing_guessed"]
    check_maps(model, own_twins.conv_net(), pictures(1, (16, 16, 3))[0])


def test_channels_first_that_cannot_be_turned_is_refused_by_layer():
    layers = [
        entrance((3, 16, 16)),
        conv("conv", data_format="channels_first"),
        layer("Reshape", "rows", target_shape=[4, 196]),
        layer("Flatten", "flat"),
        layer("Dense", "scores", units=3),
    ]
    held = under("layers/conv2d/vars", pair(3, 3, 3, 4)) | under("layers/dense/vars", {"0": draw(784, 3), "1": draw(3)})
    with pytest.raises(Refused, match="can't be turned round: the Reshape layer “rows” depends on the order") as error:
        open_model(archive(sequential(*layers), weights(held)), "model.keras")
    assert error.value.code == "channels_first"


def test_an_output_of_classes_is_chosen_before_one_of_maps():
    layers = [
        after(entrance()),
        after(conv("conv"), "image"),
        after(layer("GlobalAveragePooling2D", "average"), "conv"),
        after(layer("Dense", "scores", units=3, activation="softmax"), "average"),
    ]
    data = archive(functional(layers, ["image"], ["conv", "scores"]), weights(good.arrays()))
    found, model = opened(data)
    assert found.notes[0].text == (
        "The model has 2 outputs. “scores” is explained; “conv” is left out. To look at another one, save a model that "
        "ends in it: keras.Model(model.inputs, model.outputs[number])."
    )
    check_maps(model, own_twins.conv_net(pool=False), pictures(1, (16, 16, 3))[0])


def test_weights_with_their_architecture(tmp_path):
    model = MODELS["fashion_cnn"].build()
    data = saved(model, tmp_path, "mine.weights.h5")
    found, mine = opened(data, "mine.weights.h5", architecture="fashion_cnn")
    assert found.entry.labels() == MODELS["fashion_cnn"].labels()
    assert found.entry.value_range == (0.0, 1.0)
    check_maps(mine, model, pictures(1, (28, 28, 1))[0])
    with pytest.raises(Refused, match="The weights in the file don't fit the model"):
        open_model(data, "mine.weights.h5", architecture="simple_cnn_224")


def test_nothing_global_is_touched():
    import random

    import keras

    def now():
        return keras.config.dtype_policy().name, keras.config.floatx(), keras.config.image_data_format()

    before, state, numpy_state = now(), random.getstate(), np.random.get_state()[1].copy()
    opened(case(47).data())
    opened(case(46).data())
    assert now() == before
    assert random.getstate() == state
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_state)
