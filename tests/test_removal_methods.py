"""Occlusion and RISE against answers worked out by hand, and what their samples promise."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from seeds import pictures

from explain import METHODS, Target, attribute, engine_for, passes, stream
from explain.attribution.occlusion import sizes, starts
from explain.attribution.rise import mask
from explain.engine import Engine
from explain.fills import stand_ins
from explain.resize import resize


@pytest.mark.parametrize("target", [Target(2), Target(2, minus=0), Target(1, sign=-1)], ids=str)
@pytest.mark.parametrize("kind", ["mean", "black", "average"])
def test_occlusion_of_a_linear_model_is_the_weighted_difference_under_each_patch(linear_model, target, kind):
    x = pictures(1, (5, 4, 3))[0]
    kernel = linear_model.layers[-1].kernel.numpy().astype(float).reshape(5, 4, 3, 4)
    weight = kernel[..., target.index] - (0 if target.minus is None else kernel[..., target.minus])
    away = np.mean([x - other[0] for other in stand_ins(kind, x[None])], axis=0)
    drops = target.sign * (weight * away).sum(axis=-1)
    total, covered = np.zeros((5, 4)), np.zeros((5, 4))
    for top in (0, 1, 2, 3):
        for left in (0, 1, 2):
            total[top : top + 2, left : left + 2] += drops[top : top + 2, left : left + 2].sum()
            covered[top : top + 2, left : left + 2] += 1
    engine = Engine(linear_model)
    result = attribute(engine, x, "occlusion", target, patch=2, stride=1, fill=kind)
    np.testing.assert_allclose(result.map, total / covered, atol=1e-5)
    assert result.raw.shape == (5, 4, 1)
    assert result.passes == 1 + 12 * (3 if kind == "average" else 1)
    assert result.passes == passes("occlusion", engine, patch=2, stride=1, fill=kind)


def test_occlusion_pixel_by_pixel_adds_up_to_a_linear_models_difference(linear_model):
    x = pictures(1, (5, 4, 3))[0]
    result = attribute(linear_model, x, "occlusion", 3, patch=1, stride=1)
    whole, covered = engine_for(linear_model).scores(np.stack([x, stand_ins("mean", x[None])[0][0]]), [Target(3)] * 2)
    assert result.map.sum(dtype=float) == pytest.approx(float(whole - covered), rel=1e-4)


def test_a_probability_falls_by_what_keras_says(sequential_model):
    x = pictures(1, (12, 10, 3))[0]
    covered = np.repeat(x[None], 1, axis=0)
    covered[:, :10, :10] = x.mean(axis=(0, 1))
    here, there = (float(sequential_model.predict(one, verbose=0)[0, 4]) for one in (x[None], covered))
    target = Target(4, kind="probability")
    result = attribute(sequential_model, x, "occlusion", target, patch=10, stride=10)
    assert result.map[0, 0] == pytest.approx(here - there, abs=1e-6)


@pytest.mark.parametrize(
    ("side", "patch", "stride", "positions"),
    [(28, 0, 0, 13**2), (224, 0, 0, 13**2), (28, 7, 7, 4**2), (224, 32, 32, 7**2), (28, 8, 5, 5**2), (5, 0, 0, 5**2)],
)
def test_patches_cover_every_pixel_and_are_counted(side, patch, stride, positions):
    from keras import Input, Sequential, layers

    size, step = sizes(side, side, patch, stride)
    begin = starts(side, size, step)
    assert len(begin) ** 2 == positions
    assert {row for top in begin for row in range(top, top + size)} == set(range(side))
    model = Sequential([Input((side, side, 1)), layers.GlobalAveragePooling2D(), layers.Dense(2, activation="softmax")])
    assert passes("occlusion", engine_for(model), patch=patch, stride=stride) == 1 + positions
    assert sizes(28, 28) == (4, 2)
    assert sizes(224, 224) == (32, 16)


def test_wrong_patches_are_named(gap_model):
    x = pictures(1, (9, 8, 3))[0]
    with pytest.raises(ValueError, match="patch: expected at most the picture's shorter side, 8 pixels, got 9"):
        attribute(gap_model, x, "occlusion", 0, patch=9)
    with pytest.raises(ValueError, match="stride: expected at most the patch, 2 pixels"):
        attribute(gap_model, x, "occlusion", 0, patch=2, stride=3)
    with pytest.raises(ValueError, match="fill: expected one of average"):
        attribute(gap_model, x, "occlusion", 0, fill="grey")
    with pytest.raises(ValueError, match="masks: expected a whole number from 100"):
        attribute(gap_model, x, "rise", 0, masks=0)


def test_early_patches_lie_all_over_the_picture(gap_model):
    x = pictures(1, (9, 8, 3))
    plan = METHODS["occlusion"].plan(engine_for(gap_model), x, Target(0))
    places = plan.draw(0, plan.count)[..., 1]
    assert places.shape[0] == 72
    np.testing.assert_array_equal(places.sum(axis=0), 1)
    for half in (slice(0, 4), slice(5, 9)):
        assert places[:12, half].sum() >= 3
    for half in (slice(0, 4), slice(4, 8)):
        assert places[:12, :, half].sum() >= 3


@pytest.mark.parametrize("key", ["occlusion", "rise"])
def test_a_sample_is_the_same_whenever_it_is_asked(gap_model, key):
    x = pictures(1, (9, 8, 3))
    plan = METHODS[key].plan(engine_for(gap_model), x, Target(1))
    whole = plan.draw(0, 40)
    np.testing.assert_allclose(plan.draw(17, 29), whole[17:29], atol=1e-6)
    *_, last = METHODS[key].compute(engine_for(gap_model), x, [Target(1)])
    np.testing.assert_allclose(last[0], plan.finish(plan.draw(0, plan.count).sum(axis=0), plan.count), atol=1e-5)


def test_a_picture_of_one_colour_has_nothing_to_hide(gap_model):
    finding = attribute(gap_model, np.full((9, 8, 3), 0.5, np.float32), "occlusion", 2).findings[0]
    assert (finding.code, finding.values["cause"]) == ("map_all_zero", "no_difference")


def reads_one_pixel(row=1, col=2, gain=3.0):
    """Two classes whose logits are 0 and gain x one pixel of 4 x 4: p = sigmoid(gain x pixel x its mask)."""
    from keras import Input, Sequential, layers

    dense = layers.Dense(2, activation="softmax", use_bias=False)
    model = Sequential([Input((4, 4, 1)), layers.Flatten(), dense])
    weight = np.zeros((4, 4, 2), np.float32)
    weight[row, col, 1] = gain
    dense.set_weights([weight.reshape(16, 2)])
    return model


def every_mask(grid, keep):
    """All masks of a 4 x 4 picture with their chances: every pattern of cells, every shift; cells of 2 x 2 pixels."""
    cell = 4 // grid
    for cells in itertools.product((0, 1), repeat=grid * grid):
        enlarged = resize(np.array(cells, np.float32).reshape(grid, grid), ((grid + 1) * cell,) * 2)
        chance = keep ** sum(cells) * (1 - keep) ** (grid * grid - sum(cells)) / cell**2
        for top, left in itertools.product(range(cell), repeat=2):
            yield enlarged[top : top + 4, left : left + 4].astype(float), chance


@pytest.mark.parametrize("keep", [0.5, 0.3])
def test_rise_is_its_expectation_over_every_mask(keep):
    """Exact over 64 masks; what 8,000 drawn ones give lies within their own standard error of it."""
    masks, chances = (np.array(part) for part in zip(*every_mask(2, keep), strict=True))
    assert chances.sum() == pytest.approx(1)
    np.testing.assert_allclose(np.tensordot(chances, masks, 1), keep, rtol=1e-6)
    p = 1 / (1 + np.exp(-3 * masks[:, 1, 2]))
    expected = np.tensordot(chances * (p - chances @ p), masks, 1) / keep
    spread = np.tensordot(chances, ((p - chances @ p)[:, None, None] * masks / keep - expected) ** 2, 1) ** 0.5
    x = np.ones((4, 4, 1), np.float32)
    got = attribute(reads_one_pixel(), x, "rise", 1, masks=8000, grid=2, keep=keep, seed=1).map
    assert (np.abs(got - expected) < 4.5 * spread / 8000**0.5 + 1e-4).all()


def test_rise_by_the_definition_of_a_covariance(gap_model):
    x = pictures(1, (9, 8, 3))[0]
    masks = np.stack([mask(4, i, (9, 8), 3, 0.4) for i in range(200)])
    chances = gap_model.predict(masks[..., None] * x, verbose=0)[:, 2].astype(float)
    result = attribute(gap_model, x, "rise", 2, masks=200, grid=3, keep=0.4, seed=4)
    expected = [[np.cov(chances, masks[:, i, j])[0, 1] / 0.4 for j in range(8)] for i in range(9)]
    np.testing.assert_allclose(result.map, expected, atol=1e-6)
    paper = np.tensordot(chances, masks, 1) / (200 * 0.4)
    noise = chances.mean() * (masks.mean(axis=0) / 0.4 - 1)
    np.testing.assert_allclose(result.map * 199 / 200, paper - chances.mean() - noise, atol=1e-6)
    distinct = len({seen.tobytes() for seen in masks[..., None] * x})
    assert distinct <= result.passes <= 200, "a picture that an earlier batch held costs none"


def test_masks_run_from_hidden_to_kept_and_keep_their_share():
    masks = np.stack([mask(0, i, (31, 24), 7, 0.3) for i in range(3000)])
    assert masks.shape[1:] == (31, 24)
    assert masks.min() >= 0
    assert masks.max() <= 1 + 1e-6
    np.testing.assert_allclose(masks.mean(axis=0), 0.3, atol=5 * 0.46 / 3000**0.5)


def test_more_masks_only_add_to_those_before(gap_model):
    x = pictures(1, (9, 8, 3))
    make, engine = METHODS["rise"].plan, engine_for(gap_model)
    few, many = (make(engine, x, Target(1), masks=masks, seed=7) for masks in (100, 200))
    np.testing.assert_array_equal(few.draw(0, 100), many.draw(0, 100))
    some = [few.draw(0, 100).astype(float).sum(axis=0), many.draw(100, 200).astype(float).sum(axis=0)]
    grown = many.finish(some[0] + some[1], 200)
    np.testing.assert_allclose(grown, attribute(gap_model, x, "rise", 1, masks=200, seed=7).raw, atol=1e-6)


def test_equal_seeds_give_equal_maps_and_others_others(gap_model):
    x = pictures(1, (9, 8, 3))[0]
    first, same, other = (attribute(gap_model, x, "rise", 1, masks=100, seed=seed).map for seed in (2, 2, 3))
    np.testing.assert_array_equal(first, same)
    assert not np.allclose(first, other)


def test_rise_grows_and_can_be_smoothed(gap_model):
    x = pictures(1, (9, 8, 3))[0]
    results = list(stream(gap_model, x, "rise", 1, masks=200))
    done = [result.done for result in results]
    assert done == sorted(set(done))
    assert len(done) >= 4
    assert [result.total for result in results] == [200] * len(done)
    assert [result.partial for result in results] == [True] * (len(done) - 1) + [False]
    smoothed = attribute(gap_model, x, "rise", 1, masks=100, smooth_samples=2, seed=5)
    assert smoothed.passes == 200


def test_an_even_probability_leaves_no_noise():
    finding = attribute(reads_one_pixel(gain=0.0), pictures(1, (4, 4, 1))[0], "rise", 1).findings[0]
    assert finding.code == "map_all_zero"


def test_a_sigmoid_units_no_is_its_yes_turned(grey_sigmoid_model):
    x = pictures(1, (8, 8, 1))[0]
    yes, no = (attribute(grey_sigmoid_model, x, "rise", Target(0, sign=sign)).map for sign in (1, -1))
    np.testing.assert_allclose(yes, -no, atol=1e-6)
    assert yes.any()


@pytest.mark.parametrize("target", [Target(0, minus=1), Target(0, kind="log_probability")], ids=str)
def test_rise_refuses_what_it_cannot_explain(gap_model, target):
    with pytest.raises(ValueError, match="explains one class"):
        attribute(gap_model, pictures(1, (9, 8, 3))[0], "rise", target)
