"""Who may begin something long: two at once, one a session, the others in line; and when it has to end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack
from typing import Any, Protocol, TypeVar

from streamlit.runtime.scriptrunner import get_script_run_ctx

from components import memory
from components.journal import Record
from components.text import _, number
from explain.errors import ConvScopeError
from explain.queueing import LINE, Line, Ticket

AT_ONCE = 2
MOST_WAITING = 32
"""So many wait at most: a class of thirty may ask at once, and somebody beside it."""

HEAVY = 1.0
"""Seconds of work left from which on a computation is a long one."""

SAY_AGAIN = 2.0
"""Seconds after which whoever waits is told anew how long it will take."""


def _setting(name: str, default: int) -> int:
    said = os.environ.get(name, "").strip()
    return int(said) if said.isdigit() and int(said) else default


JOB_SECONDS = _setting("CONVSCOPE_JOB_SECONDS", 1800)
"""The most seconds that one computation may take, its time in line left out."""

SPELL = 10.0
"""Seconds after which a long computation lets those who wait go first, and stands in line again."""

JOBS = Line(AT_ONCE, _setting("CONVSCOPE_MOST_WAITING", MOST_WAITING), SPELL)
"""The one line of this server for whatever takes longer than `HEAVY`."""


class Step(Protocol):
    """How far something is."""

    @property
    def done(self) -> int:
        """Steps made so far."""
        ...

    @property
    def total(self) -> int:
        """Steps there are."""
        ...


S = TypeVar("S", bound=Step)


class OverBudget(ConvScopeError):  # noqa: N818 - says the state
    """A computation took more than one may take here; `what` is "seconds" or "memory"."""

    def __init__(self, what: str) -> None:
        self.what = what
        said = {
            "seconds": _(
                "Ended after {seconds} s, the most that one computation may take on this server. What was reached is "
                "kept. Ask for fewer samples, or a smaller model."
            ).format(seconds=number(JOB_SECONDS)),
            "memory": _(
                "Ended, because memory became short on this server. What was reached is kept. Try again in a minute, "
                "ask for fewer samples, or choose a smaller model."
            ),
        }
        super().__init__(f"over_{what}", said[what])


def still_wanted() -> None:
    """End this run here if it is over: Stop was pressed, the page was left, its tab closed, something else clicked.

    Streamlit tells only at its own calls; this asks it between two passes, and while waiting in line.
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is not None:
        context.yield_check()


def session() -> Hashable | None:
    """Return what names the session that runs now, None outside of all."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else None


def admitted(
    start: Callable[[], Iterator[S]], seconds: float, said: Callable[[str], Any], record: Record | None = None
) -> Iterator[S]:
    """Make the steps of a computation, in line with other people's as soon as it turns out to be a long one.

    `seconds` is what it is expected to take, 0 if nobody knows: then its first step is made at once, and tells.
    `said` gets what to tell whoever waits. Between two passes it ends where it is not wanted any more. Raises
    LineFull, Replaced, MemoryShort and OverBudget. `record` notes how long it waited and that it was a long one.
    """
    with LINE.watching(still_wanted), ExitStack() as held:
        seat = _Seat(held, said, record or Record(""))
        if seconds > HEAVY:
            seat.take(seconds)
        began, first, steps = time.monotonic() - seat.record.waited, 0, start()
        held.callback(steps.close)  # type: ignore[attr-defined]
        while True:
            step = next(steps, None)
            if step is None:
                return
            first = first or step.done
            yield step
            still_wanted()
            if step.done < step.total:
                elapsed = time.monotonic() - began - seat.record.waited
                _within_budget(elapsed)
                seat.keep(_left(step, first, elapsed))


class _Seat:
    """The place of one computation among those that compute at length; given up for a while where others wait."""

    def __init__(self, held: ExitStack, said: Callable[[str], Any], record: Record) -> None:
        self.said, self.record = said, record
        self.held = held.enter_context(ExitStack())
        self.ticket: Ticket | None = None
        self.since = self.told = 0.0

    def take(self, seconds: float, again: bool = False) -> None:
        """Wait for the place in line, telling how long it will take."""
        memory.make_room()
        began = self.told = time.monotonic()
        self.record.long = True
        try:
            with JOBS.telling(self._place), JOBS.watching(self._wanted):
                self.ticket = self.held.enter_context(JOBS.turn(session(), seconds, again))
        finally:
            self.since = time.monotonic()
            self.record.waited += self.since - began

    def keep(self, left: float) -> None:
        """Take the place where work of some length is left; let others have it once it was held for a spell."""
        if self.ticket is None:
            if left > HEAVY:
                self.take(left)
            return
        self.ticket.seconds = left
        if time.monotonic() - self.since > SPELL and JOBS.waiting():
            self.held.close()
            self.take(left, again=True)

    def _place(self, place: int) -> None:
        self.said(place_text() if place else _("It is this one's turn."))

    def _wanted(self) -> None:
        still_wanted()
        if JOBS.place() and time.monotonic() - self.told > SAY_AGAIN:
            self.told = time.monotonic()
            self.said(place_text())


def place_text(thread: int | None = None) -> str:
    """Say a thread's place in line (this one's for None) and about how long until its turn, "" if it doesn't wait."""
    place = JOBS.place(thread)
    if not place:
        return ""
    ahead = JOBS.ahead(thread)
    text = _("Number {place} in line; two are computed at once.").format(place=place)
    return f"{text} {_('About {s} s until its turn.').format(s=number(max(ahead, 1.0), 2))}" if ahead else text


def _left(step: Step, first: int, elapsed: float) -> float:
    """Return about how many seconds are left; the first step's own pace stands in until there is a second."""
    made = max(1, step.done - first if step.done > first else step.done)
    return elapsed / made * max(0, step.total - step.done)


def _within_budget(elapsed: float) -> None:
    if elapsed > JOB_SECONDS:
        raise OverBudget("seconds")
    if memory.runs_out():
        raise OverBudget("memory")
