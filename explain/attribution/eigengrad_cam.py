"""EigenGrad-CAM: gradient times activation along its first component (after Eigen-CAM, arXiv:2008.00299)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from explain.cams import cam_parts, positive
from explain.eigen import first_component
from explain.types import Images, Layer, Method, Target

if TYPE_CHECKING:
    from explain.engine import Engine


def eigengrad_cam(
    engine: Engine, x: Images, targets: Sequence[Target], *, layer: str | None = None
) -> Iterator[Images]:
    """Yield once the positive part of gradient x activation along its first component, (N, h, w, 1)."""
    for values in signed_eigengrad_cam(engine, x, targets, layer=layer):
        yield positive(values)


def signed_eigengrad_cam(
    engine: Engine, x: Images, targets: Sequence[Target], *, layer: str | None = None
) -> Iterator[Images]:
    """Yield once the same map with its negative part kept, (N, h, w, 1).

    The component's sign is the one in which the map rises with the sum of the channels, which is HiResCAM.
    """
    activations, gradients = cam_parts(engine, x, targets, layer)
    yield first_component(activations * gradients)


METHOD = Method(
    key="eigengrad_cam",
    title="EigenGrad-CAM",
    compute=eigengrad_cam,
    signed_compute=signed_eigengrad_cam,
    passes=lambda engine, layer=None: 2,
    params=(Layer(),),
    word="channel pattern for",
    quantity="gradient times activation along its first component, positive part",
    doesnt_show="What the other components hold, which may count as much for the score.",
    paper="https://arxiv.org/abs/2008.00299",
    group="cam",
    order=75,
)
