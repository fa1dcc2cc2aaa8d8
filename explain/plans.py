"""Maps that are sums over numbered samples: masks, channels, path points, noisy copies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from explain.types import Compute, Images, MakePlan, Plan, Target

if TYPE_CHECKING:
    from explain.engine import Engine


def maps_of(plan: Plan) -> Iterator[tuple[Images, int, int]]:
    """Yield the raw map (h, w, c), samples done and samples in all, after each batch; in all may rise (Plan.needs)."""
    total, done, count = None, 0, plan.count
    while done < count:
        some = plan.draw(done, min(done + plan.batch, count)).astype(np.float64)
        total = some.sum(axis=0) + (0 if total is None else total)
        done += len(some)
        count = plan.count if plan.needs is None else plan.needs(total, done)
        yield np.asarray(plan.finish(total, done), np.float32), done, count


def compute_of(plan: MakePlan) -> Compute:
    """Return the `compute` of a method that is declared by its plan: yields raw maps (N, h, w, C) after each batch.

    It takes the samples asked for, and no more: `Plan.needs` is for who runs the plan itself.
    """

    def compute(engine: Engine, x: Images, targets: Sequence[Target], **params: Any) -> Iterator[Images]:
        plans = [plan(engine, x[i : i + 1], target, **params) for i, target in enumerate(targets)]
        maps: list[Images | None] = [None] * len(plans)
        for i, one in enumerate(plans):
            for latest, _done, _count in maps_of(replace(one, needs=None)):
                maps[i] = latest
                blank = np.zeros_like(latest)
                yield np.stack([blank if known is None else known for known in maps])

    return compute
