"""What the engine refuses, and that it says what was expected, what came and what to do."""

from __future__ import annotations

import numpy as np
import pytest
from seeds import pictures, seeded

from explain import NoClassOutput, Target, engine_for


def test_without_a_class_output_activations_still_work(gap_model):
    import keras

    base = keras.Model(gap_model.inputs[0], gap_model.get_layer("relu").output)
    engine = engine_for(base)
    x = pictures(1, (9, 8, 3))
    assert (engine.classes, engine.output_kind) == (0, "none")
    assert engine.activation(x, "relu").shape == (1, 5, 4, 4)
    for ask in (lambda: engine.logits(x), lambda: engine.target(0), lambda: engine.top_target(x)):
        with pytest.raises(NoClassOutput):
            ask()


def test_a_model_can_say_why_it_has_no_classes(gap_model):
    import keras

    base = keras.Model(gap_model.inputs[0], gap_model.get_layer("relu").output)
    reason = NoClassOutput("target: fetch the file first", code="weights_missing")
    base.no_classes_because = reason
    with pytest.raises(NoClassOutput, match="fetch the file first"):
        engine_for(base).input_gradients(pictures(1, (9, 8, 3)), [Target(0)])


@pytest.mark.parametrize("target", [-1, 6, "abc", 2.5, True, None, Target(0, minus=6), Target(-1)])
def test_impossible_targets_are_named(sequential_model, target):
    with pytest.raises(ValueError, match=r"^(target|minus): expected"):
        engine_for(sequential_model).target(target)


def test_probability_of_plain_scores_is_refused():
    from keras import Input, Sequential, layers

    engine = engine_for(seeded(Sequential([Input((4, 4, 1)), layers.Flatten(), layers.Dense(2)])))
    assert engine.output_kind == "linear"
    with pytest.raises(ValueError, match="plain scores"):
        engine.target(Target(0, kind="probability"))
    with pytest.raises(ValueError, match="not probabilities"):
        engine.probabilities(pictures(1, (4, 4, 1)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: np.where(x == x.max(), np.nan, x), "NaN"),
        (lambda x: x[:, 1:], "shape"),
        (lambda x: x[0], "shape"),
        (lambda x: x.astype("uint8"), "preprocess"),
    ],
)
def test_impossible_images_are_named(sequential_model, change, words):
    with pytest.raises(ValueError, match=rf"x: .*{words}"):
        engine_for(sequential_model).logits(change(pictures(1, (12, 10, 3))))


def test_impossible_layers_and_models_are_named(sequential_model):
    import keras
    from keras import Input, layers

    engine = engine_for(sequential_model)
    with pytest.raises(ValueError, match="conv_1"):
        engine.activation(pictures(1, (12, 10, 3)), "conv_9")
    with pytest.raises(ValueError, match="targets: expected one"):
        engine.scores(pictures(2, (12, 10, 3)), [Target(0)])
    with pytest.raises(ValueError, match="image input"):
        engine_for(keras.Sequential([Input((4,)), layers.Dense(2)]))
    with pytest.raises(ValueError, match="without a graph"):
        engine_for(keras.Sequential([layers.Dense(2)]))
    one, two = Input((4, 4, 1)), Input((4, 4, 1))
    with pytest.raises(ValueError, match="one input, got 2"):
        engine_for(keras.Model([one, two], layers.Add()([one, two])))


def test_channels_first_is_refused_rather_than_mapped_wrongly():
    from keras import Input, Model, layers

    image = Input((3, 8, 8))
    z = layers.Conv2D(2, 3, data_format="channels_first", name="turned")(image)
    with pytest.raises(ValueError, match="layer turned has them first"):
        engine_for(Model(image, layers.Flatten()(z)))


@pytest.mark.parametrize("change", [{"kind": "odds"}, {"sign": 0}])
def test_impossible_kinds_of_target_are_named(sequential_model, change):
    with pytest.raises(ValueError, match=f"target: expected {next(iter(change))}"):
        engine_for(sequential_model).target(Target(0, **change))


def test_a_difference_needs_two_classes_and_logits():
    with pytest.raises(ValueError, match="always 0"):
        Target(3, minus=3)
    with pytest.raises(ValueError, match="difference of logits"):
        Target(3, minus=2, kind="probability")


def test_vgg16_without_its_file_shows_layers_and_says_what_is_missing(monkeypatch, tmp_path):
    from explain import WeightsMissing, attribute
    from model_zoo import MODELS

    entry = MODELS["vgg16"]
    if entry.state() != "base":
        pytest.skip("the whole of VGG16 is on this machine")
    x = np.zeros(entry.input_shape, np.float32)
    with pytest.raises(WeightsMissing, match="vgg16"):
        attribute(entry, x, "grad_cam", 285)
    assert engine_for(entry).default_layer() == "block5_conv3"
