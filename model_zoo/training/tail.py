"""What a training's process has told so far: the end of events.jsonl is read as it grows."""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path
from typing import Any

LOGGER = logging.getLogger(__name__)
KINDS = ("started", "batch", "epoch", "written", "ended")
LATELY = 4
"""Batch events over which the speed is averaged: about a second."""


class Tail:
    """Events by kind, as far as they were read. Read by one thread, asked by many."""

    def __init__(self, path: Path, epochs: int) -> None:
        self._path, self._epochs = path, epochs
        self._lock = threading.Lock()
        self._at, self._rest = 0, b""
        self._events: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
        self.paused = False
        self.seconds = 0.0

    def read(self) -> None:
        """Read what was written since the last time, whole lines only; a damaged one is left out, and logged."""
        try:
            with self._path.open("rb") as stream:
                stream.seek(self._at)
                more = stream.read()
        except FileNotFoundError:
            return  # not yet written, or removed with its folder: how the process ends tells which
        self._at += len(more)
        *lines, self._rest = (self._rest + more).split(b"\n")
        for line in lines:
            event = _event(line)
            if event is not None:
                self._take(event)
            elif line:
                LOGGER.warning("left out a damaged line of %d bytes in %s", len(line), self._path)

    def end(self, why: str, message: str) -> None:
        """Put an end, or a failure after it, that the process itself didn't tell."""
        best = [one["epoch"] for one in self.epochs if one["best"]]
        self._take({"kind": "ended", "why": why, "best_epoch": best[-1] if best else 0, "message": message})

    def _take(self, event: dict[str, Any]) -> None:
        with self._lock:
            kind = event["kind"]
            if kind == "ended":  # one that was cut short has kept what was written last, not the best it had
                event = {"kept_epoch": self._events["written"][-1]["epoch"] if self._events["written"] else 0} | event
            if kind in self._events:
                self._events[kind].append(event)
            if kind in ("paused", "resumed", "ended"):
                self.paused = kind == "paused"
            self.seconds = event.get("seconds", self.seconds)

    def _all(self, kind: str) -> list[dict[str, Any]]:
        with self._lock:
            return [*self._events[kind]]

    @property
    def started(self) -> dict[str, Any] | None:
        """The first event, None until it came."""
        return next(iter(self._all("started")), None)

    @property
    def batches(self) -> list[dict[str, Any]]:
        """The events between batches."""
        return self._all("batch")

    @property
    def epochs(self) -> list[dict[str, Any]]:
        """The events of epochs' ends."""
        return self._all("epoch")

    @property
    def ended(self) -> dict[str, Any] | None:
        """How it ended, None until then; with "unscored", why, where what comes after that failed."""
        told = self._all("ended")
        failed = [one["message"] for one in told[1:] if one["why"] == "failed"]
        if failed and told[0]["why"] != "failed":
            return {**told[0], "unscored": failed[0]}
        return told[0] if told else None

    @property
    def left(self) -> float | None:
        """Seconds to the last epoch's end at the speed so far, None while that isn't known."""
        if self.ended is not None:
            return 0.0
        last = [*self._all("batch")[-1:], *self._all("epoch")[-1:]]
        if not last:
            return None
        latest = max(last, key=lambda one: float(one["epoch"]))
        done = float(latest["epoch"])
        return float(latest["seconds"]) * max(0.0, self._epochs - done) / done

    @property
    def per_second(self) -> float | None:
        """Pictures a second over the last events, None until there are any."""
        lately = self._all("batch")[-LATELY:]
        return sum(float(one["per_second"]) for one in lately) / len(lately) if lately else None


def _event(line: bytes) -> dict[str, Any] | None:
    """Return the event of a line, None where there is none: it was cut, as on a full disk."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and isinstance(event.get("kind"), str) else None
