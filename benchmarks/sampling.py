"""What mirrored pairs and a quasi-random sequence save of SmoothGrad's samples, beside plain noise.

Run from the project's folder: python -m benchmarks.sampling [--samples 256] [--reference 500]

For each picture and sampling, means over seeds along the way: split-half agreement, and the correlation with an
independent map of plain samples; and after how many of the samples looked at the one reaches 0.95, the other 0.99.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from explain import attribute, engine_for, stream
from explain.noise import SAMPLINGS
from model_zoo import MODELS
from model_zoo.samples import load_sample

PICTURES = {"fashion_cnn": ("fashion/0", "fashion/3", "fashion/8"), "efficientnet_lite0": ("chelsea", "coffee")}
WANTED = (5, 9, 17, 25, 33, 49, 65, 97, 129, 193, 257)
GOALS = (0.95, 0.99)
SEEDS = 3


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


def measure(model: str, picture: str, sampling: str, samples: int, reference: np.ndarray) -> dict[int, np.ndarray]:
    """Return (agreement of halves, correlation with the reference) by samples, means over seeds."""
    entry = MODELS[model]
    engine, x = engine_for(entry), entry.preprocess(load_sample(picture))
    found: dict[int, list[tuple[float, float]]] = {}
    for seed in range(SEEDS):
        for result in stream(engine, x, "saliency", smooth_samples=samples, smooth_sampling=sampling, seed=seed):
            if result.done in (*WANTED, samples) and result.reliability is not None:
                row = (result.reliability, correlation(result.map, reference))
                found.setdefault(result.done, []).append(row)
    return {done: np.mean(rows, axis=0) for done, rows in found.items()}


def reached(rows: dict[int, np.ndarray]) -> str:
    """Say after how many samples each goal was reached, "-" where it was not."""
    first = [next((done for done in sorted(rows) if rows[done][i] >= goal), "-") for i, goal in enumerate(GOALS)]
    return f"halves {GOALS[0]} at {first[0]}, reference {GOALS[1]} at {first[1]}"


def report(turns: int = 0, samples: int = 256, reference: int = 500) -> None:
    for model, pictures in PICTURES.items():
        entry = MODELS[model]
        for picture in pictures:
            x = entry.preprocess(load_sample(picture))
            independent = attribute(entry, x, "saliency", smooth_samples=reference, seed=1_000).map
            for sampling in SAMPLINGS:
                rows = measure(model, picture, sampling, samples, independent)
                said = "  ".join(f"{done}: {half:.3f} {to:.3f}" for done, (half, to) in rows.items())
                print(f"{model:<20}{picture:<12}{sampling:<12}{reached(rows):<48}{said}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=256)
    parser.add_argument("--reference", type=int, default=500)
    asked = parser.parse_args()
    report(samples=asked.samples, reference=asked.reference)


if __name__ == "__main__":
    main()
