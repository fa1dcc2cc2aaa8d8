"""Who may compute: two passes at once, the others in line, first come first served, each knowing its place."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

AT_ONCE = 2
"""Two passes at once give the best throughput of a CPU."""

Told = Callable[[int], object]
"""Gets a place in line: 1 is next, 0 is at work."""


class Line:
    """A fair queue: `at_once` threads are let in, the others wait in the order in which they came.

    A session asks for each pass anew, so that a long computation lets others in between its passes.
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: deque[int] = deque()
        self._changed = threading.Condition()
        self._here = threading.local()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, hold it, and give it back. Whoever waits hears of each new place (`telling`)."""
        self._wait()
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()

    @contextmanager
    def telling(self, told: Told) -> Iterator[None]:
        """Call `told` from this thread with its place while it waits: first, at each step forward, 0 at its turn.

        What it raises ends the wait, and is let through.
        """
        before = getattr(self._here, "told", None)
        self._here.told = told
        try:
            yield
        finally:
            self._here.told = before

    def place(self, thread: int | None = None) -> int:
        """Return a thread's place in line (this one's for None): 1 is next, 0 does not wait."""
        ident = threading.get_ident() if thread is None else thread
        with self._changed:
            return self._waiting.index(ident) + 1 if ident in self._waiting else 0

    def waiting(self) -> int:
        """Return how many wait now."""
        with self._changed:
            return len(self._waiting)

    def _wait(self) -> None:
        me, told = threading.get_ident(), getattr(self._here, "told", None)
        with self._changed:
            if self._free and not self._waiting:
                self._free -= 1
                return
            self._waiting.append(me)
        try:
            self._stand(me, told)
        except BaseException:
            with self._changed:
                self._waiting.remove(me)
                self._changed.notify_all()
            raise
        if told is not None:
            self._take_up(told)

    def _stand(self, me: int, told: Told | None) -> None:
        """Stand in line to its end; `told` is called without the lock, since a screen may take its time."""
        said = 0
        while True:
            with self._changed:
                place = self._waiting.index(me) + 1
                while place == said and not (place == 1 and self._free):
                    self._changed.wait()
                    place = self._waiting.index(me) + 1
                if place == 1 and self._free:
                    self._waiting.popleft()
                    self._free -= 1
                    self._changed.notify_all()
                    return
            said = place
            if told is not None:
                told(place)

    def _take_up(self, told: Told) -> None:
        try:
            told(0)
        except BaseException:
            with self._changed:
                self._free += 1
                self._changed.notify_all()
            raise


LINE = Line(AT_ONCE)
"""The one line of this process: every engine's passes, in every session alike."""
