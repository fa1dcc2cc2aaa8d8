"""Convolution small enough to follow by eye: pictures of a few cells, kernels of 3x3, every step of the slide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explain.arithmetic import keras_rule
from explain.errors import ArgumentError
from explain.lens_types import Array, Window
from explain.lens_windows import cut, slid

SIDE = 7
KERNEL = 3
MOST = 99.0


def _drawn(*rows: str) -> Array:
    return np.array([[float(mark == "#") for mark in row] for row in rows])


PICTURES: dict[str, Array] = {
    "bar": _drawn(*["..##..."] * SIDE),
    "cross": _drawn("...#...", "...#...", "...#...", "#######", "...#...", "...#...", "...#..."),
    "corner": _drawn(".......", ".#####.", ".#####.", ".##....", ".##....", ".##....", "......."),
    "dot": _drawn(*["......."] * 3, "...#...", *["......."] * 3),
    "slope": np.add.outer(np.arange(6), np.arange(6)) / 10,
}
"""Small pictures of values from 0 to 1."""

KERNELS: dict[str, Array] = {
    "vertical": np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
    "horizontal": np.array([[-1.0, -2, -1], [0, 0, 0], [1, 2, 1]]),
    "blur": np.full((KERNEL, KERNEL), 0.1),
    "sharpen": np.array([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "identity": np.array([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]]),
}
"""Kernels to begin with; "blur" has tenths rather than ninths, so that its sums are easy numbers."""


@dataclass(frozen=True, eq=False)
class Toy:
    """A picture (h, w) under a kernel (k, k), with what it makes, (rows, columns)."""

    picture: Array
    kernel: Array
    stride: int
    padding: str
    output: Array

    def window(self, row: int, column: int) -> Window:
        """Return what one output cell reads."""
        sides = (row, column)
        size = len(self.kernel)
        rows, columns = (
            slid(sides[axis], self.picture.shape[axis], size, self.stride, self.padding) for axis in (0, 1)
        )
        return cut("picture", self.picture[..., None], rows, columns, np.array([0]))

    def patch(self, row: int, column: int) -> Array:
        """Return the values that one output cell reads, (k, k), with the zeros of the padding."""
        return self.window(row, column).values[..., 0]


def slide(picture: Array, kernel: Array, stride: int = 1, padding: str = "valid") -> Toy:
    """Slide a kernel over a picture, as a Conv2D of one channel without bias does: the kernel is not turned round.

    Raises ValueError for a kernel that is not square or finite, or does not fit.
    """
    kernel = np.asarray(kernel, np.float64)
    if kernel.ndim != 2 or kernel.shape[0] != kernel.shape[1] or not np.isfinite(kernel).all():
        raise ArgumentError(f"kernel: expected finite numbers in a square, got shape {kernel.shape}; fill every cell")
    size = len(kernel)
    rows, columns = (keras_rule(side, size, stride, padding) for side in picture.shape)
    toy = Toy(picture, kernel, stride, padding, np.zeros((rows, columns)))
    for at in np.ndindex(rows, columns):
        toy.output[at] = (toy.patch(*at) * kernel).sum()
    return toy


def read_kernel(text: str) -> Array | None:
    """Read a kernel from its text, nine numbers between commas; None for anything else."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        return None
    if len(numbers) != KERNEL * KERNEL or not all(abs(number) <= MOST for number in numbers):
        return None
    return np.array(numbers).reshape(KERNEL, KERNEL)


def write_kernel(kernel: Array) -> str:
    """Write a kernel as its text, row by row."""
    return ",".join(f"{number:g}" for number in kernel.ravel())
