"""XGrad-CAM: channels weighted by their gradient, averaged by activation (Fu et al., 2020, arXiv:2008.02312)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from explain.cams import cam_parts, positive, weighted_sum
from explain.types import Images, Layer, Method, Target

if TYPE_CHECKING:
    from explain.engine import Engine


def xgrad_cam(engine: Engine, x: Images, targets: Sequence[Target], *, layer: str | None = None) -> Iterator[Images]:
    """Yield once the positive part of sum_k w_k x activation_k, (N, h, w, 1)."""
    for values in signed_xgrad_cam(engine, x, targets, layer=layer):
        yield positive(values)


def signed_xgrad_cam(
    engine: Engine, x: Images, targets: Sequence[Target], *, layer: str | None = None
) -> Iterator[Images]:
    """Yield once the same sum with its negative part kept, (N, h, w, 1).

    w_k = sum(gradient_k x activation_k) / sum(activation_k) over places, so that each channel's share of the map is
    its gradient times activation; 0 for a channel that adds up to 0.
    """
    activations, gradients = cam_parts(engine, x, targets, layer)
    products = np.einsum("nijk,nijk->nk", activations, gradients, dtype=np.float64)
    totals = activations.sum(axis=(1, 2), dtype=np.float64)
    weights = np.divide(products, totals, out=np.zeros_like(totals), where=totals != 0)
    yield weighted_sum(activations, weights[:, None, None].astype(np.float32))


METHOD = Method(
    key="xgrad_cam",
    title="XGrad-CAM",
    compute=xgrad_cam,
    signed_compute=signed_xgrad_cam,
    passes=lambda engine, layer=None: 2,
    params=(Layer(),),
    word="channel pattern for",
    quantity="channels weighted by their gradient where they are active, positive part",
    doesnt_show="Which of a channel's places were used. In layers with values below zero weights can be far too large.",
    paper="https://arxiv.org/abs/2008.02312",
    group="cam",
    family="gradient_times_activation",
    order=45,
)
