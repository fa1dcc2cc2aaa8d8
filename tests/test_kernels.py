"""Kernels, channels, sums and covers: what the pages show, against Keras and sums written out."""

from __future__ import annotations

import numpy as np
import pytest
from seeds import pictures, seeded

from explain import Target, attribute, engine_for
from explain.activations import channel_stats, pool_strongest
from explain.cover import cover_squares, squares
from explain.kernels import bias_of, folded_with_norm, kernel_of, norm_matrix
from explain.sums import answer_as_sum


def convolved(x, kernel, bias=0.0, stride=1):
    """A valid convolution of (H, W, C) by (kh, kw, C, out), written out."""
    kh, kw, _, outputs = kernel.shape
    rows, columns = (x.shape[0] - kh) // stride + 1, (x.shape[1] - kw) // stride + 1
    out = np.zeros((rows, columns, outputs))
    for row in range(rows):
        for col in range(columns):
            patch = x[row * stride : row * stride + kh, col * stride : col * stride + kw]
            out[row, col] = np.tensordot(patch, kernel, axes=3)
    return out + bias


@pytest.fixture(scope="module")
def zoo():
    """One layer of each kind that has kernels, all fed with the picture, valid padding."""
    from keras import Input, Model, layers

    image = Input((7, 6, 3), name="image")
    made = [
        layers.Conv2D(4, (3, 2), name="plain"),
        layers.DepthwiseConv2D(3, depth_multiplier=2, name="depthwise"),
        layers.SeparableConv2D(5, 3, depth_multiplier=2, name="separable"),
        layers.Conv2D(4, 1, use_bias=False, name="pointwise"),
        layers.Conv2DTranspose(2, 3, name="transposed"),
    ]
    flat = [layers.Flatten(name=f"flat_{layer.name}")(layer(image)) for layer in made]
    return seeded(Model(image, layers.Dense(2, name="end")(layers.Concatenate(name="all")(flat))))


@pytest.mark.parametrize("name", ["plain", "separable", "pointwise"])
def test_a_kernel_is_what_the_layer_convolves_with(zoo, name):
    x = pictures(1, (7, 6, 3))
    bias = bias_of(zoo, name)
    assert (bias is None) == (name == "pointwise")
    expected = engine_for(zoo).activation(x, name)[0]
    got = convolved(x[0], kernel_of(zoo, name), 0.0 if bias is None else bias)
    np.testing.assert_allclose(got, expected, atol=1e-5)


