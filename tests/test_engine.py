"""The engine against Keras and eager gradient tapes, and what it promises: no change, one trace, thread safety."""

from __future__ import annotations

import gc
import threading
import weakref

import numpy as np
import pytest
from seeds import pictures, seeded

from explain import Target, engine_for
from explain.resume import share_after


def eager_logits(model, x):
    """Logits by Keras itself, on a clone whose last activation is taken away."""
    import keras

    twin = keras.models.clone_model(model)
    twin.set_weights(model.get_weights())
    last = twin.layers[-1]
    if type(last).__name__ == "Softmax":
        return keras.Model(twin.inputs[0], last.input)(x)
    last.activation = keras.activations.linear
    return twin(x)


def images_of(engine, count=2, seed=1):
    return pictures(count, engine.input_shape, seed)


def test_probabilities_are_the_models_own(any_model):
    engine = engine_for(any_model)
    x = images_of(engine, 3)
    np.testing.assert_allclose(engine.probabilities(x), any_model.predict(x, verbose=0), atol=1e-6)


def test_logits_are_the_output_before_the_last_activation(any_model):
    engine = engine_for(any_model)
    x = images_of(engine, 3)
    np.testing.assert_allclose(engine.logits(x), eager_logits(any_model, x).numpy(), atol=1e-6)


def test_input_gradients_equal_an_eager_tape(any_model):
    import tensorflow as tf

    engine = engine_for(any_model)
    x = images_of(engine)
    with tf.GradientTape() as tape:
        variable = tf.Variable(x)
        score = eager_logits(any_model, variable)[:, 0]
    expected = tf.convert_to_tensor(tape.gradient(score, variable))
    np.testing.assert_allclose(engine.input_gradients(x, [Target(0)] * 2), expected, atol=1e-6)


def test_each_image_has_its_own_target(sequential_model):
    engine = engine_for(sequential_model)
    x = images_of(engine, 3)
    targets = [Target(0), Target(4, minus=1), Target(2, kind="log_probability", sign=-1)]
    together = engine.input_gradients(x, targets)
    for i, target in enumerate(targets):
        np.testing.assert_allclose(together[i], engine.input_gradients(x[i : i + 1], [target])[0], atol=1e-6)


SCORES = [
    (Target(1), lambda z, p: z[1]),
    (Target(1, minus=3), lambda z, p: z[1] - z[3]),
    (Target(2, kind="probability"), lambda z, p: p[2]),
    (Target(2, kind="log_probability"), lambda z, p: np.log(p[2])),
    (Target(0, sign=-1), lambda z, p: -z[0]),
]


@pytest.mark.parametrize(("target", "formula"), SCORES)
def test_scores_are_what_the_target_says(sequential_model, target, formula):
    engine = engine_for(sequential_model)
    x = images_of(engine)
    expected = [formula(z, p) for z, p in zip(engine.logits(x), engine.probabilities(x), strict=True)]
    np.testing.assert_allclose(engine.scores(x, [target] * 2), expected, rtol=1e-5)


@pytest.mark.parametrize("target", [score[0] for score in SCORES])
def test_gradients_are_those_of_the_scores(linear_model, target):
    engine = engine_for(linear_model)
    x = images_of(engine, 1)
    step = 1e-2 * pictures(1, engine.input_shape, 9)
    change = engine.scores(x + step, [target])[0] - engine.scores(x - step, [target])[0]
    slope = (engine.input_gradients(x, [target]) * step).sum() * 2
    assert change == pytest.approx(slope, rel=0.05, abs=1e-4)


@pytest.mark.parametrize(
    ("target", "formula"),
    [
        (Target(0, kind="probability"), lambda p: p),
        (Target(0, kind="probability", sign=-1), lambda p: 1 - p),
        (Target(0, kind="log_probability", sign=-1), lambda p: np.log(1 - p)),
        (Target(0, sign=-1), lambda p: np.log((1 - p) / p)),
    ],
)
def test_a_sigmoid_unit_is_explained_either_way(grey_sigmoid_model, target, formula):
    engine = engine_for(grey_sigmoid_model)
    x = images_of(engine)
    chance = engine.probabilities(x)[:, 0].astype(float)
    np.testing.assert_allclose(engine.scores(x, [target] * 2), formula(chance), rtol=1e-4)


