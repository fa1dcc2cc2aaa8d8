"""Many people on one server: do all get a page, do pages stay quick while others compute, are all maps right?

Run from the project's folder: python -m benchmarks.many [--people 30] [--only arrive|maps|vgg16|soak] [--soak MINUTES]

Visitors open the websocket that a tab would open (no browser), on this machine. Maps that came out of the crowd are
compared with those of one user alone, bit by bit, in a process of their own. `soak` has scripted users who open pages,
begin long maps, stop them, and leave. Server and visitors share this machine's processor.
"""

from __future__ import annotations

import argparse
import os
import time

import numpy as np

from benchmarks.crowd import PICTURES, ROW, all_at_once, healthy, server, show
from benchmarks.ready import random_file
from benchmarks.soak import soak
from benchmarks.visitor import Visitor

HEAVY = {"methods": "smoothgrad", "smooth_samples": 200}
MAP = "channels weighted by their mean gradient"
"""What stands below every Grad-CAM, also below one that is 0 everywhere, as some are with random weights."""


def arrive(people: int) -> None:
    """Thirty tabs opened together: on a server that nobody has visited, and on one that has its model ready."""
    with server() as (address, _process, _log):
        for when in ("on a fresh server", "on a warm one"):
            visitors: list[Visitor] = []
            all_at_once(people, lambda _n, there=visitors: there.append(Visitor(address)))
            for one in visitors:
                one.wait_finished(300)
            show(f"{people} together {when}: the last one's first text", max(v.first for v in visitors), 6, "s")
            show(f"{people} together {when}: the last one's answer", max(v.headline for v in visitors), 6, "s")
            show(f"{people} together {when}: the last one's whole page", max(v.finished for v in visitors), None, "s")
            time.sleep(12)
            for one in visitors:
                one.close()
        beside_heavy_work(address)


def beside_heavy_work(address: str) -> None:
    """A page that computes nothing, and the health check, while two long maps run and two wait."""
    busy = [Visitor(address, "attribution", picture=PICTURES[n], **HEAVY) for n in range(4)]
    for one in busy:
        one.wait(lambda one=one: one.says(" of 200 ·") or one.has("Compute (about"), 120)
        if one.has("Compute (about"):
            one.click("Compute (about")
    pages, checks = [], []
    end = time.monotonic() + 20
    while time.monotonic() < end:
        checks += [healthy(address) for _ in range(8)]
        guest = Visitor(address, "architecture")
        guest.wait_finished(60)
        pages.append(guest.finished)
        guest.close()
    for one in busy:
        one.close()
    show(f"page without computation beside heavy work, p95 of {len(pages)}", float(np.quantile(pages, 0.95)), 1, "s")
    show(f"health beside heavy work, p99 of {len(checks)}", 1000 * float(np.quantile(checks, 0.99)), 100, "ms")


def maps(people: int, model: str, most: float) -> None:
    """As many Grad-CAMs as there are people, of different pictures, asked through one line; each equal to one's own."""
    from explain import attribute
    from explain.engine import Engine
    from explain.memo import SHARED
    from model_zoo import MODELS
    from model_zoo.samples import load_sample

    entry = MODELS[model]
    engine = Engine(entry.build())
    base = [entry.preprocess(load_sample(name)) for name in PICTURES]
    rng = np.random.default_rng(0)
    inputs = [np.roll(base[n % len(base)], int(rng.integers(1, 200)), axis=n % 2) for n in range(people)]
    attribute(engine, base[0], "grad_cam", 0)
    found: dict[int, np.ndarray] = {}
    took: list[float] = []
    began = time.monotonic()

    def ask(n: int) -> None:
        found[n] = attribute(engine, inputs[n], "grad_cam").map
        took.append(time.monotonic() - began)

    all_at_once(people, ask)
    show(f"{people} Grad-CAMs at once, {entry.title}, the engine alone: the last", max(took), most, "s")
    SHARED.clear()
    wrong = sum(not np.array_equal(found[n], attribute(engine, inputs[n], "grad_cam").map) for n in range(people))
    show("of them different from one user's own", wrong, 0, "maps")


def pages_with_maps(people: int, model: str, most: float, **environment: str) -> None:
    """The same through the app: everybody opens Attribution with Grad-CAM on a picture of their own."""
    with server(**environment) as (address, _process, _log):
        first = Visitor(address, "attribution", model=model, methods="grad_cam")
        first.wait(lambda: first.says(MAP), 300)
        visitors: list[Visitor] = []

        def come(n: int) -> None:
            # Another target is another map: there are six photographs, and thirty people.
            view = {"model": model, "picture": PICTURES[n % 6], "target": 10 * n + 1, "minus": "-"}
            visitors.append(Visitor(address, "attribution", methods="grad_cam", **view))

        all_at_once(people, come)
        for one in visitors:
            one.wait(lambda one=one: one.runs or one.problems, 300)
        show(
            f"{people} Grad-CAM pages at once, {model}: the last finished", max(v.finished for v in visitors), most, "s"
        )
        show("pages without their map", sum(not v.says(MAP) for v in visitors), 0, "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=30)
    parser.add_argument("--only", choices=("arrive", "maps", "vgg16", "soak"), help="one part alone")
    parser.add_argument("--soak", type=float, default=0.0, metavar="MINUTES", help="scripted users for so long")
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before the start")
    print(ROW.format("", "measured", "at most", ""))
    if asked.only in (None, "arrive"):
        arrive(asked.people)
    if asked.only in (None, "maps"):
        pages_with_maps(asked.people, "efficientnet_lite0", 30)
        maps(asked.people, "efficientnet_lite0", 30)
    if asked.only in (None, "vgg16"):
        with random_file() as names:
            pages_with_maps(asked.people, "vgg16", 60, **names)
            os.environ.update(names)
            maps(asked.people, "vgg16", 60)
    if asked.only == "soak" or asked.soak:
        soak(asked.people, asked.soak or 30.0)


if __name__ == "__main__":
    main()
