"""Maps that are sums over numbered samples (masks, channels, path points, noisy copies), and how all of them run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explain.types import Compute, Images, MakePlan, Plan, Target

if TYPE_CHECKING:
    from explain.engine import Engine

Total = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sums:
    """What a plan's samples add up to so far, never changed once made.

    `totals` (h, w, C) float64 and `counts` of two halves: alternate groups of samples where they are alike, else all
    are in the first. `wanted` samples in all, as far as is known now. `grows_by` is the plan's.
    """

    totals: tuple[Total | None, Total | None] = (None, None)
    counts: tuple[int, int] = (0, 0)
    grows_by: str = ""
    wanted: int = 0

    @property
    def done(self) -> int:
        """Samples added so far."""
        return sum(self.counts)

    @property
    def nbytes(self) -> int:
        """Bytes of both totals."""
        return sum(total.nbytes for total in self.totals if total is not None)


def grow(plan: Plan, after: Sums | None = None) -> Iterator[Sums]:
    """Yield ever greater sums of a plan: after the first sample, then after each batch, then all (`needs`).

    `after` is gone on from. Slow samples yield the sums before them again, so that the caller may stop inside one.
    """
    sums = replace(after or Sums(grows_by=plan.grows_by), wanted=wanted(plan, after))
    while sums.done < sums.wanted:
        stop = min(sums.done + (plan.batch if sums.done else 1), sums.wanted)
        if sums.done and sums.wanted - stop <= plan.batch // 8:
            stop = sums.wanted  # one sample more costs less here than in a pass of its own
        values: Images | None = None
        for values in plan.walk(sums.done, stop) if plan.walk else (plan.draw(sums.done, stop),):
            if values is None and sums.done:
                yield sums
        if values is None or len(values) != stop - sums.done:
            raise ValueError(f"plan: samples {sums.done} to {stop - 1} were asked for, got {_length(values)}")
        sums = _added(plan, sums, values)
        if plan.needs is not None:
            sums = replace(sums, wanted=plan.needs(_whole(sums), sums.done))
        yield sums


def wanted(plan: Plan, after: Sums | None = None) -> int:
    """Return how many samples a plan needs, as far as is known: by those there are, where it asks for more by them."""
    return (
        plan.count if after is None or plan.needs is None or not after.done else plan.needs(_whole(after), after.done)
    )


def whole_map(plan: Plan, sums: Sums) -> Images:
    """Return the raw map (h, w, c) float32 of everything summed so far."""
    return np.asarray(plan.finish(_whole(sums), sums.done), np.float32)


def half_maps(plan: Plan, sums: Sums) -> tuple[Images, Images] | None:
    """Return the raw maps of the two halves; None where samples are not alike, or one half has none yet."""
    first, second = sums.totals
    if not plan.alike or first is None or second is None:
        return None
    halves = [plan.finish(total, count) for total, count in zip((first, second), sums.counts, strict=True)]  # type: ignore[arg-type]
    return np.asarray(halves[0], np.float32), np.asarray(halves[1], np.float32)


def compute_of(plan: MakePlan) -> Compute:
    """Return the `compute` of a method that is declared by its plan: yields raw maps (N, h, w, C) after each batch."""

    def compute(engine: Engine, x: Images, targets: Sequence[Target], **params: Any) -> Iterator[Images]:
        plans = [plan(engine, x[i : i + 1], target, **params) for i, target in enumerate(targets)]
        maps: list[Images | None] = [None] * len(plans)
        for i, one in enumerate(plans):
            for sums in grow(replace(one, needs=None)):
                known = maps[i] = whole_map(one, sums)
                yield np.stack([np.zeros_like(known) if some is None else some for some in maps])

    return compute


def _added(plan: Plan, sums: Sums, values: Images) -> Sums:
    """Add samples one by one, so that totals don't depend on where batches were cut."""
    totals, counts = [None if total is None else total.copy() for total in sums.totals], list(sums.counts)
    for number, value in enumerate(values, start=sums.done):
        half = (number // plan.group) % 2 if plan.alike else 0
        total = totals[half]
        if total is None:
            totals[half] = value.astype(np.float64)
        else:
            total += value
        counts[half] += 1
    return replace(sums, totals=(totals[0], totals[1]), counts=(counts[0], counts[1]))


def _whole(sums: Sums) -> Images:
    first, second = sums.totals
    if first is None:
        raise ValueError("sums: they hold no sample yet; ask for at least one")
    return first if second is None else first + second  # type: ignore[return-value]


def _length(values: Images | None) -> str:
    return "none" if values is None else str(len(values))
