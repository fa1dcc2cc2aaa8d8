"""Would the map come out the same again?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from explain.api import stream
from explain.evidence.similarity import flat, rank_correlation
from explain.evidence.types import Checked, Outcome, Row, made_again
from explain.types import Attribution, Entry, Images, Method, Target

if TYPE_CHECKING:
    from explain.engine import Engine

SAME = 0.8
NOISE = 0.5


def reproducible(
    engine: Engine,
    x: Images,
    method: Method,
    target: Target,
    attribution: Attribution,
    *,
    entry: Entry | None = None,
    seed: int = 0,
) -> Iterator[Checked]:
    """Compare a sampled map with what other samples give: its own two halves, else a second seed.

    Supported from 0.8 on, and for a map without any draw (reason "deterministic"); not distinguishable from a random
    map below 0.5; between the two "not_tested" for the reason "more_samples". Values: `agreement` 0..1, `how`
    ("split_half" or "second_seed"), `overlap` of the top tenth where known, `samples`.
    """
    if flat(attribution.map):
        yield Checked("reproducible", "not_tested", reason="flat_map")
        return
    known = getattr(attribution, "reliability", None)
    found: dict[str, Any] = {"samples": attribution.done, "overlap": getattr(attribution, "overlap", None)}
    if known is not None:
        yield _judged(float(known), found | {"how": "split_half"})
    elif _drawn(method, attribution):
        yield from _second(engine, x, method, target, attribution, entry, found | {"how": "second_seed"})
    elif attribution.partial:
        yield Checked("reproducible", "not_tested", found, reason="partial")
    else:
        yield Checked("reproducible", "supported", found, reason="deterministic")


def _second(
    engine: Engine,
    x: Images,
    method: Method,
    target: Target,
    attribution: Attribution,
    entry: Entry | None,
    found: dict[str, Any],
) -> Iterator[Checked]:
    before, count = engine.passes, attribution.done
    settings = dict(attribution.settings) | {"seed": (int(attribution.settings["seed"]) + 1) % 2**32}
    other: Attribution | None = None
    for other in stream(engine, x, method.key, target, entry=entry, **settings):
        if other.done >= count:
            break
        spent = engine.passes - before
        yield Checked("reproducible", "not_tested", found, other.done, count, spent, "not_finished")
    assert other is not None
    alike = rank_correlation(np.abs(attribution.native), np.abs(other.native))
    yield _judged(max(0.0, alike), found, engine.passes - before)


def _judged(reliability: float, found: dict[str, Any], passes: int = 0) -> Checked:
    outcome: Outcome = "supported" if reliability >= SAME else "not_tested"
    if reliability < NOISE:
        outcome = "not_distinguishable"
    reason = "more_samples" if outcome == "not_tested" else ""
    return Checked("reproducible", outcome, found | {"agreement": reliability}, passes=passes, reason=reason)


def _drawn(method: Method, attribution: Attribution) -> bool:
    return method.seeded or bool(attribution.settings.get("smooth_samples", 0))


def _passes(engine: Engine, method: Method, attribution: Attribution) -> int:
    known = getattr(attribution, "reliability", None) is not None
    return made_again(engine, method, attribution) if not known and _drawn(method, attribution) else 0


ROW = Row(
    key="reproducible",
    title="Would it come out the same again?",
    label="comes out the same",
    order=20,
    run=reproducible,
    passes=_passes,
    doesnt_show="Whether the map is right: a wrong map can come out the same every time.",
)
