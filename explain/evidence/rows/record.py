"""How did the method fare over many pictures of this model? One picture's number says little (arXiv:1912.01451)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from explain.evidence.record import Entry as Recorded
from explain.evidence.record import entry_of, has_model
from explain.evidence.types import Checked, Outcome, Row
from explain.types import Attribution, Entry, Images, Method, Target

if TYPE_CHECKING:
    from explain.engine import Engine

FEW = 30


def record(
    engine: Engine,
    x: Images,
    method: Method,
    target: Target,
    attribution: Attribution,
    *,
    entry: Entry | None = None,
    seed: int = 0,
) -> Iterator[Checked]:
    """Look up the precomputed record of this model and method; yields once and costs nothing.

    Supported where the mean gain, and how much more it is than that of shifts of the same maps and of each map that
    knows no target, are above zero with their whole intervals; contradicted where the gain itself is below zero with
    its whole interval. Values: `gain` and `over` (mean, low, high, n), `n`, `few` below 30 pictures, `pictures`,
    `settings` it was made with.
    Not tested: "no_record", "other_weights", "other_settings"; then whether the model is `trained`, and whether there
    is a record `of_model` at all.
    """
    found = entry_of(entry.key, method.key) if entry is not None else None
    reason = _unfit(engine, attribution, found)
    if found is None or reason:
        known = {"trained": entry.trained, "of_model": has_model(entry.key)} if entry else {}
        yield Checked("record", "not_tested", known, reason=reason)
        return
    values = {
        "gain": asdict(found.gain),
        "over": {name: asdict(interval) for name, interval in found.over.items()},
        "n": found.gain.n,
        "few": found.gain.n < FEW,
        "pictures": found.pictures,
        "skipped": found.skipped,
        "settings": dict(found.settings),
    }
    yield Checked("record", judged(found), values)


def judged(found: Recorded) -> Outcome:
    """Return the outcome of a record, by the whole of each interval."""
    if found.gain.high < 0:
        return "contradicted"
    return "supported" if all(one.low > 0 for one in (found.gain, *found.over.values())) else "not_distinguishable"


def _unfit(engine: Engine, attribution: Attribution, found: Recorded | None) -> str:
    if found is None:
        return "no_record"
    if found.model_hash != engine.model_hash:
        return "other_weights"
    same = all(attribution.settings.get(name, value) == value for name, value in found.settings.items())
    return "" if same else "other_settings"


ROW = Row(
    key="record",
    title="How did the method fare over many pictures?",
    label="record over other pictures",
    order=60,
    run=record,
    passes=lambda engine, method, attribution: 0,
    needs=frozenset({"record"}),
    doesnt_show="How it fares on this picture, on another model, or for another question than the top class.",
)
