"""Layers whose numbers are no sums of products: pooling, normalisation, activations, copies and merges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from explain.lens_functions import TOGETHER
from explain.lens_sums import Fed, Reader, Values, pair
from explain.lens_types import Array, Kind, Parts, Unit, Window
from explain.lens_windows import along, cut, nothing, single, slid, whole

MERGED: dict[str, Callable[[Array], float]] = {
    "Add": lambda values: float(values.sum()),
    "Subtract": lambda values: float(values[0] - values[1]),
    "Multiply": lambda values: float(values.prod()),
    "Average": lambda values: float(values.mean()),
    "Maximum": lambda values: float(values.max()),
    "Minimum": lambda values: float(values.min()),
}
PASSED_ON = (
    "Dropout", "SpatialDropout2D", "GaussianNoise", "GaussianDropout", "AlphaDropout", "ActivityRegularization",
    "Identity",
)  # fmt: skip


def pooling(fed: Fed) -> Reader:
    """Read a MaxPooling2D or AveragePooling2D: cells outside the input are left out, not counted as zeros."""
    op, kind = fed.op, _pooled(fed)
    size, strides = pair(op.pool_size), pair(op.strides)

    def read(inputs: Sequence[Values], unit: Unit) -> Parts:
        x = inputs[0]
        rows, columns = (slid(unit[a], x.shape[a], size[a], strides[a], op.padding) for a in (0, 1))
        return _of_window(kind, cut(fed.sources[0], x, rows, columns, np.array([unit[2]])))

    return read


def global_pooling(fed: Fed) -> Reader:
    """Read a GlobalAveragePooling2D or GlobalMaxPooling2D."""
    kind = _pooled(fed)
    return lambda inputs, unit: _of_window(kind, whole(fed.sources[0], inputs[0], unit[-1]))


def _pooled(fed: Fed) -> Kind:
    return "largest" if "Max" in fed.step.type else "mean"


def _of_window(kind: Kind, window: Window) -> Parts:
    values = window.values[..., 0][window.inside]
    return Parts(kind, (window,), float(values.max() if kind == "largest" else values.mean()))


def normalisation(fed: Fed) -> Reader:
    """Read a BatchNormalization over the last axis: (x - mean) / sqrt(variance + epsilon) * gamma + beta."""
    op, rank = fed.op, len(fed.step.output_shape)
    if op.axis not in (-1, rank):
        raise fed.refuse("norm_axis")
    names = {"mean": "moving_mean", "variance": "moving_variance", "gamma": "gamma", "beta": "beta"}
    neutral = {"gamma": 1.0, "beta": 0.0}
    kept = {
        name: np.full(fed.step.output_shape[-1], neutral.get(name, 0.0))
        if getattr(op, of, None) is None
        else np.asarray(getattr(op, of).numpy(), np.float64)
        for name, of in names.items()
    }

    def read(inputs: Sequence[Values], unit: Unit) -> Parts:
        window = single(fed.sources[0], inputs[0], unit)
        numbers = {name: float(values[unit[-1]]) for name, values in kept.items()} | {"epsilon": float(op.epsilon)}
        scale = numbers["gamma"] / np.sqrt(numbers["variance"] + numbers["epsilon"])
        before = (float(window.values[0, 0, 0]) - numbers["mean"]) * scale + numbers["beta"]
        return Parts("scale", (window,), float(before), numbers=numbers)

    return read


def rescaling(fed: Fed) -> Reader:
    """Read a Rescaling: x * scale + offset."""
    shape = fed.step.output_shape

    def number(value: Any, unit: Unit) -> float:
        return float(np.broadcast_to(np.asarray(value, np.float64), shape)[unit])

    def read(inputs: Sequence[Values], unit: Unit) -> Parts:
        window = single(fed.sources[0], inputs[0], unit)
        numbers = {"scale": number(fed.op.scale, unit), "offset": number(fed.op.offset, unit)}
        before = float(window.values[0, 0, 0]) * numbers["scale"] + numbers["offset"]
        return Parts("scale", (window,), before, numbers=numbers)

    return read


def function(fed: Fed) -> Reader:
    """Read what an activation is given: one value, or all channels at its place."""

    def read(inputs: Sequence[Values], unit: Unit) -> Parts:
        if not fed.needs_all:
            window = single(fed.sources[0], inputs[0], unit)
            return Parts("function", (window,), float(window.values[0, 0, 0]))
        window = along(fed.sources[0], inputs[0], unit[:-1])
        together = window.values[0, 0]
        return Parts("function", (window,), float(together[unit[-1]]), together=together)

    if (
        fed.needs_all
        and fed.step.type.lower() in TOGETHER
        and getattr(fed.op, "axis", -1)
        not in (
            -1,
            len(fed.step.output_shape),
        )
    ):
        raise fed.refuse("softmax_axis")
    return read


def prelu(fed: Fed) -> Reader:
    """Read a PReLU: x where it is positive, else its own slope times x."""
    slopes = np.asarray(fed.op.alpha.numpy(), np.float64)

    def read(inputs: Sequence[Values], unit: Unit) -> Parts:
        window = single(fed.sources[0], inputs[0], unit)
        slope, x = float(np.broadcast_to(slopes, fed.step.output_shape)[unit]), float(window.values[0, 0, 0])
        return Parts("scale", (window,), x if x >= 0 else slope * x, numbers={"slope": slope if x < 0 else 1.0})

    return read


def copy(fed: Fed) -> Reader:
    """Read a layer that passes values on: from where one comes is `_origin`'s to say."""
    origin = _origin(fed)

    def read(inputs: Sequence[Values], unit: Unit) -> Parts:
        which, at = origin(inputs, unit)
        x, source = inputs[which], fed.sources[which]
        found = all(0 <= place < size for place, size in zip(at, x.shape, strict=True))
        window = single(source, x, at) if found else nothing(source, at)
        return Parts("copy", (window,), float(window.values[0, 0, 0]))

    return read


