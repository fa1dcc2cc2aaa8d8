"""The arithmetic lens: every number it makes is the model's own, and what it shows adds up to it."""

from __future__ import annotations

import numpy as np
import pytest
from seeds import seeded

from explain.engine import Engine
from explain.kernels import neighbours_alike
from explain.lens import WITHIN, Lens
from explain.lens_toy import KERNELS, PICTURES, read_kernel, slide, write_kernel
from explain.lens_types import NotShown
from model_zoo import MODELS
from model_zoo.samples import load_sample

CELLS = 200


def engine_of(shape, *parts):
    from keras import Input, Sequential

    return Engine(seeded(Sequential([Input(shape), *parts])))


def picture_for(engine, seed=0):
    rng = np.random.default_rng(seed)
    return engine.activations(rng.normal(size=(1, *engine.input_shape)).astype(np.float32))


def without_batch(values):
    return {name: value[0] for name, value in values.items()}


def assert_every_layer_agrees(engine, values, count=CELLS):
    """Every layer that is taken apart agrees with the model; returns the types that are not."""
    refused = {}
    for info in engine.layers[1:]:
        try:
            lens = Lens(engine, info.name)
        except NotShown as why:
            refused[info.name] = why.code
            continue
        assert lens.worst(values, count) <= WITHIN, info.name
    return refused


def layers():
    from keras import layers as made

    return made


CONVOLUTIONS = {
    "valid": lambda: layers().Conv2D(5, 3),
    "same": lambda: layers().Conv2D(5, 3, padding="same", activation="relu"),
    "strides": lambda: layers().Conv2D(4, (3, 2), strides=(2, 3), padding="same"),
    "even kernel": lambda: layers().Conv2D(4, 4, padding="same", activation="tanh"),
    "dilation": lambda: layers().Conv2D(4, 3, dilation_rate=(2, 3), padding="same", use_bias=False),
    "dilation valid": lambda: layers().Conv2D(4, 3, dilation_rate=2, activation="gelu"),
    "pointwise": lambda: layers().Conv2D(7, 1, activation="silu"),
    "groups": lambda: layers().Conv2D(6, 3, groups=2, padding="same", activation="elu"),
    "softmax": lambda: layers().Conv2D(5, 3, activation="softmax"),
    "depthwise": lambda: layers().DepthwiseConv2D(3, padding="same", depth_multiplier=2),
    "depthwise strides": lambda: layers().DepthwiseConv2D(5, strides=2, padding="same", activation="relu6"),
    "separable": lambda: layers().SeparableConv2D(6, 3, padding="same", depth_multiplier=2, activation="selu"),
    "transposed": lambda: layers().Conv2DTranspose(5, 3, strides=2, padding="same"),
    "transposed valid": lambda: layers().Conv2DTranspose(5, (2, 5), strides=(3, 1)),
    "transposed small": lambda: layers().Conv2DTranspose(3, 2, strides=3, padding="same", activation="softplus"),
}
OTHERS = {
    "max": lambda: layers().MaxPooling2D(3, strides=2, padding="same"),
    "max valid": lambda: layers().MaxPooling2D((2, 3)),
    "average": lambda: layers().AveragePooling2D(3, strides=2, padding="same"),
    "global average": lambda: layers().GlobalAveragePooling2D(keepdims=True),
    "global max": lambda: layers().GlobalMaxPooling2D(),
    "norm": lambda: layers().BatchNormalization(),
    "norm without": lambda: layers().BatchNormalization(center=False, scale=False),
    "relu": lambda: layers().ReLU(2.0, negative_slope=0.1, threshold=0.3),
    "leaky": lambda: layers().LeakyReLU(negative_slope=0.3),
    "elu": lambda: layers().ELU(alpha=0.7),
    "prelu": lambda: layers().PReLU(shared_axes=[1, 2], alpha_initializer="glorot_uniform"),
    "softmax": lambda: layers().Softmax(),
    "hard": lambda: layers().Activation("hard_sigmoid"),
    "mish": lambda: layers().Activation("mish"),
    "dense on a map": lambda: layers().Dense(5, activation="sigmoid"),
    "flatten": lambda: layers().Flatten(),
    "reshape": lambda: layers().Reshape((9, -1, 2)),
    "padding": lambda: layers().ZeroPadding2D(((1, 2), (0, 3))),
    "cropping": lambda: layers().Cropping2D(((1, 2), (0, 3))),
    "enlarged": lambda: layers().UpSampling2D((2, 3)),
    "dropout": lambda: layers().SpatialDropout2D(0.5),
    "rescaled": lambda: layers().Rescaling(2.0, -0.5),
}


