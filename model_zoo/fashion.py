"""What the two Fashion-MNIST models share: the reference CNN, its input and its ten names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from model_zoo.images import to_grey

if TYPE_CHECKING:
    import keras

SEED = 42
SIDE = 28
CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
DATASET = "Fashion-MNIST"
PREPROCESSING = "grey, 28 by 28 pixels, divided by 255; bright clothing on a dark ground"


def reference_cnn(name: str, seed: int | None = SEED) -> keras.Model:
    """Build the reference CNN: (N, 28, 28, 1) in 0..1 -> (N, 10) class probabilities.

    `seed` draws Keras's own initial weights (Glorot uniform, zero biases), each layer from a seed of its own, without
    touching the global seed that other sessions share; None leaves zeros, for a caller that loads weights.
    """
    import keras
    from keras import layers

    def start(position: int) -> Any:
        return "zeros" if seed is None else keras.initializers.GlorotUniform(seed=seed + position)

    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1), name="image"),
            layers.Conv2D(32, 3, padding="same", activation="relu", kernel_initializer=start(0), name="conv_1"),
            layers.MaxPooling2D(2, name="pool_1"),
            layers.Conv2D(64, 3, padding="same", activation="relu", kernel_initializer=start(1), name="conv_2"),
            layers.MaxPooling2D(2, name="pool_2"),
            layers.Flatten(name="flatten"),
            layers.Dense(100, activation="relu", kernel_initializer=start(2), name="dense_1"),
            layers.Dropout(0.4, seed=seed or SEED, name="dropout"),
            layers.Dense(10, activation="softmax", kernel_initializer=start(3), name="predictions"),
        ],
        name=name,
    )


def preprocess(image: Any) -> NDArray[np.float32]:
    """Turn a picture of any size into the network's input, (28, 28, 1) float32 in 0..1."""
    return np.asarray(to_grey(image, SIDE), np.float32)[..., None] / np.float32(255)


def class_names() -> list[str]:
    """Return the ten names of Fashion-MNIST's classes, in output order."""
    return list(CLASS_NAMES)
