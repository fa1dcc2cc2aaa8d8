"""From the shapes that a layer gets to the shape of its output and the shapes of its weights, without Keras.

Batch first, every side a whole number. A setting of the wrong form raises Refused, so that Keras never meets it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from model_zoo.own import rearranged, refusals, windows
from model_zoo.own.settings import Config, Rule, Shape, Weights, first
from model_zoo.own.types import Refused, shown

RULES: dict[str, Rule] = {
    "Conv2D": windows.conv,
    "Conv2DTranspose": windows.conv_transpose,
    "DepthwiseConv2D": windows.depthwise,
    "SeparableConv2D": windows.separable,
    **dict.fromkeys(("MaxPooling2D", "AveragePooling2D"), windows.pool),
    **dict.fromkeys(("GlobalMaxPooling2D", "GlobalAveragePooling2D"), windows.pool_all),
    "Dense": rearranged.dense,
    **dict.fromkeys(("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"), rearranged.merged),
    **dict.fromkeys(("Divide", "TrueDivide"), rearranged.merged),
    "Concatenate": rearranged.concatenated,
    "Flatten": rearranged.flat,
    "Reshape": rearranged.reshaped,
    "Permute": rearranged.permuted,
    "RepeatVector": rearranged.repeated,
    "ZeroPadding2D": rearranged.padded,
    "Cropping2D": rearranged.cropped,
    "UpSampling2D": rearranged.enlarged,
    "Resizing": rearranged.resized,
    "CenterCrop": rearranged.resized,
    "BatchNormalization": rearranged.batch_norm,
    "LayerNormalization": rearranged.norm,
    "GroupNormalization": rearranged.norm,
    "Normalization": rearranged.normalized,
    "PReLU": rearranged.prelu,
}


def open_sides(shape: Sequence[int | None], side: int) -> Shape:
    """Return a declared shape with one picture, and `side` for every side it leaves open."""
    return (1, *(side if one is None else one for one in shape[1:]))


def layer_shapes(layer: Mapping[str, Any], shapes: list[Shape]) -> tuple[Shape, Weights]:
    """Return the output's shape and the weights' shapes of a layer. Raises Refused where they don't fit."""
    kind, config = layer["class_name"], layer["config"]
    name = config["name"]
    if not shapes:
        raise refusals.graph(name, f"“{shown(name)}” gets no input")
    try:
        shape, weights = RULES.get(kind, rearranged.same)(config, shapes)
    except (IndexError, TypeError, KeyError, ValueError, ZeroDivisionError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused(
            "shapes",
            f"The layer “{shown(name)}” ({kind}) can't be built on an input of {by(shapes[0])}: its settings and its "
            "input don't fit together.",
            "Save the model again as Keras built it.",
        ) from error
    if any(side < 1 for side in shape) or any(side < 1 for one in weights for side in one):
        raise Refused(
            "shapes",
            f"The layer “{shown(name)}” ({kind}) would give an output of {by(shape)} from an input of {by(shapes[0])}.",
            "Save the model again with an input that is large enough for it.",
        )
    return shape, weights


def by(shape: Sequence[int]) -> str:
    """Return a shape without its batch as text, such as 224×224×3."""
    return "×".join(str(side) for side in shape[1:]) or "one number"


def arithmetic(kind: str, weights: Weights, shape: Shape, config: Config) -> int:
    """Return the multiply-adds of one call: each weight of the kernels once for every place of the output."""
    kernels = sum(math.prod(one) for one in weights if len(one) > 1)
    if kind == "Dense":
        return kernels * math.prod(shape[1:-1])
    places = shape[2:] if first(config) else shape[1:-1]
    return kernels * math.prod(places)
