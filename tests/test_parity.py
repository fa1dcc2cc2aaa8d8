"""The same maps by tf-keras-vis, on the shipped models: another engine, the same weights, the same noise.

Both maps are scaled to 0..1 and enlarged with aligned corners, as tf-keras-vis does.
"""

from __future__ import annotations

import numpy as np
import pytest
from seeds import pictures, seeded

from explain import Target, attribute, engine_for
from explain.engine import Engine
from explain.reference import PEERS, reference_can_run, reference_map
from model_zoo import MODELS
from model_zoo.samples import PHOTOGRAPHS, load_sample

FASHION = [0, 3, 8, 4321]
TOLERANCE = {"saliency": 1e-5, "grad_cam": 1e-5, "layer_cam": 1e-5, "grad_cam_plus_plus": 1e-3, "score_cam": 1e-4}
PARAMS = {"score_cam": {"top_n": 10}}


def scaled(values):
    low, high = values.min(), values.max()
    return (values - low) / (high - low)


def difference(model, x, method, target, **settings):
    ours = attribute(model, x, method, target, parity=True, **PARAMS.get(method, {}), **settings).map
    theirs, seconds = reference_map(model, method, x, target, **PARAMS.get(method, {}), **settings)
    assert seconds > 0
    assert ours.shape == theirs.shape
    assert ours.max() > ours.min(), "a flat map would prove nothing"
    return float(np.abs(scaled(ours) - scaled(theirs)).max())


@pytest.fixture(scope="module")
def lite():
    """EfficientNet-Lite0 and its entry."""
    entry = MODELS["efficientnet_lite0"]
    return entry, entry.build()


@pytest.fixture(scope="module")
def fashion():
    entry = MODELS["fashion_cnn"]
    return entry, entry.build()


def photograph(entry, key):
    """A preprocessed photograph and the class the model ranks first, or the photograph's own target."""
    return entry.preprocess(load_sample(key)), PHOTOGRAPHS[key].target


@pytest.mark.parametrize("key", PHOTOGRAPHS)
@pytest.mark.parametrize("method", PEERS)
def test_efficientnet_lite0_on_every_photograph(lite, key, method):
    entry, model = lite
    x, _ = photograph(entry, key)
    top = engine_for(model).top_target(x[None]).index
    assert difference(model, x, method, top) <= TOLERANCE[method]


@pytest.mark.parametrize("key", PHOTOGRAPHS)
def test_smoothgrad_with_the_same_noise(lite, key):
    entry, model = lite
    x, _ = photograph(entry, key)
    top = engine_for(model).top_target(x[None]).index
    assert difference(model, x, "saliency", top, smooth_samples=5, smooth_noise=0.2, seed=4) <= 1e-5


@pytest.mark.parametrize(
    ("method", "most"), [("grad_cam", 1e-4), ("layer_cam", 1e-4), ("grad_cam_plus_plus", 1e-3), ("score_cam", 1e-4)]
)
@pytest.mark.parametrize("layer", ["block3b_add", "block5c_depthwise_relu"])
def test_layers_in_the_middle(lite, method, most, layer):
    entry, model = lite
    x, target = photograph(entry, "chelsea")
    assert difference(model, x, method, target, layer=layer) <= most


def test_one_class_minus_another(lite):
    entry, model = lite
    x, _ = photograph(entry, "chelsea")
    for method in ("saliency", "grad_cam", "layer_cam"):
        assert difference(model, x, method, Target(285, minus=282)) <= TOLERANCE[method]


@pytest.mark.parametrize("index", FASHION)
@pytest.mark.parametrize("method", PEERS)
def test_fashion_cnn(fashion, index, method):
    entry, model = fashion
    x = entry.preprocess(load_sample(f"fashion/{index}"))
    top = engine_for(model).top_target(x[None]).index
    assert difference(model, x, method, top) <= TOLERANCE[method]


@pytest.mark.parametrize("index", FASHION[:2])
def test_fashion_cnn_smoothgrad(fashion, index):
    entry, model = fashion
    x = entry.preprocess(load_sample(f"fashion/{index}"))
    top = engine_for(model).top_target(x[None]).index
    assert difference(model, x, "saliency", top, smooth_samples=20, smooth_noise=0.2, seed=1) <= 1e-5


