"""How far a map over random samples repeats: one half of the samples against the other.

Set against its own earlier estimate, with which it shares nearly all samples, even pure noise seems to converge.
"""

from __future__ import annotations

import math

import numpy as np

from explain.types import Map

TOP_SHARE = 0.1
CHANCE = 3.0
"""Standard errors within which two unrelated maps' correlation is expected to lie."""


def reliability(first: Map, second: Map) -> float | None:
    """Return the split-half reliability of the mean of two half maps (h, w), 0..1: 2r / (1 + r), at least 0.

    r is the correlation of their magnitudes (Spearman, 1910; Brown, 1910). One that unrelated noise on as many cells
    may give (3 standard errors, 3 / sqrt(cells)) counts as none. None where a half is the same everywhere.
    """
    a, b = (np.abs(values.astype(np.float64)).ravel() for values in (first, second))
    a, b = a - a.mean(), b - b.mean()
    size = math.sqrt(float(a @ a) * float(b @ b))
    if not size > 0 or not math.isfinite(size):
        return None
    r = float(a @ b) / size
    return 0.0 if r < CHANCE / math.sqrt(a.size) else min(1.0, 2 * r / (1 + r))


def overlap(first: Map, second: Map, share: float = TOP_SHARE) -> float:
    """Return how much of the strongest cells of two half maps (h, w) is the same, 0..1; chance gives `share`."""
    count = max(1, round(share * first.size))
    a, b = (np.argpartition(-np.abs(values).ravel(), count - 1)[:count] for values in (first, second))
    return len(np.intersect1d(a, b)) / count
