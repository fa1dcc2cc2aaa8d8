"""Every attribution method against answers worked out by hand, and the contract that all of them keep."""

from __future__ import annotations

import types

import numpy as np
import pytest
from seeds import pictures, seeded

from explain import METHODS, Target, attribute, engine_for, passes, stream
from explain.attribution import discover
from explain.resize import resize
from explain.sums import answer_as_sum
from explain.types import Method

CAMS = [key for key, method in METHODS.items() if method.uses_layer]


def parts(model, x, layer, index):
    """Activations and gradients at a layer, (h, w, C)."""
    values, gradients = engine_for(model).layer_gradients(x[None], layer, [Target(index)])
    return values[0].astype(float), gradients[0].astype(float)


def test_saliency_of_a_linear_model_is_its_weight(linear_model):
    x = pictures(1, (5, 4, 3))[0]
    weight = linear_model.layers[-1].kernel.numpy().reshape(5, 4, 3, 4)
    result = attribute(linear_model, x, "saliency", 2)
    np.testing.assert_allclose(result.raw, weight[..., 2], rtol=1e-6)
    np.testing.assert_allclose(result.map, np.abs(weight[..., 2]).max(axis=-1), rtol=1e-6)


def test_saliency_of_a_difference_is_the_difference_of_weights(linear_model):
    weight = linear_model.layers[-1].kernel.numpy().reshape(5, 4, 3, 4)
    result = attribute(linear_model, pictures(1, (5, 4, 3))[0], "saliency", Target(2, minus=0))
    np.testing.assert_allclose(result.raw, weight[..., 2] - weight[..., 0], atol=1e-6)


def test_signed_saliency_keeps_the_sign_of_the_strongest_channel(linear_model):
    weight = linear_model.layers[-1].kernel.numpy().reshape(5, 4, 3, 4)[..., 1]
    result = attribute(linear_model, pictures(1, (5, 4, 3))[0], "saliency", 1, signed=True)
    expected = np.where(weight.max(axis=-1) > -weight.min(axis=-1), weight.max(axis=-1), weight.min(axis=-1))
    np.testing.assert_allclose(result.map, expected, rtol=1e-6)
    assert result.map.min() < 0


@pytest.mark.parametrize("target", [Target(3), Target(3, minus=1), Target(3, sign=-1)])
def test_grad_cam_of_an_averaging_net_is_its_sum(gap_model, target):
    """With a global average over n cells each gradient is w_k / n, so Grad-CAM adds up what the sum adds up."""
    x = pictures(1, (9, 8, 3))[0]
    cells = answer_as_sum(engine_for(gap_model), x, target).cells
    signed = attribute(gap_model, x, "grad_cam", target, signed=True)
    np.testing.assert_allclose(signed.native, cells, atol=1e-6)
    np.testing.assert_allclose(attribute(gap_model, x, "grad_cam", target).native, np.maximum(cells, 0), atol=1e-6)


def test_same_formula_here_grad_cam_equals_signed_layer_cam_on_an_averaging_net(gap_model):
    x = pictures(1, (9, 8, 3))[0]
    one, other = (attribute(gap_model, x, key, 3, signed=True).native for key in ("grad_cam", "layer_cam"))
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_grad_cam_by_hand(sequential_model):
    x = pictures(1, (12, 10, 3))[0]
    values, gradients = parts(sequential_model, x, "conv_1", 4)
    expected = np.zeros(values.shape[:2])
    for channel in range(values.shape[2]):
        expected += gradients[..., channel].mean() * values[..., channel]
    result = attribute(sequential_model, x, "grad_cam", 4, layer="conv_1")
    np.testing.assert_allclose(result.native, np.maximum(expected, 0), atol=1e-5)


def test_layer_cam_by_hand(sequential_model):
    x = pictures(1, (12, 10, 3))[0]
    values, gradients = parts(sequential_model, x, "conv_1", 4)
    expected = np.zeros(values.shape[:2])
    for row in range(values.shape[0]):
        for col in range(values.shape[1]):
            expected[row, col] = sum(max(g, 0) * a for g, a in zip(gradients[row, col], values[row, col], strict=True))
    result = attribute(sequential_model, x, "layer_cam", 4, layer="conv_1")
    np.testing.assert_allclose(result.native, expected, atol=1e-5)


