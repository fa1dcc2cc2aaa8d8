"""Gradient × Input, Integrated Gradients and guided backpropagation against answers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from seeds import pictures, seeded

from explain import METHODS, Target, attribute, engine_for, passes, stream
from explain.attribution.integrated_gradients import path_points
from explain.completeness import Completeness, broken
from explain.fills import LABELS, StandIns, count_of, stand_ins
from explain.guided import rectifies
from explain.spread import spread
from model_zoo import MODELS
from model_zoo.samples import load_sample

TARGETS = [Target(2), Target(2, minus=0), Target(1, sign=-1)]


def weight_of(model, target):
    """A linear model's weight for a target, (H, W, C), and its bias."""
    kernel, bias = (part.numpy().astype(float) for part in (model.layers[-1].kernel, model.layers[-1].bias))
    weight, constant = kernel[:, target.index], bias[target.index]
    if target.minus is not None:
        weight, constant = weight - kernel[:, target.minus], constant - bias[target.minus]
    return target.sign * weight.reshape(5, 4, 3), target.sign * constant


def cellwise(activation, scale=1.0, end=None):
    """One activation a pixel, then a plain weighted sum: each pixel's part is its own, whatever the others are."""
    from keras import Input, Sequential, layers

    conv = layers.Conv2D(1, 1, use_bias=False, activation=activation)
    dense = layers.Dense(2, activation=end, use_bias=False)
    model = Sequential([Input((4, 4, 1)), conv, layers.Flatten(), dense])
    conv.set_weights([np.full((1, 1, 1, 1), scale, "float32")])
    dense.set_weights([np.random.default_rng(0).normal(size=(16, 2)).astype("float32")])
    return model, dense.kernel.numpy().astype(float).reshape(4, 4, 2)


