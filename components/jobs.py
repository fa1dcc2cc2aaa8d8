"""Long computations on a page: progress, Stop, partial results, and results that are never computed twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator
from typing import Any, Protocol, TypeVar

import streamlit as st

from components import compute
from components.text import _, number

DRAW_EVERY = 0.4
SAY_AFTER = 0.8
HALT = "halt"
"""Set by Stop for the run that follows it: whatever else would be computed then is not begun."""


class Growing(Protocol):
    """A result that is computed step by step."""

    @property
    def done(self) -> int:
        """Steps made so far."""
        ...

    @property
    def total(self) -> int:
        """Steps there are."""
        ...


G = TypeVar("G", bound=Growing)


def run(name: str, key: Hashable, start: Callable[[], Iterator[G]], draw: Callable[[G], Any]) -> G | None:
    """Compute a growing result in view of the user, and return it as far as it came.

    A result that any session finished shows at once. `draw` is called for the first partial result, then as often as
    the eye can follow. Stop, a closed tab and any other action end the loop at the next step: Streamlit raises then,
    the generator is closed, and no further pass starts. What was reached is kept for this session, marked partial.
    """
    finished = compute.kept(key)
    if finished is not None:
        draw(finished)
        return finished  # type: ignore[no-any-return]
    stopped: dict[str, Hashable] = st.session_state.setdefault("stopped", {})
    if st.session_state.get(HALT):
        stopped[name] = key
    if stopped.get(name) == key:
        return _stopped(name, key, draw)
    stopped.pop(name, None)
    return _loop(name, key, start, draw)


def _loop(name: str, key: Hashable, start: Callable[[], Iterator[G]], draw: Callable[[G], Any]) -> G | None:
    bar, drawn, result = st.empty(), 0.0, None
    first: tuple[int, float] | None = None
    steps = start()
    stop = None
    try:
        for result in steps:
            st.session_state[f"partial_{name}"] = (key, result)
            now = time.monotonic()
            if result.done >= result.total:
                break
            stop = stop or _stop_button(name, key)
            first = first or (result.done, now)
            _progress(bar, result, first, now)
            if now - drawn >= DRAW_EVERY:
                draw(result)
                drawn = now
    finally:
        steps.close()  # type: ignore[attr-defined]
    if result is not None:
        compute.keep(key, result)
        bar.empty()
        if stop is not None:
            stop.empty()
        draw(result)
    return result


def _stop_button(name: str, key: Hashable) -> Any:
    place = st.empty()
    place.button(
        _("Stop"),
        icon=":material/stop_circle:",
        key=f"stop_{name}",
        help=_("Stops everything that is being computed on this page; what was reached stays."),
        on_click=_stop,
        args=(name, key),
    )
    return place


def _stop(name: str, key: Hashable) -> None:
    st.session_state["stopped"][name] = key
    st.session_state[HALT] = True


def _progress(bar: Any, result: Growing, first: tuple[int, float], now: float) -> None:
    """Say how far it is; the pace is taken from the second step on, since the first one waits for tracing."""
    done, began = first
    text = _("{done} of {total}").format(done=result.done, total=result.total)
    if result.done > done:
        left = (now - began) / (result.done - done) * (result.total - result.done)
        if now - began + left < SAY_AFTER:
            return
        text += " · " + _("about {left} s left").format(left=number(left, 2))
    bar.progress(min(result.done / result.total, 1.0), text=text)


def _stopped(name: str, key: Hashable, draw: Callable[[G], Any]) -> G | None:
    result: G | None
    of, result = st.session_state.get(f"partial_{name}", (None, None))
    if of == key and result is not None:
        draw(result)
        st.caption(
            _(":material/pause: **Partial: {done} of {total}.** You stopped it.").format(
                done=result.done, total=result.total
            )
        )
    else:
        result = None
        st.caption(_("Stopped before the first step."))
    st.button(
        _("Compute it all"),
        icon=":material/play_arrow:",
        key=f"resume_{name}",
        on_click=lambda: st.session_state["stopped"].pop(name, None),
    )
    return result
