"""Ordinary small models: the controls, and what the bad files are made from."""

from __future__ import annotations

import json

from corpus.writing import (
    after,
    archive,
    conv,
    draw,
    entrance,
    functional,
    layer,
    older,
    pair,
    sequential,
    under,
    weights,
    without_modules,
)

DENSE = {"activation": "softmax"}


def body(shape=(16, 16, 3)):
    """Return input, convolution, pooling, average, dense: the layers of the ordinary model."""
    return [
        entrance(shape),
        conv("conv"),
        layer("MaxPooling2D", "pool", pool_size=[2, 2]),
        layer("GlobalAveragePooling2D", "average"),
        layer("Dense", "scores", units=3, **DENSE),
    ]


def arrays(channels=3, classes=3):
    return under("layers/conv2d/vars", pair(3, 3, channels, 4)) | under("layers/dense/vars", pair(4, classes))


def config(*extra, at=2, **more):
    """Return the ordinary model's config with extra layers put in."""
    layers = body()
    return sequential(*layers[:at], *extra, *layers[at:], **more)


def held():
    return weights(arrays())


def keras(changed=None, **more):
    """Return the ordinary model as a .keras file, or one with another config."""
    return archive(changed or config(), held(), **more)


def legacy(changed=None):
    """Return the ordinary model as an .h5 file, or one with another config."""
    kernel, scores = pair(3, 3, 3, 4), pair(4, 3)
    named = {"conv": {"kernel": kernel["0"], "bias": kernel["1"]}, "pool": {}, "average": {}}
    named["scores"] = {"kernel": scores["0"], "bias": scores["1"]}
    return older(without_modules(changed or config()), named, training_config=json.dumps({"loss": "mse"}))


def branching():
    """Return a functional model with a skip."""
    layers = [
        after(entrance()),
        after(conv("stem", padding="same"), "image"),
        after(conv("branch", padding="same"), "stem"),
        after(layer("Add", "sum"), "branch", "stem"),
        after(layer("Flatten", "flatten"), "sum"),
        after(layer("Dense", "scores", units=3, **DENSE), "flatten"),
    ]
    made = under("layers/conv2d/vars", pair(3, 3, 3, 4)) | under("layers/conv2d_1/vars", pair(3, 3, 4, 4, seed=2))
    made |= under("layers/dense/vars", {"0": draw(16 * 16 * 4, 3) / 16, "1": draw(3)})
    return archive(functional(layers, ["image"], ["scores"]), weights(made))


def controls():
    """Return unmutated files by name: every one of them opens."""
    return {
        "sequential.keras": keras(),
        "packed.keras": keras(packed=True),
        "functional.keras": branching(),
        "older.h5": legacy(),
    }
