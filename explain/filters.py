"""One kernel over a picture, as Keras's convolution does it, and the kernels that everybody knows by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explain.arithmetic import SizeRule, size_rule, zeros_around
from explain.errors import ArgumentError

Kernel = NDArray[np.float64]
SIZES = ((3, 3), (5, 5), (7, 7), (3, 7), (27, 27))
MOST_WEIGHT = 1e4
PADDINGS = ("same", "valid")


@dataclass(frozen=True)
class Preset:
    """A kernel with a name: `make` builds it for (rows, columns); `core` where it is 3x3 in the middle of zeros."""

    key: str
    make: Callable[[int, int], Kernel]
    core: bool = False


def _core(*values: float) -> Callable[[int, int], Kernel]:
    def make(rows: int, columns: int) -> Kernel:
        kernel = np.zeros((rows, columns))
        top, left = (rows - 3) // 2, (columns - 3) // 2
        kernel[top : top + 3, left : left + 3] = np.reshape(values, (3, 3))
        return kernel

    return make


def _box(rows: int, columns: int) -> Kernel:
    return np.full((rows, columns), 1 / (rows * columns))


def _binomial(rows: int, columns: int) -> Kernel:
    """Binomial weights, the whole-number Gaussian: its variance is a quarter of the size less one."""
    down, across = ([comb(size - 1, at) for at in range(size)] for size in (rows, columns))
    kernel: Kernel = np.outer(down, across) / 2.0 ** (rows + columns - 2)
    return kernel


def _motion(rows: int, columns: int) -> Kernel:
    """A line of equal weights: from corner to corner of a square, along the middle row of anything else."""
    if rows == columns:
        return np.eye(rows) / rows
    kernel = np.zeros((rows, columns))
    kernel[rows // 2] = 1 / columns
    return kernel


PRESETS: dict[str, Preset] = {
    preset.key: preset
    for preset in (
        Preset("identity", _core(0, 0, 0, 0, 1, 0, 0, 0, 0), core=True),
        Preset("box", _box),
        Preset("gaussian", _binomial),
        Preset("sharpen", _core(0, -1, 0, -1, 5, -1, 0, -1, 0), core=True),
        Preset("sobel_x", _core(-1, 0, 1, -2, 0, 2, -1, 0, 1), core=True),
        Preset("sobel_y", _core(-1, -2, -1, 0, 0, 0, 1, 2, 1), core=True),
        Preset("scharr_x", _core(-3, 0, 3, -10, 0, 10, -3, 0, 3), core=True),
        Preset("scharr_y", _core(-3, -10, -3, 0, 0, 0, 3, 10, 3), core=True),
        Preset("laplacian", _core(0, 1, 0, 1, -4, 1, 0, 1, 0), core=True),
        Preset("emboss", _core(-2, -1, 0, -1, 1, 1, 0, 1, 2), core=True),
        Preset("motion", _motion),
    )
}


def preset(key: str, rows: int = 3, columns: int = 3) -> Kernel:
    """Return a named kernel at a size, (rows, columns) float64. Raises ArgumentError for a name or size there isn't."""
    if key not in PRESETS:
        raise ArgumentError(f"preset: expected one of {', '.join(PRESETS)}, got {key!r}")
    if (rows, columns) not in SIZES:
        some = ", ".join(f"{one}x{other}" for one, other in SIZES)
        raise ArgumentError(f"size: expected one of {some}, got {rows}x{columns}")
    return PRESETS[key].make(rows, columns)


def checked(kernel: Any) -> Kernel:
    """Return a kernel as float64. Raises ArgumentError for another size than SIZES, or a weight that can't be."""
    values = np.asarray(kernel, np.float64)
    if values.shape not in SIZES:
        some = ", ".join(f"{one}x{other}" for one, other in SIZES)
        raise ArgumentError(f"kernel: expected {some}, got {'x'.join(map(str, values.shape))}; choose one of them")
    if not np.isfinite(values).all() or np.abs(values).max() > MOST_WEIGHT:
        raise ArgumentError(f"kernel: expected finite weights from -{MOST_WEIGHT:g} to {MOST_WEIGHT:g}; change them")
    return values


def rules(
    size: tuple[int, int], kernel: tuple[int, int], stride: int = 1, padding: str = "same", dilation: int = 1
) -> tuple[SizeRule, SizeRule]:
    """Return the size rules of rows and columns for a picture of `size` under a kernel of so many rows and columns.

    Raises ArgumentError where stride and dilation are both above 1, which Keras refuses too, or no window fits.
    """
    for name, value in (("stride", stride), ("dilation", dilation)):
        if value < 1:
            raise ArgumentError(f"{name}: expected 1 or more, got {value}")
    if stride > 1 and dilation > 1:
        raise ArgumentError(
            f"dilation: Keras takes no stride of {stride} beside a dilation of {dilation}; set one to 1"
        )
    down, across = (
        _rule(size[at], kernel[at], stride, padding, dilation, axis) for at, axis in enumerate(("height", "width"))
    )
    return down, across


def _rule(size: int, kernel: int, stride: int, padding: str, dilation: int, axis: str) -> SizeRule:
    try:
        return size_rule(size, kernel, stride, padding, dilation, axis)
    except ValueError as problem:
        raise ArgumentError(str(problem)) from problem


def correlate(
    picture: NDArray[Any], kernel: NDArray[Any], stride: int = 1, padding: str = "same", dilation: int = 1
) -> NDArray[np.float64]:
    """Slide one kernel (kh, kw) over each channel of a picture (H, W, C); returns (h, w, C) float64.

    The sums are cross-correlation: products of what lies under each other, the kernel not turned round, as Keras's
    Conv2D computes it with one filter and no bias on one channel (DepthwiseConv2D on several). Zeros surround the
    picture where padding is "same". Raises ArgumentError as `rules` does.
    """
    values, weights = np.asarray(picture, np.float64), np.asarray(kernel, np.float64)
    height, width = (rule.keras for rule in rules(values.shape[:2], weights.shape, stride, padding, dilation))
    around = [
        zeros_around(size, reach, stride, padding, dilation)
        for size, reach in zip(values.shape[:2], weights.shape, strict=True)
    ]
    padded = np.pad(values, (*around, (0, 0)))
    total = np.zeros((height, width, values.shape[2]))
    for row, column in zip(*np.nonzero(weights), strict=True):
        top, left = int(row) * dilation, int(column) * dilation
        under = padded[top : top + (height - 1) * stride + 1 : stride, left : left + (width - 1) * stride + 1 : stride]
        total += weights[row, column] * under
    return total


def resized(kernel: Kernel, rows: int, columns: int) -> Kernel:
    """Return a kernel cut or filled up with zeros to another size of SIZES, its middle kept in the middle."""
    result = np.zeros((rows, columns))
    (top, above, tall), (left, before, wide) = (
        (max(0, (new - old) // 2), max(0, (old - new) // 2), min(old, new))
        for old, new in zip(kernel.shape, (rows, columns), strict=True)
    )
    result[top : top + tall, left : left + wide] = kernel[above : above + tall, before : before + wide]
    return result
