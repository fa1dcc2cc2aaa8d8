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
    assert finding.mend == ("show_signed" if METHODS[key].signed_compute else "")
    if finding.mend:
        signed = attribute(model, BRIGHT, key, 1, signed=True)
        assert signed.native.max() < 0
        assert "map_all_zero" not in codes(signed)


@pytest.mark.parametrize("key", ["grad_cam", "score_cam"])
def test_a_dead_relu_is_named(key):
    finding = attribute(averaging([1, -1]), -BRIGHT, key, 0).findings[0]
    assert (finding.code, finding.values["cause"], finding.mend) == ("map_all_zero", "silent_units", "")


def test_a_dead_relu_is_named_for_saliency_too():
    finding = attribute(averaging([1, -1]), -BRIGHT, "saliency", 0).findings[0]
    assert (finding.code, finding.values["cause"]) == ("map_all_zero", "silent_units")


@pytest.mark.parametrize("key", ["grad_cam", "saliency"])
def test_a_gradient_that_is_zero_is_named(key):
    finding = attribute(averaging([0, 0]), BRIGHT, key, 0).findings[0]
    assert (finding.code, finding.values["cause"], finding.mend) == ("map_all_zero", "zero_gradient", "")


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
        assert finding.values == {"title": title, "class": name, "target": NAMES.index(name)}


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
