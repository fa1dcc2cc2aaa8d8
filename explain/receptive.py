"""Receptive fields: the part of the input a unit can depend on, by arithmetic over the graph."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd, lcm
from typing import TYPE_CHECKING

import numpy as np

from explain.types import Images, Map

if TYPE_CHECKING:
    from explain.engine import Engine
    from explain.layers import LayerInfo

Part = tuple[int, int] | None
MOST_TURN = 1024
"""Units that may differ before they repeat: enlargements by more than that are not followed."""


@dataclass(frozen=True)
class Span:
    """One axis of a receptive field, in input pixels, before clipping to the input.

    Unit i can depend on the pixels from `start + i * stride` on, `size` of them. Behind an enlargement neighbours read
    differently, in turns: `phases` then are (first, behind the last) of the units of one turn, None for a unit that
    reads nothing; `stride` is how far a whole turn moves on, `size` the greatest, `start` that of the first unit.
    """

    size: int = 1
    stride: int = 1
    start: int = 0
    phases: tuple[Part, ...] = ()

    @property
    def turn(self) -> int:
        """After how many units a field of the same shape comes again."""
        return len(self.phases) or 1

    def unit(self, at: int) -> Part:
        """Return the pixels (first, behind the last) that unit `at` can depend on, None for none."""
        if not self.phases:
            first = self.start + at * self.stride
            return first, first + self.size
        turns, place = divmod(at, self.turn)
        part = self.phases[place]
        return None if part is None else (part[0] + turns * self.stride, part[1] + turns * self.stride)

    def through(self, kernel: int, stride: int, before: int, dilation: int = 1) -> Span:
        """Return the span behind a sliding window with `before` cells of padding in front."""
        turn = self.turn // gcd(self.turn, stride)
        cells = (range(at * stride - before, at * stride - before + kernel * dilation, dilation) for at in range(turn))
        return _taking_turns([self._over(one) for one in cells], self.stride * stride * turn // self.turn)

    def repeated(self, factor: int) -> Span | None:
        """Return the span behind an enlargement that writes each cell `factor` times; None where it is not followed."""
        turn = self.turn * factor
        return (
            _taking_turns([self.unit(at // factor) for at in range(turn)], self.stride) if turn <= MOST_TURN else None
        )

    def laid(self, kernel: int, stride: int, before: int) -> Span | None:
        """Return the span behind a transposed convolution: each cell lays a window, `stride` from the one before.

        `before` cells are cut off in front. None for more than is followed.
        """
        turn = self.turn * stride
        if turn > MOST_TURN:
            return None
        ends = (at + before for at in range(turn))
        cells = (range(-((kernel - 1 - end) // stride), end // stride + 1) for end in ends)
        return _taking_turns([self._over(one) for one in cells], self.stride)

    def joined(self, other: Span) -> Span | None:
        """Return the smallest span that holds both, None where they don't move on alike."""
        turn = lcm(self.turn, other.turn)
        if self.stride * other.turn != other.stride * self.turn or turn > MOST_TURN:
            return None
        parts = ([self.unit(at), other.unit(at)] for at in range(turn))
        return _taking_turns([_both(*pair) for pair in parts], self.stride * turn // self.turn)

    def _over(self, cells: range) -> Part:
        """Return what some cells in order read together: later ones never begin or end before earlier ones."""
        first = next((part for part in map(self.unit, cells) if part), None)
        last = next((part for part in map(self.unit, reversed(cells)) if part), None)
        return (first[0], last[1]) if first and last else None


def _both(one: Part, other: Part) -> Part:
    return one or other if one is None or other is None else (min(one[0], other[0]), max(one[1], other[1]))


def _taking_turns(parts: list[Part], stride: int) -> Span:
    known = [part for part in parts if part]
    size, start = max((part[1] - part[0] for part in known), default=0), known[0][0] if known else 0
    return Span(size, stride, start, () if len(parts) == len(known) == 1 else tuple(parts))


@dataclass(frozen=True)
class ReceptiveField:
    """The theoretical receptive field of a layer's units, one span an axis."""

    rows: Span = Span()
    columns: Span = Span()

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in input pixels, before clipping; the greatest where units differ."""
        return self.rows.size, self.columns.size

    @property
    def stride(self) -> tuple[int, int]:
        """Input pixels between neighbouring units, down and across; of a whole turn where units take turns."""
        return self.rows.stride, self.columns.stride

    @property
    def start(self) -> tuple[int, int]:
        """First row and column of unit (0, 0)'s field; negative where it reaches into the padding."""
        return self.rows.start, self.columns.start

    def repeated(self, factor: tuple[int, int]) -> ReceptiveField | None:
        """Return the field behind an enlargement that repeats rows and columns; None where it is not followed."""
        return _field(*(span.repeated(times) for span, times in zip((self.rows, self.columns), factor, strict=True)))

    def laid(self, kernel: tuple[int, int], strides: tuple[int, int], padding: str) -> ReceptiveField | None:
        """Return the field behind a transposed convolution, "same" or "valid"; None where it is not followed."""
        spans = []
        for span, size, step in zip((self.rows, self.columns), kernel, strides, strict=True):
            spans.append(span.laid(size, step, max(size - step, 0) // 2 if padding == "same" else 0))
        return _field(*spans)

    def joined(self, other: ReceptiveField) -> ReceptiveField | None:
        """Return the field that holds both, for branches that meet; None where they don't line up."""
        return _field(self.rows.joined(other.rows), self.columns.joined(other.columns))


def _field(rows: Span | None, columns: Span | None) -> ReceptiveField | None:
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
    first, behind = span.unit(unit) or (0, 0)
    return min(max(first, 0), size), min(max(behind, 0), size)


def effective_field(engine: Engine, x: Images, layer: str, row: int, col: int, channel: int | None = None) -> Map:
    """Return how strongly each pixel of one image moves one unit, (H, W) float32: sum over channels of |gradient|.

    x is (1, H, W, C). `channel` None takes all channels of the place together. Unlike the theoretical box this
    shows what the unit does depend on, for this image (Luo et al., 2017, arXiv:1701.04128).
    """
    gradient = engine.unit_gradients(x, layer, row, col, channel)
    strength: Map = np.abs(gradient[0]).sum(axis=-1)
    return strength
