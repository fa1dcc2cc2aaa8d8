"""One number of a layer taken apart: what it read, what that was multiplied with, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from explain.errors import ConvScopeError

Array = NDArray[np.float64]
Places = NDArray[np.int64]
Inside = NDArray[np.bool_]
Unit = tuple[int, ...]

Kind = Literal["sum", "largest", "mean", "scale", "function", "copy", "merge"]
"""`sum` products of a window and a kernel, `largest` and `mean` of a window, `scale` one value scaled and shifted,
`function` of one value or of all channels at its place, `copy` one value passed on, `merge` one value of each input."""


class NotShown(ConvScopeError, ValueError):  # noqa: N818 - says the state
    """A layer whose arithmetic is not taken apart; `code` says why, `values` hold its name and type."""

    def __init__(self, code: str, layer: str, kind: str, **more: Any) -> None:
        said = f"layer: the arithmetic of {layer} ({kind}) is not shown ({code}); choose another layer"
        super().__init__(code, said, {"layer": layer, "type": kind, **more})


@dataclass(frozen=True, eq=False)
class Window:
    """What one output reads of one input.

    `rows` (kh,) and `columns` (kw,) say where in the input each row and column of the window lies, `channels` (C,)
    which of its channels are read; `inside` (kh, kw) is False where no input lies, as in the padding; `values`
    (kh, kw, C) are 0 there. An input without rows and columns has its units as channels.
    """

    source: str
    rows: Places
    columns: Places
    channels: Places
    inside: Inside
    values: Array

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the window."""
        return int(self.inside.shape[0]), int(self.inside.shape[1])

    @property
    def padded(self) -> int:
        """Cells of the window in which no input lies."""
        return int((~self.inside).sum())

    def box(self) -> tuple[int, int, int, int] | None:
        """Top, left, bottom and right of what is read, the last two not included; None where nothing is."""
        rows, columns = self.rows[self.inside.any(axis=1)], self.columns[self.inside.any(axis=0)]
        if not rows.size or not columns.size:
            return None
        return int(rows.min()), int(columns.min()), int(rows.max()) + 1, int(columns.max()) + 1


@dataclass(frozen=True, eq=False)
class Parts:
    """What a layer does for one unit before its activation: `numbers` names what a formula needs."""

    kind: Kind
    windows: tuple[Window, ...]
    before: float
    weights: Array | None = None
    bias: float | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)
    together: Array | None = None


@dataclass(frozen=True, eq=False)
class Made:
    """One number of a layer, made again in float64 from the layer's own inputs and weights.

    `unit` is its index in the layer's output; `weights` (kh, kw, C) belong to the first window; `before` is the value
    before the activation, `together` all channels' there where the activation needs them; `value` is what was made,
    `model` what the model has, `largest` the layer's largest absolute value, `precision` the type in which the
    model computes this layer.
    """

    layer: str
    type: str
    unit: Unit
    parts: Parts
    activation: str | None
    value: float
    model: float
    largest: float
    precision: str = "float32"

    @property
    def kind(self) -> Kind:
        """How the number is made."""
        return self.parts.kind

    @property
    def window(self) -> Window:
        """What is read of the first input."""
        return self.parts.windows[0]

    @property
    def difference(self) -> float:
        """How far the number is from the model's own, as a share of the layer's largest absolute value."""
        if self.value == self.model or (np.isnan(self.value) and np.isnan(self.model)):
            return 0.0
        apart = abs(self.value - self.model)
        return float(apart / self.largest) if self.largest else float(apart)

    @cached_property
    def products(self) -> Array:
        """Each value read times its weight, (kh, kw, C)."""
        if self.parts.weights is None:
            raise ValueError(f"kind: only a sum has products, and {self.layer} is made by {self.kind}")
        return self.window.values * self.parts.weights

    @cached_property
    def sums(self) -> Array:
        """The sum of products of each channel read, (C,)."""
        return np.asarray(self.products.sum(axis=(0, 1)))

    @cached_property
    def ranked(self) -> tuple[int, ...]:
        """Positions in `sums` by falling size, the sign left aside."""
        return tuple(int(at) for at in np.argsort(-np.abs(self.sums), kind="stable"))
