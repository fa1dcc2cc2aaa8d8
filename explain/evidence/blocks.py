"""A picture cut into blocks: what is ranked, removed and kept when a map is put to the test.

Blocks, not pixels: a speckled map and a smooth one are then asked the same question (Blücher et al., 2024,
arXiv:2401.06654).
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from explain.types import Images

SIDE = 7
FEWEST, MOST = 4, 14
LEVELS = (0.05, 0.10, 0.20, 0.30, 0.50)

FillName = Literal["blurred", "surroundings", "imputed"]
FILLS: tuple[FillName, ...] = ("blurred", "surroundings")
"""What every removal is tried under; "imputed" (explain.evidence.impute) comes third where it is asked for."""

Grid = tuple[int, int]
Values = NDArray[np.float64]
Order = NDArray[np.int64]


def grid_of(height: int, width: int) -> Grid:
    """Return rows and columns of blocks: blocks of 7 pixels a side, but at least 4 and at most 14 of them a side.

    224 x 224 is cut into 14 x 14 blocks of 16 pixels, 28 x 28 into 4 x 4 of 7.
    """
    rows, cols = (min(size, max(FEWEST, min(MOST, size // SIDE))) for size in (height, width))
    return rows, cols


def numbering(height: int, width: int, grid: Grid) -> NDArray[np.int64]:
    """Return the number of each pixel's block, (H, W), row by row from 0."""
    rows, cols = _places(height, grid[0]), _places(width, grid[1])
    return rows[:, None] * grid[1] + cols[None, :]


def block_means(values: NDArray[np.floating], grid: Grid) -> Values:
    """Return the mean of (H, W) or (H, W, C) over each block, (rows, cols) or (rows, cols, C), in float64."""
    height, width = values.shape[:2]
    sums = np.add.reduceat(np.asarray(values, np.float64), _starts(height, grid[0]), axis=0)
    sums = np.add.reduceat(sums, _starts(width, grid[1]), axis=1)
    counts = np.bincount(numbering(height, width, grid).ravel(), minlength=grid[0] * grid[1]).reshape(grid)
    return np.asarray(sums / (counts if values.ndim == 2 else counts[..., None]), np.float64)


def ranked(values: Values, seed: int, sample: int = 0) -> Order:
    """Return block numbers, the highest value first. Equal values come in an order drawn from (seed, sample)."""
    flat = values.ravel()
    chance = np.random.default_rng((seed, sample)).random(flat.size)
    return np.asarray(np.lexsort((chance, -flat)), np.int64)


def counts_at(blocks: int, levels: tuple[float, ...] = LEVELS) -> list[int]:
    """Return how many of the blocks each level is, at least one."""
    return [max(1, round(level * blocks)) for level in levels]


def filled(x: Images, grid: Grid, fill: FillName) -> Images:
    """Return what stands in for the blocks of one image (1, H, W, C), whichever are removed.

    "blurred" is the picture under a Gaussian as wide as a block; "surroundings" paints each block with the mean of the
    up to eight blocks round it, and so keeps nothing of the block itself.
    """
    return blurred(x, grid) if fill == "blurred" else _surroundings(x, grid)


def blurred(x: NDArray[Any], grid: Grid) -> Images:
    """Return images (N, H, W, C) under a Gaussian whose standard deviation is one block's side."""
    from scipy.ndimage import gaussian_filter

    sigma = (0, x.shape[1] / grid[0], x.shape[2] / grid[1], 0)
    return np.asarray(gaussian_filter(np.asarray(x, np.float32), sigma, mode="nearest"), np.float32)


def mixed(x: NDArray[Any], stand_in: NDArray[Any], numbers: NDArray[np.int64], replaced: Order) -> NDArray[Any]:
    """Return the image (H, W, C) with some blocks taken from its stand-in; both are (1, H, W, C)."""
    chosen = np.zeros(int(numbers.max()) + 1, bool)
    chosen[replaced] = True
    made: NDArray[Any] = np.where(chosen[numbers][..., None], stand_in[0], x[0])
    return made


def _surroundings(x: Images, grid: Grid) -> Images:
    means = block_means(x[0], grid)
    padded = np.pad(means, ((1, 1), (1, 1), (0, 0)))
    there = np.pad(np.ones((*grid, 1)), ((1, 1), (1, 1), (0, 0)))
    total, count = np.zeros_like(means), np.zeros((*grid, 1))
    for down in range(3):
        for right in range(3):
            if (down, right) != (1, 1):
                total += padded[down : down + grid[0], right : right + grid[1]]
                count += there[down : down + grid[0], right : right + grid[1]]
    flat = (total / np.maximum(count, 1)).reshape(-1, x.shape[-1])
    return np.asarray(flat[numbering(x.shape[1], x.shape[2], grid)][None], np.float32)


def _starts(size: int, parts: int) -> NDArray[np.int64]:
    return np.asarray(np.rint(np.linspace(0, size, parts + 1))[:-1], np.int64)


def _places(size: int, parts: int) -> NDArray[np.int64]:
    return np.asarray(np.searchsorted(_starts(size, parts), np.arange(size), side="right") - 1, np.int64)
