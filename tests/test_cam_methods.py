"""HiResCAM, XGrad-CAM, Eigen-CAM, EigenGrad-CAM and Ablation-CAM against answers known some other way."""

from __future__ import annotations

import numpy as np
import pytest
from seeds import pictures, seeded

from components import sentences
from explain import METHODS, Target, attribute, engine_for
from explain.cams import same_formula
from explain.eigen import first_component
from explain.engine import Engine
from explain.sums import answer_as_sum
from model_zoo import MODELS
from model_zoo.samples import load_sample

ALIKE = ["grad_cam", "hirescam", "xgrad_cam"]
NEW = ["hirescam", "xgrad_cam", "ablation_cam", "eigen_cam", "eigengrad_cam"]
ONE_PASS = ["grad_cam", "grad_cam_plus_plus", "layer_cam", "hirescam", "xgrad_cam", "eigen_cam", "eigengrad_cam"]


def parts(model, x, layer, target):
    values, gradients = engine_for(model).layer_gradients(x[None], layer, [target])
    return values[0].astype(float), gradients[0].astype(float)


def signed(model, x, key, target, **settings):
    return attribute(model, x, key, target, signed=True, **settings).native


@pytest.fixture(scope="module")
def lite():
    entry = MODELS["efficientnet_lite0"]
    return entry.build(), entry.preprocess(load_sample("chelsea"))


@pytest.mark.parametrize("key", ALIKE)
@pytest.mark.parametrize("target", [Target(3), Target(3, minus=1), Target(3, sign=-1)], ids=str)
def test_one_formula_on_an_averaging_net(gap_model, key, target):
    """Over n averaged cells every gradient is w_k / n: all three are sum_k w_k A_k / n, with no factor between them."""
    x = pictures(1, (9, 8, 3))[0]
    cells = engine_for(gap_model).activation(x[None], "relu")[0].astype(float)
    kernel = gap_model.get_layer("predictions").kernel.numpy()
    weights = kernel[:, 3] - (kernel[:, 1] if target.minus is not None else 0)
    expected = target.sign * (cells @ weights) / cells[..., 0].size
    np.testing.assert_allclose(signed(gap_model, x, key, target), expected, atol=1e-6)
    np.testing.assert_allclose(attribute(gap_model, x, key, target).native, np.maximum(expected, 0), atol=1e-6)


@pytest.mark.parametrize("target", [Target(285), Target(285, minus=282)], ids=str)
def test_one_formula_at_the_default_layer_of_efficientnet(lite, target):
    model, x = lite
    expected = answer_as_sum(engine_for(model), x, target).cells
    for key in ALIKE:
        np.testing.assert_allclose(signed(model, x, key, target), expected, atol=1e-5)


def test_one_formula_for_probabilities_too(gap_model):
    x = pictures(1, (9, 8, 3))[0]
    one, *others = (signed(gap_model, x, key, Target(2, kind="probability")) for key in ALIKE)
    for other in others:
        np.testing.assert_allclose(other, one, atol=1e-6)


def test_where_the_formula_is_the_same(lite, gap_model, sequential_model, skip_model, nested_model):
    def where(model):
        return [name for name in engine_for(model).spatial_layers() if same_formula(engine_for(model), name)]

    assert where(lite[0]) == ["head_relu"]
    assert where(gap_model) == ["relu"]
    assert where(sequential_model) == where(skip_model) == where(nested_model) == []


