"""The longest wait between two partial maps of everything that grows, from the press to the last one looked at.

Run from the project's folder: python -m benchmarks.gaps [--model vgg16] [--seconds 15]

Functions are traced before; each map is of a picture that the engine has not met. VGG16 has seeded random weights.
"""

from __future__ import annotations

import argparse
import os
import time
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks.parity import random_vgg16
from benchmarks.timing import at_most, fresh_from
from explain import stream
from explain.engine import Engine
from model_zoo import MODELS
from model_zoo.samples import load_sample

GROWING: dict[str, dict[str, Any]] = {
    "SmoothGrad": {"method": "saliency", "smooth_samples": 20},
    "Integrated Gradients, one baseline": {"method": "integrated_gradients", "baseline": "black"},
    "Integrated Gradients, three baselines": {"method": "integrated_gradients"},
    "Score-CAM": {"method": "score_cam"},
    "Ablation-CAM": {"method": "ablation_cam"},
    "occlusion": {"method": "occlusion"},
    "RISE": {"method": "rise"},
}
"""Maps that grow, as they are asked for on screen."""

ASKED = {"fashion_cnn": 0.5, "vgg16": 2.0}
"""Seconds from one partial map to the next, at most."""


def gaps(engine: Engine, x: np.ndarray, seconds: float, settings: dict[str, Any]) -> list[float]:
    """Return the seconds to the first partial map and from each to the next, for so long at most."""
    found, began = [], time.perf_counter()
    last, running = began, stream(engine, x, target=1, **settings)
    for _ in running:
        now = time.perf_counter()
        found.append(now - last)
        last = now
        if now - began > seconds:
            break
    running.close()
    return found


def report(turns: int = 0, models: tuple[str, ...] = ("fashion_cnn", "vgg16"), seconds: float = 15.0) -> None:
    for key in models:
        entry = MODELS[key]
        engine = Engine(random_vgg16() if key == "vgg16" else entry.build())
        fresh = fresh_from(entry.preprocess(load_sample("fashion/0" if entry.pictures == "fashion" else "chelsea")))
        for title, settings in GROWING.items():
            gaps(engine, fresh(), 0.0, settings)  # traces
            waits = gaps(engine, fresh(), seconds, settings)
            said = at_most(ASKED[key], "s").verdict(max(waits))
            print(
                f"{key:<12} longest gap between partial maps of {title:<40}{max(waits):>7.3f} s "
                f"(first {waits[0]:.3f}, median {float(np.median(waits)):.3f}, {len(waits)} maps)  {said}",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=[*ASKED], action="append")
    parser.add_argument("--seconds", type=float, default=15.0, help="of each map, at most")
    asked = parser.parse_args()
    report(models=tuple(asked.model or ASKED), seconds=asked.seconds)


if __name__ == "__main__":
    main()
