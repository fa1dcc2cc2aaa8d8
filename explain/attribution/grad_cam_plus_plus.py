"""Grad-CAM++: positive gradients weighted place by place (Chattopadhyay et al., 2017, arXiv:1710.11063).

The paper's factor exp(score) is left out: it is one number for the whole map, and overflows above a logit of 88.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from explain.cams import cam_parts, positive, weighted_sum
from explain.types import Images, Layer, Method, Target

if TYPE_CHECKING:
    from explain.engine import Engine


def grad_cam_plus_plus(
    engine: Engine, x: Images, targets: Sequence[Target], *, layer: str | None = None
) -> Iterator[Images]:
    """Yield once the positive part of sum_k w_k x activation_k, (N, h, w, 1).

    With g the gradient, alpha = g^2 / (2 g^2 + g^3 sum(activation_k)), normalised over the places of each channel, and
    w_k = sum over places of alpha x max(g, 0). Up to a positive factor for the whole map. g^2 is cut out of the
    fraction: the square of a small gradient, as a sure class's probability has, is 0 in float32.
    """
    activations, gradients = cam_parts(engine, x, targets, layer)
    yield positive(weighted_sum(activations, _weights(activations, gradients)))


def _weights(activations: Images, gradients: Images) -> Images:
    below = gradients * activations.sum(axis=(1, 2), keepdims=True)
    below += 2
    below[below == 0] = 1
    alphas = (gradients != 0) / below
    total = alphas.sum(axis=(1, 2), keepdims=True)
    total[total == 0] = 1
    weights: Images = (positive(gradients) * alphas).sum(axis=(1, 2), keepdims=True) / total
    return weights


METHOD = Method(
    key="grad_cam_plus_plus",
    title="Grad-CAM++",
    compute=grad_cam_plus_plus,
    passes=lambda engine, layer=None: 2,
    params=(Layer(),),
    word="channel pattern for",
    quantity="channels weighted by their positive gradients, positive part",
    doesnt_show="Evidence against the target: only positive gradients enter.",
    paper="https://arxiv.org/abs/1710.11063",
    group="cam",
    order=40,
)
