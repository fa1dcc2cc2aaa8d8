"""Write the record of the methods over many pictures that ships: explain/evidence/record.json.

    python -m scripts.make_record                 what is missing, or was made with other weights or settings
    python -m scripts.make_record --again         everything
    python -m scripts.make_record --methods a,b   only these

For each model and method: the gain of removal on blocks (explain/evidence/removal.py) for the top class of every
picture, and how much more it is, on the same picture, than that of the map's own shifts and flips, of edges, of the
centre and of class-blind activation; means with bootstrap intervals. The file is written after each method.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from explain import METHODS, Layer, attribute, engine_for
from explain.evidence import record
from explain.evidence.blocks import block_means, grid_of
from explain.evidence.nulls import knowing_nothing, moves
from explain.evidence.removal import remove
from explain.evidence.similarity import flat
from model_zoo import MODELS
from model_zoo.samples import SAMPLES, load_sample

PICTURES = {"fashion_cnn": ("fashion", 200), "efficientnet_lite0": ("photographs", 6), "vgg16": ("photographs", 6)}
SHIFTS = 4
SEED = 0


def pictures(model: str) -> list[Any]:
    """Return the preprocessed pictures of a model's record, (1, H, W, C) each."""
    kind, count = PICTURES[model]
    entry = MODELS[model]
    return [entry.preprocess(load_sample(sample))[None] for sample in SAMPLES[kind][:count]]


def settings_of(method: str) -> dict[str, Any]:
    """Return a method's settings, its own defaults."""
    return {param.name: param.default for param in METHODS[method].params if not isinstance(param, Layer)}


def gains(engine: Any, x: Any, maps: Sequence[Any], seed: int) -> np.ndarray:
    """Return the gain of each block map of one picture for its top class, the mean of both fills, (maps,)."""
    *_, trials = remove(engine, x, engine.top_target(x), maps, seed)
    return trials.gains.mean(axis=1)


def rivals(engine: Any, images: Sequence[Any]) -> dict[str, np.ndarray]:
    """Return the gains of the maps that know no target by name, (pictures,) each."""
    found = []
    for seed, x in enumerate(images):
        grid = grid_of(x.shape[1], x.shape[2])
        blocks = {name: block_means(made, grid) for name, made in knowing_nothing(engine, x).items()}
        found.append(dict(zip(blocks, gains(engine, x, list(blocks.values()), seed), strict=True)))
    return {name: np.array([one[name] for one in found]) for name in found[0]}


def of_method(model: str, images: Sequence[Any], method: str, beside: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return one method's entry of the record. The model's entry says what black is, as it does on screen."""
    entry, engine = MODELS[model], engine_for(MODELS[model])
    settings = settings_of(method)
    own, shifted = np.full(len(images), np.nan), np.full(len(images), np.nan)
    for seed, x in enumerate(images):
        result = attribute(engine, x, method, entry=entry, seed=SEED, **settings)
        settings |= {"layer": result.layer} if METHODS[method].uses_layer else {}
        if flat(result.map):
            continue
        blocks = block_means(result.map, grid_of(x.shape[1], x.shape[2]))
        others = [move.apply(blocks) for move in moves(blocks, SHIFTS, seed)]
        if len(others) == SHIFTS:
            own[seed], *rest = gains(engine, x, [blocks, *others], seed)
            shifted[seed] = np.mean(rest)
    kept = np.isfinite(own)
    differences = {"shifted": own - shifted} | {name: own - gain for name, gain in beside.items()}
    return {
        "gain": asdict(record.bootstrap(own[kept], SEED)),
        "over": {name: asdict(record.bootstrap(gain[kept], SEED)) for name, gain in differences.items()},
        "skipped": int((~kept).sum()),
        "settings": {"smooth_samples": 0, "parity": False, "signed": False, **settings},
    }


def rounded(value: Any) -> Any:
    """Round every number of nested data to five digits behind the point."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    return round(value, 5) if isinstance(value, float) else value


def stale(known: dict[str, Any], method: str) -> bool:
    """Whether a method has no entry, or one made with other settings."""
    made = known["methods"].get(method, {}).get("settings", {})
    return not made or any(made.get(key) != value for key, value in settings_of(method).items())


def main() -> None:
    """Compute what is asked for, writing after each method."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--again", action="store_true", help="make entries anew that are there")
    parser.add_argument("--methods", default=",".join(METHODS), help="keys, by commas")
    asked = parser.parse_args()
    written = json.loads(record.PATH.read_text(encoding="utf-8")) if record.PATH.exists() else {"models": {}}
    for model, (kind, _) in PICTURES.items():
        if not MODELS[model].labels():
            print(f"{model}: its whole weights file is not on this machine; left as it is")
            continue
        engine = engine_for(MODELS[model])
        known = written["models"].get(model, {})
        if known.get("model_hash") != engine.model_hash or known.get("pictures") != kind:
            known = {"pictures": kind, "model_hash": engine.model_hash, "seed": SEED, "shifts": SHIFTS, "methods": {}}
        todo = [key for key in asked.methods.split(",") if asked.again or stale(known, key)]
        images = pictures(model) if todo else []
        beside = rivals(engine, images) if todo else {}
        if todo:
            known["rivals"] = {name: rounded(asdict(record.bootstrap(gain))) for name, gain in beside.items()}
        for key in todo:
            began = time.perf_counter()
            known["methods"][key] = rounded(of_method(model, images, key, beside))
            written["models"][model] = known
            record.PATH.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
            gain = known["methods"][key]["gain"]
            print(f"{model} {key}: {gain['mean']:.2f} [{gain['low']:.2f}, {gain['high']:.2f}] over {gain['n']}", end="")
            print(f", {time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
