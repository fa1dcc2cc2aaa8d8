"""Convolution kernels as arrays (kh, kw, in, out): plain, pointwise, depthwise, separable, folded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explain.engines import engine_for

if TYPE_CHECKING:
    from explain.engine import Engine

Kernel = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Folded:
    """A convolution with the batch normalisation behind it worked in: `kernel` (kh, kw, in, out), `bias` (out,)."""

    kernel: Kernel
    bias: NDArray[np.float32]
    norm: str


def kernel_of(model: Any, layer: str) -> Kernel:
    """Return a layer's kernels, (kh, kw, in, out), where `in` counts the channels that each kernel reads.

    That is 1 for a depthwise layer, whose output channel i reads input channel i // multiplier. A separable layer's two
    kernels are multiplied into the one they amount to. Raises ValueError for a layer without kernels.
    """
    engine = engine_for(model)
    info, op = engine.layer(layer), engine.keras_layer(layer)
    if not info.has_kernel:
        some = ", ".join(one.name for one in engine.layers if one.has_kernel) or "none in this model"
        raise ValueError(f"layer: {layer} ({info.type}) has no convolution kernels; choose one of {some}")
    if info.type == "SeparableConv2D":
        return _separable(op)
    kernel = np.asarray(op.kernel.numpy(), np.float32)
    if info.type == "DepthwiseConv2D":
        return kernel.reshape(*kernel.shape[:2], 1, -1)
    return kernel.transpose(0, 1, 3, 2) if info.type == "Conv2DTranspose" else kernel


def _separable(op: Any) -> Kernel:
    depth, point = op.depthwise_kernel.numpy(), op.pointwise_kernel.numpy()[0, 0]
    point = point.reshape(depth.shape[2], depth.shape[3], -1)
    return np.asarray(np.einsum("hwim,imo->hwio", depth, point), np.float32)


def bias_of(model: Any, layer: str) -> NDArray[np.float32] | None:
    """Return a layer's bias, (out,), None if it has none."""
    bias = getattr(engine_for(model).keras_layer(layer), "bias", None)
    return None if bias is None else np.asarray(bias.numpy(), np.float32)


def folded_with_norm(model: Any, layer: str) -> Folded | None:
    """Return a convolution with the BatchNormalization that directly follows it worked in, in float64 inside.

    kernel x gamma / sqrt(variance + epsilon), and the bias to match. None where something else follows.
    """
    engine = engine_for(model)
    kernel, bias = kernel_of(engine, layer), bias_of(engine, layer)
    norm = _norm_after(engine, layer)
    if norm is None:
        return None
    op = engine.keras_layer(norm)
    scale = 1 / np.sqrt(op.moving_variance.numpy().astype(np.float64) + op.epsilon)
    if op.gamma is not None:
        scale = scale * op.gamma.numpy()
    shift = 0.0 if op.beta is None else op.beta.numpy()
    offset = ((0.0 if bias is None else bias) - op.moving_mean.numpy().astype(np.float64)) * scale + shift
    return Folded((kernel * scale).astype(np.float32), offset.astype(np.float32), norm)


def _norm_after(engine: Engine, layer: str) -> str | None:
    after = [info for info in engine.layers if layer in info.inputs]
    if engine.layer(layer).activation or len(after) != 1 or after[0].type != "BatchNormalization":
        return None
    axis = engine.keras_layer(after[0].name).axis
    return after[0].name if axis in (-1, 3) else None


def norm_matrix(kernel: Kernel) -> NDArray[np.float32]:
    """Return the L2 norm of each slice of kernels (kh, kw, in, out), as (in, out)."""
    return np.asarray(np.sqrt((kernel.astype(np.float64) ** 2).sum(axis=(0, 1))), np.float32)


def neighbours_alike(kernel: Kernel, seed: int, draws: int = 200) -> tuple[float, float]:
    """Return the correlation of weights that lie beside or above one another in slices (kh, kw, n), and its bound.

    The bound is what 99 of 100 shuffles of the same weights stay within. Both are 0 where no weight has a neighbour.
    """
    rng, own = np.random.default_rng(seed), _correlation(kernel)
    shuffled = [abs(_correlation(rng.permutation(kernel.ravel()).reshape(kernel.shape))) for _ in range(draws)]
    return own, float(np.quantile(shuffled, 0.99))


def _correlation(kernel: Kernel) -> float:
    pairs = [(kernel[1:], kernel[:-1]), (kernel[:, 1:], kernel[:, :-1])]
    first, second = (np.concatenate([pair[side].ravel() for pair in pairs]).astype(np.float64) for side in (0, 1))
    if first.size < 2 or not first.std() or not second.std():
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])
