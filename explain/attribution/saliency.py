"""Saliency: the gradient of the score at the image (Simonyan et al., 2013, arXiv:1312.6034)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from explain.reduce import strongest
from explain.types import Images, Method, Target

if TYPE_CHECKING:
    from explain.engine import Engine


def saliency(engine: Engine, x: Images, targets: Sequence[Target]) -> Iterator[Images]:
    """Yield once the signed gradient of each image's target score, (N, H, W, C), in score per unit of input."""
    yield engine.input_gradients(x, targets)


METHOD = Method(
    key="saliency",
    title="Saliency",
    smoothed_title="SmoothGrad",
    compute=saliency,
    signed_compute=saliency,
    reduce=strongest,
    passes=lambda engine: 2,
    word="sensitive to",
    quantity="greatest |gradient| over the colour channels",
    signed_quantity="gradient of the greatest size over the colour channels",
    doesnt_show="How much of the score a pixel makes up: only how fast the score would change with it.",
    paper="https://arxiv.org/abs/1312.6034",
    group="gradient",
    order=10,
    recommended=True,
)
