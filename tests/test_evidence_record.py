"""The record that ships, and the script that makes it."""

from __future__ import annotations

import numpy as np
import pytest

from explain import METHODS, attribute, engine_for
from explain.evidence import check
from explain.evidence.record import contents, entry_of
from explain.evidence.rows.record import judged
from model_zoo import MODELS
from scripts import make_record


@pytest.fixture(scope="module")
def fashion():
    return engine_for(MODELS["fashion_cnn"])


def test_the_record_is_of_models_methods_and_weights_that_ship(fashion):
    models = contents()["models"]
    assert set(models) == set(make_record.PICTURES) - {"vgg16"}, "whose whole file does not ship"
    assert models["fashion_cnn"]["model_hash"] == fashion.model_hash
    for key, model in models.items():
        for method in model["methods"]:
            found = entry_of(key, method)
            assert method in METHODS
            assert found.gain.low <= found.gain.mean <= found.gain.high
            assert found.gain.n + found.skipped == make_record.PICTURES[key][1]
            assert set(found.over) == {"shifted", "edges", "centre", "class_blind"}
            assert judged(found) in ("supported", "not_distinguishable", "contradicted")
            assert not make_record.stale(model, method)


def test_a_picture_of_the_record_is_what_the_row_measures(fashion):
    x = make_record.pictures("fashion_cnn")[3]
    result = attribute(fashion, x, "grad_cam")
    *_, ended = check("removal", fashion, x, result, seed=3)
    gains = np.mean(list(ended.values["gain"].values()))
    made = make_record.of_method("fashion_cnn", [x], "grad_cam", {})
    assert made["gain"]["mean"] == pytest.approx(made["gain"]["low"])
    assert made["gain"]["mean"] == pytest.approx(gains, abs=1e-3) or made["skipped"] == 1
    assert made["settings"]["layer"] == fashion.default_layer()


def test_one_method_is_made_anew_as_it_was_written(fashion):
    """Over the first pictures only: the mean of all 200 is made by the same function."""
    images = make_record.pictures("fashion_cnn")[:4]
    beside = make_record.rivals(fashion, images)
    one, other = (make_record.of_method("fashion_cnn", images, "saliency", beside) for _ in range(2))
    assert one == other
    assert one["gain"]["n"] == 4
    difference = one["gain"]["mean"] - one["over"]["edges"]["mean"]
    assert difference == pytest.approx(beside["edges"].mean())


def test_what_was_made_with_other_settings_is_stale():
    assert make_record.stale({"methods": {}}, "grad_cam")
    assert make_record.stale({"methods": {"score_cam": {"settings": {"top_n": 3}}}}, "score_cam")


def test_a_fill_of_the_record_is_the_one_on_screen(fashion):
    """White as the model is fed it, not the brightest pixel of this picture."""
    x = 0.5 * make_record.pictures("fashion_cnn")[3]
    result = attribute(fashion, x, "integrated_gradients", entry=MODELS["fashion_cnn"])
    *_, ended = check("removal", fashion, x, result, seed=0)
    made = make_record.of_method("fashion_cnn", [x], "integrated_gradients", {})
    assert made["gain"]["mean"] == pytest.approx(np.mean(list(ended.values["gain"].values())), abs=1e-3)


def test_every_method_has_its_record():
    for model in contents()["models"].values():
        assert set(model["methods"]) == set(METHODS)
