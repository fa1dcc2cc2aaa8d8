"""Train the reference CNN again, by the recipe of scripts/train_fashion_cnn.py, and write what it was on the way.

    python -m scripts.record_fashion_cnn [--data FOLDER] [--out model_zoo/data/fashion_cnn_recording.npz]

Pinned are the first test picture of each class, which choose nothing; the confusion matrix is over the first 1,000 of
the recipe's held-back pictures. The last moment is the best epoch's, whose weights are restored. In the end it says
whether they are those of fashion_cnn.npz. Takes three to ten minutes on two cores.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from model_zoo import MODELS
from model_zoo.fashion import CLASS_NAMES, SEED, reference_cnn
from model_zoo.training.recording import Recorder, schedule
from scripts.train_fashion_cnn import DEBIAN, SETTINGS, fit, load_fashion_mnist, split


class Watcher(keras.callbacks.Callback):
    """Takes a moment before the first batch, and after each that the recorder wants."""

    def __init__(self, recorder: Recorder, steps_per_epoch: int) -> None:
        super().__init__()
        self.recorder, self.steps_per_epoch, self.step = recorder, steps_per_epoch, 0

    def on_train_begin(self, logs: object = None) -> None:
        """Take the untrained moment."""
        self.recorder.capture(0, 0.0)

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        """Take a moment where one is due."""
        self.step += 1
        if self.recorder.due(self.step):
            self.recorder.capture(self.step, self.step / self.steps_per_epoch)


def main() -> None:
    """Train, record, and say whether the weights are the shipped ones."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DEBIAN, help="folder with the four gzipped IDX files")
    parser.add_argument("--out", type=Path, default=Path("model_zoo/data/fashion_cnn_recording.npz"))
    options = parser.parse_args()
    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    (images, labels), (test_images, test_labels), _source = load_fashion_mnist(options.data)
    train, held = split(len(images), SETTINGS["validation_share"], SETTINGS["split_random_state"])
    steps = -(-len(train) // SETTINGS["batch_size"])
    pinned = np.sort([int(np.argmax(test_labels == k)) for k in range(len(CLASS_NAMES))])
    model = reference_cnn("fashion_cnn")
    recorder = Recorder(
        model,
        test_images[pinned, ..., None],
        images[held, ..., None],
        labels[held],
        schedule(steps, SETTINGS["epochs_at_most"]),
        labels=test_labels[pinned],
        names=CLASS_NAMES,
        batch=SETTINGS["batch_size"],
    )
    history = fit(model, images[..., None] / np.float32(255), labels, [Watcher(recorder, steps)])
    best = int(np.argmin(history.history["val_loss"])) + 1
    recorder.capture(best * steps, float(best))
    recording = recorder.recording()
    recording.save(options.out, compressed=True)
    shipped = MODELS["fashion_cnn"].build().get_weights()
    equal = all(np.array_equal(a, b) for a, b in zip(model.get_weights(), shipped, strict=True))
    print(
        f"{recording.moments} moments, {options.out.stat().st_size:,} bytes; at the last, epoch {best}, "
        f"{recording.accuracy[-1]:.4f} right of {recording.checked}; the weights are "
        f"{'the shipped ones' if equal else 'NOT the shipped ones'}"
    )


if __name__ == "__main__":
    main()
