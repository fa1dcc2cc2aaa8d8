"""What mirrored pairs and a quasi-random sequence save of SmoothGrad's samples, beside plain noise.

Run from the project's folder: python -m benchmarks.sampling [--samples 128] [--reference 500]

For each picture and sampling, means over seeds along the way: split-half agreement, and the correlation with an
independent map of plain samples.
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
WANTED = (5, 9, 17, 33, 65, 129, 257)
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=128)
    parser.add_argument("--reference", type=int, default=500)
    asked = parser.parse_args()
    for model, pictures in PICTURES.items():
        entry = MODELS[model]
        for picture in pictures:
            x = entry.preprocess(load_sample(picture))
            reference = attribute(entry, x, "saliency", smooth_samples=asked.reference, seed=1_000).map
            for sampling in SAMPLINGS:
                rows = measure(model, picture, sampling, asked.samples, reference)
                said = "  ".join(f"{done}: {half:.3f} {to:.3f}" for done, (half, to) in rows.items())
                print(f"{model:<20}{picture:<12}{sampling:<12}{said}", flush=True)


if __name__ == "__main__":
    main()
