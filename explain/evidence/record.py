"""The record of a method on a model over many pictures, precomputed by scripts/make_record.py and shipped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

PATH = Path(__file__).parent / "record.json"
RESAMPLES = 2000


@dataclass(frozen=True)
class Interval:
    """A mean over n pictures, with the middle 95 % of its bootstrap means."""

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Entry:
    """One method on one model: the mean gain in log-odds, and how much more it is than those of other maps.

    `over` has "shifted" (shifts and flips of each picture's own map), "edges", "centre", "class_blind": paired
    differences on the same pictures. `pictures` names the set; `skipped` of them gave no map that can be ranked.
    `settings` are those it was made with, the defaults.
    """

    gain: Interval
    over: Mapping[str, Interval]
    pictures: str
    skipped: int
    settings: Mapping[str, Any]
    model_hash: str


def bootstrap(values: NDArray[np.float64], seed: int = 0) -> Interval:
    """Return the mean of values (n,) with the percentiles 2.5 and 97.5 of 2,000 means of redrawn ones."""
    drawn = np.random.default_rng(seed).integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.percentile(values[drawn].mean(axis=1), [2.5, 97.5])
    return Interval(float(values.mean()), float(low), float(high), len(values))


def entry_of(model: str, method: str) -> Entry | None:
    """Return the record of a model's key and a method's key, None where none was made."""
    known = contents().get("models", {}).get(model, {})
    found = known.get("methods", {}).get(method)
    if found is None:
        return None
    return Entry(
        gain=Interval(**found["gain"]),
        over={name: Interval(**over) for name, over in found["over"].items()},
        pictures=known["pictures"],
        skipped=found["skipped"],
        settings=found["settings"],
        model_hash=known["model_hash"],
    )


def has_model(model: str) -> bool:
    """Whether there is a record of any method on a model."""
    return model in contents().get("models", {})


@cache
def contents() -> Mapping[str, Any]:
    """Return the shipped file as it was written, read once."""
    read: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return read
