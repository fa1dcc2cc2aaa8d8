"""Which of many kernels is most like one: by cosine after removing each mean, beside what chance alone reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explain.errors import ArgumentError

FLAT = 1e-9
"""A kernel whose weights vary less than this share of their size has no direction to compare."""


@dataclass(frozen=True)
class Nearest:
    """The kernel most like another one. `at` is its place, `cosine` from -1 (its negative) to 1, of `among` kernels."""

    at: int
    cosine: float
    among: int


def cosines(kernel: NDArray[Any], others: NDArray[Any]) -> NDArray[np.float64]:
    """Return the cosine of a kernel (kh, kw) with each of `others` (n, kh, kw), each without its mean: -1 to 1.

    NaN for one of equal weights throughout. It is Pearson's correlation of the weights.
    """
    one = _centred(np.asarray(kernel, np.float64)[None])[0]
    many = _centred(np.asarray(others, np.float64))
    if one.shape != many.shape[1:]:
        raise ArgumentError(
            f"others: expected kernels of {one.size} weights, got {many.shape[1:]}; compare equal sizes"
        )
    found: NDArray[np.float64] = many @ one
    return found


def _centred(kernels: NDArray[np.float64]) -> NDArray[np.float64]:
    flat = kernels.reshape(len(kernels), -1)
    rest = flat - flat.mean(axis=1, keepdims=True)
    size = np.linalg.norm(rest, axis=1, keepdims=True)
    known = size > FLAT * np.linalg.norm(flat, axis=1, keepdims=True)
    unit: NDArray[np.float64] = np.where(known, rest / np.where(known, size, 1), np.nan)
    return unit


def nearest(kernel: NDArray[Any], others: NDArray[Any]) -> Nearest | None:
    """Return the one of `others` (n, kh, kw) with the greatest |cosine|, None where a flat kernel leaves none."""
    found = cosines(kernel, others)
    if not np.isfinite(found).any():
        return None
    at = int(np.nanargmax(np.abs(found)))
    return Nearest(at, float(found[at]), int(np.isfinite(found).sum()))


def by_chance(count: int, weights: int, share: float = 0.5) -> float:
    """Return the greatest |cosine| that `count` random kernels of so many weights stay below in `share` of all draws.

    Exact for independent normal weights: without its mean a kernel has weights - 1 free directions, the square of a
    cosine is then Beta(1/2, (weights - 2) / 2), and the greatest of `count` has the share's `count`-th root.
    """
    from scipy.stats import beta

    if count < 1 or weights < 3 or not 0 < share < 1:
        raise ArgumentError(
            f"count, weights, share: expected 1, 3 or more and a share inside 0..1, got {count}, {weights}, {share}"
        )
    return float(np.sqrt(beta.ppf(share ** (1 / count), 0.5, (weights - 2) / 2)))
