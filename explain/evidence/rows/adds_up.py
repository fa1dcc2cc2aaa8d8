"""Do the map's values add up to the score, where the method promises that?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from explain.evidence.types import Checked, Outcome, Row
from explain.sums import answer_as_sum
from explain.types import Attribution, Entry, Images, Method, Target

if TYPE_CHECKING:
    from explain.engine import Engine

MOST_ERROR = 0.05
NEARLY_NOTHING = 1e-6
SAME_CELLS = 1e-3


def adds_up(
    engine: Engine,
    x: Images,
    method: Method,
    target: Target,
    attribution: Attribution,
    *,
    entry: Entry | None = None,
    seed: int = 0,
) -> Iterator[Checked]:
    """Hold the sum of the map against the score it promises to make up; yields once.

    Two promises are known: the method's own (`Attribution.promise`), and the cells of a network that ends in averaging,
    of which a map may be all or the positive ones. Supported up to an error of 5 %, contradicted beyond. Values:
    `total` of the map, the `difference` of scores it should be, `error` relative to that, `how` ("promise" or "cells");
    for cells also `bias`, `positive_only`, and `left_out`, what the negative cells add up to. A positive part that
    leaves out more than 5 % breaks no promise, but does not add up either: not tested, "left_out".
    Not tested: "no_promise", "partial", "smoothed", "left_out".
    """
    before = engine.passes
    reason = _hindered(attribution)
    found = None if reason else _promised(attribution) or _cells(engine, x, attribution)
    if found is None:
        yield Checked("adds_up", "not_tested", passes=engine.passes - before, reason=reason or "no_promise")
        return
    outcome: Outcome = "supported" if found["error"] <= MOST_ERROR else "contradicted"
    if found.get("positive_only") and abs(found["left_out"]) > MOST_ERROR * abs(found["difference"]):
        outcome, reason = "not_tested", "left_out"
    yield Checked("adds_up", outcome, found, passes=engine.passes - before, reason=reason)


def _hindered(attribution: Attribution) -> str:
    if attribution.partial:
        return "partial"
    return "smoothed" if attribution.settings.get("smooth_samples", 0) else ""


def _cells(engine: Engine, x: Images, attribution: Attribution) -> dict[str, Any] | None:
    """Return the sum of a map that is, cell by cell, the exact sum of the logit, or that sum's positive part."""
    if not engine.classes:
        return None
    goal = attribution.target
    parts = None if goal.kind != "logit" else answer_as_sum(engine, x, goal)
    if parts is None or parts.layer != attribution.layer or parts.cells.shape != attribution.native.shape:
        return None
    scale = max(float(np.abs(parts.cells).max()), NEARLY_NOTHING)
    whole = np.abs(attribution.native - parts.cells).max() <= SAME_CELLS * scale
    positive = np.abs(attribution.native - np.maximum(parts.cells, 0)).max() <= SAME_CELLS * scale
    if not whole and not positive:
        return None
    error = abs(parts.difference) / max(abs(parts.logit), NEARLY_NOTHING)
    below = float(np.minimum(parts.cells, 0).sum(dtype=np.float64))
    total = parts.total - parts.bias - (0.0 if whole else below)
    found = {"how": "cells", "total": total, "difference": parts.logit - parts.bias, "error": error}
    return found | {"bias": parts.bias, "positive_only": not whole, "left_out": 0.0 if whole else below}


def _promised(attribution: Attribution) -> dict[str, Any] | None:
    """Return what the method's own promise came to for this map, None where it made none."""
    kept = getattr(attribution, "promise", None)
    if kept is None:
        return None
    return {"how": "promise", "total": kept.total, "difference": kept.difference, "error": kept.relative_error}


ROW = Row(
    key="adds_up",
    title="Do its values add up to the score?",
    label="adds up",
    order=30,
    run=adds_up,
    passes=lambda engine, method, attribution: 0,
    doesnt_show="Whether the shares are the right ones: a sum can be kept by many maps.",
)
