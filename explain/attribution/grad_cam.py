"""Grad-CAM: channels weighted by their mean gradient (Selvaraju et al., 2016, arXiv:1610.02391)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from explain.cams import cam_parts, positive, weighted_sum
from explain.types import Images, Layer, Method, Target

if TYPE_CHECKING:
    from explain.engine import Engine


def grad_cam(engine: Engine, x: Images, targets: Sequence[Target], *, layer: str | None = None) -> Iterator[Images]:
    """Yield once the positive part of sum_k mean(gradient_k) x activation_k, (N, h, w, 1)."""
    for values in signed_grad_cam(engine, x, targets, layer=layer):
        yield positive(values)


def signed_grad_cam(
    engine: Engine, x: Images, targets: Sequence[Target], *, layer: str | None = None
) -> Iterator[Images]:
    """Yield once the same sum with its negative part kept, (N, h, w, 1)."""
    activations, gradients = cam_parts(engine, x, targets, layer)
    yield weighted_sum(activations, gradients.mean(axis=(1, 2), keepdims=True))


METHOD = Method(
    key="grad_cam",
    title="Grad-CAM",
    compute=grad_cam,
    signed_compute=signed_grad_cam,
    passes=lambda engine, layer=None: 2,
    params=(Layer(),),
    word="channel pattern for",
    quantity="channels weighted by their mean gradient, positive part",
    signed_quantity="channels weighted by their mean gradient",
    doesnt_show="Details finer than one cell, and places that the averaged gradient credits without their being used.",
    paper="https://arxiv.org/abs/1610.02391",
    group="cam",
    family="gradient_times_activation",
    order=30,
    recommended=True,
)
