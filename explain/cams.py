"""What class activation maps share: their layer, and the sum over its channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from explain.errors import ArgumentError
from explain.sums import ending
from explain.types import Images, Target

if TYPE_CHECKING:
    from explain.engine import Engine

UNCHANGED = {"Dropout", "SpatialDropout2D", "Identity"}


def cam_layer(engine: Engine, layer: str | None) -> str:
    """Return the layer a map reads: the named one, or the default for None.

    Raises ValueError for a layer without rows and columns, and for a model that has no convolution to read.
    """
    if layer is None:
        default = engine.default_layer()
        if default is None:
            raise ArgumentError(
                "layer: the model has no convolution with rows and columns to map; use saliency instead"
            )
        return default
    if not engine.layer(layer).spatial:
        shape = engine.layer(layer).output_shape
        choice = ", ".join(engine.spatial_layers()) or "none here: use saliency"
        raise ArgumentError(
            f"layer: expected one with rows and columns, got {layer} of shape {shape}; choose from {choice}"
        )
    return layer


def cam_parts(engine: Engine, x: Images, targets: Sequence[Target], layer: str | None) -> tuple[Images, Images]:
    """Return the activations and the gradients of the scores at a CAM's layer, both (N, h, w, C)."""
    return engine.layer_gradients(x, cam_layer(engine, layer), targets)


def same_formula(engine: Engine, layer: str) -> bool:
    """Whether a layer is what the network averages over places and hands to its one dense layer.

    There a channel's gradient is the same at every place, so that Grad-CAM, HiResCAM and XGrad-CAM are one formula.
    """
    parts = ending(engine)
    if parts is None:
        return False
    step, position = parts[0], engine.position(layer)
    while step.index != position and step.type in UNCHANGED:
        step = engine.graph.steps[step.inputs[0]]
    return step.index == position


def weighted_sum(activations: Images, weights: Images) -> Images:
    """Return sum over channels of weight x activation, (N, h, w, 1); weights broadcast over (N, h, w, C)."""
    total: Images = (activations * weights).sum(axis=-1, keepdims=True)
    return total


def positive(values: Images) -> Images:
    """Return the values with all below zero set to zero."""
    return np.maximum(values, np.float32(0))