def test_activations_equal_keras_submodels(skip_model):
    import keras

    engine = engine_for(skip_model)
    x = images_of(engine)
    values = engine.activations(x)
    assert list(values) == [layer.name for layer in skip_model.layers]
    for layer in skip_model.layers[1:]:
        expected = keras.Model(skip_model.inputs[0], layer.output)(x).numpy()
        np.testing.assert_allclose(values[layer.name], expected, atol=1e-6)
        np.testing.assert_allclose(engine.activation(x, layer.name), expected, atol=1e-6)


def test_layers_come_in_the_order_of_keras_own_list():
    from keras import Input, Model, layers

    image = Input((6, 6, 1), name="image")
    branches = [layers.Conv2D(2, 3, name=name)(image) for name in "cab"]
    model = Model(image, layers.Dense(2)(layers.Flatten()(layers.Concatenate()(branches))))
    assert [layer.name for layer in engine_for(model).layers] == [layer.name for layer in model.layers]


def test_nested_layers_are_named_by_their_path(nested_model):
    engine = engine_for(nested_model)
    names = [layer.name for layer in engine.layers]
    assert names == ["image", "backbone/conv1", "backbone/conv2", "backbone/out", "flatten", "predictions"]
    x = images_of(engine)
    expected = nested_model.get_layer("backbone")(x).numpy()
    np.testing.assert_allclose(engine.activation(x, "backbone/out"), expected, atol=1e-6)


@pytest.mark.parametrize("layer", ["stem", "depthwise", "inside", "project", "add", "after", "pool"])
def test_layer_gradients_obey_finite_differences_through_the_layer(skip_model, layer):
    """The gradient at a layer times the layer's change equals the score's change, layer by layer."""
    import keras
    import tensorflow as tf

    engine = engine_for(skip_model)
    x = images_of(engine, 2)
    values, gradients = engine.layer_gradients(x, layer, [Target(2)] * 2)
    tensor = skip_model.get_layer(layer).output
    sources = [tensor] if layer in ("stem", "add", "after", "pool") else [tensor, skip_model.get_layer("stem").output]
    rest = keras.Model(sources, skip_model.get_layer("scores").output)
    given = [tf.constant(engine.activation(x, source._keras_history[0].name)) for source in sources]
    with tf.GradientTape() as tape:
        tape.watch(given[0])
        score = rest(given)[:, 2]
    np.testing.assert_allclose(values, given[0], atol=1e-6)
    np.testing.assert_allclose(gradients, tape.gradient(score, given[0]), atol=1e-6)


@pytest.mark.parametrize("layer", ["stem", "inside", "after"])
def test_resuming_from_a_known_activation_equals_a_whole_pass(skip_model, layer):
    from explain.engine import Engine

    x = pictures(1, (10, 10, 3))
    fresh, resumed = Engine(skip_model), Engine(skip_model)
    resumed.activation(x, layer)
    before = resumed.spent
    for expected, got in zip(
        fresh.layer_gradients(x, layer, [Target(1)]), resumed.layer_gradients(x, layer, [Target(1)]), strict=True
    ):
        np.testing.assert_allclose(got, expected, atol=1e-6)
    assert resumed.spent - before == pytest.approx(2 * share_after(resumed, layer))
    assert 0 < resumed.spent - before < 1


def test_several_maps_cost_one_pass_and_one_trace(sequential_model):
    from explain.engine import Engine

    engine = Engine(sequential_model)
    x = pictures(1, (12, 10, 3))
    first = engine.layer_gradients(x, "conv_2", [Target(1)])
    spent, traces = engine.passes, engine.traces
    again = engine.layer_gradients(x, "conv_2", [Target(1)])
    assert (engine.passes, engine.traces) == (spent, traces)
    assert first[0] is again[0]
    assert not first[0].flags.writeable


