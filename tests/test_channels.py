"""Which channels made a score, and networks with some of them switched off, against Keras with edited weights."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy.stats import binomtest
from seeds import pictures

from explain import Target, attribute, channels, engine_for
from explain.channels import (
    channel_means,
    channel_scores,
    channel_sum,
    paired_counts,
    replaced,
    sign_test,
    switched_map,
    switched_off,
    switched_probabilities,
)
from explain.engine import Engine
from model_zoo import MODELS
from model_zoo.samples import fashion_images, fashion_labels, load_sample


def without(model, layer, chosen, constant=0.0):
    """A copy of a model whose layer's channels give one number everywhere, made by editing its weights."""
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    kernel, bias = copy.get_layer(layer).get_weights()
    kernel[..., chosen], bias[chosen] = 0, constant
    copy.get_layer(layer).set_weights([kernel, bias])
    return copy


@pytest.mark.parametrize("target", [Target(3), Target(3, minus=1), Target(3, sign=-1)], ids=str)
def test_channels_of_an_averaging_net_add_up_to_its_logit(gap_model, target):
    engine, x = engine_for(gap_model), pictures(1, (9, 8, 3))
    means = engine.activation(x, "relu")[0].mean(axis=(0, 1))
    kernel = gap_model.get_layer("predictions").kernel.numpy()
    weights = target.sign * (kernel[:, 3] - (kernel[:, 1] if target.minus is not None else 0))
    got = channel_sum(engine, x, "relu", target)
    np.testing.assert_allclose(got.scores, weights * means, atol=1e-6)
    assert got.score == pytest.approx(float(engine.scores(x, [target])[0]))
    assert abs(got.difference) < 1e-5
    assert list(got.ranked) == sorted(range(4), key=lambda k: -abs(weights[k] * means[k]))
    np.testing.assert_allclose(got.shares, np.abs(got.scores) / np.abs(got.scores).sum(), rtol=1e-5)


def test_channels_of_efficientnet_add_up_to_its_logit():
    entry = MODELS["efficientnet_lite0"]
    x = entry.preprocess(load_sample("chelsea"))[None]
    got = channel_sum(engine_for(entry.build()), x, "head_relu", 285)
    assert got.score == pytest.approx(9.012, abs=0.01)
    assert abs(got.difference) < 1e-4
    assert got.bias is not None


@pytest.mark.parametrize(
    ("layer", "target"), [("bn", 3), ("conv", 3), ("relu", Target(3, kind="probability"))], ids=str
)
def test_elsewhere_no_sum_is_claimed(gap_model, layer, target):
    got = channel_sum(engine_for(gap_model), pictures(1, (9, 8, 3)), layer, target)
    assert (got.bias, got.difference) == (None, None)


def test_units_before_one_dense_layer_are_weight_times_value(sequential_model):
    engine, x = engine_for(sequential_model), pictures(1, (12, 10, 3))
    expected = sequential_model.get_layer("predictions").kernel.numpy()[:, 2] * engine.activation(x, "dense_1")[0]
    np.testing.assert_allclose(channel_scores(engine, x, "dense_1", 2), expected, atol=1e-5)


def test_channel_scores_are_free_behind_a_cam(skip_model):
    engine, x = Engine(skip_model), pictures(1, (10, 10, 3))
    attribute(engine, x[0], "grad_cam", 1)
    before = engine.passes
    scores = channel_scores(engine, x, "after", 1)
    assert engine.passes == before
    assert scores.sum() == pytest.approx(attribute(engine, x[0], "hirescam", 1, signed=True).native.sum(), abs=1e-4)


@pytest.mark.parametrize("chosen", [[0], [4, 1], []])
@pytest.mark.parametrize("constant", [0.0, 0.7])
def test_switching_off_equals_a_network_with_edited_weights(sequential_model, chosen, constant):
    x = pictures(3, (12, 10, 3))
    expected = without(sequential_model, "conv_1", chosen, constant).predict(x, verbose=0)
    engine = engine_for(sequential_model)
    got = switched_probabilities(engine, x, "conv_1", chosen, constant)
    np.testing.assert_allclose(got, expected, atol=1e-5)
    logits = switched_off(engine, x, "conv_1", chosen, np.full(6, constant))
    np.testing.assert_allclose(keras.ops.softmax(logits), expected, atol=1e-5)


