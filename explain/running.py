"""Run a checked attribution: ever better results, each gone on from where the last one was left."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from explain.completeness import Completeness, broken_promise, promised
from explain.convergence import overlap, reliability
from explain.errors import ArgumentError
from explain.findings import findings
from explain.memo import digest
from explain.plans import Sums, grow, half_maps, wanted, whole_map
from explain.resize import resize
from explain.settings import Job
from explain.types import Attribution, Fill, Finding, Images, Map, Plan
from explain.versions import versions


@dataclass
class Run:
    """One run of a job, which may go on from an earlier result. Making it checks that it can.

    Raises ValueError naming what of the earlier result differs from the job.
    """

    job: Job
    after: Attribution | None = None
    began: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        self._before = self.job.engine.spent - (self.after.passes if self.after else 0)
        self.began -= self.after.seconds if self.after else 0.0
        if self.after is not None:
            self._plan = self.job.plan()
            _check(self.after, self.job, self._plan)

    def results(self) -> Iterator[Attribution]:
        """Yield ever better results; the last has done == total and its findings."""
        plan = self._plan if self.after is not None else self.job.plan()
        last: Attribution | None = None
        for last in self._planned(plan) if plan else self._yielded():
            if not last.partial:
                break
            yield last
        if last is not None:
            kept = self._promise(last)
            missed = broken_promise(kept, self.job.method, last.total, self.job.params)
            found = (*missed, *self._findings(last))
            yield replace(last, done=last.total, findings=found, promise=kept, seconds=self._seconds)

    @property
    def _passes(self) -> int:
        """Whole passes, a part of one counted as one: a head that was run again is not nothing."""
        return math.ceil(self.job.engine.spent - self._before - 1e-6)

    @property
    def _seconds(self) -> float:
        return time.perf_counter() - self.began

    def _planned(self, plan: Plan) -> Iterator[Attribution]:
        known, last = self.after.sums if self.after else None, self.after
        if known is not None and known.done == wanted(plan, known):
            yield self._of_sums(plan, known, last)
        for sums in grow(plan, known):
            if last is not None and last.sums is not None and last.sums.done == sums.done:
                yield replace(
                    last, settings=self.job.settings, total=sums.wanted, passes=self._passes, seconds=self._seconds
                )
            else:
                last = self._of_sums(plan, sums, last)
                yield last

    def _yielded(self) -> Iterator[Attribution]:
        """Go by what `compute` yields: one map, or those of a sampled method without a plan, measured in passes."""
        job = self.job
        total = int(job.method.passes(job.engine, **job.params)) if job.method.sampled else 1
        for raw in job.compute(job.engine, job.x, [job.target], **job.params):
            done = min(self._passes, total) if job.method.sampled else 1
            yield self._result(raw[0], done, total)

    def _of_sums(self, plan: Plan, sums: Sums, last: Attribution | None) -> Attribution:
        halves, agreement, shared = half_maps(plan, sums), None, None
        if halves is not None:
            first, second = (self._native(half) for half in halves)
            agreement = reliability(first, second)
            shared = None if agreement is None else overlap(first, second)
        curve = last.curve if last else ()
        if agreement is not None and (not curve or curve[-1][0] < sums.done):
            curve = (*curve, (sums.done, agreement))
        result = self._result(whole_map(plan, sums), sums.done, wanted(plan, sums))
        return replace(result, sums=sums, reliability=agreement, overlap=shared, curve=curve)

    def _native(self, raw: Images) -> Map:
        native: Map = strongest_signed(raw[None])[0] if self.job.signed else self.job.method.reduce(raw[None])[0]
        return native

    def _result(self, raw: Images, done: int, total: int) -> Attribution:
        job, native = self.job, self._native(raw)
        size = (job.x.shape[1], job.x.shape[2])
        return Attribution(
            method=job.method.key,
            target=job.target,
            raw=raw,
            native=native,
            map=resize(native, size, "aligned_corners" if job.settings["parity"] else "half_pixel"),
            layer=job.layer,
            passes=self._passes,
            findings=(),
            settings=job.settings,
            done=done,
            total=total,
            seconds=self._seconds,
            versions=dict(versions()),
            entry=job.entry.key if job.entry is not None else "",
            model_hash=job.engine.model_hash,
            image_hash=digest(job.x).hex(),
        )

    def _promise(self, result: Attribution) -> Completeness | None:
        job = self.job
        return None if job.samples else promised(job.engine, job.x, job.method, job.target, result.raw, job.params)

    def _findings(self, result: Attribution) -> tuple[Finding, ...]:
        job = self.job
        return findings(
            job.engine,
            job.x,
            job.method,
            job.target,
            result.native,
            job.layer,
            entry=job.entry,
            title=job.title,
            sampled=(result.done, result.reliability),
        )


def _check(after: Attribution, job: Job, plan: Plan | None) -> None:
    """Raise ValueError for an earlier result that this job can't go on from."""
    if plan is None or after.sums is None:
        raise ArgumentError(
            "after: expected a result over samples, which more can be added to; "
            f"{job.method.title} as asked for is computed in one shot, or the earlier one was; leave it None"
        )
    asked = {"method": job.method.key, "target": job.target, "model": job.engine.model_hash}
    had = {"method": after.method, "target": after.target, "model": after.model_hash}
    asked |= {"x": digest(job.x).hex()} | dict(job.settings)
    had |= {"x": after.image_hash} | dict(after.settings)
    if any(isinstance(param, Fill) for param in job.method.params):
        # What black and white are depends on the declared model.
        asked["entry"], had["entry"] = job.entry.key if job.entry is not None else "", after.entry
    grows = plan.grows_by if plan.grows_by == after.sums.grows_by else ""
    for name in {**asked, **had}:
        if name != grows and asked.get(name) != had.get(name):
            raise ArgumentError(
                f"{name}: the result to go on from was made with {had.get(name)!r}, got {asked.get(name)!r}; "
                "give the same, or start anew with after=None"
            )
    if plan.needs is None and after.sums.done > plan.count:
        raise ArgumentError(
            f"{plan.grows_by or 'after'}: the result to go on from has {after.sums.done} samples, more than the "
            f"{plan.count} asked for; ask for at least as many, or start anew with after=None"
        )


def strongest_signed(raw: Images) -> Images:
    """Reduce (N, h, w, C) to (N, h, w): at each place the channel's value of greatest magnitude, sign kept."""
    at = np.abs(raw).argmax(axis=-1, keepdims=True)
    return np.asarray(np.take_along_axis(raw, at, axis=-1)[..., 0], np.float32)
