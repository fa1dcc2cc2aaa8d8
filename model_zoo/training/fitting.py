"""One training, in the process that does nothing else: build, fit, score. Imported late: it loads Keras."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from explain.chain_keras import network
from explain.chain_text import read
from model_zoo.fashion import SEED
from model_zoo.training.batches import batches
from model_zoo.training.data import DATASETS
from model_zoo.training.fits import Fitting, at_once, fits, is_binary
from model_zoo.training.orders import Events, Orders, written
from model_zoo.training.pictures import Pictures, first_of_each, read_pictures, split
from model_zoo.training.recipe import Recipe
from model_zoo.training.recording import Recorder, schedule
from model_zoo.training.watch import Ended, Watch

OPTIMIZERS = {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop", "adamw": "AdamW"}
Parts = tuple[NDArray[np.intp], NDArray[np.intp]]
MOST_PINNED = 10


def train(recipe: Recipe, folder: Path, orders: Orders, events: Events) -> None:
    """Train by `recipe`, writing into `folder`. Raises ArgumentError for what can't be trained.

    Operations are made deterministic: without it the sums inside one are taken in another order, and curves part.
    """
    tf.config.experimental.enable_op_determinism()
    own = folder / "pictures.npz"
    pictures = read_pictures(own) if own.exists() else DATASETS[recipe.data].load()
    fitting = fits(recipe, pictures)
    model = compiled(recipe)
    events.tell(
        "started",
        parameters=model.count_params(),
        train=fitting.train,
        validation=fitting.validation,
        steps=fitting.steps,
        versions=versions(),
    )
    parts = parted(recipe, pictures)
    recorder = recording(model, recipe, fitting, pictures, parts[1])
    fit(model, recipe, pictures, parts, Watch(recipe, fitting, folder, orders, events, recorder))
    score(model, recipe, pictures, parts[1], folder / "scores.npz")


def parted(recipe: Recipe, pictures: Pictures) -> Parts:
    """Return the positions of the pictures to train on and of those held back."""
    chosen = first_of_each(pictures.labels, recipe.most)
    train, held = split(len(chosen), recipe.validation, recipe.seed)
    return chosen[train], chosen[held]


def recording(
    model: keras.Model, recipe: Recipe, fitting: Fitting, pictures: Pictures, held: NDArray[np.intp]
) -> Recorder:
    """Return the flight recorder, which looks at the first test picture of each class, of ten classes at most."""
    pinned = first_of_each(pictures.test_labels, min(MOST_PINNED, pictures.count))[:MOST_PINNED]
    return Recorder(
        model,
        pictures.test_images[pinned],
        pictures.images[held],
        pictures.labels[held],
        schedule(fitting.steps, recipe.epochs),
        labels=pictures.test_labels[pinned],
        names=pictures.names,
        batch=recipe.batch,
        at_once=at_once(recipe, pictures),
    )


def compiled(recipe: Recipe) -> keras.Model:
    """Return the network with its initial weights, ready to be trained; draws come from the recipe's seed alone."""
    keras.utils.set_random_seed(recipe.seed)
    source, links = read(recipe.network)
    model = seeded(network(source, links, name="trained"), recipe.seed)
    optimizer = getattr(keras.optimizers, OPTIMIZERS[recipe.optimizer])(learning_rate=recipe.learning_rate)
    loss = "binary_crossentropy" if is_binary(recipe) else "sparse_categorical_crossentropy"
    model.compile(optimizer, loss, metrics=["accuracy"])
    return model


def seeded(model: keras.Model, seed: int) -> keras.Model:
    """Give each layer Keras's own initial weights (Glorot uniform) from a seed of its own, and its dropout too.

    As model_zoo.fashion.reference_cnn does: a changed layer leaves the start of the others as it was.
    """
    weighted = [layer for layer in model.layers if hasattr(layer, "kernel")]
    for at, layer in enumerate(weighted):
        layer.kernel.assign(keras.initializers.GlorotUniform(seed=seed + at)(layer.kernel.shape))
    dropping = [layer for layer in model.layers if getattr(layer, "seed_generator", None) is not None]
    for at, layer in enumerate(dropping):
        layer.seed_generator.state.assign(np.array([(seed or SEED) + at, 0], np.uint32))
    return model


def fit(
    model: keras.Model,
    recipe: Recipe,
    pictures: Pictures,
    parts: Parts,
    watch: Watch,
) -> None:
    """Fit `model` to the first of `parts`, watching the second, until `watch` ends it; what it keeps is in `model`."""
    train, held = ((scaled(pictures.images[part]), pictures.labels[part]) for part in parts)
    try:
        model.fit(
            batches(*train, recipe.batch, shuffled=True),
            epochs=recipe.epochs,
            shuffle=False,  # `batches` has done it
            validation_data=batches(*held, recipe.batch),
            callbacks=[watch],
            verbose=0,
        )
        watch.end("finished")
    except Ended as ended:
        watch.end(ended.why)


def scaled(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return pictures as the network reads them: divided by 255."""
    return np.divide(images, np.float32(255), dtype=np.float32)


def score(model: keras.Model, recipe: Recipe, pictures: Pictures, held: NDArray[np.intp], path: Path) -> None:
    """Write what the network that was kept says of the test's pictures and of those held back."""
    some, binary = at_once(recipe, pictures), is_binary(recipe)
    arrays: dict[str, Any] = {
        "test_probabilities": predicted(model, pictures.test_images, some, binary),
        "test_labels": pictures.test_labels,
        "test_images": pictures.test_images,
        "validation_probabilities": predicted(model, pictures.images[held], some, binary),
        "validation_labels": pictures.labels[held],
        "validation_positions": held,
    }
    written(path, lambda part: np.savez(part, **arrays))


def predicted(model: keras.Model, images: NDArray[np.uint8], batch: int, binary: bool) -> NDArray[np.float32]:
    """Return class probabilities (N, K) float32, in batches of `batch`; those of one unit with its complement first."""
    parts = [
        np.asarray(model.predict_on_batch(scaled(images[first : first + batch])))
        for first in range(0, len(images), batch)
    ]
    found: NDArray[np.float32] = np.concatenate(parts).astype(np.float32)
    return np.concatenate([1 - found, found], axis=1) if binary else found


def versions() -> dict[str, Any]:
    """Return the versions that a curve depends on."""
    return {
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
    }
