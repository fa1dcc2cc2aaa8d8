"""Score-CAM: channels weighted by the class's probability behind their masks (Wang et al., 2019, arXiv:1910.01279)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explain.cams import cam_layer, positive
from explain.plans import compute_of
from explain.resize import Placement, resize
from explain.targets import probabilities_of
from explain.types import Choice, Images, Layer, Map, Method, Number, Plan, Target

if TYPE_CHECKING:
    from explain.engine import Engine

MASKS_AT_ONCE = 8
EPSILON = 1e-7
MOST_KNOWN = 256
DOUBT = 0.1
REACH = 3.0

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]


def signed_score_cam(
    engine: Engine,
    x: Images,
    target: Target,
    *,
    layer: str | None = None,
    top_n: int = 0,
    placement: Placement = "half_pixel",
) -> Plan:
    """Plan sum_k p_k x activation_k, (h, w, 1), a channel k a sample, its negative part kept.

    p_k is the target's probability (where a model ends in several plain scores, their softmax) for the image multiplied
    by activation_k, enlarged and scaled to 0..1. `top_n` takes only the channels with the largest standard deviation
    (0: all), largest first. Channels that are zero everywhere add nothing and are skipped. Until all are through, the
    p_k to come are estimated from those known, by how alike the masks are; what is summed is therefore the p_k
    themselves, (1, 1, K).
    """
    values = engine.activation(x, cam_layer(engine, layer))[0]
    order = _order(values, top_n)
    kernel = _likeness(values[..., order])

    def draw(start: int, stop: int) -> Images:
        some = order[start:stop]
        weights = np.zeros((stop - start, 1, 1, values.shape[-1]), np.float32)
        if len(some):
            weights[np.arange(len(some)), 0, 0, some] = _weights(engine, x[0], values[..., some], target, placement)
        return weights

    def finish(total: Images, done: int) -> Images:
        known = total[0, 0].astype(np.float64)
        known[order[done:]] = _estimated(known[order[:done]], kernel, max(0, len(order) - done))
        return np.asarray(values @ known, np.float32)[..., None]

    return Plan(max(1, len(order)), draw, finish, MASKS_AT_ONCE, grows_by="top_n" if top_n else "")


def score_cam(
    engine: Engine,
    x: Images,
    target: Target,
    *,
    layer: str | None = None,
    top_n: int = 0,
    placement: Placement = "half_pixel",
) -> Plan:
    """Plan the positive part of the same sum."""
    plan = signed_score_cam(engine, x, target, layer=layer, top_n=top_n, placement=placement)
    return replace(plan, finish=lambda total, done: positive(plan.finish(total, done)))


def _order(values: Map, top_n: int) -> Numbers:
    """Return the channels in turn, without those that are zero everywhere.

    With `top_n` by falling standard deviation. Else a quarter of them so that the map settles early: each time the one
    with the greatest effect on the map (sum of magnitudes and standard deviation, multiplied) for what the ones before
    leave in doubt about its weight; then the rest by that effect.
    """
    spread, size = values.std(axis=(0, 1)), np.abs(values).sum(axis=(0, 1))
    if top_n:
        kept = np.argsort(-spread, kind="stable")[:top_n]
        return np.asarray(kept[size[kept] > 0], np.int64)
    live = np.flatnonzero(size > 0)
    effect = (size * spread)[live].astype(np.float64)
    first = _least_doubt(_likeness(values[..., live]), effect, -(-len(live) // 4))
    rest = np.setdiff1d(np.argsort(-effect, kind="stable"), first, assume_unique=True)
    rest = rest[np.argsort(-effect[rest], kind="stable")]
    return np.asarray(live[np.concatenate([first, rest])], np.int64)


def _likeness(values: Map) -> Floats:
    """Return how alike the masks of channels (h, w, K) are, (K, K): 1 for equal ones, falling with their distance."""
    masks = _scaled(np.moveaxis(values, -1, 0)).astype(np.float64)
    masks = masks.reshape(len(masks), values.shape[0] * values.shape[1])
    squares = (masks * masks).sum(axis=1)
    apart = np.maximum(squares[:, None] + squares - 2 * masks @ masks.T, 0)
    usual = np.median(apart[np.triu_indices(len(apart), 1)]) if len(apart) > 1 else 1.0
    return np.asarray(np.exp(-apart / (REACH * max(float(usual), EPSILON))))


def _least_doubt(kernel: Floats, effect: Floats, count: int) -> Numbers:
    """Choose channels one after another, each of the greatest effect x variance left by those before (Cholesky)."""
    chosen = np.zeros(count, np.int64)
    left, columns = np.ones(len(kernel)), np.zeros((len(kernel), count))
    for i in range(count):
        gain = effect * left
        gain[chosen[:i]] = -1
        at = chosen[i] = int(np.argmax(gain))
        column = (kernel[:, at] - columns[:, :i] @ columns[at, :i]) / np.sqrt(left[at] + DOUBT)
        columns[:, i] = column
        left = np.maximum(left - column * column, 0)
    return chosen


def _estimated(known: Floats, kernel: Floats, count: int) -> Floats:
    """Return the expected weights of the last `count` channels, given those of the first ones (Gaussian process)."""
    if not count or not len(known):
        return np.zeros(count)
    used = min(len(known), MOST_KNOWN)
    among = kernel[:used, :used] + DOUBT * np.eye(used)
    one, own = np.linalg.solve(among, np.stack([np.ones(used), known[:used]], axis=1)).T
    mean = own.sum() / one.sum()
    return np.asarray(np.clip(mean + kernel[-count:, :used] @ (own - mean * one), 0, 1))


def _scaled(masks: NDArray[np.float32]) -> NDArray[np.float32]:
    low, high = masks.min(axis=(1, 2), keepdims=True), masks.max(axis=(1, 2), keepdims=True)
    scaled: NDArray[np.float32] = (masks - low) / (high - low + np.float32(EPSILON))
    return scaled


def _weights(engine: Engine, image: Map, activations: Map, target: Target, placement: Placement) -> NDArray[np.float32]:
    """Return the target's probability behind each channel's mask, (masks,)."""
    masks = _scaled(resize(np.moveaxis(activations, -1, 0), image.shape[:2], placement))
    probability = probabilities_of(engine.logits(masks[..., None] * image), engine.output_kind)[:, target.index]
    weights: NDArray[np.float32] = probability if target.sign == 1 else 1 - probability
    return weights


def _passes(engine: Engine, layer: str | None = None, top_n: int = 0, placement: str = "") -> int:
    channels = engine.layer(cam_layer(engine, layer)).output_shape[-1]
    return 1 + min(int(top_n) or channels, channels)


METHOD = Method(
    key="score_cam",
    title="Score-CAM",
    compute=compute_of(score_cam),
    signed_compute=compute_of(signed_score_cam),
    plan=score_cam,
    signed_plan=signed_score_cam,
    forward_only=True,
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
    doesnt_show="What the network makes of undamaged pictures: each weight comes from a masked one. "
    "Before all channels are through, the weights of the rest are estimated, and the map may still change.",
    paper="https://arxiv.org/abs/1910.01279",
    group="cam",
    order=60,
)
