"""The arithmetic lens against Keras: the largest difference over random numbers of every layer of every bundled model.

    python -m benchmarks.lens                 200 numbers a layer, in some minutes; --count for others
    python -m benchmarks.lens --only fashion_cnn

The goal: within a hundred-thousandth of the layer's largest absolute value, everywhere.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict

from explain.engine import Engine
from explain.lens import WITHIN, Lens
from explain.lens_types import NotShown
from model_zoo import MODELS
from model_zoo.samples import load_sample

PICTURES = {"photographs": "chelsea", "fashion": "fashion/0"}


def measure(key: str, count: int, seed: int) -> float:
    """Print the largest difference of each type of layer of one model; returns the largest of all."""
    entry, began = MODELS[key], time.perf_counter()
    engine = Engine(entry.build())
    given = engine.activations(entry.preprocess(load_sample(PICTURES[entry.pictures]))[None])
    values = {name: value[0] for name, value in given.items()}
    found: dict[str, list[float]] = defaultdict(list)
    for info in engine.layers[1:]:
        try:
            found[info.type].append(Lens(engine, info.name).worst(values, count, seed))
        except NotShown as why:
            print(f"  {info.name}: {why}")
    for kind, worst in sorted(found.items()):
        print(f"  {kind:<24} {len(worst):3} layers, {count} numbers each: at most {max(worst):.1e}")
    worst_of_all = max(max(worst) for worst in found.values())
    print(f"{key}: at most {worst_of_all:.1e} of the layer's largest, {time.perf_counter() - began:.0f} s", flush=True)
    return worst_of_all


def main() -> None:
    """Measure the models asked for and say whether the goal is met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(MODELS), default=list(MODELS))
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    worst = max(measure(key, given.count, given.seed) for key in given.only)
    print(f"goal {WITHIN:.0e}: {'met' if worst <= WITHIN else 'MISSED'}, at most {worst:.1e}")


if __name__ == "__main__":
    main()
