"""The cases that open: whatever is unusual about them, they are models for images."""

from __future__ import annotations

import numpy as np

from corpus import good
from corpus.writing import (
    after,
    archive,
    conv,
    draw,
    entrance,
    functional,
    layer,
    pair,
    policy,
    sequential,
    under,
    weights,
)

CONV, CONV_1, DENSE = (f"layers/{name}/vars" for name in ("conv2d", "conv2d_1", "dense"))


def compiled_lambda():
    """5: a lambda as compiled loss."""
    loss = {"class_name": "__lambda__", "config": {"value": ["4wEAAAA=", None, None]}}
    return good.keras(good.config(compile_config={"optimizer": "adam", "loss": loss, "metrics": None}))


def nan_weights():
    """39: a kernel with NaN in it."""
    made = good.arrays()
    made[f"{CONV}/0"] = np.full((3, 3, 3, 4), np.nan, "float32")
    return archive(good.config(), weights(made))


def two_inputs():
    """40: a picture and a second one, joined."""
    layers = [
        after(entrance(name="left")),
        after(entrance(name="right")),
        after(layer("Concatenate", "both", axis=-1), "left", "right"),
        after(conv("conv"), "both"),
        after(layer("GlobalAveragePooling2D", "average"), "conv"),
        after(layer("Dense", "scores", units=3, activation="softmax"), "average"),
    ]
    return archive(functional(layers, ["left", "right"], ["scores"]), weights(good.arrays(channels=6)))


def two_outputs():
    """41: three classes and one value."""
    layers = [
        after(entrance()),
        after(conv("conv"), "image"),
        after(layer("GlobalAveragePooling2D", "average"), "conv"),
        after(layer("Dense", "scores", units=3, activation="softmax"), "average"),
        after(layer("Dense", "other", units=2, activation="sigmoid"), "average"),
    ]
    made = good.arrays() | under("layers/dense_1/vars", pair(4, 2, seed=5))
    return archive(functional(layers, ["image"], ["scores", "other"]), weights(made))


def no_convolution():
    """42: dense layers only."""
    layers = [entrance(), layer("Flatten", "flatten"), layer("Dense", "scores", units=3, activation="softmax")]
    return archive(sequential(*layers), weights(under(DENSE, {"0": draw(768, 3) / 16, "1": draw(3)})))


def open_size():
    """45: height and width left open."""
    return archive(sequential(*good.body((None, None, 3))), good.held())


def channels_first():
    """46: channels before height and width."""
    layers = [
        entrance((3, 16, 16)),
        conv("conv", data_format="channels_first"),
        layer("GlobalAveragePooling2D", "average", data_format="channels_first"),
        layer("Dense", "scores", units=3, activation="softmax"),
    ]
    return archive(sequential(*layers), good.held())


def mixed():
    """47: computed in float16, kept in float32."""
    layers = good.body()
    for one in layers[1:]:
        one["config"]["dtype"] = policy("mixed_float16")
    return archive(sequential(*layers), good.held())


def backbone():
    """48: a functional model inside a Sequential one, as in transfer learning."""
    inner = [after(entrance(name="picture")), after(conv("conv"), "picture"), after(layer("ReLU", "out"), "conv")]
    outer = [
        entrance(),
        functional(inner, ["picture"], ["out"], name="backbone"),
        layer("GlobalAveragePooling2D", "average"),
        layer("Dense", "scores", units=3, activation="softmax"),
    ]
    made = under("layers/functional/layers/conv2d/vars", pair(3, 3, 3, 4)) | under(DENSE, pair(4, 3))
    return archive(sequential(*outer), weights(made))


def one_picture():
    """51: a batch of exactly one."""
    return archive(sequential(entrance(batch=1), *good.body()[1:]), good.held())


def grey_sigmoid():
    """52: one channel in, one probability out."""
    layers = [entrance((16, 16, 1)), *good.body()[1:-1], layer("Dense", "unit", units=1, activation="sigmoid")]
    return archive(sequential(*layers), weights(good.arrays(channels=1, classes=1)))


def segmentation():
    """53: a class for every pixel."""
    layers = [
        entrance(),
        conv("down", strides=[2, 2], padding="same"),
        layer("UpSampling2D", "up", size=[2, 2]),
        conv("classes", filters=2, size=1, activation="softmax"),
    ]
    made = under(CONV, pair(3, 3, 3, 4)) | under(CONV_1, pair(1, 1, 4, 2))
    return archive(sequential(*layers), weights(made))


def deep(count=2000):
    """54: two thousand layers, a thousand of them convolutions."""
    layers, made, last = [after(entrance((8, 8, 3)))], {}, "image"
    for at in range(count // 2):
        one = conv(f"conv_{at}", filters=3, padding="same", activation="linear", use_bias=False)
        layers += [after(one, last), after(layer("ReLU", f"relu_{at}"), f"conv_{at}")]
        last = f"relu_{at}"
        kernel = np.zeros((3, 3, 3, 3), "float32")
        kernel[1, 1] = np.eye(3)
        made[f"layers/conv2d{f'_{at}' if at else ''}/vars/0"] = kernel
    layers += [
        after(layer("GlobalAveragePooling2D", "average"), last),
        after(layer("Dense", "scores", units=3, activation="softmax"), "average"),
    ]
    return archive(functional(layers, ["image"], ["scores"]), weights(made | under(DENSE, pair(3, 3))))
