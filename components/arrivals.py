"""Everybody's answer first: where many arrive at once, no page goes on before all of them have been told theirs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

AT_ONCE = 2
"""Pages that are begun at the same time: thirty at once take turns at Python, and the last one's server too."""

PATIENCE, LOOK = 4.0, 0.05
"""Seconds that a page waits for the others at most, and between two looks at whether it is still wanted."""


class Arrivals:
    """Who is about to be told an answer. Nobody waits where nobody else does."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.waiting = self.speaking = 0
        self.mine = threading.local()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Begin a page's run in its turn; its end, whatever ends it, lets the next one begin."""
        with self.changed:
            self.waiting += 1
            try:
                self._wait(lambda: self.speaking < AT_ONCE)
            finally:
                self.waiting -= 1
            self.speaking += 1
        self.mine.turn = True
        try:
            yield
        finally:
            self.over()

    def over(self) -> None:
        """Let the next one begin: the answer is out, or will take its time."""
        if getattr(self.mine, "turn", False):
            self.mine.turn = False
            with self.changed:
                self.speaking -= 1
                self.changed.notify_all()

    def crowded(self) -> bool:
        """Whether others wait to begin."""
        return self.waiting > 0

    def others_first(self) -> None:
        """End this page's turn, and go on once nobody waits to begin."""
        self.over()
        with self.changed:
            self._wait(lambda: not self.waiting, lambda: st.session_state.get("screen"))

    def _wait(self, true: Callable[[], bool], look: Callable[[], object] = lambda: None) -> None:
        end = time.monotonic() + PATIENCE
        while not true() and time.monotonic() < end:
            self.changed.wait(LOOK)
            look()  # Streamlit ends a run that is no longer wanted where it reads the session's state


ARRIVALS = Arrivals()
