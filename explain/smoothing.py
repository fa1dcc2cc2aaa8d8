"""Smoothing: a method's maps over noisy copies of the image (SmoothGrad: Smilkov et al., 2017, arXiv:1706.03825)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explain.noise import SAMPLINGS, NoiseSource
from explain.types import Compute, Images, Plan, Target

if TYPE_CHECKING:
    from explain.engine import Engine

BATCH = 4
"""Copies a pass. Convolutions may add up four images in another order than one, and through a kink of ReLU6 such
rounding is seen: what is held against another engine, which takes them one by one, has to take them so too."""
Values = NDArray[Any]


@dataclass(frozen=True)
class Statistic:
    """How samples become one map: `each` is applied to every sample, then the mean is taken, then `last`.

    `signed`: of the values that a method has before it cuts off those below zero.
    """

    each: Callable[[Values], Values]
    last: Callable[[Values], Values]
    signed: bool = False


def _same(values: Values) -> Values:
    return values


def _and_squares(values: Values) -> Values:
    """Return values and their squares, behind each other in the channels, in float64: a difference of both follows."""
    wide = values.astype(np.float64)
    return np.concatenate([wide, wide * wide], axis=-1)


def _variance(means: Values) -> Values:
    mean, square = np.split(means, 2, axis=-1)
    variance: Values = np.maximum(square - mean * mean, 0)
    return variance


STATISTICS: dict[str, Statistic] = {
    "abs_mean": Statistic(each=np.abs, last=_same),
    "mean_abs": Statistic(each=_same, last=np.abs),
    "mean": Statistic(each=_same, last=_same),
    "variance": Statistic(each=_and_squares, last=_variance, signed=True),
    "squares": Statistic(each=np.square, last=_same, signed=True),
}
"""abs_mean: absolute, then mean (as tf-keras-vis); mean_abs: mean, then absolute; mean: signed; variance: of the signed
values, divided by n (VarGrad, arXiv:1810.03307); squares: mean of the signed values' squares (arXiv:1806.10758)."""


def smoothing_plan(
    compute: Compute,
    engine: Engine,
    x: Images,
    target: Target,
    *,
    samples: int,
    noise: float,
    statistic: str = "abs_mean",
    sampling: str = "plain",
    seed: int = 0,
    noise_source: NoiseSource | None = None,
    batch: int = BATCH,
    **params: Any,
) -> Plan:
    """Return the statistic over noisy copies of one image x (1, H, W, C) as a plan: one, then `batch` at a time.

    The noise's standard deviation is `noise` times the image's own max - min. Sample i draws from (seed, i) (see
    explain.noise for `sampling`), so more samples only add to those before. A method that yields partial maps is walked
    through, so that the caller may stop inside a sample. `noise_source` replaces the draws.
    """
    rule, kind = STATISTICS[statistic], SAMPLINGS[sampling]
    draw = noise_source or kind.source(seed)
    sigma = np.float32(noise) * (x.max() - x.min())

    def walk(start: int, stop: int) -> Iterator[Images | None]:
        noisy = np.stack([_noisy(x[0], sigma, draw(i, x.shape[1:])) for i in range(start, stop)])
        values: Images | None = None
        for part in compute(engine, noisy, [target] * len(noisy), **params):
            if values is not None:
                yield None
            values = part
        if values is None:
            raise ValueError("method: it yielded no map for a noisy copy")
        yield rule.each(values)

    def draw_all(start: int, stop: int) -> Images:
        *_, values = walk(start, stop)
        return np.asarray(values)

    def finish(total: Images, done: int) -> Images:
        return rule.last(total / np.float64(done))

    return Plan(samples, draw_all, finish, batch, grows_by="smooth_samples", alike=True, group=kind.group, walk=walk)


def _noisy(image: Images, sigma: np.float32, standard: NDArray[Any]) -> Images:
    noisy: Images = image + (sigma * standard).astype(np.float32)
    return noisy
