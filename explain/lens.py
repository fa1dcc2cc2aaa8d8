"""The arithmetic lens: any one number of a layer, made again from what the layer reads, and held against the model's.

Everything is worked in float64 from the float32 inputs and weights of that layer alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from explain.engines import engine_for
from explain.errors import ArgumentError
from explain.kernels import kernel_of
from explain.lens_functions import ELEMENTWISE, TOGETHER, Function, name_of, of_layer
from explain.lens_others import (
    MERGED,
    PASSED_ON,
    copy,
    function,
    global_pooling,
    merge,
    normalisation,
    pooling,
    prelu,
    rescaling,
)
from explain.lens_sums import Fed, Reader, Values, convolution, dense, transposed
from explain.lens_types import Made, NotShown, Unit

WITHIN = 1e-5
"""What may lie between a number made here and the model's own, as a share of the layer's largest."""

READERS: dict[str, Callable[[Fed], Reader]] = {
    **dict.fromkeys(("Conv2D", "DepthwiseConv2D", "SeparableConv2D"), convolution),
    "Conv2DTranspose": transposed,
    "Dense": dense,
    **dict.fromkeys(("MaxPooling2D", "AveragePooling2D"), pooling),
    **dict.fromkeys(("GlobalAveragePooling2D", "GlobalMaxPooling2D"), global_pooling),
    "BatchNormalization": normalisation,
    "Rescaling": rescaling,
    "PReLU": prelu,
    **dict.fromkeys(("Activation", "Softmax"), function),
    **dict.fromkeys((*PASSED_ON, "Flatten", "Reshape", "ZeroPadding2D", "Cropping2D", "UpSampling2D"), copy),
    "Concatenate": copy,
    **dict.fromkeys(MERGED, merge),
}


class Lens:
    """One layer's arithmetic, its weights read once; `sources` are the names of the layers that feed it.

    Raises NotShown, which says why, for a layer that is not taken apart.
    """

    def __init__(self, model: Any, layer: str) -> None:
        engine = engine_for(model)
        step = engine.graph.steps[engine.position(layer)]
        self.layer, self.type = step.name, step.type
        self.sources = tuple(engine.graph.steps[at].name for at in step.inputs)
        self.shape = step.output_shape
        self.precision = str(getattr(step.op, "compute_dtype", None) or "float32")
        if not step.inputs:
            raise NotShown("input", step.name, step.type)
        self.activation, self._function = _activation(step.name, step.type, step.op)
        fed = Fed(step, self.sources, lambda: kernel_of(engine, layer), self.activation in TOGETHER)
        maker = READERS.get(step.type) or (function if of_layer(step.op) else None)
        if maker is None or 0 in self.shape:
            raise NotShown("unknown_type" if maker is None else "free_size", step.name, step.type)
        self._read = maker(fed)

    def at(self, values: Mapping[str, Values], unit: Unit) -> Made:
        """Make one number: `values` are the activations of one picture by layer name, without the batch axis.

        Raises ValueError for a unit that the layer doesn't have.
        """
        own = values[self.layer]
        if len(unit) != own.ndim or not all(0 <= at < size for at, size in zip(unit, own.shape, strict=True)):
            raise ArgumentError(f"unit: {self.layer} has {own.shape}, numbered from 0, got {unit}")
        parts = self._read([values[name] for name in self.sources], unit)
        if parts.together is not None and self.activation in TOGETHER:
            value = float(TOGETHER[self.activation](parts.together)[unit[-1]])
        else:
            value = float(self._function(np.array(parts.before)))
        shown = None if self.activation == "linear" else self.activation
        largest = float(np.abs(own).max())
        return Made(self.layer, self.type, unit, parts, shown, value, float(own[unit]), largest, self.precision)

    def worst(self, values: Mapping[str, Values], count: int = 200, seed: int = 0) -> float:
        """Return the largest difference from the model over so many random numbers of the layer."""
        shape = values[self.layer].shape
        flat = np.random.default_rng(seed).integers(0, int(np.prod(shape)), count)
        units = (tuple(int(place) for place in np.unravel_index(at, shape)) for at in flat)
        return max(self.at(values, unit).difference for unit in units)


def _activation(layer: str, kind: str, op: Any) -> tuple[str, Function]:
    """Return the name and the function of what a layer does last. Raises NotShown for one that isn't known."""
    with_parameters = of_layer(op)
    if with_parameters is not None:
        return with_parameters
    if kind == "Softmax":
        return "softmax", ELEMENTWISE["linear"]
    name = name_of(getattr(op, "activation", None))
    if name is None:
        raise NotShown("unknown_activation", layer, kind)
    return name, ELEMENTWISE.get(name, ELEMENTWISE["linear"])
