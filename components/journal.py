"""What was computed lately and how it ended, for the operator's page and the log: kinds and times, no pictures."""

from __future__ import annotations

import statistics
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from components import logs

MOST = 400
BRIEF = 0.5
"""Seconds from which on a computation that went well is worth a line in the log."""


@dataclass
class Record:
    """One computation: its kind, how long it waited in line and took in all, whether it was a long one, how it ended.

    `outcome` is "done", "left" (stopped, page left, tab closed, something else clicked), or an error's name.
    """

    kind: str
    waited: float = 0.0
    took: float = 0.0
    long: bool = False
    outcome: str = "done"


records: deque[Record] = deque(maxlen=MOST)
_lock = threading.Lock()


@contextmanager
def job(kind: str) -> Iterator[Record]:
    """Note a computation from its beginning to its end, however it ends."""
    record, began = Record(kind), time.monotonic()
    try:
        yield record
    except Exception as error:
        record.outcome = type(error).__name__
        raise
    except BaseException:
        record.outcome = "left"  # Streamlit ends a run that nobody wants any more by an exception of its own
        raise
    finally:
        record.took = time.monotonic() - began
        with _lock:
            records.append(record)
        if record.outcome != "done" or record.took >= BRIEF:
            logs.event(
                "job",
                kind=kind,
                outcome=record.outcome,
                waited=round(record.waited, 2),
                took=round(record.took, 2),
                long=record.long,
            )


def summary() -> list[tuple[str, int, float, float, float]]:
    """Return for each kind lately: how often, the median and the longest time in seconds, the longest time in line."""
    with _lock:
        known = list(records)
    kinds = dict.fromkeys(one.kind for one in known)
    rows = []
    for kind in kinds:
        own = [one for one in known if one.kind == kind]
        took = [one.took for one in own]
        rows.append((kind, len(own), statistics.median(took), max(took), max(one.waited for one in own)))
    return rows