def test_other_batch_sizes_are_not_traced_again(sequential_model):
    from explain.engine import Engine

    engine = Engine(sequential_model)
    for count in (1, 2, 5, 1):
        x = pictures(count, (12, 10, 3), seed=count)
        engine.logits(x)
        engine.input_gradients(x, [Target(0)] * count)
    assert engine.traces == 2


def test_big_batches_are_cut_and_joined(sequential_model, monkeypatch):
    from explain import engine as module
    from explain.engine import Engine

    monkeypatch.setattr(module, "FORWARD_CELLS", 3 * 12 * 10 * 3)
    engine = Engine(sequential_model)
    x = pictures(8, (12, 10, 3))
    np.testing.assert_allclose(engine.probabilities(x), sequential_model.predict(x, verbose=0), atol=1e-6)


def test_the_model_is_left_as_it_was(any_model):
    before = any_model.get_weights()
    config = any_model.get_config()
    x = images_of(engine_for(any_model))
    output = any_model(x).numpy()
    engine = engine_for(any_model)
    engine.layer_gradients(x, engine.spatial_layers()[-1], [Target(0)] * 2)
    assert any_model.get_config() == config
    assert all("call" not in vars(layer) for layer in any_model.layers)
    np.testing.assert_array_equal(any_model(x).numpy(), output)
    for old, new in zip(before, any_model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_the_model_is_put_back_when_tracing_fails(sequential_model):
    from explain.graph import flatten
    from explain.tracing import bare_logits, final_activation, tapped

    graph = flatten(sequential_model)
    end, kind = final_activation(graph)
    activation = end.op.activation

    def fail(own):
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError), bare_logits(end), tapped(graph.steps, {1: fail}):
        sequential_model(pictures(1, (12, 10, 3)))
    assert kind == "softmax"
    assert end.op.activation is activation
    assert all("call" not in vars(layer) for layer in sequential_model.layers)


def test_another_thread_can_ask_how_a_model_ends_while_its_logits_are_traced(gap_model):
    from explain.sums import answer_as_sum
    from explain.tracing import bare_logits, final_activation

    engine, x = engine_for(gap_model), pictures(1, (9, 8, 3))
    end, kind = final_activation(engine.graph)
    with bare_logits(end):
        assert final_activation(engine.graph) == (end, kind)
        assert answer_as_sum(engine, x, 2) is not None


def test_while_one_thread_traces_others_see_the_model_unchanged(sequential_model):
    from explain.graph import flatten
    from explain.tracing import bare_logits, final_activation

    x = pictures(1, (12, 10, 3))
    expected, seen = sequential_model(x).numpy(), []
    end, _ = final_activation(flatten(sequential_model))
    with bare_logits(end):
        thread = threading.Thread(target=lambda: seen.append(sequential_model(x).numpy()))
        thread.start()
        thread.join()
        assert abs(sequential_model(x).numpy().sum() - 1) > 1e-3
    np.testing.assert_array_equal(seen[0], expected)


