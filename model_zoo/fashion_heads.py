"""Two networks beside the reference CNN that differ in how they end, or in having no convolution at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from model_zoo.fashion import SEED, SIDE

if TYPE_CHECKING:
    import keras


def _start(seed: int | None, position: int) -> Any:
    import keras

    return "zeros" if seed is None else keras.initializers.GlorotUniform(seed=seed + position)


def dense_network(name: str, seed: int | None = SEED) -> keras.Model:
    """Build 784-100-10: (N, 28, 28, 1) in 0..1 -> (N, 10) class probabilities, each pixel with weights of its own.

    `seed` draws the initial weights, each layer from a seed of its own; None leaves zeros for a caller that loads
    them.
    """
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1), name="image"),
            layers.Flatten(name="flatten"),
            layers.Dense(100, activation="relu", kernel_initializer=_start(seed, 0), name="dense_1"),
            layers.Dense(10, activation="softmax", kernel_initializer=_start(seed, 1), name="predictions"),
        ],
        name=name,
    )


def averaging_network(name: str, seed: int | None = SEED) -> keras.Model:
    """Build three convolutions that end in global average pooling: (N, 28, 28, 1) in 0..1 -> (N, 10) probabilities.

    Its first two convolutions and its pooling are the reference CNN's; what differs is that its last maps are averaged
    over all places before one dense layer weighs them. `seed` as in `dense_network`.
    """
    import keras
    from keras import layers

    def conv(filters: int, position: int) -> Any:
        return layers.Conv2D(
            filters,
            3,
            padding="same",
            activation="relu",
            kernel_initializer=_start(seed, position - 1),
            name=f"conv_{position}",
        )

    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1), name="image"),
            conv(32, 1),
            layers.MaxPooling2D(2, name="pool_1"),
            conv(64, 2),
            layers.MaxPooling2D(2, name="pool_2"),
            conv(64, 3),
            layers.GlobalAveragePooling2D(name="average"),
            layers.Dense(10, activation="softmax", kernel_initializer=_start(seed, 3), name="predictions"),
        ],
        name=name,
    )
