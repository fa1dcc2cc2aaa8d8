"""Damaged model files that pass the first two gates, in the worker: seconds, memory, and whether anything crashed.

    python -m benchmarks.survivors --files 1000 --seed 1

Asked for: 5 s and 1 GB above the idle worker each (held after the file; while it works, `Limits.build_memory_bytes`
ends it), no crash, no hang, and every undamaged control opens in the same run.
"""

from __future__ import annotations

import argparse
import collections
import time

from benchmarks.mutated import good_files, mutated
from model_zoo.own import worker
from model_zoo.own.inspect import inspect
from model_zoo.own.opening import open_model
from model_zoo.own.types import MIB, Refused

SECONDS, MEMORY = 5.0, 1024 * MIB


def survives(data: bytes, name: str) -> bool:
    try:
        inspect(data, name)
    except Refused:
        return False
    return True


def opened(data: bytes, name: str) -> tuple[str, float, int]:
    """Return what came of a file, the seconds it took, and the bytes that the worker holds then."""
    start = time.monotonic()
    try:
        outcome = "opened" if open_model(data, name).card.finite else "opened, not finite"
    except Refused as error:
        outcome = error.code
    except Exception as error:
        outcome = f"CRASH {type(error).__name__}"
    return outcome, time.monotonic() - start, worker.resident(worker.WORKER.pid or 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    goods = good_files()
    open_model(next(iter(goods.values())), "first")  # starts the worker
    idle = worker.resident(worker.WORKER.pid or 0)
    controls = [opened(data, name)[0] for name, data in goods.items()]
    found: collections.Counter[str] = collections.Counter()
    slowest, most = 0.0, 0
    for number in range(asked.files):
        name, data = mutated(goods, asked.seed, number)
        if not survives(data, name):
            found["refused by the first two gates"] += 1
            continue
        outcome, seconds, held = opened(data, name)
        found[outcome] += 1
        slowest, most = max(slowest, seconds), max(most, held - idle)
    worker.WORKER.stop()
    crashed = any(outcome.startswith("CRASH") for outcome in found)
    met = not crashed and slowest <= SECONDS and most <= MEMORY and set(controls) == {"opened"}
    print(f"{asked.files} damaged files: {dict(found)}")
    print(f"controls: {controls.count('opened')} of {len(controls)} opened")
    print(f"slowest {slowest:.1f} s, at most {most / MIB:.0f} MB above idle: {'met' if met else 'NOT met'}")


if __name__ == "__main__":
    main()
