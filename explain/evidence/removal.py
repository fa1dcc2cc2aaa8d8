"""Removal on blocks in both orders: how the target's log-odds fall, by every map at once, in batches.

The symmetric relevance gain of a map is the area under the curve that removes its least important blocks first minus
the area under the one that removes its most important first (Blücher et al., 2024, arXiv:2401.06654).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explain.evidence.blocks import (
    FILLS,
    FillName,
    Order,
    Values,
    counts_at,
    filled,
    grid_of,
    mixed,
    numbering,
    ranked,
)
from explain.evidence.impute import imputed
from explain.evidence.odds import log_odds
from explain.types import Images, Target

if TYPE_CHECKING:
    from explain.engine import Engine

MOST_FIRST, LEAST_FIRST = 0, 1


@dataclass(frozen=True, eq=False)
class Trials:
    """Log-odds as blocks are removed by each of M maps, `curves` (M, fills, 2 orders, L), NaN where not done.

    Orders are most important first, then least important first. `shares` (L,) of the blocks are removed, from 0 (the
    whole picture, log-odds `base`) upwards; `ended` maps are done, in the order they were given.
    """

    curves: NDArray[np.float64]
    shares: NDArray[np.float64]
    base: float
    ended: int
    done: int
    total: int

    @property
    def gains(self) -> NDArray[np.float64]:
        """The symmetric relevance gain of each map under each fill, (M, fills), in log-odds."""
        areas = np.trapezoid(self.curves, self.shares, axis=-1) / self.shares[-1]
        return np.asarray(areas[:, :, LEAST_FIRST] - areas[:, :, MOST_FIRST])

    def drops(self, level: int) -> NDArray[np.float64]:
        """Return by how much the log-odds fall as a level's blocks go, the most important first, (M, fills)."""
        return self.base - self.curves[:, :, MOST_FIRST, level]

    def error_beside(self, other: int) -> NDArray[np.float64]:
        """Return the standard error of the first map's gain less another's under each fill, (fills,), in log-odds.

        Of the levels removed, by the jackknife: how far the difference goes with which of them were taken. Neighbouring
        levels share their blocks, so that it is rather too small.
        """
        steps = np.diff(self.shares) / self.shares[-1]
        weights = (np.append(steps, 0) + np.insert(steps, 0, 0))[1:] / 2
        orders = self.curves[:, :, LEAST_FIRST] - self.curves[:, :, MOST_FIRST]
        parts = (orders[0] - orders[other])[:, 1:] * weights
        without = (parts.sum(axis=1, keepdims=True) - parts) / (weights.sum() - weights)
        spread = without - without.mean(axis=1, keepdims=True)
        count = len(weights)
        return np.asarray(np.sqrt((count - 1) / count * (spread**2).sum(axis=1)) * weights.sum(), np.float64)


def remove(
    engine: Engine,
    x: Images,
    target: Target,
    maps: Sequence[Values],
    seed: int = 0,
    fills: Sequence[FillName] = FILLS,
) -> Iterator[Trials]:
    """Yield the trials of several block maps (rows, cols) of one image after each batch of passes.

    Map i breaks its ties by (seed, i). Costs 10 passes a map and fill, and at most one for the whole picture.
    """
    grid = grid_of(x.shape[1], x.shape[2])
    counts = counts_at(grid[0] * grid[1])
    orders = [ranked(values, seed, i) for i, values in enumerate(maps)]
    base = float(log_odds(engine, x, target)[0])
    curves = np.full((len(maps), len(fills), 2, 1 + len(counts)), np.nan)
    curves[..., 0] = base
    shares = np.array([0, *counts]) / (grid[0] * grid[1])
    places = list(product(range(len(maps)), range(len(fills)), (MOST_FIRST, LEAST_FIRST), range(len(counts))))
    images = _removed(x, grid, orders, counts, places, fills, seed)
    batch = engine.at_once(x)
    for start in range(0, len(places), batch):
        some = places[start : start + batch]
        scores = log_odds(engine, np.stack(list(islice(images, len(some)))), target)
        for (which, fill, direction, level), score in zip(some, scores, strict=True):
            curves[which, fill, direction, 1 + level] = score
        done = start + len(some)
        yield Trials(curves.copy(), shares, base, done * len(maps) // len(places), done, len(places))


def _removed(
    x: Images,
    grid: tuple[int, int],
    orders: list[Order],
    counts: list[int],
    places: list[tuple[int, int, int, int]],
    fills: Sequence[FillName],
    seed: int,
) -> Iterator[NDArray[np.float32]]:
    """Make the pictures one by one: a batch of them is all that is ever held."""
    numbers = numbering(x.shape[1], x.shape[2], grid)
    stand_ins = [None if fill == "imputed" else filled(x, grid, fill) for fill in fills]
    for which, fill, direction, level in places:
        order = orders[which] if direction == MOST_FIRST else orders[which][::-1]
        gone, stand_in = order[: counts[level]], stand_ins[fill]
        if stand_in is None:
            yield imputed(x, np.isin(numbers, gone), (seed, which, direction, level))
        else:
            yield mixed(x, stand_in, numbers, gone)
