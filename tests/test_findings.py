"""Findings: each appears when its predicate holds, and only then."""

from __future__ import annotations

import numpy as np
import pytest
from seeds import pictures, seeded

from explain import METHODS, attribute, engine_for
from explain.findings import findings, title_finding


class Entry:
    """A declared model, as far as explain/ needs to know one."""

    def __init__(self, model, trained=True, value_range=(-9.0, 9.0), labels=()):
        self.key, self.trained, self.value_range = f"test_{id(model)}_{trained}", trained, value_range
        self._model, self._labels = model, list(labels)

    def build(self):
        return self._model

    def labels(self):
        return self._labels


def codes(result):
    return [finding.code for finding in result.findings]


def averaging(weights, bias=None, activation="relu"):
    """A 1 x 1 convolution that passes one grey channel on, then average and dense with the given weights."""
    from keras import Input, Sequential, layers

    conv = layers.Conv2D(1, 1, activation=activation, use_bias=False, name="conv")
    end = layers.Dense(len(weights), activation="softmax", name="end")
    model = Sequential([Input((4, 4, 1)), conv, layers.GlobalAveragePooling2D(), end])
    conv.set_weights([np.ones((1, 1, 1, 1), "float32")])
    end.set_weights([np.array([weights], "float32"), np.zeros(len(weights), "float32")])
    return model


BRIGHT = np.linspace(0.1, 1, 16, dtype="float32").reshape(4, 4, 1)


def test_a_good_map_has_no_findings(gap_model):
    top = int(np.argmax(gap_model.predict(pictures(1, (9, 8, 3)), verbose=0)))
    assert codes(attribute(Entry(gap_model), pictures(1, (9, 8, 3))[0], "saliency", top)) == []


@pytest.mark.parametrize("key", ["grad_cam", "layer_cam", "grad_cam_plus_plus"])
def test_evidence_against_gives_an_empty_map_and_a_mend(key):
    model = averaging([1, -1])
    result = attribute(model, BRIGHT, key, 1)
    finding = result.findings[0]
    assert not result.map.any()
    assert (finding.code, finding.severity) == ("map_all_zero", "warning")
    assert (finding.values["cause"], finding.values["layer"]) == ("negative_evidence", "conv")
    assert finding.mend == ("show_signed" if METHODS[key].signed_compute else "other_method")
    if finding.mend == "show_signed":
        signed = attribute(model, BRIGHT, key, 1, signed=True)
        assert signed.native.max() < 0
        assert "map_all_zero" not in codes(signed)


@pytest.mark.parametrize("key", ["grad_cam", "score_cam"])
def test_a_dead_relu_is_named(key):
    finding = attribute(averaging([1, -1]), -BRIGHT, key, 0).findings[0]
    assert (finding.code, finding.values["cause"], finding.mend) == ("map_all_zero", "silent_units", "see_step")
    assert finding.values["step"] == "conv"


def test_a_dead_relu_is_named_for_saliency_too():
    finding = attribute(averaging([1, -1]), -BRIGHT, "saliency", 0).findings[0]
    assert (finding.code, finding.values["cause"]) == ("map_all_zero", "silent_units")
    assert finding.values["step"] == "conv"


def chain(*kernels, activation="relu"):
    """1 x 1 convolutions, a weight each, a ReLU layer behind each, then the sum."""
    from keras import Input, Sequential, layers

    parts = [Input((4, 4, 1))]
    for at in range(len(kernels)):
        parts += [layers.Conv2D(1, 1, use_bias=False, name=f"conv_{at}"), layers.ReLU(name=f"relu_{at}")]
    model = Sequential([*parts, layers.Flatten(name="flat"), layers.Dense(2, activation=activation, name="end")])
    for at, kernel in enumerate(kernels):
        model.get_layer(f"conv_{at}").set_weights([np.full((1, 1, 1, 1), kernel, "float32")])
    model.get_layer("end").set_weights([np.stack([np.ones(16), -np.ones(16)], 1).astype("float32"), np.zeros(2)])
    return model


@pytest.mark.parametrize(("dead", "key"), [(0, "saliency"), (1, "saliency"), (3, "saliency"), (1, "grad_cam")])
def test_the_step_that_falls_silent_is_named_among_many(dead, key):
    model = chain(*(-1 if at == dead else 1 for at in range(4)), activation="softmax")
    values = attribute(model, BRIGHT, key, 0).findings[0].values
    assert (values["cause"], values["step"]) == ("silent_units", f"relu_{dead}")


