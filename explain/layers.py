"""What each layer of a model is: kind, shapes, cost, sign and receptive field, read from its graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from explain.arithmetic import conv_macs, zeros_around
from explain.graph import Step
from explain.receptive import ReceptiveField, Span

Kind = Literal[
    "input", "conv", "depthwise", "pointwise", "norm", "activation", "pool", "dense", "add", "concat", "flatten",
    "dropout", "padding", "resize", "other",
]  # fmt: skip

KINDS: dict[str, Kind] = {
    "InputLayer": "input", "Conv2D": "conv", "Conv2DTranspose": "conv", "SeparableConv2D": "conv",
    "DepthwiseConv2D": "depthwise", "BatchNormalization": "norm", "LayerNormalization": "norm",
    "GroupNormalization": "norm", "UnitNormalization": "norm", "Activation": "activation", "ReLU": "activation",
    "LeakyReLU": "activation", "PReLU": "activation", "ELU": "activation", "Softmax": "activation",
    "Relu": "activation", "Relu6": "activation", "Sigmoid": "activation", "Silu": "activation", "Gelu": "activation",
    "MaxPooling2D": "pool", "AveragePooling2D": "pool", "GlobalAveragePooling2D": "pool", "GlobalMaxPooling2D": "pool",
    "Dense": "dense", "Add": "add", "Concatenate": "concat", "Flatten": "flatten", "Reshape": "flatten",
    "Dropout": "dropout", "SpatialDropout2D": "dropout", "GaussianNoise": "dropout", "GaussianDropout": "dropout",
    "ZeroPadding2D": "padding", "Cropping2D": "padding", "UpSampling2D": "resize", "Resizing": "resize",
}  # fmt: skip

SLIDING = {"Conv2D", "DepthwiseConv2D", "SeparableConv2D", "MaxPooling2D", "AveragePooling2D"}
ENLARGING = {"UpSampling2D", "Conv2DTranspose"}
MERGES = {"Add", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Subtract"}
CELLWISE = {
    "BatchNormalization", "Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax", "Relu", "Relu6", "Sigmoid",
    "Silu", "Gelu", "Dropout", "SpatialDropout2D", "GaussianNoise", "GaussianDropout", "Rescaling", "Normalization",
    "Dense", "Identity",
}  # fmt: skip
KEEPS_SIGN = {
    "MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling2D", "GlobalMaxPooling2D", "Flatten", "Reshape", "Permute",
    "Dropout", "SpatialDropout2D", "ZeroPadding2D", "Cropping2D", "Add", "Multiply", "Average", "Maximum", "Minimum",
    "Concatenate", "Identity",
}  # fmt: skip
NEVER_BELOW_ZERO = {"relu", "relu6", "sigmoid", "hard_sigmoid", "softmax", "softplus", "exponential"}
NEVER_BELOW_ZERO_TYPES = {"Softmax", "Relu", "Relu6", "Sigmoid"}
KERNELS = {"Conv2D", "Conv2DTranspose", "DepthwiseConv2D", "SeparableConv2D"}

Pair = tuple[int, int]


@dataclass(frozen=True)
class LayerInfo:
    """One layer in graph order.

    `output_shape` is (h, w, C) or (units,), without the batch axis, 0 for a free size; `type` the Keras class;
    `macs` multiply-adds an image; `non_negative` whether its output can't be below 0 by construction;
    `receptive_field` None where a unit can depend on the whole input; `inputs` the names of the layers that feed it.
    """

    index: int
    name: str
    kind: Kind
    type: str
    output_shape: tuple[int, ...]
    parameters: int
    macs: int
    non_negative: bool
    has_kernel: bool
    receptive_field: ReceptiveField | None
    kernel: Pair | None = None
    strides: Pair | None = None
    padding: str | None = None
    dilation: Pair | None = None
    activation: str | None = None
    inputs: tuple[str, ...] = ()

    @property
    def spatial(self) -> bool:
        """Whether the output has rows and columns."""
        return len(self.output_shape) == 3


def describe(steps: Sequence[Step]) -> tuple[LayerInfo, ...]:
    """Describe every step of a flattened model (explain.graph.flatten), in the same order."""
    infos: list[LayerInfo] = []
    for step in steps:
        infos.append(_describe(step, [infos[i] for i in step.inputs]))
    return tuple(infos)


def _describe(step: Step, feeds: Sequence[LayerInfo]) -> LayerInfo:
    op, kind = step.op, KINDS.get(step.type, "other")
    kernel = _pair(getattr(op, "kernel_size", None) or getattr(op, "pool_size", None))
    groups = getattr(op, "groups", 1)
    if step.type == "Conv2D" and kernel == (1, 1) and groups == 1:
        kind = "pointwise"
    source = feeds[0].output_shape if feeds else ()
    return LayerInfo(
        index=step.index,
        name=step.name,
        kind=kind,
        type=step.type,
        output_shape=step.output_shape,
        parameters=int(op.count_params()) if hasattr(op, "count_params") and not step.call else 0,
        macs=_macs(step, source),
        non_negative=_non_negative(step, feeds),
        has_kernel=step.type in KERNELS,
        receptive_field=_field(step, feeds),
        kernel=kernel,
        strides=_pair(getattr(op, "strides", None)),
        padding=op.padding if isinstance(getattr(op, "padding", None), str) else None,
        dilation=_pair(getattr(op, "dilation_rate", None)),
        activation=activation_name(op),
        inputs=tuple(feed.name for feed in feeds),
    )


def activation_name(op: Any) -> str | None:
    """Return the name of a layer's own activation, None if it has none or it changes nothing."""
    name = getattr(getattr(op, "activation", None), "__name__", None)
    return None if name in (None, "linear") else str(name)