def test_vgg16_with_seeded_random_weights():
    """The architecture of Keras's VGG16, whole, with seeded He-normal weights; the picture is a shipped one."""
    import keras

    with keras.device("cpu"):
        model = keras.applications.VGG16(weights=None)
    draw = np.random.default_rng(0)
    for weight in model.weights:
        scale = np.sqrt(2 / np.prod(weight.shape[:-1])) if len(weight.shape) > 1 else 0.01
        scale *= 0.01 if weight.shape[-1] == 1000 else 1  # logits near 0, so that no probability underflows
        weight.assign(draw.standard_normal(weight.shape, np.float32) * np.float32(scale))
    x = MODELS["vgg16"].preprocess(load_sample("chelsea"))
    engine = engine_for(model)
    assert engine.default_layer() == "block5_conv3"
    for method in PEERS:
        assert difference(model, x, method, 285) <= TOLERANCE[method], method
    assert difference(model, x, "saliency", 285, smooth_samples=2) <= 1e-5


@pytest.mark.parametrize("key", list(PHOTOGRAPHS)[:3])
def test_compiled_equals_eager(lite, key):
    """The graph TensorFlow compiles and an eager tape give one gradient: at the image, and at a layer."""
    import keras
    import tensorflow as tf

    entry, model = lite
    x, _ = photograph(entry, key)
    last = model.layers[-1]
    twin = keras.Model(model.inputs[0], [model.get_layer("head_relu").output, last.input])
    engine = Engine(model)
    top = engine.top_target(x[None])
    tensor = tf.constant(x[None])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(tensor)
        values, before = twin(tensor)
        score = (before @ last.kernel + last.bias)[:, top.index]
    at_image, at_layer = tape.gradient(score, tensor), tape.gradient(score, values)
    np.testing.assert_allclose(engine.input_gradients(x[None], [top]), at_image, atol=1e-6)
    got_values, got = engine.layer_gradients(x[None], "head_relu", [top])
    np.testing.assert_allclose(got_values, values, atol=1e-6)
    np.testing.assert_allclose(got, at_layer, atol=1e-6)


def test_where_the_reference_cannot_run(nested_model, grey_sigmoid_model, gap_model):
    import keras

    base = keras.Model(gap_model.inputs[0], gap_model.get_layer("relu").output)
    assert reference_can_run(gap_model, "grad_cam") == ""
    assert reference_can_run(gap_model, "another") == "unknown_method"
    assert reference_can_run(base, "grad_cam") == "no_class_output"
    assert reference_can_run(nested_model, "grad_cam") == "nested_model"
    assert reference_can_run(grey_sigmoid_model, "score_cam") == "sigmoid_output"
    x = pictures(1, (12, 12, 3))[0]
    assert reference_map(nested_model, "grad_cam", x, 0) == (None, 0.0)
    x = pictures(1, (9, 8, 3))[0]
    assert reference_map(gap_model, "grad_cam", x, 0, smooth_samples=4) == (None, 0.0)
    assert reference_map(gap_model, "saliency", x, Target(0, kind="probability")) == (None, 0.0)


@pytest.mark.parametrize("name", ["sequential_model", "skip_model", "grey_sigmoid_model", "linear_model"])
def test_small_models_of_every_ending(request, name):
    model = request.getfixturevalue(name)
    engine = engine_for(model)
    x = pictures(1, engine.input_shape)[0]
    before = model.get_weights()
    for method in PEERS:
        if (name == "linear_model" and method != "saliency") or reference_can_run(model, method):
            continue
        ours = attribute(model, x, method, 0, parity=True).map
        theirs, _ = reference_map(model, method, x, 0)
        np.testing.assert_allclose(ours / max(ours.max(), 1e-9), theirs / max(theirs.max(), 1e-9), atol=1e-5)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_the_reference_leaves_numpys_generator_alone():
    from keras import Input, Sequential, layers

    model = seeded(Sequential([Input((5, 5, 1)), layers.Flatten(), layers.Dense(2, activation="softmax")]))
    np.random.seed(3)
    expected = np.random.random()
    np.random.seed(3)
    reference_map(model, "saliency", pictures(1, (5, 5, 1))[0], 0, smooth_samples=3, seed=9)
    assert np.random.random() == expected
