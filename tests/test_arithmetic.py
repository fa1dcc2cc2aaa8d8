"""Convolution arithmetic against the worked chain, Keras's own shapes, and gradients that show what is reached."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from seeds import pictures, seeded

from explain import engine_for
from explain.arithmetic import (
    conv_parameters,
    dense_parameters,
    depthwise_parameters,
    keras_rule,
    seed_formula,
    size_rule,
    size_rules,
)
from explain.receptive import effective_field, receptive_box


@pytest.fixture(scope="module")
def worked_chain():
    """(28, 56, 3), Conv 8 3x3 same, Conv 5 3x2 strides (2, 3) valid, MaxPool 3x3, Flatten, Dense 3."""
    from keras import Input, Sequential, layers

    return Sequential(
        [
            Input((28, 56, 3)),
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.Conv2D(5, (3, 2), strides=(2, 3), padding="valid", activation="relu"),
            layers.MaxPooling2D((3, 3)),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def test_the_worked_chain_by_formula():
    assert [seed_formula(28, 3, 1, 1), seed_formula(56, 3, 1, 1)] == [28, 56]
    assert [seed_formula(28, 3, 2, 0), seed_formula(56, 2, 3, 0)] == [13, 19]
    assert [seed_formula(13, 3, 3, 0), seed_formula(19, 3, 3, 0)] == [4, 6]
    counts = [conv_parameters((3, 3), 3, 8), conv_parameters((3, 2), 8, 5), dense_parameters(4 * 6 * 5, 3)]
    assert counts == [224, 245, 363]
    assert sum(counts) == 832


def test_the_worked_chain_as_described_equals_keras(worked_chain):
    layers = engine_for(worked_chain).layers
    assert [layer.output_shape for layer in layers] == [
        (28, 56, 3),
        (28, 56, 8),
        (13, 19, 5),
        (4, 6, 5),
        (120,),
        (3,),
    ]
    assert [layer.parameters for layer in layers] == [0, 224, 245, 0, 0, 363]
    assert sum(layer.parameters for layer in layers) == worked_chain.count_params() == 832
    assert [layer.macs for layer in layers] == [0, 28 * 56 * 8 * 27, 13 * 19 * 5 * 6 * 8, 0, 0, 360]
    for before, layer in pairwise(layers):
        rules = size_rules(layer, before.output_shape)
        if rules is None:
            assert layer.kind in ("flatten", "dense")
        else:
            assert tuple(rule.keras for rule in rules) == layer.output_shape[:2]
            assert all(rule.agree for rule in rules)


def test_where_the_rules_part_and_that_they_say_the_numbers_put_in():
    even = size_rule(10, 2, 3, "same", axis="width")
    assert (even.pad, even.before, even.after, even.formula, even.keras) == (0.5, 0, 1, 4, 4)
    assert even.agree
    assert not even.pads_agree
    stride = size_rule(224, 3, 2, "same")
    assert (stride.pad, stride.before, stride.after, stride.formula, stride.keras) == (1, 0, 1, 112, 112)
    assert not stride.pads_agree
    spread = size_rule(20, 3, 1, "valid", dilation=2)
    assert (spread.formula, spread.keras, spread.agree) == (18, 16, False)
    plain = size_rule(28, 3, 1, "same")
    assert plain.agree
    assert plain.pads_agree


@settings(max_examples=25, deadline=None)
@given(
    size=some.integers(3, 30),
    kernel=some.integers(1, 5),
    stride=some.integers(1, 4),
    padding=some.sampled_from(["same", "valid"]),
    dilation=some.integers(1, 2),
)
def test_the_keras_rule_is_keras(size, kernel, stride, padding, dilation):
    from keras import layers

    if dilation > 1:
        stride = 1
    reach = (kernel - 1) * dilation + 1
    if padding == "valid" and reach > size:
        with pytest.raises(ValueError, match="kernel: "):
            keras_rule(size, kernel, stride, padding, dilation)
        return
    layer = layers.Conv2D(2, kernel, strides=stride, padding=padding, dilation_rate=dilation)
    assert layer.compute_output_shape((1, size, 40, 3))[1] == keras_rule(size, kernel, stride, padding, dilation)


def test_unknown_padding_is_refused():
    with pytest.raises(ValueError, match="padding: expected"):
        keras_rule(8, 3, 1, "full")


@pytest.fixture(scope="module")
def many_layers():
    """Every kind of convolution, padding, cropping, pooling and merging, on an odd size."""
    from keras import Input, Model, layers

    image = Input((21, 19, 3), name="image")
    z = layers.ZeroPadding2D(((1, 2), (0, 1)), name="pad")(image)
    z = layers.Conv2D(6, (3, 2), strides=(2, 1), padding="same", name="conv")(z)
    z = layers.BatchNormalization(name="bn")(z)
    z = layers.DepthwiseConv2D(3, strides=2, padding="same", depth_multiplier=2, name="depthwise")(z)
    wide = layers.Conv2D(12, 3, padding="same", dilation_rate=2, groups=3, name="dilated")(z)
    z = layers.Concatenate(name="concat")([layers.Add(name="add")([z, wide]), wide])
    z = layers.AveragePooling2D(3, strides=1, padding="same", name="average")(z)
    z = layers.SeparableConv2D(4, 3, name="separable")(z)
    z = layers.Cropping2D(((1, 0), (1, 1)), name="crop")(z)
    up = layers.Conv2DTranspose(3, 2, strides=2, name="up")(z)
    z = layers.Conv2D(5, 1, name="pointwise")(z)
    z = layers.Multiply(name="gate")([z, layers.GlobalAveragePooling2D(keepdims=True, name="squeeze")(z)])
    z = layers.Concatenate(name="join")([layers.Flatten(name="flat")(z), layers.Flatten(name="flat_up")(up)])
    return seeded(Model(image, layers.Dense(4, name="end")(z)))


def test_kinds_parameters_and_macs(many_layers):
    layers = {layer.name: layer for layer in engine_for(many_layers).layers}
    assert sum(layer.parameters for layer in layers.values()) == many_layers.count_params()
    kinds = {name: layers[name].kind for name in ("image", "pad", "conv", "bn", "depthwise", "concat", "pointwise")}
    assert list(kinds.values()) == ["input", "padding", "conv", "norm", "depthwise", "concat", "pointwise"]
    assert layers["conv"].parameters == conv_parameters((3, 2), 3, 6)
    assert layers["depthwise"].parameters == depthwise_parameters((3, 3), 6, 2)
    assert layers["dilated"].parameters == conv_parameters((3, 3), 12, 12, groups=3)
    rows, columns = layers["depthwise"].output_shape[:2]
    assert layers["depthwise"].macs == rows * columns * 12 * 9
    assert layers["dilated"].macs == rows * columns * 12 * 9 * 4
    rows, columns = layers["separable"].output_shape[:2]
    assert layers["separable"].macs == rows * columns * (9 * 24 + 24 * 4)
    assert layers["end"].macs == many_layers.get_layer("end").kernel.shape[0] * 4
    assert [layers[name].has_kernel for name in ("conv", "up", "separable", "average")] == [True, True, True, False]
    assert layers["concat"].inputs == ("add", "dilated")


@pytest.mark.parametrize(
    "name", ["pad", "conv", "bn", "depthwise", "dilated", "add", "concat", "average", "separable", "up"]
)
def test_the_receptive_box_is_where_gradients_reach(many_layers, name):
    """Weights are positive, so no contribution cancels: the gradient is non-zero exactly inside the box."""
    import keras

    positive = keras.models.clone_model(many_layers)
    for weight in positive.weights:
        weight.assign(np.full(weight.shape, 0.5))
    engine = engine_for(positive)
    info, x = engine.layer(name), np.abs(pictures(1, engine.input_shape))
    rows, columns = info.output_shape[:2]
    for row, col in ((0, 0), (rows // 2, columns // 2), (rows - 1, columns - 1)):
        top, left, bottom, right = receptive_box(info, row, col, engine.input_shape)
        reached = effective_field(engine, x, name, row, col) > 0
        inside = np.zeros(reached.shape, bool)
        inside[top:bottom, left:right] = True
        if info.dilation in (None, (1, 1)) and name not in ("add", "concat", "average", "separable", "up"):
            np.testing.assert_array_equal(reached, inside)
        else:
            assert not (reached & ~inside).any()
            hit = np.argwhere(reached)
            assert (hit.min(axis=0).tolist(), (hit.max(axis=0) + 1).tolist()) == ([top, left], [bottom, right])


@pytest.mark.parametrize("name", ["gate", "flat", "end"])
def test_what_mixes_all_places_has_the_whole_input(many_layers, name):
    engine = engine_for(many_layers)
    assert engine.layer(name).receptive_field is None
    assert receptive_box(engine.layer(name), 0, 0, engine.input_shape) == (0, 0, 21, 19)


def test_a_unit_that_does_not_exist_is_named(many_layers):
    engine = engine_for(many_layers)
    with pytest.raises(ValueError, match="row: conv has 12"):
        receptive_box(engine.layer("conv"), 12, 0, engine.input_shape)
    with pytest.raises(ValueError, match="col: conv has"):
        receptive_box(engine.layer("conv"), 0, -1, engine.input_shape)


def test_known_receptive_fields():
    """VGG16's block5_conv3 reaches 196 pixels in steps of 16 (Araujo et al., 2019, distill.pub)."""
    from keras import Input, Sequential, layers

    model = Sequential([Input((224, 224, 3))])
    for count in (2, 2, 3, 3, 3):
        for _ in range(count):
            model.add(layers.Conv2D(1, 3, padding="same"))
        model.add(layers.MaxPooling2D())
    field = engine_for(model).layers[-2].receptive_field
    assert (field.size, field.stride) == ((196, 196), (16, 16))
    assert engine_for(model).layers[-1].receptive_field.size == (212, 212)


