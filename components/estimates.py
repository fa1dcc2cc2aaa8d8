"""What a map will cost before it is begun: passes, and seconds on this machine, which is timed once and kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

import explain
from components import compute
from components.subjects import Subject
from components.text import _, ngettext, number
from explain.costs import Estimate, estimate
from explain.speeds import pace_of
from explain.types import Attribution, Target

FEW = 8
"""Passes that nobody needs to be warned of."""

PACE = 1e10
"""Multiply-adds a second that any machine of today makes: only to leave out the timing where it can't matter."""

BRIEF, BY_ITSELF = 1.0, 20.0
"""Seconds up to which a map is not announced, and up to which it starts by itself."""


def expected(
    subject: Subject, method: str, target: Target, settings: Mapping[str, Any], after: Attribution | None = None
) -> Estimate | None:
    """Return what a map will cost at most, None where that is next to nothing. Times the model if nobody has yet."""
    ready = compute.engine(subject.model, subject.state)
    count = explain.passes(method, ready, **settings)
    work = sum(float(layer.macs or 0) for layer in ready.layers)
    if count <= FEW or count * work / PACE < BRIEF:
        return None
    x = compute.model_input(subject)[None]
    with st.spinner(_("Timing this model on this machine, once"), show_time=False):
        return estimate(ready, method, x, target, after=after, **settings)


def forward(subject: Subject, count: int) -> Estimate:
    """Return what so many passes cost that only go forward."""
    return Estimate(count, count * pace_of(compute.engine(subject.model, subject.state)))


def said(cost: Estimate) -> str:
    """Write what a map costs: passes and seconds."""
    passes = ngettext("at most {n} pass", "at most {n} passes", round(cost.passes)).format(n=number(round(cost.passes)))
    said = _("{passes}, about {s} s on this machine").format(passes=passes, s=seconds(cost))
    if cost.first is None:
        return said
    return said + _("; about {s} s where the first samples are enough").format(s=_rounded(cost.first))


def seconds(cost: Estimate) -> str:
    """Write the seconds, as exact as an estimate is."""
    return _rounded(cost.seconds)


def _rounded(count: float) -> str:
    return number(max(count, 1.0), 2 if count >= 10 else 1)


def waits(cost: Estimate) -> bool:
    """Whether a map takes too long to begin unasked: what its first samples take, where there may be more of them."""
    return (cost.seconds if cost.first is None else cost.first) > BY_ITSELF