@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_gradient_x_input_of_a_linear_model_is_weight_times_pixel(linear_model, target):
    x = pictures(1, (5, 4, 3))[0]
    weight, bias = weight_of(linear_model, target)
    result = attribute(linear_model, x, "gradient_x_input", target)
    np.testing.assert_allclose(result.raw, weight * x, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(result.map, (weight * x).sum(axis=-1), rtol=1e-5, atol=1e-6)
    score = float(engine_for(linear_model).scores(x[None], [target])[0])
    assert result.raw.sum() == pytest.approx(score - bias, rel=1e-5)


def test_gradient_x_input_of_relus_without_biases_adds_up_to_the_logit():
    from keras import Input, Sequential, layers

    conv = layers.Conv2D(5, 3, activation="relu", use_bias=False)
    model = Sequential([Input((9, 8, 3)), conv, layers.MaxPooling2D(), layers.ReLU(), layers.Flatten()])
    model.add(layers.Dense(7, activation="relu", use_bias=False))
    model.add(layers.Dense(4, activation="softmax", use_bias=False))
    x = pictures(1, (9, 8, 3))[0]
    engine = engine_for(seeded(model))
    for index in range(4):
        total = attribute(engine, x, "gradient_x_input", index).map.sum(dtype=float)
        assert total == pytest.approx(float(engine.logits(x[None])[0, index]), rel=1e-4)


@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_integrated_gradients_of_a_linear_model_is_weight_times_the_difference(linear_model, target, kind):
    x = pictures(1, (5, 4, 3))[0]
    weight, _ = weight_of(linear_model, target)
    away = np.mean([x - other[0] for other in stand_ins(kind, x[None], seed=5)], axis=0)
    result = attribute(linear_model, x, "integrated_gradients", target, steps=8, baseline=kind, seed=5)
    np.testing.assert_allclose(result.raw, weight * away, atol=1e-5)
    assert result.total == 8, "nothing to mend: a linear model adds up with any number of steps"
    assert result.promise.relative_error < 1e-4
    assert result.settings["baseline"] == kind


@pytest.mark.parametrize("activation", ["tanh", "softplus", "relu"])
def test_integrated_gradients_of_a_sum_of_pixels_is_each_pixels_own_difference(activation):
    """The path is straight, so a part that depends on one pixel alone integrates to its own difference."""
    import keras

    model, weight = cellwise(activation, end="softmax")
    x = pictures(1, (4, 4, 1))[0]
    function = getattr(keras.activations, activation)
    expected = 0
    for other in stand_ins("average", x[None]):
        expected = expected + (np.asarray(function(x)) - np.asarray(function(other[0])))[..., 0] * weight[..., 1] / 3
    result = attribute(model, x, "integrated_gradients", 1, steps=256)
    np.testing.assert_allclose(result.map, expected, atol=0.01)


def test_several_baselines_are_the_mean_of_each_alone(sequential_model):
    x = pictures(1, (12, 10, 3))[0]
    compute, engine = METHODS["integrated_gradients"].compute, engine_for(sequential_model)
    maps = {}
    for kind in ("average", "black", "white", "blurred"):
        *_, maps[kind] = compute(engine, x[None], [Target(1)], steps=256, baseline=StandIns(kind))
    mean = np.mean([maps[kind] for kind in ("black", "white", "blurred")], axis=0)
    np.testing.assert_allclose(maps["average"], mean, atol=0.02)


def test_the_promise_is_what_keras_says(any_model):
    engine = engine_for(any_model)
    x = pictures(1, engine.input_shape)[0]
    result = attribute(any_model, x, "integrated_gradients", Target(0, kind="probability"), baseline="mean")
    other = np.broadcast_to(x.mean(axis=(0, 1)), x.shape)
    here, there = (float(any_model.predict(image[None], verbose=0)[0, 0]) for image in (x, other))
    assert result.promise.difference == pytest.approx(here - there, abs=1e-5)
    assert result.promise.total == pytest.approx(result.map.sum(dtype=float), abs=1e-5)
    assert broken(result.promise) == ("completeness_broken" in [finding.code for finding in result.findings])


def test_steps_are_raised_where_the_map_does_not_add_up_and_the_passes_say_so(sequential_model):
    from explain.engine import Engine

    x = pictures(1, (12, 10, 3))[0]
    engine = Engine(sequential_model)
    settings = {"steps": 16, "most_steps": 100, "baseline": "white"}
    last = list(stream(engine, x, "integrated_gradients", 0, **settings))[-1]
    assert (last.done, last.total) == (48, 48)
    assert last.passes == 2 * 48 + 2 == passes("integrated_gradients", engine, **settings)
    assert last.settings["steps"] == 16, "the settings repeat what was asked"
    *_, few = METHODS["integrated_gradients"].compute(
        engine, x[None], [Target(0)], steps=16, baseline=StandIns("white")
    )
    assert broken(Completeness(float(few.sum(dtype=float)), last.promise.difference))
    *_, many = METHODS["integrated_gradients"].compute(
        engine, x[None], [Target(0)], steps=48, baseline=StandIns("white")
    )
    np.testing.assert_allclose(last.raw, many[0], atol=1e-4, err_msg="the same points, in another order")


def test_a_map_that_cannot_be_mended_says_so():
    """A step so steep that it falls between the points: no number of them adds up."""
    model, _weight = cellwise("tanh", 1e6)
    x = np.linspace(-0.5, 1, 16, dtype="float32").reshape(4, 4, 1)
    finding = attribute(model, x, "integrated_gradients", 0, steps=4, baseline="mean").findings[0]
    assert (finding.code, finding.severity, finding.mend) == ("completeness_broken", "warning", "more_steps")
    assert (finding.values["steps"], finding.values["bound"]) == (108, 288), "the next would be 324"
    assert finding.values["error"] > 0.05
    assert (finding.values["parameter"], finding.values["to"]) == ("most_steps", 324)
    finding = attribute(model, x, "integrated_gradients", 0, steps=4, most_steps=7776, baseline="mean").findings[0]
    assert (finding.values["steps"], finding.mend) == (2916, "other_method")


def test_more_steps_go_on_from_those_there_are():
    """The same steep step: each raise costs the new points alone, and gives what all of them at once would."""
    from explain.engine import Engine

    model, _weight = cellwise("tanh", 1e6)
    x = np.linspace(-0.5, 1, 16, dtype="float32").reshape(4, 4, 1)
    engine, last = Engine(model), None
    ask = {"steps": 4, "baseline": "mean"}
    for most, done in ((4, 4), (12, 12), (40, 36), (324, 324)):
        before, spent = engine.passes, 0 if last is None else last.done
        last = attribute(engine, x, "integrated_gradients", 0, most_steps=most, after=last, **ask)
        assert (last.done, last.total, last.settings["most_steps"]) == (done, done, most)
        once = 0 if spent else 4  # the two scores, and the gradient that says why the first map is 0 everywhere
        assert engine.passes - before == 2 * (done - spent) + once
    whole = attribute(Engine(model), x, "integrated_gradients", 0, most_steps=324, **ask)
    np.testing.assert_array_equal(last.raw, whole.raw)
    again = attribute(engine, x, "integrated_gradients", 0, most_steps=972, after=whole, steps=4, baseline="mean")
    assert again.done == 972


def test_a_plan_says_how_many_points_it_needs_wherever_it_stands(sequential_model):
    x = pictures(1, (12, 10, 3))
    plan = METHODS["integrated_gradients"].plan(engine_for(sequential_model), x, Target(0), steps=4)
    nothing = np.zeros(x.shape[1:], np.float64)
    assert [plan.needs(nothing, done) for done in (1, 4, 5, 12, 36, 40)] == [4, 12, 12, 36, 108, 108]
    assert plan.needs(nothing, 108) == 108, "324 are more than the 288 that are allowed"


@pytest.mark.parametrize(
    ("total", "difference", "error"),
    [(7.92, 7.95, 0.03 / 7.95), (-1, 1, 2), (0, 0, 0), (0.1, 0, np.inf), (3e-9, 0, 0), (3e-9, 1e-7, 0)],
)
def test_completeness_is_a_share_of_the_difference(total, difference, error):
    kept = Completeness(total, difference)
    assert kept.relative_error == pytest.approx(error)
    assert broken(kept) == (error > 0.05)


@pytest.mark.parametrize("steps", [4, 32, 100])
def test_path_points_are_midpoints_and_stay_so_when_cut_in_three(steps):
    points = path_points(steps, 9 * steps - 1)
    assert len(points) == 9 * steps
    np.testing.assert_array_equal(path_points(steps), points[:steps])
    for count in (steps, 3 * steps, 9 * steps):
        np.testing.assert_allclose(np.sort(points[:count]), (np.arange(count) + 0.5) / count)


@pytest.mark.parametrize("count", [1, 2, 7, 32, 169, 500])
def test_any_beginning_and_either_half_is_spread_over_all(count):
    order = spread(count)
    assert sorted(order) == list(range(count))
    for some in (*(order[:few] for few in (8, 20, 90) if few < count), order[::2], order[1::2]):
        if len(some) > 3:
            gaps = np.diff([-1, *sorted(some), count])
            assert gaps.max() <= 3 * count / len(some) + 1


def test_early_maps_are_close_to_the_last(sequential_model):
    x = pictures(1, (12, 10, 3))
    make = METHODS["integrated_gradients"].plan(engine_for(sequential_model), x, Target(2), steps=96)
    parts = make.draw(0, 96)
    for few in (parts[:12], parts[::2], parts[1::2]):
        assert np.corrcoef(few.mean(axis=0).ravel(), parts.mean(axis=0).ravel())[0, 1] > 0.97


@pytest.mark.parametrize("key", MODELS)
def test_black_and_white_are_what_the_network_would_get(key):
    entry = MODELS[key]
    side, depth = entry.input_shape[0], entry.input_shape[2]
    x = pictures(2, entry.input_shape)
    for kind, level in (("black", 0), ("white", 255)):
        (stand_in,) = stand_ins(kind, x, entry)
        expected = entry.preprocess(np.full((side, side, 3), level, np.uint8))
        assert stand_in.shape == (2, side, side, depth)
        np.testing.assert_array_equal(stand_in[1], expected)
    random = stand_ins("random", x, entry, seed=3)[0]
    low, high = entry.value_range
    assert low - 1e-5 <= random.min() < random.max() <= high + 1e-5


def test_stand_ins_of_a_picture_alone():
    x = pictures(2, (20, 16, 3))
    assert [len(stand_ins(kind, x)) for kind in LABELS] == [count_of(kind) for kind in LABELS] == [3, 1, 1, 1, 1, 1]
    assert (stand_ins("black", x)[0][0] == x[0].min()).all()
    assert (stand_ins("white", x)[0][1] == x[1].max()).all()
    np.testing.assert_allclose(stand_ins("mean", x)[0][1, 3, 4], x[1].mean(axis=(0, 1)), rtol=1e-5)
    for kind in LABELS:
        for one, alone in zip(stand_ins(kind, x, seed=1), stand_ins(kind, x[1:], seed=1), strict=True):
            np.testing.assert_array_equal(one[1:], alone, err_msg="a picture's stand-in is its own")
    same, again, other = (stand_ins("random", x, seed=seed)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(same, again)
    assert not np.array_equal(same, other)
    with pytest.raises(ValueError, match="fill: expected one of average"):
        stand_ins("grey", x)


def test_the_blur_is_a_gaussian_over_a_tenth_of_the_side():
    x = np.zeros((1, 81, 61, 1), np.float32)
    x[0, 40, 30] = 1
    blurred = stand_ins("blurred", x)[0][0, ..., 0]
    away = np.arange(-30, 31)
    expected = np.exp(-(away**2) / (2 * 6.1**2))
    np.testing.assert_allclose(blurred[10:71, 30] / blurred[40, 30], expected, atol=2e-3)


def test_an_entrys_black_is_the_baseline():
    entry = MODELS["fashion_cnn"]
    x = entry.preprocess(load_sample("fashion/0"))
    result = attribute(entry, x, "integrated_gradients", 9, baseline="black")
    scores = engine_for(entry).scores(np.stack([x, np.zeros_like(x)]), [Target(9)] * 2)
    assert result.promise.difference == pytest.approx(float(scores[0] - scores[1]), rel=1e-5)
    assert not result.map[x[..., 0] == 0].any(), "a pixel as black as the baseline gets nothing"


def test_smoothing_keeps_no_promise(sequential_model):
    x = pictures(1, (12, 10, 3))[0]
    result = attribute(sequential_model, x, "integrated_gradients", 0, smooth_samples=2, steps=4)
    assert result.promise is None
    assert "completeness_broken" not in [finding.code for finding in result.findings]


def guided_by_hand(model, x, index):
    """Guided gradients from a twin of the model whose every ReLU has a gradient of its own, taken eagerly."""
    import tensorflow as tf

    @tf.custom_gradient
    def guided(z):
        def back(gradient):
            return tf.where((z > 0) & (gradient > 0), gradient, 0.0)

        return tf.maximum(z, 0.0), back

    @tf.custom_gradient
    def guided_six(z):
        def back(gradient):
            return tf.where((z > 0) & (z < 6) & (gradient > 0), gradient, 0.0)

        return tf.clip_by_value(z, 0.0, 6.0), back

    twin = type(model).from_config(model.get_config())
    twin.set_weights(model.get_weights())
    for layer in twin._flatten_layers():
        if type(layer).__name__ == "ReLU":
            layer.call = guided_six if layer.max_value else guided
        elif type(layer).__name__ == "Softmax":
            layer.call = lambda z, **_: z
        elif getattr(getattr(layer, "activation", None), "__name__", "") == "relu":
            layer.activation = guided
    if getattr(twin.layers[-1], "activation", None) is not None:
        twin.layers[-1].activation = lambda z: z
    image = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(image)
        score = twin(image, training=False)[:, index]
    return tape.gradient(score, image).numpy()


def test_guided_backpropagation_equals_another_implementation(any_model):
    engine = engine_for(any_model)
    x = pictures(2, engine.input_shape)
    plain = engine.input_gradients(x, [Target(0)] * 2)
    *_, guided = METHODS["guided_backpropagation"].compute(engine, x, [Target(0)] * 2)
    np.testing.assert_allclose(guided, guided_by_hand(any_model, x, 0), atol=1e-5)
    assert not np.allclose(guided, plain, atol=1e-3)
    np.testing.assert_array_equal(plain, engine.input_gradients(x, [Target(0)] * 2), err_msg="the model is unchanged")


def test_guided_backpropagation_by_hand():
    """Two units over two pixels: h = relu(W x), score = 2 h0 - 3 h1. Only h0 may send anything back."""
    from keras import Input, Sequential, layers

    first = layers.Dense(2, activation="relu", use_bias=False)
    end = layers.Dense(1, activation="sigmoid", use_bias=False)
    model = Sequential([Input((1, 2, 1)), layers.Flatten(), first, end])
    first.set_weights([np.array([[1.0, 4.0], [-0.5, 5.0]], "float32")])
    end.set_weights([np.array([[2.0], [-3.0]], "float32")])
    x = np.ones((1, 2, 1), np.float32)
    result = attribute(model, x, "guided_backpropagation", 0)
    np.testing.assert_allclose(result.raw[0, :, 0], [2 * 1.0, 2 * -0.5])
    np.testing.assert_allclose(attribute(model, x, "saliency", 0).raw[0, :, 0], [2 - 12, -1 - 15])


def test_which_calls_are_rectifiers():
    from keras import Input, Model, layers

    image = Input((4, 4, 1))
    z = layers.Conv2D(1, 1, activation="relu", name="fused")(image)
    z = layers.ReLU(6.0, name="six")(z)
    z = layers.ReLU(negative_slope=0.1, name="leaky")(z)
    z = layers.Activation("relu6", name="named")(z)
    z = layers.Conv2D(1, 1, activation="tanh", name="tanh")(z)
    z = layers.Dense(2, activation="softmax", name="end")(layers.Flatten(name="flat")(z))
    steps = engine_for(Model(image, z)).graph.steps
    assert [step.name for step in steps if rectifies(step)] == ["fused", "six", "named"]


def ranks_kept(key, samples, layers):
    """Spearman of absolute maps before and after the layers' weights are shuffled, a method's mean over samples."""
    from scipy.stats import spearmanr

    entry = MODELS[key]
    whole, scrambled, draw = entry.build(), entry.build(), np.random.default_rng(0)
    for layer in (scrambled.get_layer(name) for name in layers):
        layer.set_weights([draw.permutation(part.ravel()).reshape(part.shape) for part in layer.get_weights()])
    kept = {"guided_backpropagation": [], "saliency": []}
    for sample in samples:
        x = entry.preprocess(load_sample(sample))
        target = engine_for(whole).top_target(x[None])
        for method, found in kept.items():
            before, after = (np.abs(attribute(model, x, method, target).map).ravel() for model in (whole, scrambled))
            found.append(spearmanr(before, after).statistic)
    return [float(np.mean(found)) for found in kept.values()]


def test_guided_backpropagation_hardly_notices_a_scrambled_last_layer():
    """The failed check that is said beside it (Adebayo et al., 2018, arXiv:1810.03292), beside the plain gradient's."""
    samples = [f"fashion/{number}" for number in (0, 1, 2, 18, 123, 4321)]
    guided, plain = ranks_kept("fashion_cnn", samples, ["predictions"])
    assert guided > 0.75 > 0.6 > plain
    guided, plain = ranks_kept("efficientnet_lite0", ["chelsea"], ["predictions"])
    assert guided > 0.98 > 0.6 > plain