def test_the_step_where_a_gradient_ends_is_named_though_it_is_not_silent():
    from keras import Input, Model, layers

    image = Input((4, 4, 1))
    z = layers.Conv2D(1, 1, use_bias=False, name="conv")(image)
    z = layers.ReLU(6.0, name="full")(z)
    model = Model(image, layers.Dense(2, activation="softmax", name="end")(layers.Flatten(name="flat")(z)))
    model.get_layer("conv").set_weights([np.full((1, 1, 1, 1), 100, "float32")])
    values = attribute(model, BRIGHT, "saliency", 0).findings[0].values
    assert (values["cause"], values["step"]) == ("zero_gradient", "full")
    assert attribute(averaging([0, 0]), BRIGHT, "saliency", 0).findings[0].values["step"] is None


def test_a_probability_at_its_end_is_told_from_a_logit_that_does_not_move():
    from explain import Target

    model = averaging([1000, -1000])
    values = attribute(model, BRIGHT, "saliency", Target(0, kind="probability")).findings[0].values
    assert (values["cause"], values["step"]) == ("saturated", None)
    assert "map_all_zero" not in codes(attribute(model, BRIGHT, "saliency", 0))


@pytest.mark.parametrize(
    ("name", "value", "cause", "step"),
    [("conv_1", np.nan, "weights", "conv_1"), ("conv_2", 3e38, "overflow", "conv_2")],
)
def test_the_first_layer_with_nan_is_named(name, value, cause, step):
    model = chain(2, 2, 2, 2, activation="softmax")
    model.get_layer(name).set_weights([np.full((1, 1, 1, 1), value, "float32")])
    finding = attribute(model, BRIGHT, "saliency", 0).findings[0]
    assert (finding.code, finding.values["cause"], finding.values["step"]) == ("map_nan", cause, step)


def test_a_gradient_that_is_not_finite_is_told_from_a_way_forward_that_is_not():
    """Forward 3e38 x 1e-30 is finite; back the gradient is 3e38 x 3e38."""
    from keras import Input, Sequential, layers

    parts = [layers.Conv2D(1, 1, use_bias=False, name=name) for name in ("first", "second")]
    model = Sequential([Input((4, 4, 1)), *parts, layers.Flatten(name="flat"), layers.Dense(2, name="end")])
    for layer in parts:
        layer.set_weights([np.full((1, 1, 1, 1), 1e25, "float32")])
    model.get_layer("end").set_weights([np.ones((16, 2), "float32"), np.zeros(2, "float32")])
    finding = attribute(model, 1e-35 * BRIGHT, "saliency", 0).findings[0]
    assert (finding.code, finding.values["cause"]) == ("map_nan", "gradient")
    assert finding.values["step"] == "first"


def test_a_grid_of_few_cells_offers_a_finer_layer():
    from keras import Input, Sequential, layers

    parts = [
        Input((16, 16, 1)),
        layers.Conv2D(2, 3, padding="same", activation="relu", name="fine"),
        layers.MaxPooling2D(4),
        layers.Conv2D(2, 3, padding="same", strides=2, name="coarse"),
        layers.ReLU(name="coarse_relu"),
        layers.Flatten(),
        layers.Dense(2),
    ]
    model = seeded(Sequential(parts))
    found = {one.code: one for one in attribute(model, pictures(1, (16, 16, 1))[0], "grad_cam", 0).findings}
    assert found["coarse_grid"].mend == "finer_layer"
    assert found["coarse_grid"].values | {"grid": 0} == {
        "grid": 0, "cells": 4, "layer": "coarse_relu", "finer": "fine",
    }  # fmt: skip
    at_fine = attribute(model, pictures(1, (16, 16, 1))[0], "grad_cam", 0, layer="fine")
    assert "coarse_grid" not in codes(at_fine)
    assert "coarse_grid" not in codes(attribute(model, pictures(1, (16, 16, 1))[0], "saliency", 0))


@pytest.mark.parametrize("key", ["grad_cam", "saliency"])
def test_a_gradient_that_is_zero_is_named(key):
    finding = attribute(averaging([0, 0]), BRIGHT, key, 0).findings[0]
    assert (finding.code, finding.values["cause"], finding.mend) == ("map_all_zero", "zero_gradient", "other_method")


@pytest.mark.parametrize("key", ["grad_cam", "saliency"])
def test_a_path_that_no_gradient_takes_is_named(key):
    from keras import Input, Model, layers, ops

    image = Input((4, 4, 1))
    z = layers.Conv2D(1, 1, activation="relu", name="conv")(image)
    z = ops.stop_gradient(z)
    model = Model(image, layers.Dense(2, activation="softmax")(layers.Flatten()(z)))
    conv = model.get_layer("conv")
    conv.set_weights([np.ones((1, 1, 1, 1), "float32"), np.zeros(1, "float32")])
    finding = attribute(model, BRIGHT, key, 0).findings[0]
    assert (finding.code, finding.values["cause"]) == ("map_all_zero", "no_path")


