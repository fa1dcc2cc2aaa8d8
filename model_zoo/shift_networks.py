"""The three networks of the Shift page, which end in three ways, and how often each is right as pictures move.

Two of them are no models of the sidebar: they are there for this comparison.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from model_zoo import MODELS, fashion
from model_zoo.arrays import DATA, load_arrays
from model_zoo.entry import ModelEntry, Weights
from model_zoo.fashion_heads import averaging_network, dense_network
from model_zoo.samples import fashion_images, fashion_labels

if TYPE_CHECKING:
    import keras

PICTURES = 1000
SHIFTS = tuple(range(-8, 9))
ACCURACY = DATA / "shift_accuracy.json"
BATCH = 250


def _entry(key: str, title: str, summary: str, make: Callable[..., keras.Model], size: int, sha256: str) -> ModelEntry:
    path = DATA / f"{key}.npz"

    def build() -> keras.Model:
        model = make(key, seed=None)
        load_arrays(model, path)
        return model

    return ModelEntry(
        key=key,
        title=title,
        summary=summary,
        input_shape=(fashion.SIDE, fashion.SIDE, 1),
        value_range=(0.0, 1.0),
        trained=True,
        pictures="fashion",
        weights=Weights(
            source="trained on Fashion-MNIST's 60,000 training images by scripts/train_shift_networks.py",
            licence="Apache-2.0; the training images are MIT",
            path=path,
            bytes=size,
            sha256=sha256,
        ),
        builder=build,
        preprocessor=fashion.preprocess,
        namer=fashion.class_names,
        dataset=fashion.DATASET,
        preprocessing=fashion.PREPROCESSING,
        facts=recorded(key),
    )


def recorded(key: str) -> Mapping[str, Any]:
    """Return what the training script recorded: settings, versions, curves, test accuracy."""
    record: dict[str, Any] = json.loads((DATA / f"{key}.json").read_text(encoding="utf-8"))
    return record


@cache
def shift_networks() -> Mapping[str, ModelEntry]:
    """Return the three networks by key: dense layers alone, Flatten after convolutions, averaging after them."""
    dense = _entry(
        "fashion_dense",
        "Dense network",
        "two dense layers and no convolution: each pixel has weights of its own",
        dense_network,
        296_760,
        "a2c0c77f7e74c52f03919002c3fb8b99dd9d988f8e24663b8d4fc9446abddf87",
    )
    gap = _entry(
        "fashion_gap",
        "CNN ending in averaging",
        "three convolutions, their maps averaged over all places, one dense layer",
        averaging_network,
        211_962,
        "8e1d1d10b1bdd7dcb62c1225f58304ddfe3026da249b585d46ce43c7117d7207",
    )
    return {entry.key: entry for entry in (dense, MODELS["fashion_cnn"], gap)}


@dataclass(frozen=True, eq=False)
class ShiftAccuracy:
    """How many of `pictures` test pictures each network gets right, (shifts,) by key, for each horizontal shift."""

    pictures: int
    shifts: tuple[int, ...]
    right: Mapping[str, NDArray[np.int64]]


@cache
def shift_accuracy() -> ShiftAccuracy:
    """Return what scripts/train_shift_networks.py counted."""
    kept = json.loads(ACCURACY.read_text(encoding="utf-8"))
    right = {key: np.array(counts) for key, counts in kept["right"].items()}
    return ShiftAccuracy(kept["pictures"], tuple(kept["shifts"]), right)


def right_answers(model: keras.Model, right: int) -> int:
    """Count the first 1,000 test pictures that a network names rightly, each moved to the right by whole pixels."""
    from explain.shift import moved

    images = fashion_images()[:PICTURES] / np.float32(255)
    x = np.moveaxis(moved(np.moveaxis(images, 0, -1), 0, right), -1, 0)[..., None]
    said = np.concatenate([np.asarray(model(x[at : at + BATCH])).argmax(axis=1) for at in range(0, PICTURES, BATCH)])
    return int((said == fashion_labels()[:PICTURES]).sum())
