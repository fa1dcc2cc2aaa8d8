"""Smoothing: a method's maps over noisy copies of the image (SmoothGrad: Smilkov et al., 2017, arXiv:1706.03825)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explain.types import Compute, Images, Target

if TYPE_CHECKING:
    from explain.engine import Engine

BATCH = 4
NoiseSource = Callable[[int, tuple[int, ...]], NDArray[Any]]
"""Gets a sample's number and one image's shape (H, W, C); returns that sample's standard normal noise."""


@dataclass(frozen=True)
class Statistic:
    """How samples become one map: `each` is applied to every sample, then the mean is taken, then `last`."""

    each: Callable[[Images], Images]
    last: Callable[[Images], Images]


def _same(values: Images) -> Images:
    return values


STATISTICS: dict[str, Statistic] = {
    "abs_mean": Statistic(each=np.abs, last=_same),
    "mean_abs": Statistic(each=_same, last=np.abs),
    "mean": Statistic(each=_same, last=_same),
}
"""abs_mean: absolute, then mean (as tf-keras-vis); mean_abs: mean, then absolute; mean: signed."""


@dataclass(frozen=True)
class Smoothed:
    """The map of `done` samples so far, (N, h, w, C)."""

    values: Images
    done: int


def smooth(
    compute: Compute,
    engine: Engine,
    x: Images,
    targets: Sequence[Target],
    *,
    samples: int,
    noise: float,
    statistic: str = "abs_mean",
    seed: int = 0,
    noise_source: NoiseSource | None = None,
    **params: Any,
) -> Iterator[Smoothed]:
    """Yield the statistic over noisy copies of x (N, H, W, C): after one sample, then after every four.

    The noise's standard deviation is `noise` times each image's own max - min. Sample i draws from (seed, i), so more
    samples only add to those before. A method that yields partial maps is yielded through, so that the caller
    may stop inside a sample. `noise_source` replaces the draws.
    """
    rule, draw = STATISTICS[statistic], noise_source or seeded_noise(seed)
    sigma = np.float32(noise) * (x.max(axis=(1, 2, 3), keepdims=True) - x.min(axis=(1, 2, 3), keepdims=True))
    total: NDArray[np.float64] | None = None
    done = 0
    while done < samples:
        count = min(BATCH if done else 1, samples - done)
        noisy = np.concatenate([_noisy(x, sigma, draw(i, x.shape[1:])) for i in range(done, done + count)])
        values: Images | None = None
        for part in compute(engine, noisy, list(targets) * count, **params):
            if values is not None and total is not None:
                yield Smoothed(_mean(total, done, rule), done)
            values = part
        if values is None:
            raise ValueError("method: it yielded no map for a noisy copy")
        added = rule.each(values.astype(np.float64)).reshape(count, len(x), *values.shape[1:]).sum(axis=0)
        total = added if total is None else total + added
        done += count
        yield Smoothed(_mean(total, done, rule), done)


def seeded_noise(seed: int) -> NoiseSource:
    """Return a source that draws sample i from (seed, i), whatever was drawn before."""

    def draw(sample: int, shape: tuple[int, ...]) -> NDArray[np.float64]:
        return np.random.default_rng((seed, sample)).standard_normal(shape)

    return draw


def _mean(total: NDArray[np.float64], done: int, rule: Statistic) -> Images:
    return rule.last(np.asarray(total / done, np.float32))


def _noisy(x: Images, sigma: Images, standard: NDArray[Any]) -> Images:
    noisy: Images = x + (sigma * standard).astype(np.float32)
    return noisy
