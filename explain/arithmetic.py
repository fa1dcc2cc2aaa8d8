"""Convolution arithmetic: output sizes by the textbook formula and by Keras's rule, parameters, multiply-adds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explain.layers import LayerInfo


@dataclass(frozen=True)
class SizeRule:
    """The output size of one axis of one layer, by two rules, with the numbers that were put in.

    `pad` is the textbook's padding on each side, (kernel - 1) / 2 for "same" (a half for an even kernel) and 0 for
    "valid"; `formula` = floor((size + 2 pad - kernel) / stride) + 1, which knows no dilation. `keras` is the size Keras
    makes, with `before` and `after` zeros in front and behind.
    """

    axis: str
    size: int
    kernel: int
    stride: int
    padding: str
    dilation: int
    pad: float
    formula: int
    keras: int
    before: int
    after: int

    @property
    def agree(self) -> bool:
        """Whether the two rules give the same size."""
        return self.formula == self.keras

    @property
    def pads_agree(self) -> bool:
        """Whether Keras lays the textbook's padding: the same whole number of zeros in front and behind."""
        return self.before == self.after == self.pad


def seed_formula(size: int, kernel: int, stride: int, pad: float) -> int:
    """Return floor((size + 2 pad - kernel) / stride) + 1, the textbook output size; all in cells."""
    return int((size + 2 * pad - kernel) // stride) + 1


def keras_rule(size: int, kernel: int, stride: int, padding: str, dilation: int = 1) -> int:
    """Return the output size as Keras makes it: ceil(size / stride) for "same", whole windows only for "valid".

    Raises ValueError for any other padding or a window that does not fit.
    """
    reach = dilated(kernel, dilation)
    if padding == "same":
        return -(-size // stride)
    if padding != "valid":
        raise ValueError(f'padding: expected "same" or "valid", got {padding!r}')
    if reach > size:
        raise ValueError(
            f'kernel: {reach} cells wide, but the input has {size}; take a smaller kernel or padding="same"'
        )
    return (size - reach) // stride + 1


def dilated(kernel: int, dilation: int) -> int:
    """Return the width of a dilated kernel in cells, (kernel - 1) * dilation + 1."""
    return (kernel - 1) * dilation + 1


def zeros_around(size: int, kernel: int, stride: int, padding: str, dilation: int = 1) -> tuple[int, int]:
    """Return the zeros that Keras puts in front of an axis and behind it; for "same" the odd one out goes behind."""
    if padding != "same":
        return 0, 0
    total = max((keras_rule(size, kernel, stride, "same") - 1) * stride + dilated(kernel, dilation) - size, 0)
    return total // 2, total - total // 2


def size_rule(
    size: int, kernel: int, stride: int = 1, padding: str = "valid", dilation: int = 1, axis: str = "height"
) -> SizeRule:
    """Put one axis's numbers into both rules (SizeRule). Raises ValueError as keras_rule does."""
    pad = (kernel - 1) / 2 if padding == "same" else 0.0
    before, after = zeros_around(size, kernel, stride, padding, dilation)
    return SizeRule(
        axis=axis,
        size=size,
        kernel=kernel,
        stride=stride,
        padding=padding,
        dilation=dilation,
        pad=pad,
        formula=seed_formula(size, kernel, stride, pad),
        keras=keras_rule(size, kernel, stride, padding, dilation),
        before=before,
        after=after,
    )


def size_rules(info: LayerInfo, source: tuple[int, ...]) -> tuple[SizeRule, SizeRule] | None:
    """Return the rules for height and width of a convolution or pooling layer fed with (h, w, C).

    None for layers that have no sliding window, enlarge (transposed convolution), or have a free input size.
    """
    if info.kernel is None or info.strides is None or info.padding is None or info.type == "Conv2DTranspose":
        return None
    if len(source) != 3 or 0 in source[:2]:
        return None
    dilation = info.dilation or (1, 1)
    height, width = (
        size_rule(source[i], info.kernel[i], info.strides[i], info.padding, dilation[i], axis)
        for i, axis in enumerate(("height", "width"))
    )
    return height, width


def conv_parameters(kernel: tuple[int, int], inputs: int, outputs: int, bias: bool = True, groups: int = 1) -> int:
    """Return the parameters of a convolution: kernel height x width x inputs / groups x outputs, and the biases."""
    return kernel[0] * kernel[1] * (inputs // groups) * outputs + (outputs if bias else 0)


def depthwise_parameters(kernel: tuple[int, int], inputs: int, multiplier: int = 1, bias: bool = True) -> int:
    """Return the parameters of a depthwise convolution: one kernel an input channel and multiple."""
    return conv_parameters(kernel, 1, inputs * multiplier, bias)


def dense_parameters(inputs: int, outputs: int, bias: bool = True) -> int:
    """Return the parameters of a dense layer: inputs x outputs, and the biases."""
    return inputs * outputs + (outputs if bias else 0)


def conv_macs(cells: tuple[int, ...], kernel: tuple[int, ...], inputs: int, outputs: int) -> int:
    """Return a convolution's multiply-adds: `inputs` is the channels each kernel reads (1 for depthwise)."""
    return int(cells[0] * cells[1] * kernel[0] * kernel[1] * inputs * outputs)
