"""Receptive fields: the part of the input a unit can depend on, by arithmetic over the graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explain.types import Images, Map

if TYPE_CHECKING:
    from explain.engine import Engine
    from explain.layers import LayerInfo


@dataclass(frozen=True)
class Span:
    """One axis of a receptive field, in input pixels.

    Unit i can depend on the pixels from `start + i * stride` on, `size` of them; before clipping to the input.
    """

    size: int = 1
    stride: int = 1
    start: int = 0

    def through(self, kernel: int, stride: int, before: int, dilation: int = 1) -> Span:
        """Return the span behind a sliding window with `before` cells of padding in front."""
        reach = (kernel - 1) * dilation
        return Span(self.size + reach * self.stride, self.stride * stride, self.start - before * self.stride)

    def joined(self, other: Span) -> Span | None:
        """Return the smallest span that holds both, None where their strides differ."""
        if self.stride != other.stride:
            return None
        start = min(self.start, other.start)
        return Span(max(self.start + self.size, other.start + other.size) - start, self.stride, start)


@dataclass(frozen=True)
class ReceptiveField:
    """The theoretical receptive field of a layer's units, one span an axis."""

    rows: Span = Span()
    columns: Span = Span()

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in input pixels, before clipping."""
        return self.rows.size, self.columns.size

    @property
    def stride(self) -> tuple[int, int]:
        """Input pixels between neighbouring units, down and across."""
        return self.rows.stride, self.columns.stride

    @property
    def start(self) -> tuple[int, int]:
        """First row and column of unit (0, 0)'s field; negative where it reaches into the padding."""
        return self.rows.start, self.columns.start

    def joined(self, other: ReceptiveField) -> ReceptiveField | None:
        """Return the field that holds both, for branches that meet; None where they don't line up."""
        rows, columns = self.rows.joined(other.rows), self.columns.joined(other.columns)
        return None if rows is None or columns is None else ReceptiveField(rows, columns)


def receptive_box(info: LayerInfo, row: int, col: int, input_shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Return (top, left, bottom, right) of the input that unit (row, col) of a layer can depend on.

    Half-open and clipped to the input (H, W, ...). The whole input for a layer without rows and columns, or whose units
    mix all positions (dense, global pooling and what follows them). Raises ValueError for a unit that doesn't exist.
    """
    height, width = input_shape[0], input_shape[1]
    field = info.receptive_field
    if field is None:
        return 0, 0, height, width
    for name, value, count in (("row", row, info.output_shape[0]), ("col", col, info.output_shape[1])):
        if not 0 <= value < max(count, 1):
            raise ValueError(f"{name}: {info.name} has {count} of them, numbered from 0, got {value}")
    top, bottom = _clipped(field.rows, row, height)
    left, right = _clipped(field.columns, col, width)
    return top, left, bottom, right


def _clipped(span: Span, unit: int, size: int) -> tuple[int, int]:
    first = span.start + unit * span.stride
    return min(max(first, 0), size), min(max(first + span.size, 0), size)


def effective_field(engine: Engine, x: Images, layer: str, row: int, col: int, channel: int | None = None) -> Map:
    """Return how strongly each pixel of one image moves one unit, (H, W) float32: sum over channels of |gradient|.

    x is (1, H, W, C). `channel` None takes all channels of the place together. Unlike the theoretical box this
    shows what the unit does depend on, for this image (Luo et al., 2017, arXiv:1701.04128).
    """
    gradient = engine.unit_gradients(x, layer, row, col, channel)
    strength: Map = np.abs(gradient[0]).sum(axis=-1)
    return strength
