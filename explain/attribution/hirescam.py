"""HiResCAM: gradient times activation, place by place (Draelos and Carin, 2020, arXiv:2011.08891)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from explain.cams import cam_parts, positive, weighted_sum
from explain.types import Images, Layer, Method, Target

if TYPE_CHECKING:
    from explain.engine import Engine


def hirescam(engine: Engine, x: Images, targets: Sequence[Target], *, layer: str | None = None) -> Iterator[Images]:
    """Yield once the positive part of sum_k gradient_k x activation_k, (N, h, w, 1).

    LayerCAM leaves out the negative gradients before it adds; the two are equal where no gradient is below zero. Equal
    to Grad-CAM where a channel's gradient is the same everywhere (`cams.same_formula`).
    """
    for values in signed_hirescam(engine, x, targets, layer=layer):
        yield positive(values)


def signed_hirescam(
    engine: Engine, x: Images, targets: Sequence[Target], *, layer: str | None = None
) -> Iterator[Images]:
    """Yield once the same sum with its negative part kept, (N, h, w, 1).

    Where one dense layer follows it adds up, with the bias, to the logit: then it says what each place contributed.
    """
    activations, gradients = cam_parts(engine, x, targets, layer)
    yield weighted_sum(activations, gradients)


METHOD = Method(
    key="hirescam",
    title="HiResCAM",
    compute=hirescam,
    signed_compute=signed_hirescam,
    passes=lambda engine, layer=None: 2,
    params=(Layer(),),
    word="channel pattern for",
    quantity="gradient times activation, summed over channels, positive part",
    doesnt_show="Details finer than one cell. What a cell adds to the score, where more than a dense layer follows.",
    paper="https://arxiv.org/abs/2011.08891",
    group="cam",
    family="gradient_times_activation",
    order=35,
)
