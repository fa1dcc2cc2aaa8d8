"""What a check of one map declares and gives back: ids and values, never a sentence."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from explain.types import Attribution, Choice, Method, Number

if TYPE_CHECKING:
    from explain.engine import Engine

Outcome = Literal["supported", "not_distinguishable", "contradicted", "not_tested"]
"""What one row found. There is no total of rows, and none is averaged away."""

Need = Literal["scores", "weights", "record"]
"""What a row can't do without: a class output, weights that can be drawn anew, a record of this model and method."""


@dataclass(frozen=True)
class Checked:
    """One row's result so far. `row` is the key of its Row; `values` are numbers, ids and lists for the sentences.

    `done` of `total` parts; `passes` of the model spent; `reason` is an id that says why a row was not tested or how it
    was settled, "" where the outcome says enough. An unfinished row is "not_tested" for the reason "not_finished".
    """

    row: str
    outcome: Outcome
    values: Mapping[str, Any] = field(default_factory=dict)
    done: int = 1
    total: int = 1
    passes: int = 0
    reason: str = ""

    @property
    def finished(self) -> bool:
        """Whether nothing more will come of this row."""
        return self.done >= self.total


REMEMBERED = 4
"""Passes that a map over samples may have found made already: its picture's score, and a layer's gradient."""

Check = Callable[..., Iterator[Checked]]
"""(engine, x, method, target, attribution, *, entry=None, seed=0, **options) -> ever fuller results.

x is one image (1, H, W, C); the attribution is of that image, method and target. No pass starts once the caller stops.
"""


@dataclass(frozen=True)
class Row:
    """One thing to check about a map, declared once and drawn by every screen from this.

    `passes(engine, method, attribution, **options)` is what it costs at most, 0 for a free row: one that asks for
    nothing but the picture's logits and activations, mostly remembered. `title` asks the question, `label` names what
    is checked in a few words, and `doesnt_show` says what no outcome of it answers. `options` are its own parameters.
    `solving`, called like `passes`, is the seconds that it takes on this machine beside them.
    """

    key: str
    title: str
    label: str
    order: int
    run: Check
    passes: Callable[..., int]
    doesnt_show: str
    needs: frozenset[Need] = frozenset()
    solving: Callable[..., float] = lambda *_asked, **_options: 0.0
    options: tuple[Number | Choice, ...] = ()


def made_again(engine: Engine, method: Method, attribution: Attribution) -> int:
    """Return the passes of making an attribution once more from nothing, at most.

    A map over samples is made again with as many as it has, whatever more would have been allowed.
    """
    settings = attribution.settings
    own = {param.name: settings[param.name] for param in method.params if param.name in settings}
    most = math.ceil(method.passes(engine, **own) * max(1, int(settings.get("smooth_samples", 0))))
    spent = attribution.passes if attribution.sums is not None else 0
    return min(most, spent + REMEMBERED) if spent else most
