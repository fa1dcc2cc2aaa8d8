"""How early Score-CAM's map is the one of all channels: rank correlation along the way, on the shipped photographs.

Run from the project's folder: python -m benchmarks.score_cam [LAYER ...]

Shares are of the channels that are not dead. "plain" is the sum of those measured alone, by standard deviation.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from scipy.stats import spearmanr

from benchmarks.timing import at_least
from explain import Target, engine_for
from explain.attribution.score_cam import signed_score_cam
from explain.plans import grow, whole_map
from model_zoo import MODELS
from model_zoo.samples import PHOTOGRAPHS, load_sample

LAYERS = ("head_relu", "block5c_depthwise_relu", "block4b_add")
SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4)


def agreement(first: np.ndarray, second: np.ndarray) -> float:
    return float(spearmanr(np.maximum(first, 0).ravel(), np.maximum(second, 0).ravel()).statistic)


def measure(layer: str, key: str) -> tuple[int, list[float], float]:
    """Return the live channels, the correlation at each share, and that of the plain sum at a quarter."""
    entry = MODELS["efficientnet_lite0"]
    engine, x = engine_for(entry), entry.preprocess(load_sample(key))[None]
    target: Target = engine.top_target(x)
    plan = signed_score_cam(engine, x, target, layer=layer)
    steps = list(grow(plan))
    whole = whole_map(plan, steps[-1])
    along = []
    for share in SHARES:
        at = max((sums for sums in steps if sums.done <= max(1, share * plan.count)), key=lambda sums: sums.done)
        along.append(agreement(whole_map(plan, at), whole))
    values, weights = engine.activation(x, layer)[0], steps[-1].totals[0][0, 0]
    first = np.argsort(-values.std(axis=(0, 1)), kind="stable")[: plan.count // 4]
    return plan.count, along, agreement(values[..., first] @ weights[first], whole[..., 0])


def report(turns: int = 0, layers: Sequence[str] = LAYERS) -> None:
    print(
        "{:<24}{:<12}{:>6}".format("layer", "picture", "live"), *(f"{share:>7.3f}" for share in SHARES), "  plain 0.25"
    )
    for layer in layers:
        quarters = []
        for key in PHOTOGRAPHS:
            live, along, plain = measure(layer, key)
            quarters.append(along[SHARES.index(1 / 4)])
            print(
                f"{layer:<24}{key:<12}{live:>6}", *(f"{value:>7.3f}" for value in along), f"{plain:>12.3f}", flush=True
            )
        said = f"  {at_least(0.98, '').verdict(min(quarters))}" if layer == LAYERS[0] else ""
        print(f"{layer:<24}at a quarter: lowest {min(quarters):.3f}{said}", flush=True)


if __name__ == "__main__":
    report(layers=sys.argv[1:] or LAYERS)
