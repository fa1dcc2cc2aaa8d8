"""Standard normal noise for smoothing, sample by sample: plain, in mirrored pairs, or partly quasi-random.

What the others save, measured by benchmarks/sampling.py on SmoothGrad: pairs a tenth to a third of the samples on the
small Fashion-MNIST network, and nothing on EfficientNet-Lite0; the sequence a tenth at most on the one, and nothing on
the other, since little of what moves a gradient is in the noise's coarse part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

GRID = 8
NoiseSource = Callable[[int, tuple[int, ...]], NDArray[Any]]
"""Gets a sample's number and one image's shape (H, W, C); returns that sample's standard normal noise."""


@dataclass(frozen=True)
class Sampling:
    """A way to draw: `source(seed)` makes the noise, and `group` successive samples depend on one another."""

    source: Callable[[int], NoiseSource]
    group: int = 1


def seeded_noise(seed: int) -> NoiseSource:
    """Return a source that draws sample i from (seed, i), whatever was drawn before."""

    def draw(sample: int, shape: tuple[int, ...]) -> NDArray[np.float64]:
        return np.random.default_rng((seed, sample)).standard_normal(shape)

    return draw


def antithetic_noise(seed: int) -> NoiseSource:
    """Return a source whose sample 2j + 1 is sample 2j with its sign turned: what is odd in the noise cancels."""
    plain = seeded_noise(seed)

    def draw(sample: int, shape: tuple[int, ...]) -> NDArray[np.float64]:
        return np.asarray(plain(sample // 2, shape) * (-1 if sample % 2 else 1), np.float64)

    return draw


def quasi_noise(seed: int) -> NoiseSource:
    """Return a source whose means over a grid of 8 x 8 blocks, a channel each, follow a scrambled Sobol sequence.

    All else is drawn plainly: no sequence covers 150,000 dimensions evenly. Each sample on its own is standard normal.
    Even and odd samples have a sequence each, scrambled on their own, so that the two halves stay independent.
    """
    plain = seeded_noise(seed)
    known: dict[tuple[int, int], NDArray[np.float64]] = {}

    def coarse(sample: int, dimensions: int) -> NDArray[np.float64]:
        half, at = sample % 2, sample // 2
        some = known.get((half, dimensions))
        if some is None or len(some) <= at:
            some = known[half, dimensions] = _sobol((seed, half, GRID), dimensions, 1 << max(6, int(at).bit_length()))
        found: NDArray[np.float64] = some[at]
        return found

    def draw(sample: int, shape: tuple[int, ...]) -> NDArray[np.float64]:
        noise = plain(sample, shape)
        rows, columns = (_blocks(size) for size in shape[:2])
        sums = np.add.reduceat(np.add.reduceat(noise, rows, axis=0), columns, axis=1)
        counts = np.outer(_lengths(rows, shape[0]), _lengths(columns, shape[1]))[..., None]
        wanted = coarse(sample, sums.size).reshape(sums.shape)
        change = wanted / np.sqrt(counts) - sums / counts
        change = np.repeat(change, _lengths(rows, shape[0]), axis=0)
        return np.asarray(noise + np.repeat(change, _lengths(columns, shape[1]), axis=1), np.float64)

    return draw


def _sobol(seed: tuple[int, int, int], dimensions: int, count: int) -> NDArray[np.float64]:
    """Return the first `count` points of a scrambled Sobol sequence as standard normal values, (count, dimensions)."""
    from scipy.special import ndtri
    from scipy.stats import qmc

    points = qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(seed)).random(count)
    edge = np.finfo(np.float64).eps
    return np.asarray(ndtri(np.clip(points, edge, 1 - edge)), np.float64)


def _blocks(size: int) -> NDArray[np.intp]:
    """Return where each block of rows or columns begins."""
    count = min(GRID, size)
    return np.asarray([i * size // count for i in range(count)], np.intp)


def _lengths(starts: NDArray[np.intp], size: int) -> NDArray[np.intp]:
    return np.diff(np.append(starts, size))


SAMPLINGS: dict[str, Sampling] = {
    "plain": Sampling(seeded_noise),
    "antithetic": Sampling(antithetic_noise, group=2),
    "quasi": Sampling(quasi_noise),
}
"""By name. Sample i never depends on how many follow, so a map stopped early is a fair one."""