def test_a_depthwise_kernel_reads_one_channel(zoo):
    x = pictures(1, (7, 6, 3))
    kernel = kernel_of(zoo, "depthwise")
    assert kernel.shape == (3, 3, 1, 6)
    expected = engine_for(zoo).activation(x, "depthwise")[0]
    for out in range(6):
        got = convolved(x[0][..., [out // 2]], kernel[..., [out]], bias_of(zoo, "depthwise")[out])
        np.testing.assert_allclose(got[..., 0], expected[..., out], atol=1e-5)


def test_a_transposed_kernel_keeps_the_order_in_out(zoo):
    kernel = kernel_of(zoo, "transposed")
    assert kernel.shape == (3, 3, 3, 2)
    x = np.zeros((1, 7, 6, 3), np.float32)
    x[0, 2, 3, 1] = 1
    out = engine_for(zoo).activation(x, "transposed")[0] - bias_of(zoo, "transposed")
    np.testing.assert_allclose(out[2:5, 3:6], kernel[:, :, 1, :], atol=1e-6)


def test_a_layer_without_kernels_is_named(zoo):
    with pytest.raises(ValueError, match=r"end \(Dense\) has no convolution kernels; choose one of plain"):
        kernel_of(zoo, "end")


def test_folding_gives_the_output_behind_the_norm(gap_model):
    x = pictures(1, (9, 8, 3))
    folded = folded_with_norm(gap_model, "conv")
    assert folded.norm == "bn"
    padded = np.pad(x[0], ((1, 1), (0, 1), (0, 0)))  # Keras's zeros for "same", stride 2, on 9 x 8
    expected = engine_for(gap_model).activation(x, "bn")[0]
    np.testing.assert_allclose(convolved(padded, folded.kernel, folded.bias, 2), expected, atol=1e-4)


def test_folding_without_scale_centre_or_norm(sequential_model):
    from keras import Input, Sequential, layers

    bare = layers.BatchNormalization(scale=False, center=False, name="bn")
    model = seeded(Sequential([Input((5, 5, 1)), layers.DepthwiseConv2D(3, name="conv"), bare, layers.Flatten()]))
    x = pictures(1, (5, 5, 1))
    folded = folded_with_norm(model, "conv")
    np.testing.assert_allclose(
        convolved(x[0], folded.kernel, folded.bias), engine_for(model).activation(x, "bn")[0], atol=1e-5
    )
    assert folded_with_norm(sequential_model, "conv_1") is None


def test_norms_of_a_kernel(zoo):
    kernel = zoo.get_layer("plain").kernel.numpy()
    norms = norm_matrix(kernel_of(zoo, "plain"))
    assert norms.shape == (3, 4)
    assert norms[1, 2] == pytest.approx(np.linalg.norm(kernel[:, :, 1, 2]))


def test_channel_statistics():
    values = np.zeros((2, 2, 4), np.float32)
    values[..., 1] = [[1, 2], [3, 6]]
    values[..., 2] = [[-9, 0], [0, 1]]
    values[0, 0, 3] = 7
    stats = channel_stats(values)
    assert stats.silent == (0,)
    assert stats.ranked == (2, 3, 1, 0)
    assert stats.mean.tolist() == [0, 3, -2, 1.75]
    assert (stats.maximum.tolist(), stats.minimum.tolist()) == ([0, 6, 1, 7], [0, 1, -9, 0])
    assert (stats.low, stats.high, stats.count) == (-9, 7, 4)
    units = channel_stats(np.array([0.5, 0, -1], np.float32))
    assert (units.silent, units.ranked) == ((1,), (2, 0, 1))


def test_pooling_keeps_the_strongest_value_and_its_sign():
    maps = np.zeros((60, 50, 2), np.float32)
    maps[59, 49, 0], maps[58, 49, 0], maps[0, 1, 1] = -5, 4, 0.5
    pooled, factor = pool_strongest(maps, 28)
    assert (pooled.shape, factor) == ((20, 17, 2), 3)
    assert pooled[19, 16, 0] == -5
    assert pooled[0, 0, 1] == 0.5
    assert np.count_nonzero(pooled) == 2
    small = maps[:28, :20]
    assert pool_strongest(small)[0] is small
    with pytest.raises(ValueError, match="tile: expected"):
        pool_strongest(maps, 0)
    broken = np.full((56, 56, 1), 1, np.float32)
    broken[3, 3] = np.nan
    assert np.isnan(pool_strongest(broken)[0][1, 1, 0])


@pytest.mark.parametrize("target", [2, Target(2), Target(2, minus=5), Target(4, sign=-1)])
def test_the_answer_as_a_sum_adds_up_to_the_logit(gap_model, target):
    engine = engine_for(gap_model)
    x = pictures(1, (9, 8, 3))
    total = answer_as_sum(engine, x[0], target)
    goal = engine.target(target)
    logits = engine.logits(x)[0].astype(float)
    expected = goal.sign * (logits[goal.index] - (0 if goal.minus is None else logits[goal.minus]))
    assert total.logit == pytest.approx(expected, abs=1e-5)
    assert total.cells.sum() + total.bias == pytest.approx(expected, abs=1e-5)
    assert abs(total.difference) < 1e-5
    assert (total.layer, total.cells.shape) == ("relu", (5, 4))
    values, weights = engine.activation(x, "relu")[0], gap_model.layers[-1].kernel.numpy()
    column = weights[:, goal.index] - (0 if goal.minus is None else weights[:, goal.minus])
    np.testing.assert_allclose(total.cells, goal.sign * (values @ column) / 20, atol=1e-5)


def test_a_sum_with_a_softmax_layer_of_its_own():
    from keras import Input, Sequential, layers

    conv = layers.Conv2D(3, 2, name="conv")
    head = [layers.GlobalAveragePooling2D(keepdims=True), layers.Flatten(), layers.Dense(4, use_bias=False)]
    model = seeded(Sequential([Input((5, 5, 1)), conv, *head, layers.Softmax()]))
    total = answer_as_sum(engine_for(model), pictures(1, (5, 5, 1)), 1)
    assert (total.layer, total.bias) == ("conv", 0)
    assert abs(total.difference) < 1e-5


def test_other_endings_are_no_sum(sequential_model, skip_model, gap_model):
    assert answer_as_sum(engine_for(sequential_model), pictures(1, (12, 10, 3)), 0) is None
    assert answer_as_sum(engine_for(skip_model), pictures(1, (10, 10, 3)), 0) is None
    with pytest.raises(ValueError, match="add up to a logit"):
        answer_as_sum(engine_for(gap_model), pictures(1, (9, 8, 3)), Target(0, kind="probability"))


def test_covers_of_a_linear_model_are_its_missing_products(linear_model):
    """Covering with zeros takes weight times pixel away from the logit, square by square."""
    x = pictures(1, (5, 4, 3))[0]
    weight = linear_model.layers[-1].kernel.numpy().reshape(5, 4, 3, 4)[..., 1]
    parts = list(cover_squares(engine_for(linear_model), x, 1, grid=4, fill=np.zeros(3)))
    assert [part.done for part in parts] == [8, 16]
    assert np.isnan(parts[0].score).sum() == 8
    for at, (top, left, bottom, right) in enumerate(squares(5, 4, 4)):
        gone = (weight * x)[top:bottom, left:right].sum()
        assert parts[-1].score.flat[at] == pytest.approx(-gone, abs=1e-5)
    engine = engine_for(linear_model)
    assert parts[-1].base_score == pytest.approx(float(engine.logits(x[None])[0, 1]))
    assert parts[-1].base_probability == pytest.approx(float(engine.probabilities(x[None])[0, 1]))


def test_covers_use_the_mean_colour_and_cover_everything(gap_model):
    x = pictures(1, (9, 8, 3))[0]
    engine = engine_for(gap_model)
    *_, last = cover_squares(engine, x, 2)
    top, left, bottom, right = squares(9, 8, 7)[24]
    covered = x.copy()
    covered[top:bottom, left:right] = x.mean(axis=(0, 1))
    before, after = engine.probabilities(np.stack([x, covered]))[:, 2]
    assert last.probability[3, 3] == pytest.approx(after - before, abs=1e-6)
    counted = np.zeros((9, 8), int)
    for top, left, bottom, right in squares(9, 8, 7):
        counted[top:bottom, left:right] += 1
    assert (counted == 1).all()
    with pytest.raises(ValueError, match="grid: expected a whole number from 1 to 8"):
        cover_squares(engine, x, 2, grid=9)


def test_covers_of_plain_scores_have_no_probability():
    from keras import Input, Sequential, layers

    model = seeded(Sequential([Input((7, 7, 1)), layers.Flatten(), layers.Dense(2)]))
    *_, last = cover_squares(engine_for(model), pictures(1, (7, 7, 1)), 1)
    assert last.probability is None
    assert last.base_probability is None


def test_a_results_settings_repeat_it(gap_model):
    x = pictures(1, (9, 8, 3))[0]
    for key, more in (("score_cam", {"top_n": 2, "signed": True}), ("grad_cam", {"smooth_samples": 3, "seed": 5})):
        first = attribute(gap_model, x, key, 1, **more)
        again = attribute(gap_model, x, key, first.target, **first.settings)
        np.testing.assert_array_equal(again.map, first.map)
        assert again.settings == first.settings
