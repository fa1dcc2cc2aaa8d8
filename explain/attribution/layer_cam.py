"""LayerCAM: activations weighted by their own positive gradients (Jiang et al., 2021, doi:10.1109/TIP.2021.3089943)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from explain.cams import cam_parts, positive, weighted_sum
from explain.types import Images, Layer, Method, Target

if TYPE_CHECKING:
    from explain.engine import Engine


def layer_cam(engine: Engine, x: Images, targets: Sequence[Target], *, layer: str | None = None) -> Iterator[Images]:
    """Yield once the positive part of sum_k max(gradient_k, 0) x activation_k, (N, h, w, 1)."""
    activations, gradients = cam_parts(engine, x, targets, layer)
    yield positive(weighted_sum(activations, positive(gradients)))


def signed_layer_cam(
    engine: Engine, x: Images, targets: Sequence[Target], *, layer: str | None = None
) -> Iterator[Images]:
    """Yield once sum_k gradient_k x activation_k, negative gradients and all, (N, h, w, 1)."""
    activations, gradients = cam_parts(engine, x, targets, layer)
    yield weighted_sum(activations, gradients)


METHOD = Method(
    key="layer_cam",
    title="LayerCAM",
    compute=layer_cam,
    signed_compute=signed_layer_cam,
    passes=lambda engine, layer=None: 2,
    params=(Layer(),),
    word="channel pattern for",
    quantity="activation times its own positive gradient, summed over channels",
    signed_quantity="activation times its own gradient, summed over channels",
    doesnt_show="Evidence against the target: only positive gradients enter.",
    paper="https://doi.org/10.1109/TIP.2021.3089943",
    group="cam",
    order=50,
    recommended=True,
)