def test_a_dropout_before_the_average_changes_no_formula():
    from keras import Input, Sequential, layers

    named = [
        Input((6, 6, 2)),
        layers.Conv2D(3, 3, name="conv"),
        layers.SpatialDropout2D(0.5, name="drop"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(2),
    ]
    engine = Engine(seeded(Sequential(named)))
    assert [same_formula(engine, name) for name in ("conv", "drop")] == [True, True]


def test_the_three_differ_where_the_formula_does(sequential_model):
    x = pictures(1, (12, 10, 3))[0]
    maps = [signed(sequential_model, x, key, 4, layer="conv_1") for key in ALIKE]
    assert min(np.abs(maps[i] - maps[j]).max() for i, j in ((0, 1), (0, 2), (1, 2))) > 1e-2


def test_hirescam_by_hand(sequential_model):
    x = pictures(1, (12, 10, 3))[0]
    values, gradients = parts(sequential_model, x, "conv_1", Target(4))
    expected = np.zeros(values.shape[:2])
    for row, col in np.ndindex(*expected.shape):
        expected[row, col] = sum(g * a for g, a in zip(gradients[row, col], values[row, col], strict=True))
    np.testing.assert_allclose(signed(sequential_model, x, "hirescam", 4, layer="conv_1"), expected, atol=1e-5)


def test_hirescam_adds_up_to_the_logit_before_one_dense_layer(nested_model):
    x = pictures(1, (12, 12, 3))[0]
    bias = nested_model.get_layer("predictions").bias.numpy()[2]
    logit = engine_for(nested_model).logits(x[None])[0, 2]
    assert signed(nested_model, x, "hirescam", 2).sum() + bias == pytest.approx(logit, abs=1e-4)


def test_xgrad_cam_by_hand(sequential_model):
    x = pictures(1, (12, 10, 3))[0]
    values, gradients = parts(sequential_model, x, "conv_1", Target(4))
    expected = np.zeros(values.shape[:2])
    for channel in range(values.shape[2]):
        own = values[..., channel]
        expected += (gradients[..., channel] * own).sum() / own.sum() * own
    np.testing.assert_allclose(signed(sequential_model, x, "xgrad_cam", 4, layer="conv_1"), expected, atol=1e-4)


def test_xgrad_cam_gives_a_channel_without_activation_no_weight():
    from keras import Input, Sequential, layers

    model = Sequential([Input((4, 4, 2)), layers.Conv2D(2, 1, use_bias=False, name="conv"), layers.Flatten()])
    model.add(layers.Dense(2, use_bias=False))
    seeded(model).get_layer("conv").set_weights([np.array([[[[1, 0], [0, 0]]]], "float32")])
    x = np.abs(pictures(1, (4, 4, 2)))[0]
    shares = x[..., 0] * (x[..., 0] * parts(model, x, "conv", Target(0))[1][..., 0]).sum() / x[..., 0].sum()
    np.testing.assert_allclose(signed(model, x, "xgrad_cam", 0), shares, atol=1e-5)


def by_svd(values):
    """The first right singular vector's projection by LAPACK, its sign by the sum of the vector."""
    matrix = values.reshape(-1, values.shape[-1])
    first = np.linalg.svd(matrix, full_matrices=False)[2][0]
    return (matrix @ first * np.sign(first.sum())).reshape(values.shape[:2])


@pytest.mark.parametrize("layer", ["stem", "depthwise", "project", "after"])
def test_eigen_cam_is_the_first_singular_component(skip_model, layer):
    """In layers with values below zero the sign is the one in which the map adds up to no less than zero."""
    x = pictures(1, (10, 10, 3))[0]
    expected = by_svd(engine_for(skip_model).activation(x[None], layer)[0].astype(float))
    expected *= np.sign(expected.sum())
    np.testing.assert_allclose(signed(skip_model, x, "eigen_cam", 0, layer=layer), expected, atol=1e-5)


def test_eigen_cam_of_efficientnet_is_the_first_singular_component_and_not_negative(lite):
    model, x = lite
    expected = by_svd(engine_for(model).activation(x[None], "head_relu")[0].astype(float))
    got = signed(model, x, "eigen_cam", None)
    np.testing.assert_allclose(got, expected, atol=1e-5 * expected.max())
    assert got.min() >= 0


@pytest.mark.parametrize("layer", ["stem", "project"])
@pytest.mark.parametrize("target", [Target(1), Target(1, minus=0)], ids=str)
def test_eigengrad_cam_is_the_first_singular_component_of_gradient_times_activation(skip_model, layer, target):
    x = pictures(1, (10, 10, 3))[0]
    values, gradients = parts(skip_model, x, layer, target)
    got = signed(skip_model, x, "eigengrad_cam", target, layer=layer)
    np.testing.assert_allclose(got, by_svd(values * gradients), atol=1e-5)
    assert (got * (values * gradients).sum(axis=-1)).sum() > 0, "it rises with HiResCAM"
    against = Target(target.index, target.minus, sign=-1)
    np.testing.assert_allclose(signed(skip_model, x, "eigengrad_cam", against, layer=layer), -got, atol=1e-5)


def test_one_pattern_in_all_channels_is_its_own_component():
    pattern, weights = np.array([[1, 2], [0, 4]], "float32"), np.array([3, 4], "float32")
    values = (pattern[..., None] * weights)[None]
    np.testing.assert_allclose(first_component(values)[0, ..., 0], 5 * pattern, rtol=1e-6)
    np.testing.assert_allclose(first_component(-values)[0, ..., 0], -5 * pattern, rtol=1e-6)
    tall = np.repeat(np.repeat(values, 3, axis=1), 3, axis=2)
    np.testing.assert_allclose(first_component(tall)[0, ::3, ::3, 0], 5 * pattern, rtol=1e-6)


def test_components_of_nothing_and_of_equals():
    assert not first_component(np.zeros((2, 3, 3, 4), "float32")).any()
    equal = np.eye(4, dtype="float32").reshape(1, 2, 2, 4)
    once, again = first_component(equal), first_component(equal)
    np.testing.assert_array_equal(once, again)
    assert np.linalg.norm(once) == pytest.approx(1, abs=1e-6)


def test_eigen_cam_knows_no_class(gap_model):
    x = pictures(1, (9, 8, 3))[0]
    one, other = (attribute(gap_model, x, "eigen_cam", target) for target in (0, Target(3, minus=1)))
    np.testing.assert_array_equal(one.native, other.native)
    worst = int(np.argmin(engine_for(gap_model).logits(x[None])))
    assert attribute(gap_model, x, "eigen_cam", worst).findings == ()
    assert attribute(gap_model, x, "eigengrad_cam", worst).findings
    title = sentences.attribution_title(METHODS["eigen_cam"], one.map, "Egyptian cat")
    assert title.startswith("Varies most, whatever the class: ")
    assert "cat" not in sentences.attribution_title(METHODS["eigen_cam"], one.map * 0, "Egyptian cat")


def headless(layer="relu"):
    from keras import Input, Sequential, layers

    named = [Input((8, 8, 3)), layers.Conv2D(4, 3, name="conv"), layers.Activation(layer, name="out")]
    return seeded(Sequential(named))


def test_eigen_cam_needs_no_class_output():
    x = pictures(1, (8, 8, 3))[0]
    result = attribute(headless(), x, "eigen_cam")
    assert (result.layer, result.passes, result.findings) == ("out", 1, ())
    assert result.map.max() > 0


def test_a_silent_layer_is_why_a_map_without_a_class_is_zero():
    model = headless()
    model.get_layer("conv").set_weights([np.zeros((3, 3, 3, 4), "float32"), -np.ones(4, "float32")])
    (finding,) = attribute(model, pictures(1, (8, 8, 3))[0], "eigen_cam").findings
    assert (finding.code, finding.values["cause"]) == ("map_all_zero", "silent_units")


@pytest.mark.parametrize("target", [Target(3), Target(0, minus=5), Target(2, sign=-1)], ids=str)
def test_ablation_cam_of_an_averaging_net(gap_model, target):
    """Without channel k the logit is lower by w_k mean(A_k), so the map is sum_k w_k mean(A_k) A_k."""
    x = pictures(1, (9, 8, 3))[0]
    cells = engine_for(gap_model).activation(x[None], "relu")[0].astype(float)
    kernel = gap_model.get_layer("predictions").kernel.numpy()
    weights = target.sign * (kernel[:, target.index] - (kernel[:, 5] if target.minus is not None else 0))
    expected = cells @ (weights * cells.mean(axis=(0, 1)))
    np.testing.assert_allclose(signed(gap_model, x, "ablation_cam", target), expected, atol=1e-5)


@pytest.mark.parametrize("target", [Target(4), Target(4, kind="probability")], ids=str)
def test_ablation_cam_equals_networks_that_lack_the_channel(sequential_model, target):
    import keras

    x = pictures(1, (12, 10, 3))
    copy = keras.models.clone_model(sequential_model)
    values = engine_for(sequential_model).activation(x, "conv_1")[0].astype(float)
    score = float(engine_for(sequential_model).scores(x, [target])[0])
    expected = np.zeros(values.shape[:2])
    for channel in range(6):
        copy.set_weights(sequential_model.get_weights())
        kernel, bias = copy.get_layer("conv_1").get_weights()
        kernel[..., channel] = bias[channel] = 0
        copy.get_layer("conv_1").set_weights([kernel, bias])
        expected += (score - float(Engine(copy).scores(x, [target])[0])) * values[..., channel]
    got = signed(sequential_model, x[0], "ablation_cam", target, layer="conv_1")
    np.testing.assert_allclose(got, expected, atol=1e-4)


def test_ablation_cam_skips_silent_channels_and_takes_the_greatest_first():
    from keras import Input, Sequential, layers

    named = [Input((5, 5, 1)), layers.Conv2D(4, 1, activation="relu", name="conv"), layers.GlobalAveragePooling2D()]
    model = Sequential([*named, layers.Dense(2, use_bias=False)])
    kernel = np.array([[0, 1], [1, 0], [-3, 0], [2, 0]], "float32")
    model.set_weights([np.array([[[[1, 1, 1, -1]]]], "float32"), np.zeros(4, "float32"), kernel])
    x = np.abs(pictures(1, (5, 5, 1)))
    plan = METHODS["ablation_cam"].signed_plan(Engine(model), x, Target(0), layer="conv")
    mean = x.mean()
    expected = [-3 * mean * x[0], mean * x[0], 0 * x[0]]
    assert plan.count == 3
    np.testing.assert_allclose(plan.draw(0, 3), expected, atol=1e-6)
    np.testing.assert_allclose(plan.draw(1, 2), expected[1:2], atol=1e-6)
    np.testing.assert_allclose(plan.finish(plan.draw(0, 3).sum(axis=0), 3), -2 * mean * x[0], atol=1e-5)


def test_ablation_cam_of_a_silent_layer_is_zero_and_says_so():
    from keras import Input, Sequential, layers

    parts = [Input((5, 5, 1)), layers.Conv2D(3, 3, activation="relu", name="conv"), layers.Flatten(), layers.Dense(2)]
    model = seeded(Sequential(parts))
    model.get_layer("conv").set_weights([np.zeros((3, 3, 1, 3), "float32"), -np.ones(3, "float32")])
    result = attribute(model, pictures(1, (5, 5, 1))[0], "ablation_cam", 0)
    assert not result.map.any()
    assert result.findings[0].values["cause"] == "silent_units"


def test_ablation_cam_costs_what_follows_the_layer(lite):
    model, x = lite
    engine = engine_for(model)
    attribute(model, x, "grad_cam", 285)
    before = engine.passes
    attribute(model, x, "ablation_cam", 285)
    assert engine.passes - before <= 6


def test_seven_cams_and_their_findings_cost_one_gradient_pass(skip_model):
    engine = Engine(skip_model)
    x = pictures(1, engine.input_shape)[0]
    for key in ONE_PASS:
        attribute(engine, x, key, 1)
    assert engine.passes == 2
    assert engine.traces == 1
    for key in ONE_PASS:
        attribute(engine, x, key, 1, signed=METHODS[key].signed_compute is not None)
    assert (engine.passes, engine.traces) == (2, 1)


@pytest.mark.parametrize("ask", ["input_gradients", "layer_gradients"])
def test_a_gradient_pass_leaves_its_logits(skip_model, ask):
    engine = Engine(skip_model)
    x = pictures(1, engine.input_shape)
    getattr(engine, ask)(x, *(("after",) if ask == "layer_gradients" else ()), [Target(1)])
    kept = engine.logits(x)
    assert engine.passes == 2
    np.testing.assert_allclose(kept, Engine(skip_model).logits(x), atol=1e-5)


@pytest.mark.parametrize("key", NEW)
def test_every_layer_with_rows_and_columns_can_be_read(any_model, key):
    engine = engine_for(any_model)
    x = pictures(1, engine.input_shape)[0]
    for layer in engine.spatial_layers():
        result = attribute(any_model, x, key, 0, layer=layer)
        assert np.isfinite(result.map).all()
        assert result.native.shape == engine.layer(layer).output_shape[:2]
