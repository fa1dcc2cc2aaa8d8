"""Long computations on a page: progress, Stop, partial results, and results that are never computed twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator
from typing import Any, Protocol, TypeVar

import streamlit as st

from components import compute
from components.text import _, number
from explain.queueing import LINE

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


def run(
    name: str,
    key: Hashable,
    start: Callable[[], Iterator[G]],
    draw: Callable[[G], Any],
    status: Any = None,
    preview: Callable[[G], Any] | None = None,
    *,
    expects: str = "",
) -> G | None:
    """Compute a growing result in view of the user, and return it as far as it came.

    A result that any session finished shows at once. `draw` is called for the first partial result, then as often as
    the eye can follow. Stop, a closed tab and any other action end the loop at the next step: Streamlit raises then,
    the generator is closed, and no further pass starts. What was reached is kept for this session, marked partial.
    `status` is an empty place for how far it is and Stop: one above the picture stays in sight. `preview` draws what is
    soon replaced, in place of `draw`: a Plotly chart is built anew each time, and is blank for as long as that takes.
    `expects` says what it will cost, for as long as there is no first step.
    """
    status = st.empty() if status is None else status
    finished = compute.kept(key)
    if finished is not None:
        draw(finished)
        return finished  # type: ignore[no-any-return]
    if halted(name, key):
        return _stopped(name, key, draw, status)
    _stops().pop(name, None)
    result = _loop(name, key, start(), preview or draw, status, expects)
    if result is not None:
        compute.keep(key, result)
        status.empty()
        draw(result)
    return result


def halted(name: str, key: Hashable) -> bool:
    """Whether a computation is not to be begun: it was stopped, or Stop was pressed just now."""
    if st.session_state.get(HALT):
        _stops()[name] = key
    return _stops().get(name) == key


def _stops() -> dict[str, Hashable]:
    stops: dict[str, Hashable] = st.session_state.setdefault("stopped", {})
    return stops


def _loop(
    name: str, key: Hashable, steps: Iterator[G], draw: Callable[[G], Any], status: Any, expects: str
) -> G | None:
    bar, drawn, result = None, 0.0, None
    first: tuple[int, float] | None = None
    places = [status]
    try:
        for result in _begun(_in_line(steps, lambda: places[-1]), status, expects):
            st.session_state[f"partial_{name}"] = (key, result)
            now = time.monotonic()
            if result.done >= result.total:
                break
            if bar is None:
                bar = _controls(name, key, status)
                places.append(bar)
            first = first or (result.done, now)
            _progress(bar, result, first, now)
            if now - drawn >= DRAW_EVERY:
                draw(result)
                drawn = now
    finally:
        steps.close()  # type: ignore[attr-defined]
    return result


def _in_line(steps: Iterator[G], where: Callable[[], Any]) -> Iterator[G]:
    """Go through steps; while one waits for its turn behind other people's, say how many are to come first."""

    def told(place: int) -> None:
        said = ":material/groups: " + _("Number {place} in line; two are computed at once.").format(place=place)
        where().caption(said if place else _("It is this one's turn."))

    while True:
        with LINE.telling(told):
            step = next(steps, None)
        if step is None:
            return
        yield step


def _begun(steps: Iterator[G], status: Any, expects: str) -> Iterator[G]:
    """Say that the first step is under way, since there is no picture yet: a first map waits for its tracing."""
    said = _("Computing the first step")
    with status, st.spinner(f"{said}: {expects}" if expects else said):
        first = next(steps, None)
    if first is not None:
        yield first
        yield from steps


def _row(status: Any) -> tuple[Any, Any]:
    """Return the place for how far it is and the one for what can be done; what stood there before is gone at once."""
    with status.container(horizontal=True, vertical_alignment="center"):
        return st.empty(), st.empty()


def _controls(name: str, key: Hashable, status: Any) -> Any:
    """Draw Stop, and return the place beside it for how far it is."""
    bar, side = _row(status)
    with side:
        st.button(
            _("Stop"),
            icon=":material/stop_circle:",
            key=f"stop_{name}",
            help=_("Stops everything that is being computed on this page; what was reached stays."),
            on_click=_stop,
            args=(name, key),
        )
    return bar


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


def _stopped(name: str, key: Hashable, draw: Callable[[G], Any], status: Any) -> G | None:
    result: G | None
    of, result = st.session_state.get(f"partial_{name}", (None, None))
    said = _("Stopped before the first step.")
    if of == key and result is not None:
        said = _("**Partial: {done} of {total}.** You stopped it.").format(done=result.done, total=result.total)
    text, side = _row(status)
    text.markdown(f":material/pause: {said}", width="content")
    with side:
        st.button(
            _("Compute it all") if getattr(result, "sums", None) is None else _("Go on"),
            icon=":material/play_arrow:",
            key=f"resume_{name}",
            on_click=lambda: st.session_state["stopped"].pop(name, None),
        )
    if of != key or result is None:
        return None
    draw(result)
    return result