def test_grad_cam_plus_plus_by_the_paper_with_its_exponential(sequential_model):
    """The paper's weights with exp(score) kept in; it must cancel after scaling to the largest value."""
    x = pictures(1, (12, 10, 3))[0]
    values, gradients = parts(sequential_model, x, "conv_1", 4)
    score = np.exp(float(engine_for(sequential_model).logits(x[None])[0, 4]))
    first, second, third = score * gradients, score * gradients**2, score * gradients**3
    below = 2 * second + third * values.sum(axis=(0, 1))
    alphas = second / np.where(below == 0, 1, below)
    sums = alphas.sum(axis=(0, 1))
    weights = (alphas / np.where(sums == 0, 1, sums) * np.maximum(first, 0)).sum(axis=(0, 1))
    expected = np.maximum((weights * values).sum(axis=-1), 0)
    got = attribute(sequential_model, x, "grad_cam_plus_plus", 4, layer="conv_1").native
    np.testing.assert_allclose(got / got.max(), expected / expected.max(), atol=1e-4)


def one_pixel_convolution():
    """A 1 x 1 convolution that passes three channels on, then average and softmax: masks act on channels alone."""
    from keras import Input, Sequential, layers

    model = Sequential(
        [
            Input((4, 4, 3)),
            layers.Conv2D(3, 1, activation="relu", use_bias=False, name="conv"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax", use_bias=False),
        ]
    )
    model.set_weights([np.eye(3, dtype="float32")[None, None], np.eye(3, dtype="float32")])
    return model


def test_score_cam_by_hand():
    model = one_pixel_convolution()
    x = np.abs(pictures(1, (4, 4, 3)))[0]
    x[..., 2] = 0
    expected = np.zeros((4, 4))
    for channel in range(3):
        mask = x[..., channel]
        mask = (mask - mask.min()) / (mask.max() - mask.min() + 1e-7)
        score = np.exp((x * mask[..., None]).mean(axis=(0, 1)))
        expected += score[1] / score.sum() * x[..., channel]
    result = attribute(model, x, "score_cam", 1)
    np.testing.assert_allclose(result.native, expected, rtol=1e-5)
    assert result.passes == 1 + 2, "the channel that is zero everywhere is skipped"


def test_score_cam_top_n_takes_the_most_varied_channels():
    model = one_pixel_convolution()
    x = np.abs(pictures(1, (4, 4, 3)))[0] * np.array([0.1, 5, 1], "float32")
    mask = x[..., 1]
    mask = (mask - mask.min()) / (mask.max() - mask.min() + 1e-7)
    score = np.exp((x * mask[..., None]).mean(axis=(0, 1)))
    result = attribute(model, x, "score_cam", 0, top_n=1)
    np.testing.assert_allclose(result.native, score[0] / score.sum() * x[..., 1], rtol=1e-5)


def test_score_cam_streams_after_every_eight_masks(gap_model):
    from keras import Input, Sequential, layers

    model = Sequential([Input((6, 6, 1)), layers.Conv2D(20, 3, name="conv"), layers.GlobalAveragePooling2D()])
    model.add(layers.Dense(3, activation="softmax"))
    x = pictures(1, (6, 6, 1))[0]
    results = list(stream(seeded(model), x, "score_cam", 0))
    assert [result.done for result in results] == [1, 9, 17, 20]
    assert {result.total for result in results} == {20}
    assert [result.passes for result in results] == [2, 10, 18, 21]
    assert [result.partial for result in results] == [True, True, True, False]
    for result in results[:-1]:
        assert result.findings == ()


def test_no_pass_starts_after_the_caller_stops(gap_model):
    from explain.engine import Engine

    engine = Engine(gap_model)
    running = stream(engine, pictures(1, (9, 8, 3))[0], "saliency", 0, smooth_samples=40)
    next(running)
    running.close()
    assert engine.passes == 2


def test_score_cam_works_for_a_single_unit_both_ways(grey_sigmoid_model):
    x = pictures(1, (8, 8, 1))[0]
    yes, no = (attribute(grey_sigmoid_model, x, "score_cam", Target(0, sign=sign)) for sign in (1, -1))
    total = engine_for(grey_sigmoid_model).activation(x[None], "conv")[0].sum(axis=-1)
    np.testing.assert_allclose(yes.native + no.native, total, rtol=1e-5)


@pytest.mark.parametrize(
    "target", [Target(0, minus=1), Target(0, kind="log_probability"), Target(0, sign=-1)], ids=lambda t: t.kind
)
def test_score_cam_refuses_what_it_cannot_explain(gap_model, target):
    with pytest.raises(ValueError, match="explains one class"):
        attribute(gap_model, pictures(1, (9, 8, 3))[0], "score_cam", target)


@pytest.mark.parametrize("key", METHODS)
def test_contract(any_model, key):
    engine, method = engine_for(any_model), METHODS[key]
    x = pictures(1, engine.input_shape)[0]
    result = attribute(any_model, x, key, 0)
    assert result.map.shape == engine.input_shape[:2]
    assert result.map.dtype == result.native.dtype == result.raw.dtype == np.float32
    assert np.isfinite(result.map).all()
    assert method.signed or result.map.min() >= 0
    assert result.layer == (engine.default_layer() if method.uses_layer else None)
    assert result.passes <= passes(key, engine)
    assert not result.partial
    assert result.settings.get("layer") == result.layer
    assert set(result.versions) == {"convscope", "python", "tensorflow", "keras", "numpy"}
    again = attribute(any_model, x, key, 0)
    np.testing.assert_array_equal(result.map, again.map)
    assert (method.title, method.word, method.quantity, method.doesnt_show) != ("", "", "", "")
    assert method.paper.startswith("https://")


@pytest.mark.parametrize("key", METHODS)
def test_a_batch_is_its_images(sequential_model, key):
    """A method gets a batch; each image's map must not depend on its neighbours."""
    engine, method = engine_for(sequential_model), METHODS[key]
    x = pictures(3, engine.input_shape)
    targets = [Target(0), Target(2), Target(5)]
    *_, together = method.compute(engine, x, targets)
    for i, target in enumerate(targets):
        *_, alone = method.compute(engine, x[i : i + 1], [target])
        np.testing.assert_allclose(together[i], alone[0], atol=1e-5)


@pytest.mark.parametrize("key", CAMS)
def test_cams_share_one_pass(skip_model, key):
    from explain.engine import Engine

    engine = Engine(skip_model)
    x = pictures(1, engine.input_shape)[0]
    attribute(engine, x, "grad_cam", 1)
    result = attribute(engine, x, key, 1)
    assert result.passes == {"score_cam": 4, "ablation_cam": 1}.get(key, 0), "five heads, a part of one pass"


def test_no_target_means_the_top_class(gap_model, grey_sigmoid_model):
    x = pictures(1, (9, 8, 3))[0]
    top = int(np.argmax(gap_model.predict(x[None], verbose=0)))
    assert attribute(gap_model, x, "grad_cam").target == Target(top)
    grey = pictures(1, (8, 8, 1))[0]
    sign = 1 if grey_sigmoid_model.predict(grey[None], verbose=0)[0, 0] >= 0.5 else -1
    assert attribute(grey_sigmoid_model, grey, "grad_cam").target == Target(0, sign=sign)


def test_half_pixels_keep_each_cell_over_its_own_part():
    cells = np.zeros((7, 7), np.float32)
    cells[2, 5] = 1
    enlarged = resize(cells, (224, 224))
    row, col = (np.average(np.arange(224), weights=enlarged.sum(axis=axis)) for axis in (1, 0))
    assert (row, col) == (pytest.approx(2.5 * 32 - 0.5), pytest.approx(5.5 * 32 - 0.5))
    np.testing.assert_allclose(resize(np.ones((3, 4), np.float32), (10, 9)), 1)


@pytest.mark.parametrize("sizes", [((7, 7), (224, 224)), ((14, 9), (28, 30)), ((1, 1), (5, 6)), ((10, 10), (7, 4))])
def test_aligned_corners_equal_scipy(sizes):
    from scipy.ndimage import zoom

    small, large = sizes
    cells = np.random.default_rng(0).normal(size=small).astype("float32")
    expected = zoom(cells, (large[0] / small[0], large[1] / small[1]), order=1)
    np.testing.assert_allclose(resize(cells, large, "aligned_corners"), expected, atol=1e-6)


def test_half_pixels_equal_tensorflow():
    import tensorflow as tf

    cells = np.random.default_rng(0).normal(size=(7, 5)).astype("float32")
    expected = tf.image.resize(cells[..., None], (28, 33))[..., 0]
    np.testing.assert_allclose(resize(cells, (28, 33)), expected, atol=1e-5)
    with pytest.raises(ValueError, match="placement: expected"):
        resize(cells, (28, 33), "nearest")


def declared(key="one", name="a_file", **changes):
    fields = {"title": "t", "compute": None, "passes": None, "paper": "p", "word": "w", "quantity": "q"}
    module = types.ModuleType(name)
    module.METHOD = Method(key=key, doesnt_show="d", **(fields | changes))
    return module


def test_methods_are_discovered_in_their_order():
    found = discover([declared("b", order=2), declared("c", order=1), declared("a", order=2)])
    assert list(found) == ["c", "a", "b"]
    assert list(METHODS) == sorted(METHODS, key=lambda key: (METHODS[key].order, key))
    assert METHODS.keys() >= {"saliency", "grad_cam", "grad_cam_plus_plus", "layer_cam", "score_cam"}
    assert [method.key for method in METHODS.values() if method.recommended] == ["saliency", "grad_cam", "layer_cam"]


def test_discovery_refuses_a_double_key_and_a_file_without_a_method():
    with pytest.raises(ValueError, match="second: the key 'one' is taken by first"):
        discover([declared(name="first"), declared(name="second")])
    with pytest.raises(ValueError, match="empty: expected the file to end in METHOD"):
        discover([types.ModuleType("empty")])
    with pytest.raises(TypeError):
        METHODS["new"] = METHODS["saliency"]


WRONG = [
    ({"method": "gradcam"}, "method: expected one of saliency"),
    ({"smooth_samples": -5}, "smooth_samples: expected a whole number from 0"),
    ({"smooth_samples": 10**6}, "smooth_samples"),
    ({"smooth_samples": 2.5}, "smooth_samples"),
    ({"smooth_noise": -1}, "smooth_noise: expected a finite number"),
    ({"smooth_noise": float("nan")}, "smooth_noise"),
    ({"smooth_noise": float("inf")}, "smooth_noise"),
    ({"smooth_noise": "a lot"}, "smooth_noise"),
    ({"smooth_statistic": "median"}, "smooth_statistic: expected one of abs_mean"),
    ({"seed": -1}, "seed"),
    ({"seed": 0.5}, "seed"),
    ({"layer": "nowhere"}, "layer: the model has none called 'nowhere'"),
    ({"layer": "predictions"}, "layer: expected one with rows and columns, got predictions"),
    ({"method": "saliency", "layer": "conv"}, "layer: Saliency works at the image"),
    ({"top_n": 3}, "top_n: Grad-CAM has no such parameter"),
    ({"method": "score_cam", "top_n": -1}, "top_n: expected a whole number"),
    ({"method": "score_cam", "placement": "left"}, "placement: expected one of"),
    ({"method": "grad_cam_plus_plus", "signed": True}, "signed: Grad-CAM\\+\\+ has no signed map"),
    ({"target": 6}, "target: expected a class from 0 to 5, got 6"),
    ({"x": np.zeros((2, 9, 8, 3), "float32")}, "x: expected one image"),
    ({"x": np.zeros((9, 8), "float32")}, "x: expected one image"),
    ({"x": np.full((9, 8, 3), np.nan, "float32")}, "x: expected finite values"),
]


@pytest.mark.parametrize(("change", "words"), WRONG, ids=lambda value: str(value)[:40])
def test_wrong_settings_are_named(gap_model, change, words):
    settings = {"method": "grad_cam", "x": pictures(1, (9, 8, 3))[0], "target": 1} | change
    with pytest.raises(ValueError, match=words):
        attribute(gap_model, **settings)


def test_a_model_without_convolutions_has_saliency_only(linear_model):
    with pytest.raises(ValueError, match="use saliency"):
        attribute(linear_model, pictures(1, (5, 4, 3))[0], "grad_cam", 1)


def test_huge_noise_and_no_samples_are_allowed(gap_model):
    x = pictures(1, (9, 8, 3))[0]
    assert np.isfinite(attribute(gap_model, x, "saliency", 1, smooth_samples=2, smooth_noise=10**9).map).all()
    plain, zero = (attribute(gap_model, x, "saliency", 1, smooth_samples=n, smooth_noise=0) for n in (0, 3))
    np.testing.assert_allclose(zero.map, plain.map, rtol=1e-6)
