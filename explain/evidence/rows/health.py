"""Is the map readable at all: finite, not flat, fine enough, and of a class that the model gives a chance?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from explain.evidence.types import Checked, Outcome, Row
from explain.faults import FEW_CELLS
from explain.types import Attribution, Entry, Images, Method, Target

if TYPE_CHECKING:
    from explain.engine import Engine

UNDECIDED = 0.5


def health(
    engine: Engine,
    x: Images,
    method: Method,
    target: Target,
    attribution: Attribution,
    *,
    entry: Entry | None = None,
    seed: int = 0,
) -> Iterator[Checked]:
    """Look over the map itself; yields once.

    Contradicted for the reason "not_finite", "all_zero" or "constant", else supported. Values: `cells` of the `grid`
    (h, w), `coarse` below 16 cells, `above_zero` the share of cells 0..1, `not_finite` cells; with a class output the
    target's `rank` among `classes`, the `margin` between the two highest logits, and `undecided` below a margin of 0.5.
    """
    before, values = engine.passes, attribution.native
    finite = np.isfinite(values)
    found: dict[str, Any] = {
        "grid": values.shape,
        "cells": values.size,
        "coarse": values.size < FEW_CELLS,
        "layer": attribution.layer,
        "not_finite": int((~finite).sum()),
        "above_zero": float((values > 0).mean()),
        **_standing(engine, x, target),
    }
    reason = "" if finite.all() else "not_finite"
    if not reason and values.min() == values.max():
        reason = "constant" if values.any() else "all_zero"
    outcome: Outcome = "contradicted" if reason else "supported"
    yield Checked("health", outcome, found, passes=engine.passes - before, reason=reason)


def _standing(engine: Engine, x: Images, target: Target) -> dict[str, Any]:
    if not engine.classes:
        return {}
    logits = engine.logits(x)[0].astype(np.float64)
    if engine.output_kind == "sigmoid" or len(logits) == 1:
        margin = abs(float(logits[target.index]))
        return {"classes": engine.classes, "margin": margin, "undecided": margin < UNDECIDED}
    second, first = np.sort(logits)[-2:]
    return {
        "rank": 1 + int((logits > logits[target.index]).sum()),
        "classes": engine.classes,
        "margin": float(first - second),
        "undecided": bool(first - second < UNDECIDED),
    }


ROW = Row(
    key="health",
    title="Can the map be read at all?",
    label="can be read",
    order=10,
    run=health,
    passes=lambda engine, method, attribution: 0,
    doesnt_show="Whether the map has anything to do with the model: noise is finite and not flat, too.",
)
