"""What goes on between two batches of a training: orders, events, NaN, the best so far, early stopping."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np

from model_zoo.training.fits import Fitting
from model_zoo.training.orders import Events, Orders, written
from model_zoo.training.recipe import Recipe

EVERY_SECONDS = 0.25
SHARE_OF_COPIES = 0.05
MESSAGES = {
    "finished": "All epochs are done.",
    "early": "It stopped early: the validation loss had not become smaller for {patience} epochs.",
    "stopped": "It was stopped.",
    "nan": "The loss is no longer a number. Take a learning rate below {rate:g}: a tenth of it is a good next try.",
}


class Recorder(Protocol):
    """What records a training's snapshots (model_zoo.training.recording)."""

    def due(self, step: int) -> bool:
        """Say whether a snapshot is wanted after `step` batches."""

    def capture(self, step: int, epoch: float) -> None:
        """Take one."""

    def recording(self) -> Any:
        """Return what was recorded so far; it has `save(path)`."""


class Ended(Exception):  # noqa: N818 - says what happened; most endings are wanted
    """Leaves model.fit between two batches."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Watch(keras.callbacks.Callback):  # type: ignore[misc]
    """Called by model.fit after each batch and epoch.

    `best.keras` is written at each better epoch; `end` puts the weights that are kept back into the model.
    """

    def __init__(self, recipe: Recipe, fitting: Fitting, folder: Path, orders: Orders, events: Events) -> None:
        super().__init__()
        self.recorder: Recorder | None = None
        self._recipe, self._fitting, self._folder = recipe, fitting, folder
        self._orders, self._events = orders, events
        self._step = self._epoch = 0
        self._best, self._best_epoch, self._worse = math.inf, 0, 0
        self._kept: list[Any] | None = None
        self._kept_epoch = 0
        self._good: list[Any] | None = None
        self._candidate: list[Any] | None = None
        self._copied, self._copy_took = -math.inf, 0.0
        self._began = self._told = time.monotonic()
        self._pictures, self._sums = 0, (0.0, 0.0)

    def on_train_begin(self, logs: Any = None) -> None:
        """Keep the weights that it starts from."""
        self._good = self.model.get_weights()
        self._began = time.monotonic()
        self._record(0, 0.0)
        self._obey()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Count an epoch's pictures from 0: Keras's running means begin anew."""
        self._epoch, self._pictures, self._sums = epoch, 0, (0.0, 0.0)
        self._told = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Obey, look at the loss, and tell, after each batch."""
        self._step += 1
        logs = logs or {}
        if not math.isfinite(logs["loss"]):
            raise Ended("nan")
        if self._candidate is not None:
            self._good, self._candidate = self._candidate, None
        done = min((batch + 1) * self._recipe.batch, self._fitting.train)
        progress = self._epoch + done / self._fitting.train
        self._record(self._step, progress)
        now = time.monotonic()
        if now - self._told >= EVERY_SECONDS or self._step == 1:
            self._tell(logs, done, progress, now)
            self._copy(now)
        self._obey()

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Obey in the midst of a validation, too."""
        self._obey()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Keep the best, and stop where it gets no better."""
        said = {name: float(logs[name]) for name in ("loss", "accuracy", "val_loss", "val_accuracy")}
        if not all(math.isfinite(value) for value in said.values()):
            raise Ended("nan")
        better = said["val_loss"] < self._best
        self._worse = 0 if better else self._worse + 1
        if better:
            self._best, self._best_epoch = said["val_loss"], epoch + 1
        if better or not self._recipe.restore_best:
            self._kept, self._kept_epoch = self.model.get_weights(), epoch + 1
        if better:
            self._save()
        self._events.tell("epoch", epoch=epoch + 1, **said, best=better, seconds=time.monotonic() - self._began)
        self._save_recording()
        if self._recipe.patience and self._worse >= self._recipe.patience and epoch + 1 < self._recipe.epochs:
            raise Ended("early")

    def end(self, why: str) -> None:
        """Put the weights that are kept into the model, write it, and tell that it ended."""
        weights = self._kept
        if weights is None:
            now = self.model.get_weights()
            weights = now if why == "stopped" and finite(now) else self._good
        self.model.set_weights(weights)
        if not self._folder.joinpath("best.keras").exists() or self._kept_epoch != self._best_epoch:
            self._save()
        message = MESSAGES[why].format(patience=self._recipe.patience, rate=self._recipe.learning_rate)
        self._events.tell(
            "ended",
            why=why,
            best_epoch=self._best_epoch,
            kept_epoch=self._kept_epoch,
            seconds=time.monotonic() - self._began,
            message=message,
        )
        self._save_recording()

    def _tell(self, logs: dict[str, float], done: int, progress: float, now: float) -> None:
        """Tell the loss and accuracy of the batches since the last time, worked out from Keras's running means."""
        sums, new = (logs["loss"] * done, logs["accuracy"] * done), done - self._pictures
        loss, accuracy = ((after - before) / new for after, before in zip(sums, self._sums, strict=True))
        self._events.tell(
            "batch",
            step=self._step,
            epoch=progress,
            loss=max(0.0, loss),
            accuracy=min(1.0, max(0.0, accuracy)),
            per_second=new / max(now - self._told, 1e-6),
            seconds=now - self._began,
        )
        self._pictures, self._sums, self._told = done, sums, now

    def _copy(self, now: float) -> None:
        """Copy the weights while no epoch has ended; the next finite loss makes them the last good ones."""
        if self._kept is not None or now - self._copied < self._copy_took / SHARE_OF_COPIES:
            return
        weights = self.model.get_weights()
        if finite(weights):
            self._candidate = weights
        self._copied, self._copy_took = time.monotonic(), time.monotonic() - now

    def _obey(self) -> None:
        if self._orders.paused:
            since = time.monotonic()
            self._events.tell("paused")
            self._orders.wait()
            away = time.monotonic() - since
            self._began, self._told = self._began + away, self._told + away
            if not self._orders.stopped:
                self._events.tell("resumed")
        if self._orders.stopped:
            raise Ended("stopped")

    def _record(self, step: int, progress: float) -> None:
        if self.recorder is not None and self.recorder.due(step):
            self.recorder.capture(step, progress)

    def _save_recording(self) -> None:
        if self.recorder is not None:
            written(self._folder / "recording.npz", self.recorder.recording().save)

    def _save(self) -> None:
        """Write the model without its optimizer's state, which nobody trains on from."""
        image = keras.Input(self.model.input_shape[1:], name="image")
        bare = keras.Sequential([image, *self.model.layers], name=self.model.name)
        written(self._folder / "best.keras", bare.save)


def finite(weights: list[Any]) -> bool:
    """Say whether all weights are numbers."""
    return all(bool(np.isfinite(one).all()) for one in weights)
