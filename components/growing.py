"""Maps over samples grow: what an earlier map of any session has added up is gone on from, never computed again."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from components import compute
from components.subjects import Subject
from explain import METHODS
from explain.costs import learn
from explain.types import Attribution, Number, Target

MOST = 4
"""So many lengths of one map are remembered, the longest ones."""

SMOOTH = "smooth_samples"

Settings = Mapping[str, Any]


def attribution(subject: Subject, method: str, target: Target, title: str, settings: Settings) -> Iterator[Attribution]:
    """Yield ever better maps, the first of them what is there already; wherever it ends, the next one goes on."""
    after, last = earlier(subject, method, target, settings), None
    try:
        if after is not None and begun(after, settings).partial:
            yield begun(after, settings)
        for last in compute.attribution(subject, method, target, title, settings, after):
            yield last
    finally:
        if last is not None:
            remember(subject, last, settings)
            learn(compute.engine(subject.model, subject.state), last)


def begun(after: Attribution, settings: Settings) -> Attribution:
    """Return an earlier map as the beginning of one with these settings."""
    name = "" if after.sums is None else after.sums.grows_by
    more = bool(name) and settings[name] != after.settings.get(name)
    total = int(settings[name]) if more else after.total
    return replace(after, total=max(total, after.done), settings={**after.settings, **settings}, findings=())


def earlier(subject: Subject, method: str, target: Target, settings: Settings) -> Attribution | None:
    """Return the longest map known that one with these settings can go on from, None where there is none."""
    fitting = [
        known
        for name in _growing(method, settings)
        for known in compute.kept(_slot(subject, method, target, settings, name)) or ()
        if not name or known.sums.done <= settings[name]
    ]
    return max(fitting, key=lambda known: int(known.sums.done), default=None)


def remember(subject: Subject, result: Attribution, settings: Settings) -> None:
    """Keep what a map over samples has added up, finished or not, for whoever asks for more."""
    if result.sums is None:
        return
    slot = _slot(subject, result.method, result.target, settings, result.sums.grows_by)
    known = {one.sums.done: one for one in compute.kept(slot) or ()} | {result.sums.done: result}
    compute.keep(slot, tuple(known[done] for done in sorted(known)[-MOST:]))


def _growing(method: str, settings: Settings) -> list[str]:
    """Return the settings that may be what sets the number of samples; "" for a number that none sets alone."""
    if settings.get(SMOOTH):
        return [SMOOTH]
    return ["", *(param.name for param in METHODS[method].params if isinstance(param, Number))]


def _slot(subject: Subject, method: str, target: Target, settings: Settings, grows_by: str) -> Hashable:
    others = tuple(sorted((name, value) for name, value in settings.items() if name != grows_by))
    return "sums", subject, method, target, grows_by, others
