"""The reference CNN trained on Fashion-MNIST by scripts/train_fashion_cnn.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from model_zoo import fashion
from model_zoo.arrays import DATA, load_arrays
from model_zoo.entry import ModelEntry, Weights

if TYPE_CHECKING:
    import keras

WEIGHTS = Weights(
    source="trained on Fashion-MNIST's 60,000 training images by scripts/train_fashion_cnn.py",
    licence="Apache-2.0; the training images are MIT",
    path=DATA / "fashion_cnn.npz",
    bytes=1_245_877,
    sha256="7cf4a7e2ad9db46cebe70f0d0c5d50b6040f775bcb0e2c76e6d475399269327b",
)


def build() -> keras.Model:
    """Build the network and load its trained weights."""
    model = fashion.reference_cnn("fashion_cnn", seed=None)
    load_arrays(model, DATA / "fashion_cnn.npz")
    return model


def recorded() -> Mapping[str, Any]:
    """Return what the training script recorded: settings, versions, curves, test accuracy."""
    record: dict[str, Any] = json.loads((DATA / "fashion_cnn.json").read_text(encoding="utf-8"))
    return record


MODEL = ModelEntry(
    key="fashion_cnn",
    title="Fashion CNN",
    summary="two convolutions and two dense layers, trained on 48,000 small grey pictures of clothing",
    input_shape=(fashion.SIDE, fashion.SIDE, 1),
    value_range=(0.0, 1.0),
    trained=True,
    pictures="fashion",
    weights=WEIGHTS,
    builder=build,
    preprocessor=fashion.preprocess,
    namer=fashion.class_names,
    order=20,
    twin="fashion_cnn_untrained",
    dataset=fashion.DATASET,
    preprocessing=fashion.PREPROCESSING,
    facts=recorded(),
    recording=DATA / "fashion_cnn_recording.npz",
)
