"""Score-CAM's order: what is skipped, what comes first, and how early the map is the one of all channels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr
from seeds import pictures, seeded

from explain import attribute, engine_for, stream
from explain.attribution.score_cam import _estimated, _likeness, _order
from explain.engine import Engine
from model_zoo import MODELS
from model_zoo.samples import PHOTOGRAPHS, load_sample


def agreement(first, second):
    return spearmanr(first.ravel(), second.ravel()).statistic


def early(engine, x, share, **settings):
    """The rank correlation with the map of all channels, at a share of the passes or the next batch after it."""
    target = engine.top_target(x[None])
    results = list(stream(engine, x, "score_cam", target, **settings))
    at = next(result for result in results if result.done >= share * result.total)
    return agreement(at.native, results[-1].native), at.done / at.total


def test_each_live_channel_comes_once_and_no_dead_one():
    values = np.abs(pictures(1, (5, 4, 30)))[0]
    values[..., [3, 11]] = 0
    order = _order(values, 0)
    assert sorted(order) == [i for i in range(30) if i not in (3, 11)]
    np.testing.assert_array_equal(order, _order(values, 0))
    assert len(_order(np.zeros((5, 4, 30), "float32"), 0)) == 0


def test_the_first_few_are_not_all_alike():
    """Six strong copies of one channel and one of another kind: the other comes second, not seventh."""
    strong, other = pictures(2, (6, 6, 1))[..., 0]
    values = np.stack([*(strong * (10 - 0.01 * i) for i in range(6)), other * 5] + [other * 0.01] * 13, axis=-1)
    assert 6 in _order(values, 0)[:2]


def test_top_n_goes_by_standard_deviation():
    values = np.abs(pictures(1, (5, 4, 30)))[0]
    expected = np.argsort(-values.std(axis=(0, 1)), kind="stable")
    np.testing.assert_array_equal(_order(values, 7), expected[:7])
    np.testing.assert_array_equal(_order(values, 12)[:7], _order(values, 7))


def test_weights_that_are_all_the_same_are_known_from_the_first():
    """A head that ignores its input gives each mask 1/3, so one channel tells the whole map."""
    from keras import Input, Sequential, layers

    parts = [Input((6, 6, 1)), layers.Conv2D(20, 3, name="conv"), layers.GlobalAveragePooling2D()]
    model = seeded(Sequential([*parts, layers.Dense(3, activation="softmax", name="end")]))
    model.get_layer("end").set_weights([np.zeros((20, 3), "float32"), np.zeros(3, "float32")])
    x = pictures(1, (6, 6, 1))[0]
    first = next(stream(model, x, "score_cam", 0, signed=True))
    expected = engine_for(model).activation(x[None], "conv")[0].sum(axis=-1) / 3
    assert first.done == 1
    np.testing.assert_allclose(first.native, expected, rtol=1e-5)


def test_estimates_keep_to_what_is_known_and_to_probabilities():
    values = np.abs(pictures(1, (7, 7, 40)))[0]
    kernel = _likeness(values)
    smooth = 0.5 + 0.4 * np.linalg.eigh(kernel)[1][:, -2] * np.sqrt(40) / 4
    told = _estimated(smooth[:30], kernel, 10)
    assert np.abs(told - smooth[30:]).mean() < np.abs(smooth[:30].mean() - smooth[30:]).mean()
    assert told.min() >= 0
    assert told.max() <= 1
    assert len(_estimated(smooth[:0], kernel, 40)) == 40
    assert len(_estimated(smooth, kernel, 0)) == 0


def test_partial_maps_of_fashion_pictures_are_near_the_whole_one():
    entry = MODELS["fashion_cnn"]
    engine = Engine(entry.build())
    found = [early(engine, entry.preprocess(load_sample(f"fashion/{i}")), 0.25)[0] for i in (0, 3, 8, 4321)]
    assert min(found) > 0.9


@pytest.mark.parametrize("key", ["brick"])
def test_a_quarter_of_the_passes_is_enough_on_a_photograph(key):
    """One of the six; benchmarks/score_cam.py measures all of them."""
    entry = MODELS["efficientnet_lite0"]
    engine, x = engine_for(entry), entry.preprocess(load_sample(PHOTOGRAPHS[key].key))
    rank, share = early(engine, x, 0.2)
    assert share <= 0.25
    assert rank >= 0.98
    assert attribute(engine, x, "score_cam").passes == 0, "every mask's logits are remembered"
