"""The Fashion CNN before its training: exactly the initial weights that the training script started from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model_zoo import fashion
from model_zoo.entry import ModelEntry, Weights

if TYPE_CHECKING:
    import keras


def build() -> keras.Model:
    """Build the network with its seeded initial weights."""
    return fashion.reference_cnn("fashion_cnn_untrained", seed=fashion.SEED)


MODEL = ModelEntry(
    key="fashion_cnn_untrained",
    title="Fashion CNN, untrained",
    summary="the Fashion CNN with the random weights its training started from",
    input_shape=(fashion.SIDE, fashion.SIDE, 1),
    value_range=(0.0, 1.0),
    trained=False,
    pictures="fashion",
    weights=Weights(source=f"Keras's initial weights, seed {fashion.SEED}", licence="none needed"),
    builder=build,
    preprocessor=fashion.preprocess,
    namer=fashion.class_names,
    order=30,
    twin="fashion_cnn",
    dataset="",
    preprocessing=fashion.PREPROCESSING,
)
