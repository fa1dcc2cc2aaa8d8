"""A plain functional CNN for 224 by 224 pictures, untrained: three convolutions, two pools, two dense layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from model_zoo.entry import ModelEntry, Weights
from model_zoo.images import to_rgb

if TYPE_CHECKING:
    import keras

SIDE = 224
SEED = 0
CLASSES = 10


def build() -> keras.Model:
    """Build the network with seeded initial weights: (N, 224, 224, 3) in 0..255 -> (N, 10) probabilities."""
    import keras
    from keras import layers

    def start(position: int) -> Any:
        return keras.initializers.GlorotUniform(seed=SEED + position)

    image = keras.Input((SIDE, SIDE, 3), name="image")
    x = layers.Conv2D(32, 3, activation="relu", kernel_initializer=start(0), name="conv_1")(image)
    x = layers.MaxPooling2D(2, name="pool_1")(x)
    x = layers.Conv2D(64, 3, activation="relu", kernel_initializer=start(1), name="conv_2")(x)
    x = layers.MaxPooling2D(2, name="pool_2")(x)
    x = layers.Conv2D(64, 3, activation="relu", kernel_initializer=start(2), name="conv_3")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(64, activation="relu", kernel_initializer=start(3), name="dense_1")(x)
    x = layers.Dense(CLASSES, activation="softmax", kernel_initializer=start(4), name="predictions")(x)
    return keras.Model(image, x, name="simple_cnn_224")


def preprocess(image: Any) -> NDArray[np.float32]:
    """Turn a picture of any size into (224, 224, 3) float32 in 0..255: centre square, bicubic, not scaled."""
    return to_rgb(image, SIDE).astype(np.float32)


def class_names() -> list[str]:
    """Return neutral names: nothing was learnt, so a class stands for nothing."""
    return [f"class {index}" for index in range(CLASSES)]


MODEL = ModelEntry(
    key="simple_cnn_224",
    title="Simple CNN",
    summary="three convolutions and two dense layers with random weights, for a picture of 224 by 224",
    input_shape=(SIDE, SIDE, 3),
    value_range=(0.0, 255.0),
    trained=False,
    pictures="photographs",
    weights=Weights(source=f"Keras's initial weights, seed {SEED}", licence="none needed"),
    builder=build,
    preprocessor=preprocess,
    namer=class_names,
    order=50,
    preprocessing="centre square, 224 by 224 pixels, bicubic, 0 to 255 as it is",
)
