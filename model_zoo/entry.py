"""A model as declared data: what it is, where its weights come from, how to build it and feed it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Weights:
    """Where a model's weights come from. `path` is the shipped file, None for seeded initial weights."""

    source: str
    licence: str
    path: Path | None = None
    bytes: int = 0
    sha256: str = ""


@dataclass(frozen=True)
class WeightsFile:
    """A weights file too large to ship. `checksum` is "algorithm:hex digest"; `bytes` 0 leaves the size unchecked."""

    url: str
    path: Path
    bytes: int
    checksum: str
    licence: str


@dataclass(frozen=True)
class ModelEntry:
    """A model as declared data. Nothing elsewhere says "224".

    `input_shape` (H, W, C); `value_range` the range of preprocessed values; `trained` False for seeded initial
    weights (the random-weights badge); `pictures` the set of sample pictures it is meant for; `facts` measured
    figures to show (test accuracy, versions). `state` is "ready", or for a model whose whole weights may be absent
    "base" or "full": a cache of built models needs key and state. `fetchable` names the file that makes it whole;
    `recording` the file of its training's moments.
    """

    key: str
    title: str
    summary: str
    input_shape: tuple[int, int, int]
    value_range: tuple[float, float]
    trained: bool
    pictures: Literal["fashion", "photographs"]
    weights: Weights
    builder: Callable[[], keras.Model]
    preprocessor: Callable[[Any], NDArray[np.float32]]
    namer: Callable[[], list[str]]
    order: int = 100
    twin: str = ""
    dataset: str = ""
    preprocessing: str = ""
    state: Callable[[], str] = field(default=lambda: "ready")
    facts: Mapping[str, Any] = field(default_factory=dict)
    fetchable: Callable[[], WeightsFile] | None = None
    recording: Path | None = None

    def build(self) -> keras.Model:
        """Build the Keras model with its weights. Takes seconds; cache the result, and never change it."""
        return self.builder()

    def preprocess(self, image: Any) -> NDArray[np.float32]:
        """Turn a PIL image or (H, W, C) uint8 array of any size into the model's input, (H, W, C) float32."""
        return self.preprocessor(image)

    def labels(self) -> list[str]:
        """Return the class names in output order; empty when the model has no class output."""
        return self.namer()
