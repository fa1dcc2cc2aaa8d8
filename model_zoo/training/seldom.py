"""Work beside a training, such as writing files, done so seldom that it stays a small share of the time."""

from __future__ import annotations

import time
from collections.abc import Callable


class Seldom:
    """Does something again only after its last time has become `share` of the time since."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._free_at = 0.0

    def may(self, work: Callable[[], object]) -> bool:
        """Do `work` if enough time has passed; says whether it did."""
        if time.monotonic() < self._free_at:
            return False
        self.must(work)
        return True

    def must(self, work: Callable[[], object]) -> None:
        """Do `work` however long ago the last time was."""
        began = time.monotonic()
        work()
        now = time.monotonic()
        self._free_at = now + (now - began) / self._share
