"""The jobs of "Put to the test": checks of one map, and what they cost here."""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from components import compute
from components.subjects import Subject
from explain import METHODS, evidence
from explain.evidence import Checked, Row
from explain.speeds import noted, pace_of
from explain.types import Attribution, Number

if TYPE_CHECKING:
    from explain.evidence.classic import Classic

ENOUGH = 100
"""Passes of a row that tell more about the pace than the one batch that was timed first."""

Options = Mapping[str, Any]


def rows() -> Mapping[str, Row]:
    """Return every row of evidence by key, in order."""
    return evidence.ROWS


def name_of(subject: Subject, result: Attribution) -> Hashable:
    """Return what tells one map from another: picture, method, target, settings and how far it came."""
    return subject, result.method, result.target, result.layer, tuple(sorted(result.settings.items())), result.done


def key_of(row: str, subject: Subject, result: Attribution, seed: int, options: Options) -> Hashable:
    """Return the key under which a row's finished result is kept for all sessions."""
    return "evidence", row, name_of(subject, result), seed, tuple(sorted(options.items()))


def passes(row: str, subject: Subject, result: Attribution, options: Options) -> int:
    """Return the passes that a row costs at most for a map, 0 for a free one."""
    return evidence.passes(row, compute.engine(subject.model, subject.state), result, **options)


def solving(row: str, subject: Subject, result: Attribution, options: Options) -> float:
    """Return the seconds that a row takes for a map beside its passes."""
    return evidence.solving(row, compute.engine(subject.model, subject.state), result, **options)


def check(row: str, subject: Subject, result: Attribution, seed: int, options: Options) -> Iterator[Checked]:
    """Check one thing about a map; yields ever fuller results, and keeps what a pass took."""
    ready, x = compute.engine(subject.model, subject.state), compute.model_input(subject)
    took, began = 0.0, time.perf_counter()
    for found in evidence.check(row, ready, x, result, entry=subject.entry, seed=seed, **options):
        took += time.perf_counter() - began
        if found.finished and found.passes >= ENOUGH and "weights" not in rows()[row].needs:
            noted(ready, forward_batched=took / found.passes)
        yield found
        began = time.perf_counter()


def known(key: Hashable) -> bool:
    """Whether any session has a finished result under a key."""
    return compute.kept(key) is not None


def published(subject: Subject, result: Attribution, seed: int) -> Iterator[Classic]:
    """Delete and insert pixels by a map, as published; yields after each batch."""
    from explain.evidence.classic import deletion_and_insertion

    ready, x = compute.engine(subject.model, subject.state), compute.model_input(subject)
    return deletion_and_insertion(ready, x, result.target, result.map, seed=seed)


def summary(subject: Subject, result: Attribution) -> Checked | None:
    """Return the free row that says most about a map, None where none says anything."""
    key = ("evidence line", name_of(subject, result))
    known = compute.kept(key)
    if known is None:
        ready, x = compute.engine(subject.model, subject.state), compute.model_input(subject)
        known = (evidence.summary(ready, x, result, entry=subject.entry),)
        compute.keep(key, known)
    return known[0]  # type: ignore[no-any-return]


def dearer(subject: Subject, result: Attribution) -> Iterator[tuple[Number, int]]:
    """Yield the method's own whole numbers that buy more passes, each with twice its value."""
    method, ready = METHODS[result.method], compute.engine(subject.model, subject.state)
    own = {param.name: result.settings[param.name] for param in method.params}
    for param in method.params:
        if isinstance(param, Number) and param.whole and param.name in own:
            value = min(2 * int(own[param.name]), int(param.high))
            if method.passes(ready, **own | {param.name: value}) > method.passes(ready, **own):
                yield param, value


def seconds(subject: Subject, count: int) -> float:
    """Return about how many seconds forward passes of a model take here."""
    return count * pace_of(compute.engine(subject.model, subject.state))
