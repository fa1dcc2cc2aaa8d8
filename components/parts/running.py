"""Compute a map in view of the user: what it will cost first, by itself where that is little, never what is known."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import streamlit as st

from components import compute, estimates, growing, jobs
from components.parts.targets import Explained
from components.parts.variants import Variant
from components.text import _, number
from explain.costs import Estimate
from explain.types import Attribution

ASKED = "maps_asked"

Draw = Callable[[Attribution], None]


def computed(
    one: Explained,
    variant: Variant,
    settings: Mapping[str, Any],
    name: str,
    draw: Draw,
    status: Any = None,
    preview: Draw | None = None,
) -> Attribution | None:
    """Compute a method's map of one picture; the same map is known on every page. None where it was not begun."""
    method = variant.method.key
    key = ("attribution", one.subject, one.target, one.title, method, tuple(sorted(settings.items())))
    status = st.empty() if status is None else status
    expects, seconds = "", 0.0
    if compute.kept(key) is None and not jobs.halted(name, key):
        after = growing.earlier(one.subject, method, one.target, settings)
        with status:
            cost = estimates.expected(one.subject, method, one.target, settings, after)
        if cost is not None and estimates.waits(cost) and key not in asked():
            _offer(variant, key, cost, name, status, after)
            if after is not None:
                draw(growing.begun(after, settings))
            return None
        seconds = 0.0 if cost is None else cost.seconds
        expects = "" if cost is None or seconds <= estimates.BRIEF else estimates.said(cost)
    start = lambda: growing.attribution(one.subject, method, one.target, one.title, settings)  # noqa: E731
    return jobs.run(name, key, start, draw, status, preview, expects=expects, seconds=seconds)


def asked() -> set[Hashable]:
    """Return the keys of what the user asked for though it takes long."""
    known: set[Hashable] = st.session_state.setdefault(ASKED, set())
    return known


def _offer(variant: Variant, key: Hashable, cost: Estimate, name: str, status: Any, after: Attribution | None) -> None:
    """Say what a map costs that is too long to begin unasked, and offer to begin it or to go on."""
    verb = _("Compute (about {s} s)") if after is None else _("Go on (about {s} s)")
    with status.container():
        said = _("**{method}** takes {cost}, so it waits for you.").format(
            method=_(variant.title), cost=estimates.said(cost)
        )
        if after is not None:
            said += " " + _("{done} samples are there already.").format(done=number(after.done))
        st.markdown(f":material/hourglass_empty: {said}")
        st.button(
            verb.format(s=estimates.seconds(cost)),
            key=f"begin_{name}",
            icon=":material/play_arrow:",
            on_click=asked().add,
            args=(key,),
        )
