"""Long computations on a page: progress, Stop, partial results, and results that are never computed twice."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable, Iterator
from typing import Any, TypeVar

import streamlit as st

from components import admission, compute, failures, flights, journal, keeping, logs
from components.admission import OverBudget, Step
from components.arrivals import ARRIVALS
from components.memory import MemoryShort
from components.text import _, number
from explain.errors import ConvScopeError
from explain.queueing import LineFull, Replaced

DRAW_EVERY = 0.4
SAY_AFTER = 0.8
HALT, PRESSED = "halt", "stop_pressed"
"""Stop holds for the run that follows it: whatever else would be computed then is not begun."""


G = TypeVar("G", bound=Step)


def run(
    name: str,
    key: Hashable,
    start: Callable[[], Iterator[G]],
    draw: Callable[[G], Any],
    status: Any = None,
    preview: Callable[[G], Any] | None = None,
    *,
    expects: str = "",
    seconds: float = 0.0,
) -> G | None:
    """Compute a growing result in view of the user, and return it as far as it came.

    A result that any session finished shows at once, and one that somebody is computing as it comes. `draw` is called
    for the first partial result, then as often as the eye can follow. Stop, a closed tab and any other action end the
    loop between two passes, and its place in line is free. What was reached is kept for this session, marked partial.
    `status` is an empty place for how far it is and Stop: one above the picture stays in sight. `preview` draws what is
    soon replaced, in place of `draw`: a Plotly chart is built anew each time, and is blank for as long as that takes.
    `expects` says what it will cost, for as long as there is no first step; `seconds` are those expected, 0 if unknown.
    """
    ARRIVALS.over()
    status, draw = st.empty() if status is None else status, _unless_last(draw)
    finished = compute.kept(key)
    if finished is not None:
        draw(finished)
        return finished  # type: ignore[no-any-return]
    if halted(name, key):
        return _stopped(name, key, draw, status)
    _stops().pop(name, None)
    with journal.job(name.partition("_")[0]) as record:
        try:
            result = _loop(name, key, start, preview or draw, status, (expects, seconds), record)
        except Replaced:
            st.stop()
        except (LineFull, MemoryShort, OverBudget) as no:
            record.outcome = no.code
            return _turned_away(name, key, draw, status, no)
        except ConvScopeError:
            raise
        except Exception as error:
            record.outcome = type(error).__name__
            return _broken(name, key, draw, status, error)
    if result is not None:
        compute.keep(key, result)
        status.empty()
        draw(result)
    return result


def _unless_last(draw: Callable[[G], Any]) -> Callable[[G], None]:
    """Draw nothing twice in a row: Streamlit takes no second chart of the same name, where a computation ends early."""
    last: list[G] = []

    def drawn(result: G) -> None:
        if not last or last[0] is not result:
            draw(result)
            last[:] = [result]

    return drawn


def halted(name: str, key: Hashable) -> bool:
    """Whether a computation is not to be begun: it was stopped, or Stop was pressed just now."""
    if st.session_state.get(HALT):
        _stops()[name] = key
    return _stops().get(name) == key


def _stops() -> dict[str, Hashable]:
    stops: dict[str, Hashable] = st.session_state.setdefault("stopped", {})
    return stops


def _loop(
    name: str,
    key: Hashable,
    start: Callable[[], Iterator[G]],
    draw: Callable[[G], Any],
    status: Any,
    expected: tuple[str, float],
    record: journal.Record,
) -> G | None:
    drawn, result, places = 0.0, None, [status]
    first: tuple[int, float] | None = None

    def bar() -> Any:
        if len(places) == 1:
            places.append(_controls(name, key, status))
        return places[-1]

    def tell(text: str) -> None:
        bar().caption(f":material/groups: {text}" if text else "")

    begun = lambda: _begun(start(), lambda: places[-1], expected[0])  # noqa: E731
    steps = flights.steps(key, lambda: admission.admitted(begun, expected[1], tell, record), tell)
    try:
        for result in steps:
            st.session_state[f"{keeping.PARTIAL}{name}"] = (key, result)
            keeping.touch(f"{keeping.PARTIAL}{name}")
            now = time.monotonic()
            if result.done >= result.total:
                break
            first = first or (result.done, now)
            _progress(bar(), result, first, now)
            if now - drawn >= DRAW_EVERY:
                draw(result)
                drawn = now
    finally:
        steps.close()  # type: ignore[attr-defined]
    return result


def _begun(steps: Iterator[G], where: Callable[[], Any], expects: str) -> Iterator[G]:
    """Say that the first step is under way, since there is no picture yet: a first map waits for its tracing."""
    said = _("Computing the first step")
    try:
        with where(), st.spinner(f"{said}: {expects}" if expects else said):
            first = next(steps, None)
        if first is not None:
            yield first
            yield from steps
    finally:
        steps.close()  # type: ignore[attr-defined]


def _row(status: Any) -> tuple[Any, Any]:
    """Return two places in a row; what stood there before is gone at once."""
    with status.container(horizontal=True, vertical_alignment="center"):
        return st.empty(), st.empty()


def _controls(name: str, key: Hashable, status: Any) -> Any:
    """Draw Stop, and return the place for how far it is: after it, so that Stop stays under the pointer."""
    side, bar = _row(status)
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
    st.session_state[PRESSED] = True


def turn_over() -> None:
    """Begin a run: a Stop holds for it alone, whether or not it comes to its end before the next click."""
    st.session_state[HALT] = st.session_state.pop(PRESSED, False)


def _progress(bar: Any, result: Step, first: tuple[int, float], now: float) -> None:
    """Say how far it is; the pace is taken from the second step on, since the first one waits for tracing."""
    done, began = first
    text = _("{done} of {total}").format(done=result.done, total=result.total)
    if result.done > done:
        left = (now - began) / (result.done - done) * (result.total - result.done)
        if now - began + left < SAY_AFTER:
            return
        text += " · " + _("about {left} s left").format(left=number(left, 2))
    bar.progress(min(result.done / result.total, 1.0), text=text)


def _turned_away(name: str, key: Hashable, draw: Callable[[G], Any], status: Any, no: ConvScopeError) -> G | None:
    """Say why it is not begun or not gone on with, and offer to try again; what was reached is drawn."""
    said = str(no)
    if isinstance(no, LineFull):
        said = _(
            "Many people compute here just now: {waiting} wait already. Nothing was begun. Try again in about {s} s."
        ).format(waiting=no.waiting, s=number(no.seconds, 2))
    ident = logs.event("turned_away", level=logging.WARNING, job=name.partition("_")[0], why=no.code)
    with status.container():
        st.warning(f"{said} {_('Code {code}.').format(code=ident)}", icon=":material/hourglass_disabled:")
        st.button(_("Try again"), icon=":material/refresh:", key=f"retry_{name}")
    return _reached(name, key, draw)


def _broken(name: str, key: Hashable, draw: Callable[[G], Any], status: Any, error: Exception) -> G | None:
    """Say in place that a computation went wrong; the page, the session and everybody else's go on."""
    status.error(failures.said(f"job {name.partition('_')[0]}", error), icon=":material/error:")
    return _reached(name, key, draw)


def _reached(name: str, key: Hashable, draw: Callable[[G], Any]) -> G | None:
    """Draw what this session reached of a computation, and return it; None where there is nothing."""
    of, result = st.session_state.get(f"{keeping.PARTIAL}{name}", (None, None))
    if of != key or result is None:
        return None
    draw(result)
    return result  # type: ignore[no-any-return]


def _stopped(name: str, key: Hashable, draw: Callable[[G], Any], status: Any) -> G | None:
    of, result = st.session_state.get(f"{keeping.PARTIAL}{name}", (None, None))
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
    return _reached(name, key, draw)
