"""The same thing asked for twice is computed once: whoever comes second sees the first one's steps as they are made."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from typing import Any, TypeVar

from components.admission import Step, place_text, still_wanted
from explain.queueing import Replaced

S = TypeVar("S", bound=Step)
LOOK_EVERY = 0.2


class Flight:
    """One computation under way: its last step, who makes it, and how it ended."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.thread = threading.get_ident()
        self.step: Any = None
        self.ended = self.landed = False
        self.error: Exception | None = None
        self.others = 0

    def publish(self, step: Step) -> None:
        """Let the others have a step."""
        with self.changed:
            self.step = step
            self.landed = step.done >= step.total
            self.changed.notify_all()

    def end(self, error: Exception | None = None) -> None:
        """Say that no further step comes, and why if something went wrong."""
        with self.changed:
            self.ended, self.error = True, error
            self.changed.notify_all()

    def watch(self, said: Callable[[str], Any]) -> Iterator[Any]:
        """Yield each step as it comes, until the last; ends early where whoever made them has left.

        Raises what went wrong there.
        """
        seen, told = None, ""
        while True:
            with self.changed:
                if self.step is seen and not self.ended:
                    self.changed.wait(LOOK_EVERY)
                step, ended, error = self.step, self.ended, self.error
            still_wanted()
            text = place_text(self.thread)
            if text != told:
                told = text
                said(text)
            if step is not seen:
                seen = step
                yield step
            elif ended:
                if error is not None:
                    raise error
                return
            if self.landed and seen is self.step:
                return


class Flights:
    """What is under way in this server, by what was asked."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.under_way: dict[Hashable, Flight] = {}
        self.shared = 0

    def board(self, key: Hashable) -> tuple[Flight, bool]:
        """Return the computation under a key and whether it is for the caller to make it."""
        with self.lock:
            known = self.under_way.get(key)
            if known is not None:
                known.others += 1
                self.shared += 1
                return known, False
            return self.under_way.setdefault(key, Flight()), True

    def over(self, key: Hashable, flight: Flight) -> None:
        """Forget a computation that has ended; who asks next begins anew."""
        with self.lock:
            if self.under_way.get(key) is flight:
                del self.under_way[key]


FLIGHTS = Flights()


def steps(key: Hashable, make: Callable[[], Iterator[S]], said: Callable[[str], Any]) -> Iterator[S]:
    """Make the steps of a computation, or take them from whoever makes the same now.

    Who takes them over goes on where the first one left early: what can be added to is added to.
    """
    while True:
        flight, mine = FLIGHTS.board(key)
        if mine:
            yield from _made(key, flight, make)
            return
        yield from flight.watch(said)
        if flight.landed:
            return


def _made(key: Hashable, flight: Flight, make: Callable[[], Iterator[S]]) -> Iterator[S]:
    made, error = make(), None
    try:
        for step in made:
            flight.publish(step)
            yield step
        flight.landed = True
    except Replaced:
        raise  # only whoever made it wants something else now
    except Exception as problem:
        error = problem
        raise
    finally:
        made.close()  # type: ignore[attr-defined]
        FLIGHTS.over(key, flight)
        flight.end(error)
