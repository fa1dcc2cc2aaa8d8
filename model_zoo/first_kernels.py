"""The first kernels of a size in each bundled model whose weights ship, read from the files, without building it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from model_zoo import MODELS

COLOURS = 3


@dataclass(frozen=True, eq=False)
class FirstKernels:
    """The kernels of one layer as slices to compare, (n, kh, kw) float32; slice i is output channel i.

    `meaned` where a kernel reads several input channels (red, green, blue), so that its slice is their mean.
    """

    model: str
    layer: str
    slices: NDArray[np.float32]
    meaned: bool


@cache
def first_kernels(rows: int, columns: int) -> tuple[FirstKernels, ...]:
    """Return, for each bundled model with weights of its own, its first layer with kernels of rows by columns.

    Layers whose kernels read more than three channels are passed over: a mean over many would be no kernel of theirs.
    """
    found = (_first(key, rows, columns) for key in MODELS)
    return tuple(one for one in found if one is not None)


def _first(key: str, rows: int, columns: int) -> FirstKernels | None:
    path = MODELS[key].weights.path
    if path is None or path.suffix != ".npz":
        return None
    with np.load(path) as arrays:
        for name in arrays.files:
            layer, _slash, what = name.rpartition("/")
            if what not in ("kernel", "depthwise_kernel") or "dense" in layer:
                continue
            values = np.asarray(arrays[name], np.float32)
            if values.shape[:2] != (rows, columns) or values.ndim != 4:
                continue
            if what == "depthwise_kernel" or values.shape[3] == 1:
                values = values.reshape(rows, columns, 1, -1)
            if values.shape[2] <= COLOURS:
                slices = np.moveaxis(values.mean(axis=2), -1, 0)
                return FirstKernels(key, layer, slices, values.shape[2] > 1)
    return None