def test_switching_off_reaches_what_a_skip_connection_carries(skip_model):
    x = pictures(2, (10, 10, 3))
    expected = without(skip_model, "stem", [2]).predict(x, verbose=0)
    np.testing.assert_allclose(switched_probabilities(engine_for(skip_model), x, "stem", [2]), expected, atol=1e-5)


def test_switching_off_inside_a_branch_leaves_the_skip_connection(skip_model):
    x = pictures(1, (10, 10, 3))
    expected = without(skip_model, "project", [1]).predict(x, verbose=0)
    np.testing.assert_allclose(switched_probabilities(engine_for(skip_model), x, "project", [1]), expected, atol=1e-5)


def test_own_values_change_nothing(any_model):
    engine = engine_for(any_model)
    x = pictures(2, engine.input_shape)
    for layer in engine.spatial_layers():
        values = engine.activation(x, layer)
        got = switched_off(engine, x, layer, range(values.shape[-1]), values)
        np.testing.assert_allclose(got, engine.logits(x), atol=1e-5)


def test_only_what_follows_runs_again(sequential_model):
    engine, x = Engine(sequential_model), pictures(1, (12, 10, 3))
    engine.activation(x, "conv_2")
    before = engine.passes
    for channel in range(5):
        switched_off(engine, x, "conv_2", [channel])
    assert engine.passes - before <= 1, "five heads of a few hundred multiplications"


WRONG = [
    ({"channels": [6]}, "channels: expected numbers from 0 to 5, got 6"),
    ({"channels": [-1]}, "channels: expected numbers from 0 to 5, got -1"),
    ({"replace_by": np.zeros(5)}, r"replace_by: expected a number .* means \(6,\), got one of shape \(5,\)"),
    ({"layer": "predictions", "channels": [0]}, "layer: predictions gives the scores themselves"),
    ({"layer": "nowhere"}, "layer: the model has none called 'nowhere'"),
]


@pytest.mark.parametrize(("change", "words"), WRONG, ids=lambda value: str(value)[:30])
def test_wrong_switches_are_named(sequential_model, change, words):
    given = {"layer": "conv_1", "channels": [1], "replace_by": 0.0} | change
    with pytest.raises(ValueError, match=words):
        switched_off(engine_for(sequential_model), pictures(1, (12, 10, 3)), **given)


def test_plain_scores_are_no_probabilities():
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Conv2D(2, 3, name="conv"), keras.layers.Flatten()])
    model.add(keras.layers.Dense(2))
    with pytest.raises(ValueError, match="plain scores"):
        switched_probabilities(Engine(model), pictures(1, (4, 4, 1)), "conv", [0])


def test_replaced_values_leave_the_given_ones_alone():
    values = np.arange(8, dtype="float32").reshape(1, 2, 2, 2)
    got = replaced(values, [1], np.array([5, 9]))
    np.testing.assert_array_equal(got[..., 1], 9)
    np.testing.assert_array_equal(got[..., 0], values[..., 0])
    assert values[0, 0, 0, 1] == 1


@pytest.mark.parametrize("chosen", [(), (2,)])
def test_the_map_of_a_changed_averaging_net_is_the_sum_of_the_channels_left(gap_model, chosen):
    engine, x = engine_for(gap_model), pictures(1, (9, 8, 3))
    cells = engine.activation(x, "relu")[0].astype(float)
    weights = gap_model.get_layer("predictions").kernel.numpy()[:, 3] / cells[..., 0].size
    weights[list(chosen)] = 0
    np.testing.assert_allclose(switched_map(engine, x, "relu", 3, chosen), cells @ weights, atol=1e-6)


def test_the_map_of_a_changed_network_has_its_gradients(sequential_model):
    x = pictures(1, (12, 10, 3))
    changed = without(sequential_model, "conv_1", [3])
    expected = attribute(changed, x[0], "hirescam", 4, layer="conv_1", signed=True).native
    got = switched_map(engine_for(sequential_model), x, "conv_1", 4, [3])
    np.testing.assert_allclose(got, expected, atol=1e-4)


def test_means_over_data_grow_in_batches(sequential_model):
    x = pictures(120, (12, 10, 3))
    layer = sequential_model.get_layer("conv_1")
    seen = list(channel_means(Engine(sequential_model), x, "conv_1"))
    assert [(part.done, part.total) for part in seen] == [(50, 120), (100, 120), (120, 120)]
    np.testing.assert_allclose(seen[-1].values, np.asarray(layer(x)).mean(axis=(0, 1, 2)), atol=1e-5)
    np.testing.assert_allclose(seen[0].values, np.asarray(layer(x[:50])).mean(axis=(0, 1, 2)), atol=1e-5)


