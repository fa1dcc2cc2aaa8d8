"""The reveal: its ends, its order, its frames, and the band of random orders."""

from __future__ import annotations

import numpy as np
import pytest
from seeds import pictures

from explain import Target, engine_for
from explain.evidence.blocks import block_means, blurred, filled, grid_of, mixed, numbering, ranked
from explain.evidence.nulls import moves
from explain.reveal import passes, reveal


def quarter_map(height, width):
    values = np.zeros((height, width), np.float32)
    values[: height // 2, : width // 2] = np.linspace(1, 2, width // 2)
    return values


@pytest.mark.parametrize(
    ("size", "grid"),
    [((224, 224), (14, 14)), ((28, 28), (4, 4)), ((9, 8), (4, 4)), ((3, 70), (3, 10)), ((64, 320), (9, 14))],
)
def test_blocks_follow_from_the_size(size, grid):
    assert grid_of(*size) == grid
    numbers = numbering(*size, grid)
    assert numbers.shape == size
    assert np.unique(numbers).tolist() == list(range(grid[0] * grid[1]))
    values = np.random.default_rng(0).normal(size=size)
    means = block_means(values, grid).ravel()
    np.testing.assert_allclose(means, [values[numbers == i].mean() for i in range(means.size)])


def test_ties_are_drawn_and_not_read_from_the_corner():
    values = np.zeros((4, 4))
    values[2, 1] = 1
    firsts = {tuple(ranked(values, seed)) for seed in range(5)}
    assert all(order[0] == 9 for order in firsts)
    assert len(firsts) == 5
    assert tuple(ranked(values, 3)) in firsts


def test_the_surroundings_keep_nothing_of_the_block_itself():
    x = pictures(1, (28, 28, 2))
    changed = x.copy()
    changed[0, 7:14, 7:14] = 50
    numbers = numbering(28, 28, (4, 4))
    one, other = (filled(images, (4, 4), "surroundings")[0][numbers == 5] for images in (x, changed))
    np.testing.assert_array_equal(one, other)
    ring = np.isin(numbers, [0, 1, 2, 4, 6, 8, 9, 10])
    np.testing.assert_allclose(one[0], x[0][ring].mean(axis=0), rtol=1e-5)


def test_moves_keep_the_histogram_and_the_first_stay_the_first():
    values = block_means(quarter_map(28, 28), (4, 4)) + np.random.default_rng(1).normal(size=(4, 4))
    made = moves(values, 20, seed=4)
    assert len(set(made)) == 20
    assert made[:10] == moves(values, 10, seed=4) != moves(values, 10, seed=5)[:10]
    for move in made:
        np.testing.assert_array_equal(np.sort(move.apply(values).ravel()), np.sort(values.ravel()))
        assert not np.array_equal(move.apply(values), values)


def test_a_move_that_leaves_the_map_in_its_place_is_none():
    stripe = np.zeros((5, 4))
    stripe[:, 0] = 1
    made = moves(stripe, 100, seed=0)
    assert 0 < len(made) < 63
    assert all(not (move.apply(stripe) * stripe).any() for move in made)


def test_the_curve_by_hand(sequential_model):
    engine, x, values = engine_for(sequential_model), pictures(1, (12, 10, 3)), quarter_map(12, 10)
    *_, last = reveal(engine, x, 2, values, steps=4, orders=2, seed=7)
    grid = grid_of(12, 10)
    order, soft = ranked(block_means(values, grid), 7), blurred(x, grid)
    images = []
    for count in (0, 4, 8, 12, 16):
        image = soft[0].copy()
        for block in order[:count]:
            row, col = divmod(int(block), 4)
            rows, cols = np.rint(np.linspace(0, 12, 5)).astype(int), np.rint(np.linspace(0, 10, 5)).astype(int)
            where = np.s_[rows[row] : rows[row + 1], cols[col] : cols[col + 1]]
            image[where] = x[0][where]
        images.append(image)
    expected = sequential_model.predict(np.stack(images), verbose=0)[:, 2]
    np.testing.assert_allclose(last.levels, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(last.scores, expected, rtol=1e-4)
    np.testing.assert_allclose(last.area, np.trapezoid(expected, dx=0.25), rtol=1e-4)
    assert last.quantity == "probability"


def test_the_band_grows_and_costs_what_it_says(sequential_model):
    engine, x = engine_for(sequential_model), pictures(1, (12, 10, 3), seed=3)
    before = engine.passes
    results = list(reveal(engine, x, Target(1, minus=0), quarter_map(12, 10), steps=6, orders=3))
    assert [result.done for result in results] == [1, 2, 3, 4]
    assert {result.total for result in results} == {4}
    assert results[-1].passes == engine.passes - before == 2 + 5 * 4 == passes(12, 10, 6, 3)
    assert np.isnan(results[0].low).all()
    assert not np.isnan(results[1].low).any()
    for result in results[1:]:
        assert (result.low <= result.middle).all()
        assert (result.middle <= result.high).all()
        assert result.low[0] == result.high[0] == result.scores[0]
        assert result.low[-1] == result.high[-1] == result.scores[-1]
    assert results[-1].quantity == "score"
    again = list(reveal(engine, x, Target(1, minus=0), quarter_map(12, 10), steps=6, orders=3))
    np.testing.assert_array_equal(again[-1].middle, results[-1].middle)


def test_stopping_stops_the_passes(sequential_model):
    engine = engine_for(sequential_model)
    before = engine.passes
    next(reveal(engine, pictures(1, (12, 10, 3), seed=5), 1, quarter_map(12, 10), steps=6, orders=50))
    assert engine.passes - before == 2 + 5


def test_frames_are_small_pictures_from_blurred_to_sharp(grey_sigmoid_model):
    engine, x = engine_for(grey_sigmoid_model), pictures(1, (8, 8, 1))
    drawn = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype(np.uint8)
    first = next(reveal(engine, x[0], 0, quarter_map(8, 8), picture=drawn, steps=4, orders=0))
    assert first.frames.shape == (5, 8, 8, 3)
    assert first.frames.dtype == np.uint8
    np.testing.assert_array_equal(first.frames[-1], drawn)
    np.testing.assert_array_equal(first.frames[0], np.rint(blurred(drawn[None], (4, 4))[0]))
    small = next(reveal(engine, x[0], 0, quarter_map(8, 8), steps=4, orders=0, side=4))
    assert small.frames.shape == (5, 4, 4, 3)
    assert (small.done, small.total, small.orders) == (1, 1, 0)


def test_every_small_model_can_be_revealed(any_model):
    engine = engine_for(any_model)
    x = pictures(1, engine.input_shape)
    *_, last = reveal(engine, x, 0, np.abs(x[0]).mean(axis=-1), steps=3, orders=2)
    assert np.isfinite(last.scores).all()
    assert last.orders == 2


def test_a_map_of_another_size_is_refused(grey_sigmoid_model):
    engine, x = engine_for(grey_sigmoid_model), pictures(1, (8, 8, 1))
    with pytest.raises(ValueError, match=r"values: expected a finite map of the image's size \(8, 8\)"):
        reveal(engine, x, 0, np.zeros((4, 4), np.float32))
    with pytest.raises(ValueError, match="picture: expected uint8"):
        reveal(engine, x, 0, np.zeros((8, 8), np.float32), picture=np.zeros((8, 8), np.uint8))


def test_mixed_takes_the_named_blocks_from_the_stand_in():
    x, other = np.zeros((1, 4, 4, 1)), np.ones((1, 4, 4, 1))
    made = mixed(x, other, numbering(4, 4, (2, 2)), np.array([3]))
    assert made[..., 0].tolist() == [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]]
