"""Score-CAM: channels weighted by the class's probability behind their masks (Wang et al., 2019, arXiv:1910.01279)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explain.cams import cam_layer, positive
from explain.resize import Placement, resize
from explain.targets import probabilities_of
from explain.types import Choice, Images, Layer, Map, Method, Number, Target

if TYPE_CHECKING:
    from explain.engine import Engine

MASKS_AT_ONCE = 8
EPSILON = 1e-7


def score_cam(
    engine: Engine,
    x: Images,
    targets: Sequence[Target],
    *,
    layer: str | None = None,
    top_n: int = 0,
    placement: Placement = "half_pixel",
) -> Iterator[Images]:
    """Yield the positive part of sum_k p_k x activation_k, (N, h, w, 1), after every 8 masks.

    p_k is the target's probability for the image multiplied by activation_k, enlarged and scaled to 0..1. `top_n`
    takes only the channels with the largest standard deviation (0: all), largest first. Channels that are zero
    everywhere add nothing and are skipped.
    """
    for values in signed_score_cam(engine, x, targets, layer=layer, top_n=top_n, placement=placement):
        yield positive(values)


def signed_score_cam(
    engine: Engine,
    x: Images,
    targets: Sequence[Target],
    *,
    layer: str | None = None,
    top_n: int = 0,
    placement: Placement = "half_pixel",
) -> Iterator[Images]:
    """Yield the same sum with its negative part kept, (N, h, w, 1), after every 8 masks."""
    activations = engine.activation(x, cam_layer(engine, layer))
    total: Images = np.zeros((*activations.shape[:3], 1), np.float32)
    yielded = False
    for i, target in enumerate(targets):
        channels = _chosen(activations[i], top_n)
        for start in range(0, len(channels), MASKS_AT_ONCE):
            some = activations[i][..., channels[start : start + MASKS_AT_ONCE]]
            total[i, ..., 0] += some @ _weights(engine, x[i], some, target, placement)
            yielded = True
            yield total.copy()
    if not yielded:
        yield total


def _chosen(activations: Map, top_n: int) -> NDArray[np.int64]:
    """Return the channels to mask with, by falling standard deviation, without those that are zero everywhere."""
    order = np.argsort(-activations.std(axis=(0, 1)), kind="stable")
    kept = order[: top_n or len(order)]
    return np.asarray(kept[np.abs(activations).max(axis=(0, 1))[kept] > 0], np.int64)


def _weights(engine: Engine, image: Map, activations: Map, target: Target, placement: Placement) -> NDArray[np.float32]:
    """Return the target's probability behind each channel's mask, (masks,)."""
    masks = resize(np.moveaxis(activations, -1, 0), image.shape[:2], placement)
    low, high = masks.min(axis=(1, 2), keepdims=True), masks.max(axis=(1, 2), keepdims=True)
    masks = (masks - low) / (high - low + np.float32(EPSILON))
    probability = probabilities_of(engine.logits(masks[..., None] * image), engine.output_kind)[:, target.index]
    weights: NDArray[np.float32] = probability if target.sign == 1 else 1 - probability
    return weights


def _passes(engine: Engine, layer: str | None = None, top_n: int = 0, placement: str = "") -> int:
    channels = engine.layer(cam_layer(engine, layer)).output_shape[-1]
    return 1 + min(int(top_n) or channels, channels)


METHOD = Method(
    key="score_cam",
    title="Score-CAM",
    compute=score_cam,
    signed_compute=signed_score_cam,
    passes=_passes,
    params=(
        Layer(),
        Number("top_n", "Channels (0: all)", default=0, low=0, high=4096, step=1),
        Choice(
            "placement",
            "Masks enlarged",
            default="half_pixel",
            options=("half_pixel", "aligned_corners"),
            labels=("each cell over its own part", "aligned corners, as tf-keras-vis"),
        ),
    ),
    targets="class",
    sampled=True,
    word="channel pattern for",
    quantity="channels weighted by the class's probability behind their own mask, positive part",
    signed_quantity="channels weighted by the class's probability behind their own mask",
    doesnt_show="What the network makes of undamaged pictures: each weight comes from a masked one.",
    paper="https://arxiv.org/abs/1910.01279",
    group="cam",
    order=60,
)
