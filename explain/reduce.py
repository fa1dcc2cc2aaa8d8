"""From the values of every colour channel to one value a place."""

from __future__ import annotations

import numpy as np

from explain.types import Images


def strongest(raw: Images) -> Images:
    """Reduce (N, H, W, C) to the greatest magnitude over the channels, (N, H, W)."""
    reduced: Images = np.abs(raw).max(axis=-1)
    return reduced


def added(raw: Images) -> Images:
    """Reduce (N, H, W, C) to the signed sum over the channels, (N, H, W)."""
    total: Images = raw.sum(axis=-1)
    return total