@pytest.mark.parametrize("case", CONVOLUTIONS)
def test_a_convolution_gives_the_models_own_numbers(case):
    engine = engine_of((9, 8, 4), CONVOLUTIONS[case]())
    values = without_batch(picture_for(engine))
    assert not assert_every_layer_agrees(engine, values)
    lens, shape = Lens(engine, engine.layers[1].name), engine.layers[1].output_shape
    corner = lens.at(values, tuple(size - 1 for size in shape))
    assert np.isclose(corner.sums.sum() + (corner.parts.bias or 0.0), corner.parts.before)
    assert sorted(corner.ranked) == list(range(len(corner.sums)))


@pytest.mark.parametrize("case", OTHERS)
def test_other_layers_give_the_models_own_numbers(case):
    engine = engine_of((9, 8, 4), OTHERS[case]())
    assert not assert_every_layer_agrees(engine, without_batch(picture_for(engine)))


@pytest.mark.parametrize("case", ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"])
def test_layers_that_join_inputs(case):
    from keras import Input, Model

    image = Input((6, 5, 3))
    one, other = layers().Conv2D(4, 3, padding="same")(image), layers().Conv2D(4, 1, activation="relu")(image)
    engine = Engine(seeded(Model(image, getattr(layers(), case)()([one, other]))))
    assert not assert_every_layer_agrees(engine, without_batch(picture_for(engine)))


def test_bare_operations_and_a_row_that_counts_for_all():
    import keras

    image = keras.Input((6, 5, 3))
    z = keras.ops.relu6(layers().Conv2D(4, 3, padding="same")(image) * 3.0)
    gate = layers().Conv2D(4, 1, activation="sigmoid")(layers().GlobalAveragePooling2D(keepdims=True)(z))
    engine = Engine(seeded(keras.Model(image, z * gate)))
    refused = assert_every_layer_agrees(engine, without_batch(picture_for(engine)))
    assert list(refused.values()) == ["with_a_constant"]


def test_every_shared_model(any_model):
    engine = Engine(any_model)
    assert not assert_every_layer_agrees(engine, without_batch(picture_for(engine)))


def test_by_hand():
    """A 3x3 kernel of ones with bias on 1 to 9: the corner reads four numbers and five zeros of padding."""
    engine = engine_of((3, 3, 1), layers().Conv2D(1, 3, padding="same", activation="relu"))
    engine.model.layers[0].set_weights([np.ones((3, 3, 1, 1), np.float32), np.array([-20], np.float32)])
    engine = Engine(engine.model)
    x = np.arange(1, 10, dtype=np.float32).reshape(1, 3, 3, 1)
    values = without_batch(engine.activations(x))
    lens = Lens(engine, engine.layers[1].name)
    corner, centre = lens.at(values, (0, 0, 0)), lens.at(values, (1, 1, 0))
    assert corner.window.padded == 5
    assert corner.window.box() == (0, 0, 2, 2)
    assert corner.sums.tolist() == [1 + 2 + 4 + 5]
    assert (corner.parts.before, corner.value, corner.activation) == (-8.0, 0.0, "relu")
    assert (centre.parts.before, centre.value, centre.window.padded) == (25.0, 25.0, 0)
    assert centre.products[..., 0].tolist() == x[0, ..., 0].tolist()


def test_a_difference_is_measured_against_the_layers_largest():
    engine = engine_of((3, 3, 1), layers().Conv2D(1, 1, use_bias=False))
    values = without_batch(picture_for(engine))
    name = engine.layers[1].name
    wrong = dict(values)
    wrong[name] = values[name] + 0.25 * np.abs(values[name]).max() * np.eye(3, dtype=np.float32)[..., None]
    lens = Lens(engine, name)
    assert lens.at(wrong, (0, 1, 0)).difference < WITHIN
    made = lens.at(wrong, (1, 1, 0))
    assert made.difference == pytest.approx(abs(made.value - made.model) / np.abs(wrong[name]).max())
    assert lens.worst(wrong) > 0.1


def test_a_number_that_is_none_agrees_with_one_that_is_none_only():
    engine = engine_of((3, 3, 1), layers().ReLU())
    name = engine.layers[1].name
    values = {"x": np.full((3, 3, 1), np.nan, np.float32), name: np.full((3, 3, 1), np.nan, np.float32)}
    values[engine.layers[0].name] = values["x"]
    assert Lens(engine, name).at(values, (0, 0, 0)).difference == 0


REFUSED = {
    "unknown_type": lambda: layers().LayerNormalization(),
    "interpolated": lambda: layers().UpSampling2D(2, interpolation="bilinear"),
    "softmax_axis": lambda: layers().Softmax(axis=1),
    "norm_axis": lambda: layers().BatchNormalization(axis=1),
    "unknown_activation": lambda: layers().Dense(2, activation=lambda z: z * 2),
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_is_not_taken_apart_says_why(code):
    engine = engine_of((4, 4, 2), REFUSED[code]())
    with pytest.raises(NotShown, match="not shown") as why:
        Lens(engine, engine.layers[1].name)
    assert why.value.code == code
    assert why.value.values["layer"] == engine.layers[1].name


def test_the_input_is_no_layer_and_a_unit_must_exist():
    engine = engine_of((4, 4, 2), layers().Conv2D(1, 3))
    with pytest.raises(NotShown):
        Lens(engine, engine.layers[0].name)
    values = without_batch(picture_for(engine))
    for unit in [(2, 0, 0), (0, 0), (-1, 0, 0)]:
        with pytest.raises(ValueError, match=r"unit: .* numbered from 0, got"):
            Lens(engine, engine.layers[1].name).at(values, unit)


def test_all_layers_of_the_fashion_network():
    entry = MODELS["fashion_cnn"]
    engine = Engine(entry.build())
    values = without_batch(engine.activations(entry.preprocess(load_sample("fashion/0"))[None]))
    assert not assert_every_layer_agrees(engine, values)


def test_a_sample_of_efficientnets_layers():
    entry = MODELS["efficientnet_lite0"]
    engine = Engine(entry.build())
    values = without_batch(engine.activations(entry.preprocess(load_sample("chelsea"))[None]))
    seen, worst = set(), {}
    for info in engine.layers[1:]:
        if (info.kind, info.strides) not in seen:
            seen.add((info.kind, info.strides))
            worst[info.name] = Lens(engine, info.name).worst(values, CELLS)
    assert max(worst.values()) <= WITHIN, worst
    assert {"conv", "depthwise", "pointwise", "norm", "activation", "add", "dense"} <= {kind for kind, _s in seen}


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("picture", PICTURES)
def test_the_toy_slides_as_keras_does(picture, stride, padding):
    from keras import ops

    kernel = KERNELS["vertical"] + np.arange(9).reshape(3, 3) / 10
    toy = slide(PICTURES[picture], kernel, stride, padding)
    given = PICTURES[picture][None, ..., None].astype(np.float32), kernel[..., None, None].astype(np.float32)
    theirs = np.asarray(ops.conv(*given, strides=stride, padding=padding))[0, ..., 0]
    np.testing.assert_allclose(toy.output, theirs, atol=1e-5)
    assert toy.patch(0, 0).shape == (3, 3)


def test_a_kernel_is_written_and_read():
    for kernel in KERNELS.values():
        np.testing.assert_array_equal(read_kernel(write_kernel(kernel)), kernel)
    for text in ("", "1,2", "1,2,3,4,5,6,7,8,x", "1,2,3,4,5,6,7,8,nan", "1,2,3,4,5,6,7,8,1e9"):
        assert read_kernel(text) is None


@pytest.mark.parametrize("kernel", [np.ones((2, 3)), np.full((3, 3), np.inf)])
def test_a_kernel_that_is_none_is_refused(kernel):
    with pytest.raises(ValueError, match="kernel: expected finite numbers in a square"):
        slide(PICTURES["bar"], kernel)


def test_neighbours_that_are_alike_stand_out_and_drawn_ones_do_not():
    rng = np.random.default_rng(3)
    drawn = rng.normal(size=(3, 3, 40)).astype(np.float32)
    smooth = drawn.mean(axis=(0, 1), keepdims=True) + 0.1 * drawn
    alike, bound = neighbours_alike(smooth, 0)
    assert alike > 0.5 > bound
    alike, bound = neighbours_alike(drawn, 0)
    assert abs(alike) <= bound < 0.25
    assert neighbours_alike(drawn[:1, :1], 0) == (0.0, 0.0)
    assert neighbours_alike(drawn, 5) == neighbours_alike(drawn, 5)
