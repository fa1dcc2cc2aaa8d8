"""Weights as named arrays: `layer/variable` in an .npz file, checked name by name and shape by shape."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras

DATA = Path(__file__).parent / "data"
SLAB = 2**23


def named_weights(model: keras.Model) -> dict[str, Any]:
    """Return the Keras variables of a flat model by `layer/variable`, such as `conv_1/kernel`."""
    return {f"{layer.name}/{weight.name}": weight for layer in model.layers for weight in layer.weights}


def load_arrays(model: keras.Model, path: Path) -> None:
    """Give every weight of `model` its array from the .npz file at `path`, converted to the weight's type.

    Raises FileNotFoundError where there is no file, and ValueError for a damaged file, or for names or shapes that
    aren't the model's own.
    """
    weights = named_weights(model)
    try:
        with path.open("rb") as stream, np.load(stream) as arrays:
            _check(path, set(arrays.files), set(weights))
            for name, weight in weights.items():
                values = arrays[name]
                if values.shape != tuple(weight.shape):
                    raise ValueError(
                        f"{path.name}: {name} should be {tuple(weight.shape)}, is {values.shape}; "
                        "restore the shipped file"
                    )
                weight.assign(values.astype(weight.dtype))
    except (zipfile.BadZipFile, EOFError) as error:
        raise ValueError(f"{path.name}: not a whole .npz file ({error}); restore the shipped file") from error


def _check(path: Path, found: set[str], expected: set[str]) -> None:
    if found != expected:
        raise ValueError(
            f"{path.name}: missing {sorted(expected - found)}, unexpected {sorted(found - expected)}; "
            "restore the shipped file"
        )


def load_legacy_h5(model: keras.Model, path: Path) -> None:
    """Give every weight of `model` its array from a Keras HDF5 weights file, found by the layer's name.

    For files whose checksum was verified: a damaged HDF5 file can hang its reader. A large array comes in slabs.
    Raises ValueError where a layer is missing or a shape isn't the model's own.
    """
    import h5py

    with h5py.File(path, "r") as file:
        groups = file.get("model_weights", file)
        for layer in model.layers:
            if layer.weights:
                _assign_group(layer, groups, path.name)


def _assign_group(layer: Any, groups: Any, filename: str) -> None:
    if layer.name not in groups:
        raise ValueError(f"{filename}: no layer {layer.name!r} in it; choose the weights file of this architecture")
    group = groups[layer.name]
    arrays = [group[name] for name in group.attrs["weight_names"]]
    found, expected = [array.shape for array in arrays], [tuple(weight.shape) for weight in layer.weights]
    if found != expected:
        raise ValueError(f"{filename}: {layer.name} should have the shapes {expected}, has {found}")
    for weight, array in zip(layer.weights, arrays, strict=True):
        _fill(weight, array)


def _fill(weight: Any, array: Any) -> None:
    """Assign an HDF5 array, a large one in slabs of rows.

    Whole, VGG16's first dense kernel (411 MB) would be in memory three times at once: the peak of loading it was
    2.4 GB, and is 1.3 GB in slabs.
    """
    if array.size <= SLAB:
        weight.assign(array[()])
        return
    import tensorflow as tf

    rows = max(1, SLAB * array.shape[0] // array.size)
    zeros, ones = [0] * (array.ndim - 1), [1] * array.ndim
    for first in range(0, array.shape[0], rows):
        slab = array[first : first + rows]
        begin, end = [first, *zeros], [first + len(slab), *array.shape[1:]]
        tf.raw_ops.ResourceStridedSliceAssign(ref=weight.handle, begin=begin, end=end, strides=ones, value=slab)
