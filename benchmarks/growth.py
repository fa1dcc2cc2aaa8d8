"""How much a process grows over 200 maps in a row, once its caches are full.

Run from the project's folder: python -m benchmarks.growth [--maps 200] [--model efficientnet_lite0]

Every map is of another picture, so that each is computed, remembered, and pushes an older one out. The results are kept
as the app keeps them. Maps made before the first measure fill both caches and warm the allocator.
"""

from __future__ import annotations

import argparse
import gc
import os
from itertools import cycle

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from benchmarks.memory import resident
from benchmarks.timing import at_most, fresh_from
from components import compute
from explain import attribute, memo
from explain.engine import Engine
from model_zoo import MODELS
from model_zoo.samples import load_sample

ONES = (
    ("grad_cam", {}),
    ("saliency", {}),
    ("layer_cam", {}),
    ("saliency", {"smooth_samples": 4}),
    ("gradient_x_input", {}),
    ("score_cam", {"top_n": 10}),
)


def grown(model: str, maps: int) -> tuple[float, float, float]:
    """Return the bytes grown in the second run of so many maps, and how full the two caches were before it."""
    entry = MODELS[model]
    engine = Engine(entry.build())
    fresh = fresh_from(entry.preprocess(load_sample("fashion/0" if entry.pictures == "fashion" else "chelsea")))
    methods = cycle(ONES)

    def run() -> None:
        for number, (method, settings) in zip(range(maps), methods, strict=False):
            x = fresh()
            compute.keep((method, number, memo.digest(x)), attribute(engine, x, method, **settings))

    while memo.SHARED.bytes < 0.95 * memo.SHARED.limit:
        engine.activations(fresh()[None])
    cache, _ = compute._results()
    while cache.currsize < 0.9 * cache.maxsize:
        run()
    gc.collect()
    full = memo.SHARED.bytes / memo.SHARED.limit, cache.currsize / cache.maxsize
    before = resident()
    run()
    gc.collect()
    return resident() - before, *full


def report(turns: int = 0, model: str = "efficientnet_lite0", maps: int = 200) -> None:
    grew, passes_full, results_full = grown(model, maps)
    said = at_most(20, "MB").verdict(grew / 1e6)
    print(f"{maps} maps in a row, {model}: {grew / 1e6:+.1f} MB  {said}", flush=True)
    print(f"  before: memory of passes {passes_full:.0%} full, results {results_full:.0%}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--maps", type=int, default=200)
    parser.add_argument("--model", choices=[*MODELS], default="efficientnet_lite0")
    asked = parser.parse_args()
    report(0, asked.model, asked.maps)


if __name__ == "__main__":
    main()
