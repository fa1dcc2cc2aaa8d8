"""VGG16 (Simonyan and Zisserman, 2014, arXiv:1409.1556) with ImageNet weights, in one of two states.

"base": the 13 convolutions, from the file that ships; no class scores, and never a random classifier in their place.
"full": the whole network, once its 553 MB file is here. That file is fetched on request only (model_zoo.download),
or named by the user: CONVSCOPE_VGG16 holds its path, and CONVSCOPE_VGG16_CHECKSUM ("sha256:..." or "md5:...") is
needed as well if that file isn't the published one.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

from explain.errors import WeightsMissing
from model_zoo.arrays import DATA, load_arrays, load_legacy_h5
from model_zoo.entry import ModelEntry, Weights, WeightsFile
from model_zoo.imagenet import IMAGENET, imagenet_names
from model_zoo.images import to_rgb
from model_zoo.weights_file import file_status

if TYPE_CHECKING:
    import keras

SIDE = 224
BLOCKS = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))
MEAN_BGR = np.array((103.939, 116.779, 123.68), np.float32)
LICENCE = "Creative Commons Attribution, Visual Geometry Group, University of Oxford"
NAME = "vgg16_weights_tf_dim_ordering_tf_kernels.h5"
URL = f"https://storage.googleapis.com/tensorflow/keras-applications/vgg16/{NAME}"
CHECKSUM = "md5:64373286793e3c8b2b4e3219cbf3544b"
BYTES = 553_467_096


def whole_weights() -> WeightsFile:
    """Return the file that makes the network whole: the user's own, if named, else the published one in the cache."""
    named = os.environ.get("CONVSCOPE_VGG16")
    if not named:
        folder = Path(platformdirs.user_cache_dir("convscope", appauthor=False))
        return WeightsFile(URL, folder / NAME, BYTES, CHECKSUM, LICENCE)
    checksum = os.environ.get("CONVSCOPE_VGG16_CHECKSUM")
    return WeightsFile(URL, Path(named).expanduser(), 0 if checksum else BYTES, checksum or CHECKSUM, LICENCE)


def state() -> str:
    """Return "full" where the whole weights are on this machine and have their checksum, else "base"."""
    return "full" if file_status(whole_weights()) == "whole" else "base"


def architecture(top: bool) -> keras.Model:
    """Build VGG16 with Keras's layer names and all weights zero; without `top` it ends at the last pool."""
    import keras
    from keras import layers

    x = image = keras.Input((SIDE, SIDE, 3), name="image")
    for block, (convolutions, width) in enumerate(BLOCKS, start=1):
        for conv in range(1, convolutions + 1):
            name = f"block{block}_conv{conv}"
            x = layers.Conv2D(width, 3, 1, "same", activation="relu", kernel_initializer="zeros", name=name)(x)
        x = layers.MaxPooling2D(2, name=f"block{block}_pool")(x)
    if top:
        x = layers.Flatten(name="flatten")(x)
        for name, width, activation in (("fc1", 4096, "relu"), ("fc2", 4096, "relu"), ("predictions", 1000, "softmax")):
            x = layers.Dense(width, activation=activation, kernel_initializer="zeros", name=name)(x)
    return keras.Model(image, x, name="vgg16")


def build() -> keras.Model:
    """Build the whole network where its file is here, else the convolutions, saying what is missing.

    The convolutions alone carry `no_classes_because`, the WeightsMissing to raise for a class target.
    """
    file = whole_weights()
    status = file_status(file)
    model = architecture(top=status == "whole")
    if status == "whole":
        load_legacy_h5(model, file.path)
    else:
        load_arrays(model, DATA / "vgg16_conv_base_float16.npz")
        model.no_classes_because = WeightsMissing(file.path, file.bytes, file.checksum, file.url, reason=status)
    return model


def preprocess(image: Any) -> NDArray[np.float32]:
    """Turn a picture of any size into (224, 224, 3) float32: centre square, bicubic, BGR less ImageNet's means."""
    return to_rgb(image, SIDE)[..., ::-1].astype(np.float32) - MEAN_BGR


def class_names() -> list[str]:
    """Return ImageNet's names, or none while the classifier is missing."""
    return imagenet_names() if state() == "full" else []


MODEL = ModelEntry(
    key="vgg16",
    title="VGG16",
    summary="13 convolutions in five blocks, trained on ImageNet; class scores need a 553 MB file",
    input_shape=(SIDE, SIDE, 3),
    value_range=(-123.68, 255 - 103.939),
    trained=True,
    pictures="photographs",
    weights=Weights(
        source="Visual Geometry Group, robots.ox.ac.uk/~vgg/research/very_deep; the convolutions, rounded to float16",
        licence=LICENCE,
        path=DATA / "vgg16_conv_base_float16.npz",
        bytes=29_436_366,
        sha256="87c25dcdbb2d5318f49783b399adf8eb089af93741be9473a7ffab8ee8b17d4b",
    ),
    builder=build,
    preprocessor=preprocess,
    namer=class_names,
    order=40,
    dataset=IMAGENET,
    preprocessing="centre square, 224 by 224 pixels, bicubic, blue-green-red order, less ImageNet's channel means",
    state=state,
    fetchable=whole_weights,
)
