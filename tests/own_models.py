"""Opened models without a file: what the screen gets when a user's model has passed every gate."""

from __future__ import annotations

import hashlib

import numpy as np

from explain import METHODS
from model_zoo.entry import ModelEntry, Weights
from model_zoo.images import to_picture
from model_zoo.own.opening import ModelCard, Opened
from model_zoo.own.rebuild import marked

VERSIONS = {"keras": "3.15.1"}


def prepared(shape):
    """Scale a picture's centre to 0..1 at the size of the input."""
    height, width, depth = shape

    def prepare(image):
        picture = to_picture(image).convert("L" if depth == 1 else "RGB").resize((width, height))
        return (np.asarray(picture, np.float32) / 255).reshape(height, width, depth)

    return prepare


def opened(build, shape, labels, *, name="mine", notes=(), pages=(), methods=(), finite=True, trained=True):
    """Return an Opened whose network `build` makes; `pages` and `methods` are the reasons why not, by key."""
    sha = hashlib.sha256(f"{name} {shape} {labels}".encode()).hexdigest()
    model = build() if labels else marked(build(), "it takes two inputs")
    entry = ModelEntry(
        key=f"own/{sha[:12]}", title=name, summary="A model of your own.", input_shape=shape, value_range=(0.0, 1.0),
        trained=trained, pictures="photographs", weights=Weights("a file of yours", "yours"), builder=lambda: model,
        preprocessor=prepared(shape), namer=lambda: list(labels), order=1000, preprocessing="divided by 255",
    )  # fmt: skip
    card = ModelCard(
        layers=len(model.layers), parameters=model.count_params(), input_shape=shape, value_range=(0.0, 1.0),
        classes=len(labels), sha256=sha, versions=VERSIONS, pages=dict(pages),
        methods=dict.fromkeys(METHODS, "") | dict(methods), finite=finite,
    )  # fmt: skip
    return Opened(entry, card, tuple(notes))
