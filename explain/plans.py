"""Maps that are sums over numbered samples: masks, channels, path points, noisy copies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from explain.types import Compute, Images, MakePlan, Target

if TYPE_CHECKING:
    from explain.engine import Engine


def compute_of(plan: MakePlan) -> Compute:
    """Return the `compute` of a method that is declared by its plan: yields raw maps (N, h, w, C) after each batch."""

    def compute(engine: Engine, x: Images, targets: Sequence[Target], **params: Any) -> Iterator[Images]:
        plans = [plan(engine, x[i : i + 1], target, **params) for i, target in enumerate(targets)]
        maps: list[Images | None] = [None] * len(plans)
        for i, one in enumerate(plans):
            total, done = None, 0
            while done < one.count:
                some = one.draw(done, min(done + one.batch, one.count)).astype(np.float64)
                total = some.sum(axis=0) + (0 if total is None else total)
                done += len(some)
                maps[i] = np.asarray(one.finish(total, done), np.float32)
                blank = np.zeros_like(maps[i])
                yield np.stack([blank if known is None else known for known in maps])

    return compute