def test_a_u_net_joins_what_it_enlarged_to_what_it_kept():
    from keras import Input, Model, layers

    image = Input((16, 16, 1))
    low = layers.Conv2D(1, 3, padding="same")(layers.MaxPooling2D()(image))
    joined = layers.Concatenate()([image, layers.UpSampling2D()(low)])
    kept = engine_for(Model(image, layers.GlobalAveragePooling2D()(layers.Conv2D(2, 3)(joined)))).layers[-2]
    assert kept.receptive_field.size == (8, 8)
    assert [receptive_box(kept, row, 4, (16, 16))[::2] for row in (4, 5)] == [(2, 10), (2, 10)]
    smooth = layers.UpSampling2D(interpolation="bilinear")(low)
    unknown = engine_for(Model(image, layers.GlobalAveragePooling2D()(smooth))).layers[-2]
    assert unknown.receptive_field is None, "smoothed enlargements are not followed"


def test_signs_by_construction(skip_model, sequential_model, many_layers, gap_model):
    expected = {
        "stem": True,
        "depthwise": False,
        "inside": True,
        "project": False,
        "add": False,
        "after": True,
        "pool": True,
        "flatten": True,
        "scores": False,
        "softmax": True,
    }
    layers = {layer.name: layer.non_negative for layer in engine_for(skip_model).layers}
    assert {name: layers[name] for name in expected} == expected
    assert not engine_for(gap_model).layer("bn").non_negative
    values = engine_for(skip_model).activations(pictures(4, (10, 10, 3)))
    assert all(values[name].min() >= 0 for name, sign in layers.items() if sign)


def test_a_shared_layer_is_counted_once_and_named_twice():
    from keras import Input, Model, layers

    image = Input((6, 6, 2), name="image")
    shared = layers.Conv2D(2, 3, padding="same", name="shared")
    model = seeded(Model(image, layers.Flatten()(shared(shared(image)))))
    engine = engine_for(model)
    assert [(layer.name, layer.parameters) for layer in engine.layers[1:3]] == [("shared", 38), ("shared@2", 0)]
    x = pictures(1, (6, 6, 2))
    values = engine.activations(x)
    np.testing.assert_allclose(values["shared"], shared(x), atol=1e-6)
    np.testing.assert_allclose(values["shared@2"], shared(shared(x)), atol=1e-5)
    np.testing.assert_allclose(engine.activation(x, "shared@2"), values["shared@2"], atol=1e-6)
