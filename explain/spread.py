"""Orders in which any first few of many numbered things are spread over all of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

GOLDEN = 0.6180339887498949


def spread(count: int) -> NDArray[np.int64]:
    """Return 0..count-1 in an order whose every beginning, and whose even and odd places, cover the whole range evenly.

    They are ranked multiples of the golden ratio, whose gaps are of three lengths at most (the three-gap theorem).
    """
    at = (np.arange(count) + 0.5) * GOLDEN % 1
    return np.asarray(np.argsort(np.argsort(at)), np.int64)
