"""Train the two networks that the Shift page sets beside the reference CNN, by the reference CNN's recipe.

    python -m scripts.train_shift_networks [fashion_dense] [fashion_gap] [--data FOLDER] [--out FOLDER] [--part FOLDER]

The recipe is that of scripts/train_fashion_cnn.py: the same pictures and split, adam, batches of 32, at most 20 epochs,
patience 2, the weights of the best validation loss. Each epoch is drawn from a seed of its own (42 and its number), so
that a run which was cut off goes on from its last whole epoch in --part and ends as one without a break would. The test
pictures are scored once, at the end, and choose nothing; then the first 1,000 of them once at each horizontal shift, by
these two networks and the reference CNN, for the page's curves.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model_zoo.arrays import named_weights
from model_zoo.fashion import SEED
from model_zoo.fashion_heads import averaging_network, dense_network
from model_zoo.shift_networks import PICTURES, SHIFTS, right_answers, shift_networks
from scripts.train_fashion_cnn import DEBIAN, SETTINGS, Arrays, load_fashion_mnist, record, split

NETWORKS: dict[str, Callable[[str], keras.Model]] = {"fashion_dense": dense_network, "fashion_gap": averaging_network}
Split = tuple[tuple[NDArray[np.float32], NDArray[np.uint8]], tuple[NDArray[np.float32], NDArray[np.uint8]]]


def parts(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Split:
    """Return ((training images, labels), (validation images, labels)), images (N, 28, 28, 1) in 0..1."""
    train, held = split(len(images), SETTINGS["validation_share"], SETTINGS["split_random_state"])
    scaled = images[..., None] / np.float32(255)
    return (scaled[train], labels[train]), (scaled[held], labels[held])


def finished(losses: list[float]) -> bool:
    """Tell whether the recipe ends here: enough epochs, or `patience` of them without a better validation loss."""
    if not losses:
        return False
    since = len(losses) - 1 - int(np.argmin(losses))
    return len(losses) >= SETTINGS["epochs_at_most"] or since >= SETTINGS["early_stopping_patience"]


def one_epoch(model: keras.Model, data: Split, epoch: int) -> dict[str, float]:
    """Train for one epoch from its own seed and return its loss, accuracy, val_loss, val_accuracy."""
    keras.utils.set_random_seed(SEED + epoch)
    (images, labels), held = data
    size = SETTINGS["batch_size"]
    history = model.fit(images, labels, batch_size=size, epochs=1, validation_data=held, verbose=2).history
    return {name: float(f"{values[0]:.6g}") for name, values in history.items()}


def train(key: str, data: Split, folder: Path) -> tuple[keras.Model, dict[str, list[float]], float]:
    """Train until the recipe ends, keeping the last and the best epoch in `folder`; return (best, curves, seconds)."""
    folder.mkdir(parents=True, exist_ok=True)
    last, best, state = folder / "last.keras", folder / "best.keras", folder / "state.json"
    if state.exists():
        kept = json.loads(state.read_text(encoding="utf-8"))
        model = keras.models.load_model(last)
    else:
        kept = {"curves": {}, "seconds": 0.0}
        model = NETWORKS[key](key)
        model.compile(SETTINGS["optimizer"], SETTINGS["loss"], metrics=["accuracy"])
        model.summary()
    while not finished(kept["curves"].get("val_loss", [])):
        started = time.monotonic()
        done = len(kept["curves"].get("val_loss", []))
        for name, value in one_epoch(model, data, done).items():
            kept["curves"].setdefault(name, []).append(value)
        kept["seconds"] += time.monotonic() - started
        _keep(model, kept, last, best, state)
    return keras.models.load_model(best), kept["curves"], kept["seconds"]


def _keep(model: keras.Model, kept: dict[str, Any], last: Path, best: Path, state: Path) -> None:
    fresh = last.with_name("fresh.keras")
    model.save(fresh)
    losses = kept["curves"]["val_loss"]
    if int(np.argmin(losses)) == len(losses) - 1:
        shutil.copyfile(fresh, best)
    fresh.replace(last)
    state.write_text(json.dumps(kept), encoding="utf-8")


def main() -> None:
    """Train, score, and write a .npz and a .json file a network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", help=f"which; all without one: {', '.join(NETWORKS)}")
    parser.add_argument("--data", type=Path, default=DEBIAN, help="folder with the four gzipped IDX files")
    parser.add_argument("--out", type=Path, default=Path("model_zoo/data"))
    parser.add_argument(
        "--part", type=Path, default=Path("build/shift_networks"), help="where unfinished ones are kept"
    )
    options = parser.parse_args()
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(SEED)
    (images, labels), test, source = load_fashion_mnist(options.data)
    data = parts(images, labels)
    for key in options.networks or NETWORKS:
        model, curves, seconds = train(key, data, options.part / key)
        write(key, model, curves, {"data": source, "seconds": seconds, "test": test}, options.out)
    if not options.networks:
        count(options.out / "shift_accuracy.json")


def write(key: str, model: keras.Model, curves: dict[str, list[float]], how: dict[str, Any], out: Path) -> None:
    """Score the test pictures once, and write weights and record."""
    history = keras.callbacks.History()
    history.history = curves
    test: Arrays = how["test"]
    result = {"data": how["data"], **record(model, history, test, how["seconds"])}
    np.savez_compressed(out / f"{key}.npz", **{name: weight.numpy() for name, weight in named_weights(model).items()})
    (out / f"{key}.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"{key}: test accuracy {result['test_accuracy']:.4f}, {result['epochs']} epochs, best {result['best_epoch']}")


def count(path: Path) -> None:
    """Count how many of 1,000 moved test pictures each of the three networks gets right, and write it."""
    right = {}
    for key, entry in shift_networks().items():
        model = entry.build()
        right[key] = [right_answers(model, shift) for shift in SHIFTS]
        print(f"{key}: {right[key]}")
    kept = {"pictures": PICTURES, "shifts": list(SHIFTS), "right": right}
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
