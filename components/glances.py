"""What every page shows of a subject: the layers, the strip's faces, the model's answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explain.layers import LayerInfo
from explain.sums import Sum


@dataclass(frozen=True, eq=False)
class Glance:
    """What every page shows of a subject: the layers, the strip's thumbnails and the model's answer.

    `faces` PNG bytes by layer name; `logits` and `probabilities` (K,) or None without a class output; `total` is the
    answer as a sum, None where the network does not end in one; `precomputed` marks the shipped first look, and `apart`
    is, there alone, what separates its first class from the second as a sum; `fed` is False for a model that can't be
    given a picture.
    """

    layers: tuple[LayerInfo, ...]
    faces: Mapping[str, bytes]
    logits: NDArray[np.float32] | None
    probabilities: NDArray[np.float32] | None
    default_layer: str | None
    output_kind: str
    total: Sum | None
    precomputed: bool = False
    apart: Sum | None = None
    fed: bool = True

    @property
    def top(self) -> int | None:
        """The class with the highest probability."""
        return None if self.probabilities is None else int(np.argmax(self.probabilities))

    def layer(self, name: str | None) -> LayerInfo | None:
        """Return a layer by name."""
        return next((layer for layer in self.layers if layer.name == name), None)