Origin = Callable[[Sequence[Values], Unit], tuple[int, Unit]]


def _origin(fed: Fed) -> Origin:
    op, kind, shape = fed.op, fed.step.type, fed.step.output_shape
    if kind in PASSED_ON:
        return lambda inputs, unit: (0, unit)
    if kind in ("Flatten", "Reshape"):
        return lambda inputs, unit: (0, _unravel(int(np.ravel_multi_index(unit, shape)), inputs[0].shape))
    if kind in ("ZeroPadding2D", "Cropping2D"):
        (top, _bottom), (left, _right) = op.padding if kind == "ZeroPadding2D" else op.cropping
        sign = -1 if kind == "ZeroPadding2D" else 1
        return lambda inputs, unit: (0, (unit[0] + sign * int(top), unit[1] + sign * int(left), unit[2]))
    if kind == "UpSampling2D":
        if op.interpolation != "nearest":
            raise fed.refuse("interpolated")
        rows, columns = pair(op.size)
        return lambda inputs, unit: (0, (unit[0] // rows, unit[1] // columns, unit[2]))
    return _joined(fed)


def _unravel(flat: int, shape: tuple[int, ...]) -> Unit:
    return tuple(int(place) for place in np.unravel_index(flat, shape))


def _joined(fed: Fed) -> Origin:
    """Of a Concatenate over channels."""
    if fed.op.axis not in (-1, len(fed.step.output_shape)):
        raise fed.refuse("joined_axis")

    def origin(inputs: Sequence[Values], unit: Unit) -> tuple[int, Unit]:
        channel = unit[-1]
        for which, x in enumerate(inputs):
            if channel < x.shape[-1]:
                return which, (*unit[:-1], channel)
            channel -= x.shape[-1]
        raise AssertionError("unreachable: the channels of the inputs are those of the output")

    return origin


def merge(fed: Fed) -> Reader:
    """Read a layer that joins the values at one place of several inputs; a single row or column counts for all."""
    shape, joined = fed.step.output_shape, MERGED[fed.step.type]
    if len(fed.sources) < 2:
        raise fed.refuse("with_a_constant")

    def read(inputs: Sequence[Values], unit: Unit) -> Parts:
        windows = []
        for source, x in zip(fed.sources, inputs, strict=True):
            if x.ndim != len(shape):
                raise fed.refuse("unlike_shapes")
            windows.append(single(source, x, tuple(min(at, size - 1) for at, size in zip(unit, x.shape, strict=True))))
        return Parts("merge", tuple(windows), joined(np.array([window.values[0, 0, 0] for window in windows])))

    return read
