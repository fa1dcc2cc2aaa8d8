"""Removal on blocks: what is known to be used is supported, its opposite contradicted, and noise is neither."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from seeds import pictures, seeded

from explain import Target, attribute, engine_for
from explain.evidence import ROWS, check, passes
from explain.evidence.blocks import block_means, filled, grid_of, mixed, numbering, ranked
from explain.evidence.nulls import centre, class_blind, edges
from explain.evidence.odds import log_odds
from explain.evidence.removal import remove
from explain.evidence.rows.removal import judged

SIDE = 28


@pytest.fixture(scope="module")
def quarter_model():
    """Reads the top left quarter of a grey picture and nothing else: class 1 is the sum over it, more to the corner."""
    from keras import Input, Sequential, layers

    model = Sequential([Input((SIDE, SIDE, 1)), layers.Flatten(), layers.Dense(2, activation="softmax")])
    model.set_weights([np.stack([0 * used().ravel(), used().ravel()], axis=1), np.zeros(2, "float32")])
    return model


def used():
    values = np.zeros((SIDE, SIDE), np.float32)
    values[:14, :14] = 0.05 + 0.1 * (np.arange(14) < 7)[:, None] + 0.05 * (np.arange(14) < 7)
    return values


def picture(seed=0):
    """A bright quarter that matters, on a picture as bright elsewhere."""
    noise = np.random.default_rng(seed).random((1, SIDE, SIDE, 1))
    quarters = np.ones((2, 2)) - np.eye(2)[::-1]
    return (np.kron(quarters, np.ones((14, 14)))[None, :, :, None] + 0.2 * noise).astype("float32")


def attributed(model, x, values, target=1):
    """An attribution of the model whose map is another."""
    return replace(attribute(model, x, "saliency", target), map=values.astype(np.float32))


def outcome(model, x, values, target=1, **options):
    *_, last = check("removal", model, x, attributed(model, x, values, target), **options)
    assert last.finished
    return last


def test_a_map_of_the_pixels_that_are_used_is_supported(quarter_model):
    result = outcome(quarter_model, picture(), used())
    assert (result.outcome, result.reason) == ("supported", "")
    assert result.values["fills_agree"]
    assert result.values["as_much"] == 0
    assert result.values["nulls"] == 10
    assert result.values["drop"] > 2 * result.values["null_drop"]


def test_its_negative_is_contradicted(quarter_model):
    result = outcome(quarter_model, picture(), -used())
    assert result.outcome == "contradicted"
    assert all(gain < 0 for gain in result.values["gain"].values())


def test_twenty_nulls_begin_with_the_ten(quarter_model):
    ten, twenty = (outcome(quarter_model, picture(), used(), nulls=count) for count in (10, 20))
    for fill in ("blurred", "surroundings"):
        np.testing.assert_array_equal(ten.values["null_gains"][fill], twenty.values["null_gains"][fill][:10])
    assert (ten.outcome, twenty.outcome) == ("supported", "supported")


@pytest.mark.parametrize("blur", [0, 3])
def test_noise_is_seldom_told_from_its_own_shifts(quarter_model, blur):
    """Each end has a chance of 1 in 11 at most: among 200 maps more than 32 come up once in 1,600 such tests."""
    draw, found = np.random.default_rng(3 + blur), []
    for seed in range(200):
        values = gaussian_filter(draw.normal(size=(SIDE, SIDE)), blur, mode="wrap")
        found.append(outcome(quarter_model, picture(), values, seed=seed).outcome)
    assert found.count("supported") <= 32
    assert found.count("contradicted") <= 32
    assert found.count("not_distinguishable") >= 136


def test_without_structure_every_rank_among_the_nulls_is_as_likely(quarter_model):
    """The reason for 1 in 11: shifts and flips form a group, so noise is a random one of its own nulls."""
    ranks, draw = [], np.random.default_rng(11)
    for seed in range(220):
        result = outcome(quarter_model, picture(), draw.normal(size=(SIDE, SIDE)), seed=seed)
        ranks.append(result.values["beaten_by"]["blurred"])
    counts = np.bincount(ranks, minlength=11)
    assert len(counts) == 11
    assert ((counts - 20) ** 2 / 20).sum() < 29.6  # chi-squared with 10 degrees of freedom: p = 0.001


def test_a_map_that_knows_no_target_is_not_supported(quarter_model):
    for values in (edges(picture()), centre(SIDE, SIDE)):
        assert outcome(quarter_model, picture(), values).outcome != "supported"


def test_the_curves_by_hand(sequential_model):
    engine, x = engine_for(sequential_model), pictures(1, (12, 10, 3))
    grid, goal = grid_of(12, 10), Target(2, minus=0)
    values = np.random.default_rng(0).normal(size=grid)
    *_, trials = remove(engine, x, goal, [values], seed=9)
    order, numbers = ranked(values, 9), numbering(12, 10, grid)
    for fill, name in enumerate(("blurred", "surroundings")):
        areas = []
        for direction, blocks in enumerate((order, order[::-1])):
            images = [mixed(x, filled(x, grid, name), numbers, blocks[:count]) for count in (0, 1, 2, 3, 5, 8)]
            shares = sequential_model.predict(np.stack(images), verbose=0).astype(float)
            expected = np.log(shares[:, 2]) - np.log(shares[:, 0])
            np.testing.assert_allclose(trials.curves[0, fill, direction], expected, atol=1e-4)
            areas.append(np.trapezoid(expected, np.array([0, 1, 2, 3, 5, 8]) / 16) / 0.5)
        np.testing.assert_allclose(trials.gains[0, fill], areas[1] - areas[0], atol=1e-4)
    np.testing.assert_allclose(trials.shares, np.array([0, 1, 2, 3, 5, 8]) / 16)


def test_log_odds_of_every_kind_of_output(sequential_model, grey_sigmoid_model):
    x = pictures(5, (12, 10, 3))
    engine = engine_for(sequential_model)
    p = sequential_model.predict(x, verbose=0).astype(float)
    np.testing.assert_allclose(log_odds(engine, x, Target(3)), np.log(p[:, 3] / (1 - p[:, 3])), atol=1e-3)
    np.testing.assert_allclose(log_odds(engine, x, Target(3, sign=-1)), -log_odds(engine, x, Target(3)))
    np.testing.assert_allclose(log_odds(engine, x, Target(3, minus=1)), np.log(p[:, 3] / p[:, 1]), atol=1e-3)
    x = pictures(5, (8, 8, 1))
    p = grey_sigmoid_model.predict(x, verbose=0)[:, 0].astype(float)
    np.testing.assert_allclose(log_odds(engine_for(grey_sigmoid_model), x, Target(0)), np.log(p / (1 - p)), atol=1e-3)


def test_the_rule():
    nulls, rivals = np.arange(10) / 10, {"edges": 0.5}
    assert judged(0.95, nulls, rivals) == "supported"
    assert judged(0.90, nulls, rivals) == "not_distinguishable"
    assert judged(0.95, nulls, {"edges": 0.95}) == "not_distinguishable"
    assert judged(-0.1, nulls, rivals) == "contradicted"
    assert judged(-0.1, nulls - 1, rivals) == "not_distinguishable"
    assert judged(-0.1, nulls - 5, {}) == "not_distinguishable", "a loss is no gain, however small among losses"
    twenty = np.arange(20) / 20
    assert judged(0.92, twenty, {}) == "supported"
    assert judged(0.88, twenty, {}) == "not_distinguishable"


def test_it_grows_and_costs_what_it_says(any_model):
    engine = engine_for(any_model)
    x = pictures(1, engine.input_shape, seed=8)
    result = attribute(engine, x, "saliency", 0)
    before = engine.passes
    results = list(check("removal", engine, x, result))
    assert [one.done for one in results] == sorted(one.done for one in results)
    assert results[-1].done == results[-1].total
    assert results[-1].passes == engine.passes - before <= passes("removal", engine, result)
    assert results[-1].outcome in ("supported", "not_distinguishable", "contradicted")
    assert results[-1].values["curves"].shape == (14, 2, 2, 6)
    again = list(check("removal", engine, x, result))[-1]
    assert again.values["gain"] == results[-1].values["gain"]


def test_class_blind_activation_is_the_layers_mean_magnitude(gap_model):
    engine, x = engine_for(gap_model), pictures(1, (9, 8, 3))
    expected = np.abs(engine.activation(x, "relu")[0]).mean(axis=-1)
    np.testing.assert_allclose(block_means(class_blind(engine, x), (9, 8)).max(), expected.max(), rtol=0.2)
    assert class_blind(engine, x).shape == (9, 8)


def test_a_map_with_nothing_to_rank_is_not_tested(quarter_model):
    from keras import Input, Sequential, layers

    gap_tiny = seeded(Sequential([Input((3, 3, 1)), layers.Flatten(), layers.Dense(2)]))
    result = outcome(quarter_model, picture(), np.ones((SIDE, SIDE)))
    assert (result.outcome, result.reason) == ("not_tested", "flat_map")
    half = np.zeros((3, 3), np.float32)
    half[0] = 1
    result = outcome(gap_tiny, pictures(1, (3, 3, 1)), half)
    assert (result.outcome, result.reason) == ("not_tested", "no_other_place")
    assert ROWS["removal"].needs == {"scores"}