def _pair(value: Any) -> Pair | None:
    if isinstance(value, int):
        return value, value
    if isinstance(value, (tuple, list)) and len(value) == 2:
        return int(value[0]), int(value[1])
    return None


def _macs(step: Step, source: tuple[int, ...]) -> int:
    """Multiply-adds of one image; 0 for layers that only pool, add or scale."""
    op, out = step.op, step.output_shape
    if step.type == "Dense":
        return int(op.kernel.shape[0] * _product(out))
    if step.type == "SeparableConv2D":
        inner = source[-1] * op.depth_multiplier
        return conv_macs(out[:2], op.kernel_size, 1, inner) + conv_macs(out[:2], (1, 1), inner, out[-1])
    if step.type == "Conv2DTranspose":
        return conv_macs(source[:2], op.kernel_size, source[-1], out[-1])
    if step.type in KERNELS:
        return conv_macs(out[:2], op.kernel_size, 1 if step.type == "DepthwiseConv2D" else op.kernel.shape[2], out[-1])
    return 0


def _product(sizes: tuple[int, ...]) -> int:
    total = 1
    for size in sizes:
        total *= size
    return total


def _non_negative(step: Step, feeds: Sequence[LayerInfo]) -> bool:
    if step.type == "ReLU":
        return not step.op.negative_slope
    if step.type in NEVER_BELOW_ZERO_TYPES or activation_name(step.op) in NEVER_BELOW_ZERO:
        return True
    return step.type in KEEPS_SIGN and bool(feeds) and all(feed.non_negative for feed in feeds)


def _field(step: Step, feeds: Sequence[LayerInfo]) -> ReceptiveField | None:
    """Return the step's receptive field, None where a unit can depend on the whole input."""
    if not feeds:
        return ReceptiveField() if len(step.output_shape) == 3 else None
    fields = [feed.receptive_field for feed in feeds]
    if len(step.output_shape) != 3 or fields[0] is None:
        return None
    if step.type in SLIDING:
        return _slid(step, fields[0], feeds[0].output_shape)
    if step.type in ENLARGING:
        return _enlarged(step, fields[0])
    if step.type in ("ZeroPadding2D", "Cropping2D"):
        sign = 1 if step.type == "ZeroPadding2D" else -1
        (top, _), (left, _) = step.op.padding if sign == 1 else step.op.cropping
        return ReceptiveField(
            fields[0].rows.through(1, 1, sign * int(top)), fields[0].columns.through(1, 1, sign * int(left))
        )
    if step.type in MERGES:
        return _merged(fields, feeds)
    return fields[0] if step.type in CELLWISE else None


def _slid(step: Step, field: ReceptiveField, source: tuple[int, ...]) -> ReceptiveField:
    op = step.op
    kernel = _pair(getattr(op, "kernel_size", None) or getattr(op, "pool_size", None)) or (1, 1)
    strides, dilation = _pair(op.strides) or (1, 1), _pair(getattr(op, "dilation_rate", 1)) or (1, 1)
    spans: list[Span] = []
    for axis, span in enumerate((field.rows, field.columns)):
        before, _ = zeros_around(source[axis], kernel[axis], strides[axis], op.padding, dilation[axis])
        spans.append(span.through(kernel[axis], strides[axis], before, dilation[axis]))
    return ReceptiveField(*spans)


def _enlarged(step: Step, field: ReceptiveField) -> ReceptiveField | None:
    """Return the field behind an enlargement; None for one that mixes its cells otherwise than is followed here."""
    op = step.op
    if step.type == "UpSampling2D":
        return field.repeated(op.size) if op.interpolation == "nearest" else None
    plain = op.output_padding is None and _pair(op.dilation_rate) == (1, 1)
    return field.laid(op.kernel_size, op.strides, op.padding) if plain else None


def _merged(fields: Sequence[ReceptiveField | None], feeds: Sequence[LayerInfo]) -> ReceptiveField | None:
    if len({feed.output_shape[:2] for feed in feeds}) != 1:
        return None
    total = fields[0]
    for field in fields[1:]:
        total = None if total is None or field is None else total.joined(field)
    return total


def default_layer(infos: Sequence[LayerInfo]) -> str | None:
    """Return the layer a CAM reads by default: the output of the activation that follows the last convolution.

    That is the convolution itself where it has its own activation or none follows. None without a convolution that
    has rows and columns.
    """
    last = next((info for info in reversed(infos) if info.has_kernel and _has_cells(info)), None)
    here = last
    while here is not None and here.activation is None:
        after = [info for info in infos if here.name in info.inputs]
        if len(after) != 1 or after[0].kind not in ("norm", "activation", "add", "dropout"):
            break
        here = after[0]
        if here.kind == "activation":
            return here.name
    return None if last is None else last.name


def spatial_layers(infos: Sequence[LayerInfo]) -> tuple[str, ...]:
    """Return the names of the layers behind the input that have more than one row or column."""
    return tuple(info.name for info in infos if info.kind != "input" and _has_cells(info))


def _has_cells(info: LayerInfo) -> bool:
    return info.spatial and info.output_shape[:2] != (1, 1)