def test_eight_threads_agree_and_trace_once(sequential_model):
    from explain.engine import Engine

    engine, found = Engine(sequential_model), []
    x = pictures(1, (12, 10, 3))
    threads = [threading.Thread(target=lambda: found.append(engine.input_gradients(x, [Target(3)]))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert engine.traces == 1
    assert len(found) == 8
    assert all(np.array_equal(one, found[0]) for one in found)


def test_one_engine_a_model_freed_with_it():
    from keras import Input, Sequential, layers

    model = seeded(Sequential([Input((4, 4, 1)), layers.Flatten(), layers.Dense(2)]))
    engine = weakref.ref(engine_for(model))
    assert engine() is engine_for(model)
    assert engine_for(engine()) is engine()
    engine().logits(pictures(1, (4, 4, 1)))
    del model
    gc.collect()
    assert engine() is None


def test_an_entry_is_built_once(sequential_model):
    built = []

    class Entry:
        key, trained, value_range = "made_for_a_test", True, (-9.0, 9.0)

        def build(self):
            built.append(1)
            return sequential_model

        def labels(self):
            return list("abcdef")

    assert engine_for(Entry()) is engine_for(Entry())
    assert len(built) == 1


def test_the_hash_follows_the_weights(sequential_model):
    import keras

    twin = keras.models.clone_model(sequential_model)
    twin.set_weights(sequential_model.get_weights())
    assert engine_for(twin).model_hash == engine_for(sequential_model).model_hash
    other = keras.models.clone_model(sequential_model)
    assert engine_for(seeded(other, 5)).model_hash != engine_for(twin).model_hash
    assert len(engine_for(twin).model_hash) == 12


def test_a_fixed_batch_takes_any_number_of_pictures():
    from keras import Input, Sequential, layers

    model = seeded(Sequential([Input((6, 6, 1), batch_size=1), layers.Conv2D(2, 3, name="conv"), layers.Flatten()]))
    x = pictures(3, (6, 6, 1))
    together = engine_for(model).activation(x, "conv")
    np.testing.assert_allclose(together[1], model(x[1:2], training=False).numpy().reshape(4, 4, 2), atol=1e-6)


def test_default_layers(sequential_model, gap_model, skip_model, nested_model, linear_model):
    chosen = [engine_for(model).default_layer() for model in (sequential_model, gap_model, skip_model, nested_model)]
    assert chosen == ["conv_2", "relu", "after", "backbone/out"]
    assert engine_for(linear_model).default_layer() is None


def test_mixed_precision_gives_float32(sequential_model):
    import keras
    from keras import Input, Sequential, layers

    conv = layers.Conv2D(4, 3, activation="relu", dtype="mixed_float16", name="conv")
    end = layers.Dense(3, activation="softmax", dtype="mixed_float16", name="end")
    model = seeded(Sequential([Input((6, 6, 1)), conv, layers.GlobalAveragePooling2D(dtype="mixed_float16"), end]))
    engine = engine_for(model)
    x = pictures(1, (6, 6, 1))
    engine.activation(x, "conv")
    values, gradients = engine.layer_gradients(x, "conv", [Target(1)])
    assert values.dtype == gradients.dtype == engine.logits(x).dtype == np.float32
    expected = end.kernel.numpy()[:, 1] / 16
    np.testing.assert_allclose(gradients[0, 0, 0], expected, rtol=2e-3)
    assert keras.config.dtype_policy().name == "float32"


def test_two_outputs_take_the_first(gap_model):
    import keras

    both = keras.Model(gap_model.inputs[0], [gap_model.outputs[0], gap_model.get_layer("relu").output])
    x = pictures(1, (9, 8, 3))
    np.testing.assert_allclose(engine_for(both).probabilities(x), gap_model(x), atol=1e-6)


def test_a_free_size_takes_any_picture():
    from keras import Input, Model, layers

    image = Input((None, None, 3))
    z = layers.Conv2D(4, 3, padding="same", activation="relu", name="conv")(image)
    model = seeded(Model(image, layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling2D()(z))))
    engine = engine_for(model)
    assert engine.input_shape == (0, 0, 3)
    for size in (8, 11):
        assert engine.layer_gradients(pictures(1, (size, size, 3)), "conv", [Target(0)])[0].shape == (1, size, size, 4)


def test_a_unit_depends_only_on_its_receptive_field(sequential_model):
    engine = engine_for(sequential_model)
    gradient = engine.unit_gradients(pictures(1, (12, 10, 3)), "conv_1", 5, 0, channel=2)[0]
    touched = np.flatnonzero(np.abs(gradient).sum(axis=(1, 2)))
    assert set(touched) <= {4, 5, 6}
    with pytest.raises(ValueError, match="channel: conv_1 has 6"):
        engine.unit_gradients(pictures(1, (12, 10, 3)), "conv_1", 0, 0, 6)
    with pytest.raises(ValueError, match="rows and columns"):
        engine.unit_gradients(pictures(1, (12, 10, 3)), "dense_1", 0, 0)
