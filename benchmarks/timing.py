"""Timing that a busy machine can't turn round: pairs taken in turn, medians of the turns' own ratios."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

ROW = "{:<58}{:>9}{:>9}{:>9}{:>9}{:>9}  {}"
Work = Callable[[np.ndarray], Any]


@dataclass(frozen=True)
class Bound:
    """What a number has to be: at least `low`, at most `high`."""

    low: float = 0.0
    high: float = float("inf")
    unit: str = "x"

    def verdict(self, value: float) -> str:
        if not self.low and self.high == float("inf"):
            return ""
        asked = f"at least {self.low:g}" if self.low else f"at most {self.high:g}"
        return f"{asked} {self.unit}: {'met' if self.low <= value <= self.high else 'MISSED'}"


def at_least(value: float, unit: str = "x") -> Bound:
    return Bound(low=value, unit=unit)


def at_most(value: float, unit: str = "x") -> Bound:
    return Bound(high=value, unit=unit)


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def spent(work: Work, x: np.ndarray) -> tuple[float, float]:
    """Return wall and CPU seconds of one piece of work."""
    began, used = time.perf_counter(), cpu()
    work(x)
    return time.perf_counter() - began, cpu() - used


def head() -> None:
    print(ROW.format("", "first s", "second s", "CPU s", "CPU s", "ratio", ""))


def pair(title: str, first: Work, second: Work, fresh: Callable[[], np.ndarray], turns: int, bound: Bound) -> None:
    """Time two pieces of work in turn, and print both with the ratio second : first. The first turn is left out."""
    times: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([], [])
    for turn in range(turns + 1):
        order = [(times[0], first), (times[1], second)]
        for kept, work in order if turn % 2 else reversed(order):
            both = spent(work, fresh())
            if turn:
                kept.append(both)
    wall = [statistics.median(kept[0] for kept in side) for side in times]
    used = [statistics.median(kept[1] for kept in side) for side in times]
    ratio = statistics.median(b[0] / a[0] for a, b in zip(*times, strict=True))
    numbers = (f"{value:.4f}" for value in (wall[0], wall[1], used[0], used[1]))
    print(ROW.format(title, *numbers, f"{ratio:.2f}x", bound.verdict(ratio)), flush=True)


def alone(title: str, work: Work, fresh: Callable[[], np.ndarray], turns: int, bound: Bound) -> None:
    """Time one piece of work on pictures it has not met, and print the median. The first turn is left out."""
    times = [spent(work, fresh()) for _ in range(turns + 1)][1:]
    wall, used = (statistics.median(one[part] for one in times) for part in (0, 1))
    value = wall * (1000 if bound.unit == "ms" else 1)
    print(ROW.format(title, f"{wall:.4f}", "", f"{used:.4f}", "", "", bound.verdict(value)), flush=True)


def fresh_from(x: np.ndarray) -> Callable[[], np.ndarray]:
    """Return a source of pictures that differ from one another in every value."""
    rng = np.random.default_rng(0)
    return lambda: (x + rng.normal(0, 1e-3 * float(np.ptp(x)), x.shape)).astype(np.float32)
