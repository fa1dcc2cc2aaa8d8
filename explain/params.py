"""The parameters that a method declares, from which a screen draws its controls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.float32]
"""A batch of preprocessed images or of raw maps, (N, H, W, C) float32."""


@dataclass(frozen=True)
class Number:
    """A numeric parameter of a method, and how a screen may offer it."""

    name: str
    label: str
    default: float
    low: float
    high: float
    step: float
    help: str = ""

    @property
    def whole(self) -> bool:
        """Whether the parameter takes whole numbers only."""
        return isinstance(self.default, int) and isinstance(self.step, int)


@dataclass(frozen=True)
class Choice:
    """A parameter with a fixed set of values; `labels` are the words shown for them."""

    name: str
    label: str
    default: str
    options: tuple[str, ...]
    labels: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True)
class Layer:
    """A parameter that names a layer with rows and columns; None means the default layer."""

    name: str = "layer"
    label: str = "Layer"
    help: str = ""


@dataclass(frozen=True)
class Fill(Choice):
    """A choice of what stands in for the picture (a baseline, the inside of a patch): black, blurred, ...

    The value a method's `compute` gets is not the chosen word but a `MakeFill`.
    """


MakeFill = Callable[[Images], tuple[Images, ...]]
"""Gets images (N, H, W, C) and returns one or several stand-ins for them, of that shape each."""

Param = Number | Choice | Layer
