"""RISE: how a class's probability goes with what random masks keep (Petsiuk et al., 2018, arXiv:1806.07421).

The paper's map is the mean of the masks weighted by probability, over the share of masks that keep a pixel. From it the
mean probability of all masks is taken away here: the same map up to a constant, with a zero that means something, and
without the noise that an even probability would leave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explain.plans import compute_of
from explain.resize import resize
from explain.targets import probabilities_of
from explain.types import Images, Method, Number, Plan, Target

if TYPE_CHECKING:
    from explain.engine import Engine

ROUNDING = 2.0**-20
"""Probabilities are no more exact than this share: what is smaller is rounding, which repeats as a pattern would."""


def plan(
    engine: Engine, x: Images, target: Target, *, masks: int = 500, grid: int = 7, keep: float = 0.5, seed: int = 0
) -> Plan:
    """Return the masks as samples; the raw map (H, W, 1) is signed, in units of probability.

    With p the class's probability behind a mask m, cov(p, m) / keep estimates, at each pixel, the mean probability
    where the pixel is kept less the mean over all masks. Mask i is drawn from (seed, i), so more masks only add to
    those before.
    """
    shape = x.shape[1:3]

    def draw(start: int, stop: int) -> Images:
        drawn = np.stack([mask(seed, i, shape, int(grid), keep) for i in range(start, stop)])[..., None]
        chances = probabilities_of(engine.logits(drawn * x), engine.output_kind)[:, target.index]
        weights = (chances if target.sign == 1 else 1 - chances)[:, None, None, None]
        return np.concatenate([weights * drawn, drawn, np.broadcast_to(weights, drawn.shape)], axis=-1)

    def finish(total: Images, done: int) -> Images:
        both, kept, weight = total[..., :1], total[..., 1:2], total[..., 2:]
        together = both - kept * weight / done
        together[np.abs(together) < ROUNDING * weight] = 0
        return np.asarray(together / (keep * max(1, done - 1)), np.float32)

    return Plan(int(masks), draw, finish, min(64, engine.at_once(x)), grows_by="masks", alike=True)


def mask(seed: int, number: int, shape: tuple[int, int], grid: int, keep: float) -> Images:
    """Return one mask (H, W), 0 hidden to 1 kept: random cells, enlarged smoothly, shifted by part of a cell."""
    draw = np.random.default_rng((seed, number))
    cells = (draw.random((grid, grid)) < keep).astype(np.float32)
    height, width = (-(-side // grid) for side in shape)
    top, left = draw.integers(height), draw.integers(width)
    enlarged = resize(cells, ((grid + 1) * height, (grid + 1) * width))
    return enlarged[top : top + shape[0], left : left + shape[1]]


METHOD = Method(
    key="rise",
    title="RISE",
    compute=compute_of(plan),
    plan=plan,
    sampled=True,
    seeded=True,
    forward_only=True,
    passes=lambda engine, masks=500, grid=7, keep=0.5, seed=0: int(masks),
    params=(
        Number("masks", "Masks", default=500, low=100, high=8000, step=100,
               help="200 masks are mostly noise; the paper takes 4,000 to 8,000."),
        Number("grid", "Cells along a mask's side", default=7, low=2, high=16, step=1),
        Number("keep", "Share kept", default=0.5, low=0.1, high=0.9, step=0.05),
    ),
    signed=True,
    targets="class",
    word="changes the score when hidden",
    quantity="mean probability of the class where a pixel is kept, less the mean over all masks",
    doesnt_show="Details finer than a mask's cells. A few hundred masks leave noise that looks like a pattern, and "
    "every probability is that of a damaged picture.",
    paper="https://arxiv.org/abs/1806.07421",
    group="removal",
    order=80,
)  # fmt: skip
