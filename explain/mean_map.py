"""The mean of a method's maps over many pictures, and where the means of two groups differ."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explain.checks import checked_images
from explain.errors import ArgumentError
from explain.running import strongest_signed
from explain.types import Images, Map, Method, Target

if TYPE_CHECKING:
    from explain.engine import Engine

AT_ONCE = 5
ERRORS = 2.0
"""Standard errors from which on a difference of two means is one: by chance it is in 1 of 22 places."""
BY_CHANCE = 0.0455
FEWEST = 10
"""Pictures in either group below which the error of a mean is not known well enough."""


@dataclass(frozen=True, eq=False)
class Mean:
    """The mean of maps, (h, w), each divided by its own sum first, and the standard error of it at each place.

    A value is the share of a picture's map that lies in the place; `count` maps went in, `empty` were 0 everywhere.
    """

    map: Map
    error: Map
    count: int
    empty: int


@dataclass(frozen=True, eq=False)
class MeanMaps:
    """The means of the groups so far, one a group; `done` of `total` pictures."""

    groups: tuple[Mean, ...]
    done: int
    total: int


def mean_maps(
    engine: Engine,
    groups: Sequence[tuple[Images, Sequence[int | Target]]],
    method: Method,
    params: Mapping[str, Any],
    *,
    signed: bool = False,
) -> Iterator[MeanMaps]:
    """Yield the mean map of each group of images (N, H, W, C) and their targets, after every few pictures.

    `signed` keeps values below zero where the method cuts them off; a map's sum is then that of its magnitudes.
    Groups of no pictures are left out. Raises ArgumentError without a picture, or for targets of another number.
    """
    given = [(checked_images(x, engine.input_shape), list(goals)) for x, goals in groups if len(x)]
    if not given or any(len(x) != len(goals) for x, goals in given):
        raise ArgumentError(
            "groups: expected images with as many targets in one group at least, got "
            f"{[(len(x), len(goals)) for x, goals in groups]}; give each picture its target"
        )
    compute = method.signed_compute if signed and method.signed_compute is not None else method.compute
    reduce = strongest_signed if signed else method.reduce
    total, done = sum(len(x) for x, _goals in given), 0
    sums = [_Sums() for _group in given]
    for own, (x, goals) in zip(sums, given, strict=True):
        for start in range(0, len(x), AT_ONCE):
            some = x[start : start + AT_ONCE]
            targets = [engine.target(goal) for goal in goals[start : start + AT_ONCE]]
            (raw,) = deque(compute(engine, some, targets, **params), maxlen=1)
            own.add(np.asarray(reduce(raw), np.float64))
            done += len(some)
            yield MeanMaps(tuple(one.mean() for one in sums if one.seen), done, total)


def differing(first: Mean, second: Mean) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the first mean less the second, (h, w), and where that is more than 2 of its standard errors.

    Raises ArgumentError where a group is too small to know its error.
    """
    if min(first.count, second.count) < FEWEST:
        raise ArgumentError(
            f"groups: expected at least {FEWEST} maps in each, got {first.count} and {second.count}; take more pictures"
        )
    gap = first.map.astype(np.float64) - second.map
    error = np.sqrt(first.error.astype(np.float64) ** 2 + second.error.astype(np.float64) ** 2)
    return gap.astype(np.float32), np.abs(gap) > ERRORS * error


class _Sums:
    """What the mean and its error follow from: the number of maps, their sum and the sum of their squares."""

    def __init__(self) -> None:
        self.count = self.empty = 0
        self.total: Any = 0.0
        self.squares: Any = 0.0

    @property
    def seen(self) -> bool:
        """Whether a map came, an empty one too."""
        return bool(self.count + self.empty)

    def add(self, maps: NDArray[np.float64]) -> None:
        """Take maps (N, h, w); those without a finite value other than 0 count as empty."""
        for one in maps:
            size = float(np.abs(one).sum())
            usable = bool(np.isfinite(size)) and size > 0
            self.count, self.empty = self.count + usable, self.empty + (not usable)
            share = one / size if usable else np.zeros_like(one)
            self.total, self.squares = self.total + share, self.squares + share * share

    def mean(self) -> Mean:
        """Return the mean so far."""
        n = max(1, self.count)
        mean = self.total / n
        variance = np.maximum(self.squares - n * mean * mean, 0) / max(1, n - 1)
        return Mean(mean.astype(np.float32), np.sqrt(variance / n).astype(np.float32), self.count, self.empty)
