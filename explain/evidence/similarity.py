"""How alike two maps are: rank correlation, and SSIM (Wang et al., 2004, doi:10.1109/TIP.2003.819861)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WINDOW = 7


def flat(values: NDArray[np.floating]) -> bool:
    """Whether a map has one value only, or any that is not finite: nothing can be compared with it."""
    return bool(not np.isfinite(values).all() or values.min() == values.max())


def rank_correlation(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Return Spearman's rank correlation of two maps of one shape, -1..1; 0.0 where either is flat."""
    from scipy.stats import rankdata

    if flat(one) or flat(other):
        return 0.0
    a, b = (rankdata(values.ravel()) for values in (one, other))
    return float(np.clip(np.corrcoef(a, b)[0, 1], -1, 1))


def structural_similarity(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Return the mean SSIM of two maps (H, W), each divided by its largest magnitude, -1..1.

    Windows of 7 x 7 (fewer on smaller maps) with equal weights and unbiased covariances, inside the picture only; the
    constants are 0.01^2 and 0.03^2.
    """
    from scipy.ndimage import uniform_filter

    a, b = (np.asarray(values, np.float64) / max(float(np.abs(values).max()), 1e-300) for values in (one, other))
    window = min(WINDOW, *(size - 1 + size % 2 for size in a.shape))
    count, edge = window * window, window // 2
    unbiased = count / max(count - 1, 1)

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        means = uniform_filter(values, window)
        return np.asarray(means[edge : a.shape[0] - edge, edge : a.shape[1] - edge], np.float64)

    mean_a, mean_b = mean(a), mean(b)
    spread_a, spread_b = unbiased * (mean(a * a) - mean_a**2), unbiased * (mean(b * b) - mean_b**2)
    together = unbiased * (mean(a * b) - mean_a * mean_b)
    above = (2 * mean_a * mean_b + 1e-4) * (2 * together + 9e-4)
    return float((above / ((mean_a**2 + mean_b**2 + 1e-4) * (spread_a + spread_b + 9e-4))).mean())
