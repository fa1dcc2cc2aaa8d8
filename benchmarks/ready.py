"""How soon VGG16 is ready from files, once TensorFlow is imported: a process of its own for each time.

Run from the project's folder: python -m benchmarks.ready [--times 3]

The file has the published layout, with seeded random weights, and was just written: it comes from the page cache, as
after a first start of the day it would not.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.timing import at_most

ROOT = Path(__file__).parent.parent
ROW = "{:<58}{:>9}{:>9}{:>9}  {}"


@contextmanager
def random_file() -> Iterator[dict[str, str]]:
    """Write a random VGG16 file; yields the environment that names it."""
    sys.path.insert(0, str(ROOT / "tests"))
    from vgg16_file import write_random_vgg16

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vgg16.h5"
        write_random_vgg16(path, seed=0)
        with path.open("rb") as file:
            checksum = "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
        yield {"CONVSCOPE_VGG16": str(path), "CONVSCOPE_VGG16_CHECKSUM": checksum}


def measure() -> dict[str, float]:
    """Return seconds: TensorFlow's import, from there to the engine, and from there to the first scores."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    times = [time.perf_counter()]
    import keras  # noqa: F401 - its time is TensorFlow's

    times.append(time.perf_counter())
    from explain.engine import Engine
    from model_zoo import MODELS
    from model_zoo.samples import load_sample

    entry = MODELS["vgg16"]
    engine = Engine(entry.build())
    times.append(time.perf_counter())
    engine.logits(entry.preprocess(load_sample("chelsea"))[None])
    times.append(time.perf_counter())
    return {name: times[i + 1] - times[i] for i, name in enumerate(("imported", "ready", "first"))}


def report(times: int = 3) -> None:
    command = [sys.executable, "-m", "benchmarks.ready", "--measure"]
    with random_file() as names:
        found = []
        for _ in range(max(1, times)):
            said = subprocess.run(
                command, env={**os.environ, **names}, cwd=ROOT, check=True, capture_output=True, text=True
            )
            found.append(json.loads(said.stdout.splitlines()[-1]))
    middle = {name: statistics.median(one[name] for one in found) for name in found[0]}
    print(ROW.format("VGG16 from files, seconds", "import", "ready", "first", ""))
    title = f"import; from there to the engine; first scores (of {len(found)})"
    numbers = (f"{middle[name]:.2f}" for name in ("imported", "ready", "first"))
    print(ROW.format(title, *numbers, f"ready {at_most(2.5, 's').verdict(middle['ready'])}"), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        print(json.dumps(measure()))
    else:
        report(asked.times)


if __name__ == "__main__":
    main()