def counted(before, after, labels):
    right, still = before == labels, after == labels
    return tuple(int(n) for n in ((right & ~still).sum(), (~right & still).sum(), right.sum(), still.sum()))


@pytest.mark.parametrize("constant", [0.0, 0.7])
def test_paired_counts_equal_a_network_with_edited_weights(sequential_model, constant):
    x, labels = pictures(120, (12, 10, 3)), np.random.default_rng(3).integers(0, 6, 120)
    before = sequential_model.predict(x, verbose=0).argmax(axis=-1)
    after = without(sequential_model, "conv_1", [1, 5], constant).predict(x, verbose=0).argmax(axis=-1)
    assert (before != after).any(), "channels that change nothing would prove nothing"
    seen = list(paired_counts(Engine(sequential_model), x, labels, "conv_1", [1, 5], constant))
    assert [(part.n, part.done, part.total) for part in seen] == [(50, 50, 120), (100, 100, 120), (120, 120, 120)]
    for part in seen:
        got = part.broken, part.mended, part.right_before, part.right_after
        assert got == counted(before[: part.n], after[: part.n], labels[: part.n])
        assert part.p_value == sign_test(part.broken, part.mended)


def test_paired_counts_on_test_images_that_ship():
    model = MODELS["fashion_cnn"].build()
    x, labels = fashion_images()[:100, ..., None].astype("float32") / 255, fashion_labels()[:100]
    before = model.predict(x, verbose=0).argmax(axis=-1)
    after = without(model, "conv_2", [53, 13, 31]).predict(x, verbose=0).argmax(axis=-1)
    *_, last = paired_counts(Engine(model), x, labels, "conv_2", [53, 13, 31])
    assert (last.broken, last.mended, last.right_before, last.right_after) == counted(before, after, labels)


def test_paired_counts_of_a_single_unit(grey_sigmoid_model):
    x, labels = pictures(30, (8, 8, 1)), np.random.default_rng(4).integers(0, 2, 30)
    before = grey_sigmoid_model.predict(x, verbose=0)[:, 0] >= 0.5
    after = without(grey_sigmoid_model, "conv", [0]).predict(x, verbose=0)[:, 0] >= 0.5
    *_, last = paired_counts(Engine(grey_sigmoid_model), x, labels, "conv", [0])
    assert (last.broken, last.mended, last.right_before, last.right_after) == counted(before, after, labels)


def test_other_channels_of_a_layer_cost_only_what_follows(sequential_model, monkeypatch):
    x, labels = pictures(60, (12, 10, 3)), np.zeros(60, int)
    engine = Engine(sequential_model)
    *_, first = paired_counts(engine, x, labels, "conv_2", [0])
    spent = engine.passes
    assert spent >= 60
    list(paired_counts(engine, x, labels, "conv_2", [1, 2]))
    list(channel_means(engine, x, "conv_2"))
    assert engine.passes - spent <= 10
    monkeypatch.setattr(channels, "KEEP_BYTES", 1000)
    unkept = Engine(sequential_model)
    for _ in range(2):
        *_, again = paired_counts(unkept, x, labels, "conv_2", [0])
        assert again == first
    assert unkept.passes >= 120


def test_labels_are_counted(sequential_model):
    with pytest.raises(ValueError, match="labels: expected one for each of the 3 images, got 2"):
        paired_counts(Engine(sequential_model), pictures(3, (12, 10, 3)), [0, 1], "conv_1", [0])


@pytest.mark.parametrize(
    ("broken", "mended", "p"), [(0, 0, 1), (3, 3, 1), (0, 6, 2 / 64), (5, 1, 14 / 64), (1, 0, 1), (2, 8, 112 / 1024)]
)
def test_the_exact_test_by_hand(broken, mended, p):
    assert sign_test(broken, mended) == pytest.approx(p)


@pytest.mark.parametrize(("broken", "mended"), [(31, 12), (17, 8), (400, 350), (1, 900)])
def test_the_exact_test_equals_scipy(broken, mended):
    assert sign_test(broken, mended) == pytest.approx(binomtest(broken, broken + mended, 0.5).pvalue, rel=1e-9)
