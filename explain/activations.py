"""What a layer's channels do on one picture: silent ones, means, maxima, ranks, and small tiles to draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ChannelStats:
    """One layer's channels (or units) on one picture, (C,) each.

    `silent` numbers those that are zero everywhere on this picture; `ranked` numbers all channels by falling strongest
    magnitude; `low` and `high` are the layer's range.
    """

    mean: Array
    maximum: Array
    minimum: Array
    silent: tuple[int, ...]
    ranked: tuple[int, ...]
    low: float
    high: float

    @property
    def count(self) -> int:
        """Number of channels."""
        return len(self.mean)


def channel_stats(values: Array) -> ChannelStats:
    """Return the statistics of one picture's activations, (h, w, C) or (units,)."""
    flat = values.reshape(-1, values.shape[-1]) if values.ndim > 1 else values[None]
    low, high = flat.min(axis=0), flat.max(axis=0)
    strength = np.maximum(np.abs(low), np.abs(high))
    return ChannelStats(
        mean=flat.mean(axis=0, dtype=np.float64).astype(np.float32),
        maximum=high,
        minimum=low,
        silent=tuple(np.flatnonzero(strength == 0).tolist()),
        ranked=tuple(np.argsort(-strength, kind="stable").tolist()),
        low=float(low.min()),
        high=float(high.max()),
    )


def pool_strongest(maps: Array, tile: int = 28) -> tuple[Array, int]:
    """Shrink maps (h, w, C) to at most `tile` rows and columns, by a whole factor; returns the maps and the factor.

    Each cell keeps the value of greatest magnitude, sign and all, which averaging would wash out. Raises ValueError for
    a tile below 1.
    """
    if tile < 1:
        raise ValueError(f"tile: expected at least 1 cell, got {tile}")
    height, width, channels = maps.shape
    factor = -(-max(height, width) // tile)
    if factor == 1:
        return maps, 1
    rows, columns = -(-height // factor), -(-width // factor)
    padded = np.zeros((rows * factor, columns * factor, channels), maps.dtype)
    padded[:height, :width] = maps
    blocks = padded.reshape(rows, factor, columns, factor, channels).transpose(0, 2, 4, 1, 3)
    blocks = blocks.reshape(rows, columns, channels, factor * factor)
    at = np.abs(blocks).argmax(axis=-1, keepdims=True)
    return np.take_along_axis(blocks, at, axis=-1)[..., 0], factor