def test_nan_weights_give_a_finding_not_a_picture(gap_model):
    import keras

    broken = keras.models.clone_model(gap_model)
    seeded(broken)
    kernel = broken.get_layer("predictions").kernel
    kernel.assign(np.full(kernel.shape, np.nan))
    finding = attribute(broken, pictures(1, (9, 8, 3))[0], "saliency", 0).findings[0]
    assert (finding.code, finding.severity, finding.values["count"]) == ("map_nan", "error", 72)


def test_a_constant_map_is_said_to_be_one():
    result = attribute(averaging([1, -1]), BRIGHT, "saliency", 0)
    assert result.findings[0].code == "constant_map"
    assert result.findings[0].values["value"] == pytest.approx(1 / 16)


def ten_classes():
    return averaging(list(range(10)))


@pytest.mark.parametrize(("target", "rank"), [(9, 1), (5, 5), (4, 6), (0, 10)])
def test_a_target_outside_the_top_five(target, rank):
    found = {finding.code: finding for finding in attribute(ten_classes(), BRIGHT, "grad_cam", target).findings}
    if rank <= 5:
        assert "target_outside_top" not in found
        return
    values = found["target_outside_top"].values
    assert (values["target"], values["rank"], values["of"], values["top"]) == (target, rank, 10, 9)
    assert 0 < values["probability"] < values["top_probability"] < 1


def test_random_weights_and_the_range_of_the_input(gap_model):
    x = pictures(1, (9, 8, 3))[0]
    assert codes(attribute(Entry(gap_model, trained=False), x, "saliency", 0)) == ["random_weights"]
    result = attribute(engine_for(gap_model), x, "saliency", 0, entry=Entry(gap_model, value_range=(0.0, 1.0)))
    values = result.findings[0].values
    assert result.findings[0].code == "input_outside_range"
    assert (values["expected_low"], values["low"]) == (0.0, pytest.approx(float(x.min())))


NAMES = ["Egyptian cat", "espresso", "missile", "moving van", "tiger", "T-shirt/top", "Ankle boot", "sports car"]


@pytest.mark.parametrize(
    ("title", "name", "contradicts"),
    [
        ("cat", "Egyptian cat", False),
        ("My cats.JPG", "Egyptian cat", False),
        ("rat", "moving van", True),
        ("motorcycle", "moving van", True),
        ("cat", "tiger", True),
        ("IMG_2041", "tiger", False),
        ("photo 3", "tiger", False),
        ("", "tiger", False),
        ("boots", "Ankle boot", False),
        ("sportscar", "sports car", False),
        ("T-shirt", "T-shirt/top", False),
    ],
)
def test_a_title_and_a_class_that_share_no_word(title, name, contradicts):
    finding = title_finding(title, NAMES.index(name), NAMES)
    assert (finding is not None) == contradicts
    if finding is not None:
        titled = {"titled": 0} if title == "cat" else {}
        assert finding.values == {"title": title, "class": name, "target": NAMES.index(name)} | titled
        assert finding.mend == ("use_titled_class" if titled else "use_top_class")


def test_a_title_is_held_against_the_class_only_where_the_model_disagrees_too():
    """Espresso and coffee cup share no word: while the target is among the model's first five, nothing is said."""
    entry = Entry(ten_classes(), labels=[f"thing {letter}x" for letter in "abcdefghij"])
    agreed = attribute(entry, BRIGHT, "grad_cam", 8, title="coffee cup")
    assert "title_contradicts_class" not in codes(agreed)
    doubted = attribute(entry, BRIGHT, "grad_cam", 0, title="coffee cup")
    assert codes(doubted)[-2:] == ["target_outside_top", "title_contradicts_class"]
    assert title_finding("coffee", 3, []) is None


def test_the_gravest_comes_first(gap_model):
    engine = engine_for(gap_model)
    x = pictures(1, (9, 8, 3))
    native = np.full((5, 4), np.nan, np.float32)
    found = findings(engine, x, METHODS["grad_cam"], engine.target(0), native, "relu", entry=Entry(gap_model, False))
    assert [finding.severity for finding in found] == ["error", "warning"]


def test_score_cam_with_no_probability_left_says_so():
    model = averaging([1000, -1000])
    assert attribute(model, BRIGHT, "score_cam", 1).findings[0].code == "weights_all_zero"


def test_score_cam_on_negative_activations_offers_the_signed_map():
    model = averaging([1, -1], activation="linear")
    finding = attribute(model, -BRIGHT, "score_cam", 0).findings[0]
    assert (finding.values["cause"], finding.mend) == ("negative_evidence", "show_signed")
    assert attribute(model, -BRIGHT, "score_cam", 0, signed=True).native.max() < 0
