"""Scripted users who come, look, compute, stop and leave, for as long as one likes; a part of benchmarks.many."""

from __future__ import annotations

import json
import os
import random
import statistics
import threading
import time
from pathlib import Path

from benchmarks.crowd import PICTURES, all_at_once, server, show
from benchmarks.visitor import Visitor

View = tuple[str, tuple[tuple[str, object], ...]]
PAGES = ("", "architecture", "kernels", "activations", "attribution", "what_if")
SETTLED, COMPARED = 60.0, 12
"""Seconds until no page shows the precomputed first look any more, and views that one user alone opens afterwards."""


def soak(people: int, minutes: float) -> None:
    """Scripted users for a while: no failure in the log, no page with an error, memory that does not grow."""
    with server() as (address, process, log):
        began, problems, lock = time.monotonic(), [], threading.Lock()
        end = began + 60 * minutes
        resident: list[tuple[float, int]] = []
        seen: dict[View, set[tuple[str, ...]]] = {}

        def live(n: int) -> None:
            rng = random.Random(n)
            while time.monotonic() < end:
                late = time.monotonic() - began > SETTLED
                trouble, view, pictures = visit(address, rng)
                with lock:
                    problems.extend(trouble)
                    if late and pictures:
                        seen.setdefault(view, set()).add(pictures)

        def measure() -> None:
            while time.monotonic() < end:
                pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
                resident.append((time.monotonic(), pages * os.sysconf("SC_PAGE_SIZE")))
                time.sleep(2)

        watch = threading.Thread(target=measure)
        watch.start()
        all_at_once(people, live)
        watch.join()
        report(problems, resident, log, minutes)
    alike(seen)


def alike(seen: dict[View, set[tuple[str, ...]]]) -> None:
    """Compare what all saw of a view: with each other, and with what one user alone sees on a server of their own."""
    show("views that were seen whole", len(seen), None, "")
    unlike = {view: pictures for view, pictures in seen.items() if len(pictures) > 1}
    show("of them not seen alike by all", len(unlike), 0, "")
    for (page, values), pictures in unlike.items():
        print("   ", page or "overview", dict(values), sorted([one[:6] for one in charts] for charts in pictures))
    maps = sorted(view for view in seen if view[0] == "attribution")
    others = sorted(view for view in seen if view[0] != "attribution")
    chosen = [*maps[:COMPARED], *others[: max(0, COMPARED - len(maps))]]
    different = 0
    with server() as (address, _process, _log):
        first = Visitor(address)
        first.wait_finished(300)
        time.sleep(20)  # the model is made ready meanwhile
        for page, values in chosen:
            one = Visitor(address, page, **dict(values))
            one.wait_finished(300)
            different += one.pictures() not in seen[page, values]
            one.close()
        first.close()
    show(f"of {len(chosen)} views, other than one user alone sees them", different, 0, "")


def visit(address: str, rng: random.Random) -> tuple[list[str], View, tuple[str, ...]]:
    """One visit: a page, sometimes a long map that is stopped or walked away from.

    Returns what was wrong, the view, and its charts where the visitor saw it whole.
    """
    view = {"picture": rng.choice(PICTURES), "model": rng.choice(("efficientnet_lite0", "fashion_cnn"))}
    if view["model"] == "fashion_cnn":
        view["picture"] = f"fashion/{rng.randrange(10_000)}"
    page = rng.choice(PAGES)
    more = {"methods": "smoothgrad", "smooth_samples": rng.choice((20, 60))} if page == "attribution" else {}
    named = (page, tuple(sorted({**view, **more}.items())))
    one, stopped = Visitor(address, page, **view, **more), False
    try:
        if rng.random() < 0.3:
            time.sleep(rng.random() * 3)
            return one.problems, named, ()
        one.wait(lambda: one.runs or one.has("Stop") or one.problems, 240)
        if one.has("Stop") and rng.random() < 0.5:
            one.click("Stop")
            stopped = True
        time.sleep(rng.random() * 4)
    except AssertionError as late:
        return [f"{page}: {late}"[:300]], named, ()
    finally:
        one.close()
    said = [said for said in one.texts() if "failed" in said or "could not be drawn" in said]
    waits = stopped or not one.runs or one.has("Compute (about") or one.has("Try again")
    return [*one.problems, *said], named, () if waits else one.pictures()


def report(problems: list[str], resident: list[tuple[float, int]], log: Path, minutes: float) -> None:
    lines = [line for line in log.read_text().splitlines() if line.startswith('{"time"')]
    events = [json.loads(line) for line in lines]
    show("visits' problems", len(problems), 0, "")
    for problem in problems[:5]:
        print("   ", problem)
    show("failures in the log", sum(one["event"] == "failed" for one in events), 0, "")
    show("tracebacks in the log", log.read_text().count("Traceback"), 0, "")
    show("sessions", sum(one["event"] == "session_began" for one in events), None, "")
    show("sessions given back", sum(one["event"] == "session_released" for one in events), None, "")
    start = resident[0][0] + 60 * minutes / 3
    late = [size for when, size in resident if when > start]
    half = len(late) // 2
    growth = statistics.median(late[half:]) / statistics.median(late[:half]) - 1
    show("memory at the end", resident[-1][1] / 1e9, None, "GB")
    show("growth of memory over the last two thirds, half against half", 100 * growth, 5, "%")
