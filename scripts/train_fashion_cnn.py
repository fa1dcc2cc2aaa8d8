"""Train the reference CNN on Fashion-MNIST and write its weights, settings, versions and curves.

    python -m scripts.train_fashion_cnn [--data FOLDER] [--out model_zoo/data]

The recipe is fixed: 60,000 images divided by 255, an 80/20 split with random state 42, adam, batches of 32, up to 20
epochs, early stopping on the validation loss with patience 2 and the best weights restored, seeds 42. The 10,000 test
images are scored once, at the end, and choose nothing. Takes three to ten minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_zoo.arrays import named_weights
from model_zoo.fashion import CLASS_NAMES, SEED, reference_cnn
from model_zoo.training.files import read_idx
from model_zoo.training.pictures import split
from model_zoo.training.sets.fashion_mnist import DEBIAN

SETTINGS: dict[str, Any] = {
    "seed": SEED,
    "validation_share": 0.2,
    "split_random_state": 42,
    "optimizer": "adam",
    "learning_rate": 0.001,
    "loss": "sparse_categorical_crossentropy",
    "batch_size": 32,
    "epochs_at_most": 20,
    "early_stopping_monitor": "val_loss",
    "early_stopping_patience": 2,
    "restore_best_weights": True,
}
Arrays = tuple[NDArray[np.uint8], NDArray[np.uint8]]


def load_fashion_mnist(folder: Path) -> tuple[Arrays, Arrays, str]:
    """Return (train, test, where from): Debian's dataset-fashion-mnist, else Keras's cache or download."""
    if folder.is_dir():
        train, test = (
            (read_idx(folder / f"{part}-images-idx3-ubyte.gz"), read_idx(folder / f"{part}-labels-idx1-ubyte.gz"))
            for part in ("train", "t10k")
        )
        return train, test, "Debian package dataset-fashion-mnist"
    train, test = keras.datasets.fashion_mnist.load_data()
    return train, test, "keras.datasets.fashion_mnist"


def fit(
    model: keras.Model,
    images: NDArray[np.float32],
    labels: NDArray[np.uint8],
    watchers: Sequence[keras.callbacks.Callback] = (),
) -> keras.callbacks.History:
    """Train with the recipe; the best checkpoint is kept in a temporary folder and must equal what is restored."""
    train, held = split(len(images), SETTINGS["validation_share"], SETTINGS["split_random_state"])
    model.compile(SETTINGS["optimizer"], SETTINGS["loss"], metrics=["accuracy"])
    with tempfile.TemporaryDirectory() as folder:
        best = Path(folder) / "best.keras"
        history = model.fit(
            images[train],
            labels[train],
            batch_size=SETTINGS["batch_size"],
            epochs=SETTINGS["epochs_at_most"],
            validation_data=(images[held], labels[held]),
            callbacks=[
                keras.callbacks.ModelCheckpoint(best, save_best_only=True),
                keras.callbacks.EarlyStopping(
                    patience=SETTINGS["early_stopping_patience"], restore_best_weights=SETTINGS["restore_best_weights"]
                ),
                *watchers,
            ],
            verbose=2,
        )
        for ours, kept in zip(model.get_weights(), keras.models.load_model(best).get_weights(), strict=True):
            np.testing.assert_array_equal(ours, kept)
    return history


def per_class(predicted: NDArray[np.intp], labels: NDArray[np.uint8]) -> dict[str, float]:
    """Return the share of each class's test images that got their own class."""
    return {name: round(float(np.mean(predicted[labels == k] == k)), 4) for k, name in enumerate(CLASS_NAMES)}


def record(model: keras.Model, history: keras.callbacks.History, test: Arrays, took: float) -> dict[str, Any]:
    """Score the test images once and gather what the record file holds."""
    images, labels = test
    probabilities = model.predict(images[..., None] / np.float32(255), batch_size=250, verbose=0)
    predicted = probabilities.argmax(axis=1)
    curves = {name: [float(f"{v:.6g}") for v in values] for name, values in history.history.items()}
    return {
        "settings": SETTINGS,
        "versions": {
            "python": platform.python_version(),
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "numpy": np.__version__,
        },
        "epochs": len(curves["loss"]),
        "best_epoch": int(np.argmin(curves["val_loss"])) + 1,
        "curves": curves,
        "test_images": len(labels),
        "test_correct": int(np.sum(predicted == labels)),
        "test_accuracy": float(np.mean(predicted == labels)),
        "test_accuracy_per_class": per_class(predicted, labels),
        "seconds": round(took),
    }


def main() -> None:
    """Train, score, and write fashion_cnn.npz, fashion_cnn.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DEBIAN, help="folder with the four gzipped IDX files")
    parser.add_argument("--out", type=Path, default=Path("model_zoo/data"))
    options = parser.parse_args()
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    (images, labels), test, source = load_fashion_mnist(options.data)
    model = reference_cnn("fashion_cnn")
    model.summary()
    started = time.monotonic()
    history = fit(model, images[..., None] / np.float32(255), labels)
    result = {"data": source, **record(model, history, test, time.monotonic() - started)}
    arrays = {name: weight.numpy() for name, weight in named_weights(model).items()}
    np.savez_compressed(options.out / "fashion_cnn.npz", **arrays)
    (options.out / "fashion_cnn.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"test accuracy {result['test_accuracy']:.4f} after {result['epochs']} epochs, best {result['best_epoch']}")


if __name__ == "__main__":
    main()
