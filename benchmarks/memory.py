"""The memory of a process with one model ready: after building, after a forward pass, after a gradient.

Run from the project's folder: python -m benchmarks.memory [--model KEY]

A fresh process for each model. VGG16 is measured in both states; the whole one with seeded random weights, which cost
what the published ones cost. "peak" is the most that the process ever held.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from benchmarks.ready import random_file
from model_zoo import MODELS

ROW = "{:<24}{:>10}{:>10}{:>10}{:>10}{:>10}"
TARGETS = {"vgg16 (full)": 2.2e9}
MISSING = "there-is-no-such-file.h5"


def resident() -> int:
    """Return the bytes of memory this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def measure(key: str) -> dict[str, int]:
    """Build an engine and make a forward pass and a gradient, as the app's first page and first map do."""
    from explain.engine import Engine
    from model_zoo.samples import load_sample

    entry = MODELS[key]
    said = {"start": resident()}
    engine = Engine(entry.build())
    said["built"] = resident()
    picture = "fashion/0" if entry.pictures == "fashion" else "chelsea"
    x = entry.preprocess(load_sample(picture))[None]
    if engine.classes:
        target = engine.top_target(x)
        said["forward"] = resident()
        engine.input_gradients(x, [target])
    else:
        layer = engine.spatial_layers()[-1]
        engine.activation(x, layer)
        said["forward"] = resident()
        engine.unit_gradients(x, layer, 0, 0)
    said["gradient"] = resident()
    return said | {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def in_a_fresh_process(key: str, **environment: str) -> dict[str, int]:
    command = [sys.executable, "-m", "benchmarks.memory", "--measure", key]
    done = subprocess.run(command, env={**os.environ, **environment}, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def show(name: str, said: dict[str, int]) -> None:
    columns = [f"{said[part] / 1e9:.2f}" for part in ("start", "built", "forward", "gradient", "peak")]
    most = TARGETS.get(name)
    verdict = "" if most is None else f"   at most {most / 1e9:.1f}: {'met' if said['peak'] <= most else 'MISSED'}"
    print(ROW.format(name, *columns) + verdict, flush=True)


def whole_vgg16(name: str) -> None:
    with random_file() as names:
        show(name, in_a_fresh_process("vgg16", **names))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=[*MODELS], help="only this model")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        print(json.dumps(measure(asked.measure)))
        return
    print(ROW.format("GB of memory", "start", "built", "forward", "gradient", "peak"))
    for key in [asked.model] if asked.model else MODELS:
        name = "vgg16 (base)" if key == "vgg16" else key
        show(name, in_a_fresh_process(key, CONVSCOPE_VGG16=MISSING))
        if key == "vgg16":
            whole_vgg16("vgg16 (full)")


if __name__ == "__main__":
    main()
