"""Who may compute: two at once, the others in line, first come first served, each knowing its place."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from explain.errors import ConvScopeError

AT_ONCE = 2
"""Two passes at once give the best throughput of a CPU."""

LOOK_EVERY = 0.2
"""Seconds after which whoever waits asks anew whether it is still wanted."""

SOON = 5.0
"""The least seconds after which someone who was turned away is asked to come back."""

Told = Callable[[int], object]
"""Gets a place in line: 1 is next, 0 is at work."""

Check = Callable[[], object]
"""Raises when whoever waits is not to go on."""


class LineFull(ConvScopeError):  # noqa: N818 - says the state
    """Too many wait already: come back in about `seconds`. `waiting` is how many there are."""

    def __init__(self, waiting: int, seconds: float) -> None:
        self.waiting, self.seconds = waiting, seconds
        message = f"line: {waiting} wait already, which is the most; try again in about {seconds:.0f} s"
        super().__init__("line_full", message, {"waiting": waiting, "seconds": seconds})


class Replaced(ConvScopeError):  # noqa: N818 - says the state
    """Whoever waited has asked for something else since, which took over the place."""

    def __init__(self) -> None:
        super().__init__("replaced", "line: its owner has asked for something else since, which waits in its place")


@dataclass(eq=False)
class Ticket:
    """One who waits or is at work: whose it is, and about how many seconds of work are left."""

    owner: Hashable | None = None
    seconds: float = 0.0
    thread: int = field(default_factory=threading.get_ident)
    replaced: bool = False


class Line:
    """A fair queue: `at_once` are let in, the others wait in the order in which they came, at most `most` of them.

    For passes it is asked anew for each, so that a long computation lets others in between its passes. An owner is let
    in once at a time, and waits once at most: whoever comes later takes over the place of the one before. `spell` is
    how long those let in stay while others wait, in seconds; they see to it themselves, and come again.
    """

    def __init__(self, at_once: int, most: int | None = None, spell: float = float("inf")) -> None:
        self.at_once, self.most, self.spell = at_once, most, spell
        self.served = self.refused = self.left = 0
        self._inside: list[Ticket] = []
        self._waiting: list[Ticket] = []
        self._changed = threading.Condition()
        self._here = threading.local()

    @contextmanager
    def turn(self, owner: Hashable | None = None, seconds: float = 0.0, again: bool = False) -> Iterator[Ticket]:
        """Wait for a turn, hold it, and give it back. Whoever waits hears of each new place (`telling`).

        Raises LineFull where too many wait (but not for who comes `again`), Replaced where the same owner came anew,
        and what `watching` raises.
        """
        ticket = Ticket(owner, seconds)
        self._wait(ticket, again)
        try:
            yield ticket
        finally:
            with self._changed:
                self._inside.remove(ticket)
                self._changed.notify_all()

    @contextmanager
    def telling(self, told: Told) -> Iterator[None]:
        """Call `told` from this thread with its place while it waits: first, at each step forward, 0 at its turn.

        What it raises ends the wait, and is let through.
        """
        with self._set("told", told):
            yield

    @contextmanager
    def watching(self, check: Check) -> Iterator[None]:
        """Call `check` from this thread before each turn, and every fifth of a second while it waits for one.

        What it raises ends the wait, and is let through.
        """
        with self._set("check", check):
            yield

    def place(self, thread: int | None = None) -> int:
        """Return a thread's place in line (this one's for None): 1 is next, 0 does not wait."""
        ident = threading.get_ident() if thread is None else thread
        with self._changed:
            return next((at for at, one in enumerate(self._waiting, 1) if one.thread == ident), 0)

    def ahead(self, thread: int | None = None) -> float:
        """Return about how many seconds pass until a thread's turn, by what those before it said of their work."""
        place = self.place(thread)
        with self._changed:
            before = [*self._inside, *self._waiting[: max(0, place - 1)]]
        return sum(min(one.seconds, self.spell) for one in before) / self.at_once if place else 0.0

    def waiting(self) -> int:
        """Return how many wait now."""
        with self._changed:
            return len(self._waiting)

    def inside(self) -> int:
        """Return how many are at work now."""
        with self._changed:
            return len(self._inside)

    @contextmanager
    def _set(self, name: str, value: Callable[..., object]) -> Iterator[None]:
        before = getattr(self._here, name, None)
        setattr(self._here, name, value)
        try:
            yield
        finally:
            setattr(self._here, name, before)

    def _wait(self, ticket: Ticket, again: bool) -> None:
        told, check = getattr(self._here, "told", None), getattr(self._here, "check", None)
        if check is not None:
            check()
        with self._changed:
            if self._join(ticket, again):
                return
        try:
            self._stand(ticket, told, check)
        except BaseException:
            with self._changed:
                self.left += 1
                if ticket in self._waiting:
                    self._waiting.remove(ticket)
                self._changed.notify_all()
            raise
        if told is not None:
            self._take_up(ticket, told)

    def _join(self, ticket: Ticket, again: bool) -> bool:
        """Let a ticket in at once where nobody is in its way (True), else put it into the line."""
        if len(self._inside) < self.at_once and not self._waiting and not self._busy(ticket):
            self._admit(ticket)
            return True
        before = next((one for one in self._waiting if ticket.owner is not None and one.owner == ticket.owner), None)
        if before is not None:
            before.replaced = True
            self._waiting[self._waiting.index(before)] = ticket
            self._changed.notify_all()
        elif self.most is not None and len(self._waiting) >= self.most and not again:
            self.refused += 1
            raise LineFull(len(self._waiting), max(SOON, min((one.seconds for one in self._inside), default=0.0)))
        else:
            self._waiting.append(ticket)
        return False

    def _busy(self, ticket: Ticket) -> bool:
        return ticket.owner is not None and any(one.owner == ticket.owner for one in self._inside)

    def _admit(self, ticket: Ticket) -> None:
        self._inside.append(ticket)
        self.served += 1

    def _next(self) -> Ticket | None:
        """Return who is to be let in: the first whose owner is not at work, None while there is no room."""
        if len(self._inside) >= self.at_once:
            return None
        return next((one for one in self._waiting if not self._busy(one)), None)

    def _stand(self, ticket: Ticket, told: Told | None, check: Check | None) -> None:
        """Stand in line to its end; `told` and `check` are called without the lock, since a screen takes its time."""
        said = 0
        while True:
            with self._changed:
                if not ticket.replaced and self._waiting.index(ticket) + 1 == said and self._next() is not ticket:
                    self._changed.wait(None if check is None else LOOK_EVERY)
                if ticket.replaced:
                    raise Replaced
                place = self._waiting.index(ticket) + 1
                if self._next() is ticket:
                    self._waiting.remove(ticket)
                    self._admit(ticket)
                    self._changed.notify_all()
                    return
            if place != said and told is not None:
                told(place)
            said = place
            if check is not None:
                check()

    def _take_up(self, ticket: Ticket, told: Told) -> None:
        try:
            told(0)
        except BaseException:
            with self._changed:
                self._inside.remove(ticket)
                self._changed.notify_all()
            raise


LINE = Line(AT_ONCE)
"""The one line of this process: every engine's passes, in every session alike."""
