"""Ablation-CAM: channels weighted by the score lost without them (Ramaswamy and Desai, 2020, WACV).

The paper divides by the score. That is one number for the whole map, and would turn it upside down where the score is
below zero, so it is left out: the weights are in units of the score.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explain.cams import cam_layer, cam_parts, positive
from explain.plans import compute_of
from explain.resume import CELLS_AT_ONCE, MOST_AT_ONCE, logits_from, share_after
from explain.targets import scores_of
from explain.types import Images, Layer, Method, Plan, Target

if TYPE_CHECKING:
    from explain.engine import Engine


def plan(engine: Engine, x: Images, target: Target, *, layer: str | None = None) -> Plan:
    """Plan the positive part of sum_k (score - score without channel k) x activation_k, (h, w, 1)."""
    whole = signed_plan(engine, x, target, layer=layer)
    return Plan(whole.count, whole.draw, lambda total, done: positive(whole.finish(total, done)), whole.batch)


def signed_plan(engine: Engine, x: Images, target: Target, *, layer: str | None = None) -> Plan:
    """Plan the same sum with its negative part kept: a sample a channel, (h, w, 1).

    Channels come by falling |gradient x activation|, so that the map settles early; those that are zero everywhere add
    nothing and are skipped. Each costs only what follows the layer.
    """
    name = cam_layer(engine, layer)
    activations, gradients = (part[0] for part in cam_parts(engine, x, [target], name))
    expected = np.abs(np.einsum("ijk,ijk->k", activations, gradients, dtype=np.float64))
    order = np.argsort(-expected, kind="stable")
    live = order[activations.any(axis=(0, 1))[order]]
    live = live if len(live) else order[:1]
    score = float(engine.scores(x, [target])[0])

    def draw(start: int, stop: int) -> Images:
        some = live[start:stop]
        without = np.repeat(activations[None], len(some), axis=0)
        without[np.arange(len(some)), ..., some] = 0
        left = scores_of(logits_from(engine, x, name, without), [target] * len(some), engine.output_kind)
        maps = np.moveaxis(activations[..., some], -1, 0) * (score - left)[:, None, None]
        return np.asarray(maps[..., None], np.float32)

    batch = max(1, min(MOST_AT_ONCE, CELLS_AT_ONCE // activations.size))
    return Plan(len(live), draw, lambda total, done: np.asarray(total, np.float32), batch)


def _passes(engine: Engine, layer: str | None = None) -> int:
    name = cam_layer(engine, layer)
    return 4 + int(engine.layer(name).output_shape[-1] * share_after(engine, name))


METHOD = Method(
    key="ablation_cam",
    title="Ablation-CAM",
    compute=compute_of(plan),
    signed_compute=compute_of(signed_plan),
    plan=plan,
    signed_plan=signed_plan,
    sampled=True,
    passes=_passes,
    params=(Layer(),),
    word="channel pattern for",
    quantity="channels weighted by the score lost without them, positive part",
    doesnt_show="What channels do together: each is switched off alone. And which of a channel's places were used.",
    paper="https://ieeexplore.ieee.org/document/9093360",
    group="cam",
    order=65,
)
