"""Occlusion: how far the score falls when a patch is covered (Zeiler and Fergus, 2013, arXiv:1311.2901)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explain.errors import ArgumentError
from explain.fills import StandIns, count_of, fill_choice
from explain.plans import compute_of
from explain.spread import spread
from explain.types import Images, MakeFill, Method, Number, Plan, Target

if TYPE_CHECKING:
    from explain.engine import Engine

MEAN = StandIns("mean")
PATCHES_A_SIDE = 7
USUAL = 224
"""The side that costs are foretold for where a model takes pictures of any size."""


def plan(engine: Engine, x: Images, target: Target, *, patch: int = 0, stride: int = 0, fill: MakeFill = MEAN) -> Plan:
    """Return the patches as samples; the raw map (H, W, 1) is, at each pixel, the mean fall of the score, signed.

    The mean is over the patches that cover the pixel; above 0 the score falls. `patch` and `stride` in pixels, 0 for a
    seventh of the shorter side and half a patch. With several stand-ins the fall is the mean over them. Any
    first few patches lie all over the picture. Raises ValueError for a patch larger than the picture.
    """
    height, width = x.shape[1:3]
    size, step = sizes(height, width, int(patch), int(stride))
    boxes = [(top, left) for top in starts(height, size, step) for left in starts(width, size, step)]
    order, covers = spread(len(boxes)), fill(x)
    base = float(engine.scores(x, [target])[0])

    def draw(start: int, stop: int) -> Images:
        chosen = [boxes[i] for i in order[start:stop]]
        covered = np.repeat(x[None], len(chosen) * len(covers), axis=0).reshape(len(chosen), len(covers), *x.shape[1:])
        added = np.zeros((len(chosen), height, width, 2), np.float32)
        for i, (top, left) in enumerate(chosen):
            place = slice(top, top + size), slice(left, left + size)
            for j, cover in enumerate(covers):
                covered[i, j][place] = cover[0][place]
            added[i][place] = 1
        flat = covered.reshape(-1, *x.shape[1:])
        scores = engine.scores(flat, [target] * len(flat)).reshape(len(chosen), len(covers))
        added[..., 0] *= (base - scores.mean(axis=1))[:, None, None]
        return added

    def finish(total: Images, done: int) -> Images:
        return np.asarray(total[..., :1] / np.maximum(total[..., 1:], 1), np.float32)

    return Plan(len(boxes), draw, finish, max(1, engine.at_once(x) // len(covers)))


def sizes(height: int, width: int, patch: int = 0, stride: int = 0) -> tuple[int, int]:
    """Return patch and stride in pixels, with 0 replaced by what the picture's size suggests.

    Raises ValueError for a patch larger than the picture, and for a stride that would leave gaps.
    """
    side = min(height, width)
    size = patch or max(1, round(side / PATCHES_A_SIDE))
    if size > side:
        raise ArgumentError(f"patch: expected at most the picture's shorter side, {side} pixels, got {size}; take less")
    step = stride or max(1, size // 2)
    if step > size:
        raise ArgumentError(f"stride: expected at most the patch, {size} pixels, or pixels stay uncovered, got {step}")
    return size, step


def starts(length: int, size: int, step: int) -> list[int]:
    """Return where patches begin along one side, the last one flush with its end."""
    return [*range(0, length - size, step), length - size]


def _passes(engine: Engine, patch: int = 0, stride: int = 0, fill: str | MakeFill = "mean") -> int:
    height, width = (size or USUAL for size in engine.input_shape[:2])
    size, step = sizes(height, width, int(patch), int(stride))
    return 1 + len(starts(height, size, step)) * len(starts(width, size, step)) * count_of(fill)


METHOD = Method(
    key="occlusion",
    title="Occlusion",
    compute=compute_of(plan),
    plan=plan,
    sampled=True,
    forward_only=True,
    passes=_passes,
    params=(
        Number("patch", "Patch, pixels (0: a seventh of the side)", default=0, low=0, high=224, step=1),
        Number("stride", "Stride, pixels (0: half a patch)", default=0, low=0, high=224, step=1),
        fill_choice("fill", "Covered with", "mean"),
    ),
    signed=True,
    word="changes the score when hidden",
    quantity="mean fall of the score over the patches that cover a pixel",
    doesnt_show="Parts that stand in for each other: covering one of them changes little. Nor details finer than a "
    "patch. A cover is itself something new in the picture.",
    paper="https://arxiv.org/abs/1311.2901",
    group="removal",
    order=70,
)
