"""Layers whose numbers are sums of products: convolutions of four kinds, and dense layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explain.graph import Step
from explain.lens_types import Array, NotShown, Parts, Unit, Window
from explain.lens_windows import along, cut, slid, turned

Values = NDArray[np.float32]
Reader = Callable[[Sequence[Values], Unit], Parts]


@dataclass(frozen=True)
class Fed:
    """A step of the graph, the names of what feeds it, and a reader of its kernels (kh, kw, in, out)."""

    step: Step
    sources: tuple[str, ...]
    kernel: Callable[[], Values]
    needs_all: bool

    @property
    def op(self) -> Any:
        """The Keras layer."""
        return self.step.op

    def refuse(self, code: str, **more: Any) -> NotShown:
        """Return the error that says why this layer is not taken apart."""
        return NotShown(code, self.step.name, self.step.type, **more)


def sum_of(window: Window, weights: Array, bias: float | None) -> Parts:
    """Return the parts of a sum of products."""
    before = float((window.values * weights).sum()) + (bias or 0.0)
    return Parts("sum", (window,), before, weights, bias)


def pair(value: Any) -> tuple[int, int]:
    """Return a size of a layer as rows and columns."""
    return (int(value), int(value)) if isinstance(value, int) else (int(value[0]), int(value[1]))


def _bias(op: Any) -> NDArray[np.float64] | None:
    bias = getattr(op, "bias", None)
    return None if bias is None else np.asarray(bias.numpy(), np.float64)


def convolution(fed: Fed) -> Reader:
    """Read a Conv2D, DepthwiseConv2D or SeparableConv2D."""
    op, kernel, bias = fed.op, fed.kernel(), _bias(fed.op)
    strides, dilation = pair(op.strides), pair(op.dilation_rate)
    depthwise = fed.step.type == "DepthwiseConv2D"

    def read(inputs: Sequence[Values], unit: Unit) -> Parts:
        (x,), channel = inputs, unit[2]
        rows, columns = (
            slid(unit[axis], x.shape[axis], kernel.shape[axis], strides[axis], op.padding, dilation[axis])
            for axis in (0, 1)
        )
        step = kernel.shape[3] // x.shape[2] if depthwise else kernel.shape[3] // getattr(op, "groups", 1)
        first = (channel // step) * kernel.shape[2]
        window = cut(fed.sources[0], x, rows, columns, np.arange(first, first + kernel.shape[2]))
        return sum_of(window, _slice(kernel, channel), None if bias is None else float(bias[channel]))

    return _all_channels(read, kernel.shape[3]) if fed.needs_all else read


def transposed(fed: Fed) -> Reader:
    """Read a Conv2DTranspose without dilation."""
    op, kernel, bias = fed.op, fed.kernel(), _bias(fed.op)
    strides = pair(op.strides)
    if pair(op.dilation_rate) != (1, 1):
        raise fed.refuse("dilated_transpose")
    made = fed.step.output_shape

    def read(inputs: Sequence[Values], unit: Unit) -> Parts:
        (x,), channel = inputs, unit[2]
        rows, columns = (
            turned(unit[axis], x.shape[axis], kernel.shape[axis], strides[axis], op.padding, made[axis])
            for axis in (0, 1)
        )
        window = cut(fed.sources[0], x, rows, columns, np.arange(kernel.shape[2]))
        return sum_of(window, _slice(kernel, channel), None if bias is None else float(bias[channel]))

    return _all_channels(read, kernel.shape[3]) if fed.needs_all else read


def dense(fed: Fed) -> Reader:
    """Read a Dense layer, on units or on every place of a map."""
    kernel, bias = np.asarray(fed.op.kernel.numpy(), np.float32), _bias(fed.op)
    every = kernel.astype(np.float64) if fed.needs_all else None

    def read(inputs: Sequence[Values], unit: Unit) -> Parts:
        window, channel = along(fed.sources[0], inputs[0], unit[:-1]), unit[-1]
        weights = kernel[:, channel].astype(np.float64)[None, None]
        parts = sum_of(window, weights, None if bias is None else float(bias[channel]))
        if every is None:
            return parts
        together = window.values[0, 0] @ every + (0.0 if bias is None else bias)
        return Parts("sum", (window,), parts.before, weights, parts.bias, together=together)

    return read


def _slice(kernel: Values, channel: int) -> Array:
    return kernel[..., channel].astype(np.float64)


def _all_channels(read: Reader, count: int) -> Reader:
    """Make all channels at a place, for an activation that needs them."""

    def read_all(inputs: Sequence[Values], unit: Unit) -> Parts:
        parts = read(inputs, unit)
        together = np.array([read(inputs, (*unit[:-1], channel)).before for channel in range(count)])
        return Parts(parts.kind, parts.windows, parts.before, parts.weights, parts.bias, together=together)

    return read_all
