"""What a recording shows by itself: kernels that died, kernels that stopped changing, where the accuracy jumped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_zoo.training.recorded import Recording

STILL = 0.01
"""A kernel stands still while it is no further from its last values than this share of their L2 norm."""

STILL_BY = 0.5
"""Near the end every kernel is close to its end: standing still counts from this share of the steps, or before."""


@dataclass(frozen=True)
class Since:
    """Kernels of one layer, and for each the moment (a position in the recording) from which on something holds."""

    layer: str
    kernels: tuple[int, ...]
    moments: tuple[int, ...]
    of: int

    @property
    def first(self) -> int:
        """The earliest of the moments."""
        return min(self.moments)

    @property
    def last(self) -> int:
        """The latest of the moments: from there on it holds for all of the kernels."""
        return max(self.moments)


@dataclass(frozen=True)
class Jump:
    """The largest rise of the accuracy between two neighbouring moments, `before` and `after` it."""

    before: int
    after: int
    rise: float


def dead(recording: Recording, layer: str) -> Since | None:
    """Return the kernels of a layer whose output is 0 on all pinned pictures from some moment to the end.

    None where there are none, or where the layer's activations weren't recorded.
    """
    if layer not in recording.peaks:
        return None
    return _since(layer, recording.peaks[layer] == 0)


def still(recording: Recording, layer: str, share: float = STILL, by: float = STILL_BY) -> Since | None:
    """Return the kernels of a layer that from some moment in the first half on stay within 1 % of their last values.

    Read from the input channels that were kept; float16 moves a kernel by less than a twentieth of that. None where
    there are none. Raises ValueError for shares outside 0 to 1.
    """
    for name, value in (("share", share), ("by", by)):
        if not 0 < value <= 1:
            raise ValueError(
                f"{name}: expected more than 0 and at most 1, got {value}; {STILL} and {STILL_BY} are usual"
            )
    if layer not in recording.kernels or recording.moments < 2:
        return None
    kernels = recording.kernels[layer].astype(np.float32)
    apart = np.sqrt(((kernels - kernels[-1]) ** 2).sum(axis=(1, 2, 3)))
    size = np.sqrt((kernels[-1] ** 2).sum(axis=(0, 1, 2)))
    found = _since(layer, apart <= share * size)
    if found is None:
        return None
    early = recording.steps <= by * recording.steps[-1]
    chosen = [at for at, moment in enumerate(found.moments) if early[moment] and moment < recording.moments - 1]
    if not chosen:
        return None
    return Since(layer, tuple(found.kernels[at] for at in chosen), tuple(found.moments[at] for at in chosen), found.of)


def jump(recording: Recording) -> Jump | None:
    """Return the largest rise of the accuracy between neighbouring moments; None where it never rose."""
    rises = np.diff(recording.accuracy.astype(np.float64))
    if not np.isfinite(rises).any() or np.nanmax(rises) <= 0:
        return None
    at = int(np.nanargmax(rises))
    return Jump(at, at + 1, float(rises[at]))


def _since(layer: str, holds: NDArray[np.bool_]) -> Since | None:
    """Return which columns of (T, C) hold at the end, and from which moment on without a break."""
    lasting = np.logical_and.accumulate(holds[::-1], axis=0)[::-1]
    kernels = np.flatnonzero(lasting[-1])
    if not len(kernels):
        return None
    moments = lasting[:, kernels].argmax(axis=0)
    return Since(layer, tuple(kernels.tolist()), tuple(moments.tolist()), holds.shape[1])
