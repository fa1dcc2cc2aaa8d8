"""Bring a coarse map to the image's size, by half pixels or with aligned corners."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Placement = Literal["half_pixel", "aligned_corners"]


def resize(
    maps: NDArray[np.float32], size: tuple[int, int], placement: Placement = "half_pixel"
) -> NDArray[np.float32]:
    """Interpolate maps (..., h, w) linearly to (..., H, W).

    "half_pixel" keeps each cell over its own part of the picture; "aligned_corners" puts the corner cells' centres on
    the corner pixels (scipy.ndimage.zoom of order 1), which moves a 7 x 7 cell by up to 15 pixels of 224.
    """
    if maps.shape[-2:] == size:
        return maps
    rows = _weights(maps.shape[-2], size[0], placement)
    columns = _weights(maps.shape[-1], size[1], placement)
    return np.asarray(rows @ maps.astype(np.float64) @ columns.T, np.float32)


@lru_cache(maxsize=64)
def _weights(cells: int, pixels: int, placement: Placement) -> NDArray[np.float64]:
    """Return the (pixels, cells) share of each cell in each pixel; every row adds up to 1."""
    at = np.arange(pixels, dtype=np.float64)
    if placement == "half_pixel":
        at = (at + 0.5) * cells / pixels - 0.5
    elif placement == "aligned_corners":
        at = at * ((cells - 1) / max(pixels - 1, 1))
    else:
        raise ValueError(f'placement: expected "half_pixel" or "aligned_corners", got {placement!r}')
    at = np.clip(at, 0, cells - 1)
    low = np.minimum(np.floor(at).astype(int), max(cells - 2, 0))
    share = np.zeros((pixels, cells))
    pixel = np.arange(pixels)
    share[pixel, low] += 1 - (at - low)
    share[pixel, np.minimum(low + 1, cells - 1)] += at - low
    return share
