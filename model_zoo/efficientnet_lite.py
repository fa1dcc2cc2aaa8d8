"""EfficientNet-Lite0: EfficientNet (Tan and Le, 2019, arXiv:1905.11946) without squeeze-and-excite, with ReLU6.

The Lite variant is Google's (2020); the layout was checked against the predictions of the converted weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

SIDE = 224
EPSILON = 1e-3


@dataclass(frozen=True)
class Stage:
    """A run of inverted-residual blocks: `repeats` of them, the first with `stride`, from `width_in` to `width`."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    width_in: int
    width: int


STAGES = (
    Stage(1, 3, 1, 1, 32, 16),
    Stage(2, 3, 2, 6, 16, 24),
    Stage(2, 5, 2, 6, 24, 40),
    Stage(3, 3, 2, 6, 40, 80),
    Stage(3, 5, 1, 6, 80, 112),
    Stage(4, 5, 2, 6, 112, 192),
    Stage(1, 3, 1, 6, 192, 320),
)


def block_names() -> list[str]:
    """Return the names of the 16 blocks in order: block1a, block2a, block2b, ... block7a."""
    return [f"block{s}{chr(ord('a') + r)}" for s, stage in enumerate(STAGES, start=1) for r in range(stage.repeats)]


def efficientnet_lite0(classes: int = 1000) -> keras.Model:
    """Build EfficientNet-Lite0, (N, 224, 224, 3) -> (N, classes) probabilities, with all weights zero.

    Zeros because the caller loads weights: drawing initial ones takes longer than all the rest.
    """
    import keras
    from keras import layers

    image = keras.Input((SIDE, SIDE, 3), name="image")
    x = _norm_relu6(_conv(image, 32, 3, 2, "stem_conv"), "stem")
    names = iter(block_names())
    for stage in STAGES:
        for repeat in range(stage.repeats):
            first = repeat == 0
            width_in, stride = (stage.width_in, stage.stride) if first else (stage.width, 1)
            x = _block(x, stage, width_in, stride, next(names))
    x = _norm_relu6(_conv(x, 1280, 1, 1, "head_conv"), "head")
    x = layers.GlobalAveragePooling2D(name="head_pool")(x)
    x = layers.Dense(classes, activation="softmax", kernel_initializer="zeros", name="predictions")(x)
    return keras.Model(image, x, name="efficientnet_lite0")


def _block(x: Any, stage: Stage, width_in: int, stride: int, name: str) -> Any:
    from keras import layers

    shortcut = x
    if stage.expansion != 1:
        x = _conv(x, width_in * stage.expansion, 1, 1, f"{name}_expand_conv")
        x = _norm_relu6(x, f"{name}_expand")
    x = layers.DepthwiseConv2D(
        stage.kernel, stride, "same", use_bias=False, depthwise_initializer="zeros", name=f"{name}_depthwise_conv"
    )(x)
    x = _norm_relu6(x, f"{name}_depthwise")
    x = _conv(x, stage.width, 1, 1, f"{name}_project_conv")
    x = layers.BatchNormalization(epsilon=EPSILON, name=f"{name}_project_bn")(x)
    if stride == 1 and width_in == stage.width:
        x = layers.Add(name=f"{name}_add")([shortcut, x])
    return x


def _conv(x: Any, width: int, kernel: int, stride: int, name: str) -> Any:
    from keras import layers

    return layers.Conv2D(width, kernel, stride, "same", use_bias=False, kernel_initializer="zeros", name=name)(x)


def _norm_relu6(x: Any, name: str) -> Any:
    from keras import layers

    x = layers.BatchNormalization(epsilon=EPSILON, name=f"{name}_bn")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x)
