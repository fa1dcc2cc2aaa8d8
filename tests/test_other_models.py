"""Models and calls that no page makes: free sizes, changed weights, one plain score, the input's own layer."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from seeds import pictures, seeded

from explain import METHODS, Target, attribute, engine_for, passes, stream
from explain.channels import channel_scores, switched_off
from explain.engine import Engine
from explain.resume import logits_from


@pytest.fixture(scope="module")
def free_model():
    """Takes pictures of any size."""
    from keras import Input, Model, layers

    image = Input((None, None, 3), name="image")
    z = layers.Conv2D(4, 3, activation="relu", name="conv_1")(image)
    z = layers.Conv2D(5, 3, activation="relu", name="conv_2")(z)
    z = layers.GlobalAveragePooling2D(name="average")(z)
    return seeded(Model(image, layers.Dense(4, activation="softmax", name="predictions")(z)))


def plain_scores(count):
    from keras import Input, Sequential, layers

    parts = [Input((8, 8, 3)), layers.Conv2D(4, 3, activation="relu"), layers.Flatten(), layers.Dense(count)]
    return seeded(Sequential(parts))


@pytest.mark.parametrize("key", METHODS)
def test_a_free_size_is_foretold_and_mapped(free_model, key):
    engine, x = Engine(free_model), pictures(1, (20, 24, 3))[0]
    assert passes(key, engine) > 0
    result = attribute(engine, x, key, 1)
    assert result.map.shape == (20, 24)
    assert np.isfinite(result.map).all()


def test_batches_are_as_large_as_the_pictures_allow(free_model):
    engine = Engine(free_model)
    sizes = [engine.at_once(np.zeros((1, side, side, 3)), back) for side in (224, 448, 1000) for back in (False, True)]
    assert sizes == [8, 4, 2, 1, 1, 1]
    kept = list(stream(engine, pictures(1, (100, 100, 3))[0], "occlusion", 1))
    assert [result.done for result in kept[:3]] == [1, 41, 81], "8 x 224 x 224 / (100 x 100) = 40 at once"


@pytest.mark.parametrize("key", ["rise", "score_cam"])
def test_one_plain_score_has_no_probability_to_weigh_by(key):
    with pytest.raises(ValueError, match="one plain score has none"):
        attribute(plain_scores(1), pictures(1, (8, 8, 3))[0], key, 0)


def test_several_plain_scores_are_weighed_by_their_softmax():
    model = plain_scores(3)
    x = pictures(1, (8, 8, 3))[0]
    twin = plain_scores(3)
    twin.layers[-1].activation = __import__("keras").activations.softmax
    expected = attribute(twin, x, "rise", 1, masks=100)
    np.testing.assert_allclose(attribute(model, x, "rise", 1, masks=100).raw, expected.raw, atol=1e-6)


def test_a_probability_that_never_changes_gives_a_map_of_zeros(free_model):
    twin = seeded(__import__("keras").models.clone_model(free_model))
    twin.get_layer("predictions").kernel.assign(np.zeros((5, 4)))
    result = attribute(twin, pictures(1, (16, 16, 3))[0], "rise", 1, masks=200)
    assert not result.raw.any(), "rounding is no pattern"
    assert [finding.code for finding in result.findings] == ["map_all_zero"]


def test_changed_weights_make_a_new_engine(free_model):
    import keras

    model = seeded(keras.models.clone_model(free_model))
    x = pictures(1, (16, 16, 3))[0]
    before = attribute(model, x, "grad_cam", 1)
    assert engine_for(model) is engine_for(model)
    model.get_layer("conv_1").bias.assign_add(np.ones(4))
    after = attribute(model, x, "grad_cam", 1)
    np.testing.assert_array_equal(after.raw, attribute(Engine(model), x, "grad_cam", 1).raw)
    assert after.model_hash != before.model_hash
    assert np.abs(after.raw - before.raw).max() > 1e-3


def test_training_makes_a_new_engine():
    model = plain_scores(3)
    model.compile("sgd", "mse")
    x = pictures(1, (8, 8, 3))
    before = engine_for(model).logits(x)
    model.fit(x, np.ones((1, 3)), verbose=0)
    np.testing.assert_allclose(engine_for(model).logits(x), model.predict(x, verbose=0), atol=1e-5)
    assert np.abs(engine_for(model).logits(x) - before).max() > 1e-3


def test_a_keras_model_may_have_labels_of_its_own(free_model):
    import keras

    model = keras.models.clone_model(free_model)
    object.__setattr__(model, "labels", ["a", "b", "c", "d"])
    assert engine_for(model).model is model


def test_the_inputs_own_layer_is_a_layer_like_any_other(gap_model):
    engine, x = Engine(gap_model), pictures(1, (9, 8, 3))
    values, gradient = engine.layer_gradients(x, "image", [Target(1)])
    np.testing.assert_array_equal(values, x)
    np.testing.assert_allclose(gradient, engine.input_gradients(x, [Target(1)]), atol=1e-6)
    again = engine.layer_gradients(x, "image", [Target(2)])[1]
    np.testing.assert_allclose(again, engine.input_gradients(x, [Target(2)]), atol=1e-6)
    others = pictures(3, (9, 8, 3), seed=5)
    np.testing.assert_allclose(logits_from(engine, x, "image", others), engine.logits(others), atol=1e-6)


def test_a_colour_can_be_switched_off(gap_model):
    engine, x = Engine(gap_model), pictures(1, (9, 8, 3))
    without = x.copy()
    without[..., 1] = 0
    np.testing.assert_allclose(switched_off(engine, x, "image", [1]), engine.logits(without), atol=1e-6)
    product = (x * engine.input_gradients(x, [Target(1)]))[0].sum(axis=(0, 1))
    np.testing.assert_allclose(channel_scores(engine, x, "image", 1), product, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("key", [key for key, method in METHODS.items() if method.uses_layer])
def test_a_cam_of_the_inputs_own_layer_is_one_of_its_colours(gap_model, key):
    result = attribute(Engine(gap_model), pictures(1, (9, 8, 3))[0], key, 1, layer="image")
    assert result.native.shape == (9, 8)
    assert not [finding for finding in result.findings if finding.values.get("cause") == "no_path"]


@pytest.mark.parametrize("key", METHODS)
def test_a_result_can_be_sent_to_another_process_and_gone_on_from(sequential_model, key):
    engine, x = Engine(sequential_model), pictures(1, (12, 10, 3))[0]
    running = stream(engine, x, key, 1, smooth_samples=6)
    started = next(result for result in running if result.done)
    running.close()
    sent = pickle.loads(pickle.dumps(started))
    assert (sent.settings, sent.versions, sent.done) == (started.settings, started.versions, started.done)
    whole = attribute(Engine(sequential_model), x, key, 1, smooth_samples=6)
    resumed = attribute(Engine(sequential_model), x, key, 1, smooth_samples=6, after=sent)
    np.testing.assert_allclose(resumed.raw, whole.raw, rtol=1e-4, atol=1e-6)


class Declared:
    """A model whose black is 2 and white 5."""

    key, trained, value_range = "declared", True, (2.0, 5.0)

    def preprocess(self, image):
        return (2 + np.asarray(image, np.float32) / 85)[:12, :10]

    def labels(self):
        return [str(number) for number in range(6)]


@pytest.mark.parametrize(("key", "settings"), [("occlusion", {"fill": "black"}), ("integrated_gradients", {})])
def test_a_map_is_not_gone_on_from_with_another_black(sequential_model, key, settings):
    engine, x = Engine(sequential_model), pictures(1, (12, 10, 3))[0]
    running = stream(engine, x, key, 1, entry=Declared(), **settings)
    started = next(running)
    running.close()
    with pytest.raises(ValueError, match=r"entry: the result to go on from was made with 'declared', got ''"):
        attribute(engine, x, key, 1, after=started, **settings)
    whole = attribute(engine, x, key, 1, entry=Declared(), **settings)
    resumed = attribute(engine, x, key, 1, entry=Declared(), after=started, **settings)
    np.testing.assert_allclose(resumed.raw, whole.raw, atol=1e-6)


def test_small_gradients_keep_grad_cam_plus_plus_alive(gap_model):
    """With p the probability, its gradient is p (1 - p) times the logits'; at 1e-30 its square is 0 in float32."""
    import keras

    model = seeded(keras.models.clone_model(gap_model))
    bias = np.zeros(6, np.float32)
    bias[2] = 65
    model.get_layer("predictions").bias.assign(bias)
    engine, x = Engine(model), pictures(1, (9, 8, 3))[0]
    target = Target(1, kind="probability")
    size = engine.layer_gradients(x[None], "relu", [target])[1]
    assert 0 < np.abs(size).max() < 1e-22
    got = attribute(engine, x, "grad_cam_plus_plus", target).raw.astype(np.float64)
    values, weights = engine.activation(x[None], "relu")[0], np.maximum(size[0, 0, 0], 0).astype(np.float64)
    expected = np.maximum((values * weights).sum(axis=-1), 0)[..., None]
    np.testing.assert_allclose(
        got / got.max(), expected / expected.max(), rtol=1e-3, err_msg="even gradients: alpha 1/n"
    )


def test_settings_nobody_knows_are_not_passed_over(gap_model):
    engine = Engine(gap_model)
    with pytest.raises(ValueError, match="mask: RISE has no such parameter; it takes masks, grid, keep"):
        passes("rise", engine, mask=8000)
    assert passes("rise", engine, masks=800, seed=3, layer=None, parity=True) == 800


def test_a_signed_method_says_that_it_is(gap_model):
    with pytest.raises(ValueError, match="signed: Integrated Gradients keeps values below zero already"):
        attribute(gap_model, pictures(1, (9, 8, 3))[0], "integrated_gradients", 1, signed=True)
