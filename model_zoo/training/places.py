"""Places for a few at once; the others wait in the order in which they asked."""

from __future__ import annotations

import threading


class Places:
    """`count` places. Whoever asks again and again gets one when it is their turn."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._lock = threading.Lock()
        self._inside: list[object] = []
        self._queue: list[object] = []

    def ask(self, who: object) -> bool:
        """Return True once `who` has a place; asking for the first time takes the last place in the queue."""
        with self._lock:
            if who in self._inside:
                return True
            if who not in self._queue:
                self._queue.append(who)
            if self._queue[0] is not who or len(self._inside) >= self._count:
                return False
            self._inside.append(self._queue.pop(0))
            return True

    def leave(self, who: object) -> None:
        """Give back the place, or the place in the queue."""
        with self._lock:
            for where in (self._inside, self._queue):
                if who in where:
                    where.remove(who)

    def before(self, who: object) -> int:
        """Return how many wait before `who`."""
        with self._lock:
            return self._queue.index(who) if who in self._queue else 0
