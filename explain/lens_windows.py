"""Which cells of its input one output reads: windows that slide, windows turned round, single cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explain.arithmetic import dilated, zeros_around
from explain.lens_types import Array, Inside, Places, Unit, Window


@dataclass(frozen=True, eq=False)
class Axis:
    """One axis of a window: where its cells lie in the input, and which of them lie inside it."""

    at: Places
    inside: Inside


def slid(out: int, size: int, kernel: int, stride: int, padding: str, dilation: int = 1) -> Axis:
    """Return the cells that a sliding window reads for output cell `out`, by Keras's padding."""
    before, _after = zeros_around(size, kernel, stride, padding, dilation)
    at = out * stride - before + dilation * np.arange(kernel)
    return Axis(at, (at >= 0) & (at < size))


def turned(out: int, size: int, kernel: int, stride: int, padding: str, made: int) -> Axis:
    """Return the cells that reach output cell `out` of `made` in a transposed convolution, one a kernel cell.

    It is the convolution's way back: input x reaches x * stride - before + i through kernel cell i. Where the stride
    leaves a gap, a kernel cell meets no input.
    """
    total = max((size - 1) * stride + dilated(kernel, 1) - made, 0) if padding == "same" else 0
    reach = out + total // 2 - np.arange(kernel)
    at = reach // stride
    return Axis(at, (reach % stride == 0) & (at >= 0) & (at < size))


def cut(source: str, values: NDArray[Any], rows: Axis, columns: Axis, channels: Places) -> Window:
    """Cut a window out of an input (h, w, C), with 0 wherever no input lies."""
    inside = np.outer(rows.inside, columns.inside)
    picked = values[
        np.where(rows.inside, rows.at, 0)[:, None, None],
        np.where(columns.inside, columns.at, 0)[None, :, None],
        channels[None, None, :],
    ]
    taken = np.where(inside[..., None], picked.astype(np.float64), 0.0)
    return Window(source, rows.at, columns.at, channels, inside, taken)


def whole(source: str, values: NDArray[np.float32], channel: int) -> Window:
    """Return all rows and columns of one channel of an input (h, w, C)."""
    rows, columns = (Axis(np.arange(size), np.ones(size, bool)) for size in values.shape[:2])
    return cut(source, values, rows, columns, np.array([channel]))


def along(source: str, values: NDArray[np.float32], at: Unit) -> Window:
    """Return all channels at one place of an input, `at` being an index without the channel."""
    return _window(source, at, np.arange(values.shape[-1]), np.asarray(values[at], np.float64))


def single(source: str, values: NDArray[np.float32], at: Unit) -> Window:
    """Return one value of an input of any shape."""
    return _window(source, at[:-1], np.array([at[-1]]), np.asarray(values[at], np.float64).reshape(1))


def nothing(source: str, at: Unit) -> Window:
    """Return a place outside an input, which holds a zero."""
    window = _window(source, at[:-1], np.array([at[-1]]), np.zeros(1))
    return Window(window.source, window.rows, window.columns, window.channels, ~window.inside, window.values)


def _window(source: str, at: Unit, channels: Places, values: Array) -> Window:
    row, column = (*at, 0, 0)[:2]
    return Window(source, np.array([row]), np.array([column]), channels, np.ones((1, 1), bool), values[None, None])
