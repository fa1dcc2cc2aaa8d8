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
from model_zoo.training.seldom import Seldom

EVERY_SECONDS = 0.25
COPIES, NETWORKS, RECORDINGS = 0.005, 0.01, 0.005
"""The share of the time that copying weights, writing the best network and writing the recording may take."""
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
        """Return what was recorded so far; its `save(path)` writes it whole or not at all."""


class Ended(Exception):  # noqa: N818 - says what happened; most endings are wanted
    """Leaves model.fit between two batches."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Watch(keras.callbacks.Callback):  # type: ignore[misc]
    """Called by model.fit after each batch and epoch.

    `best.keras` is written at a better epoch, where epochs are short a little later; `end` puts the weights that are
    kept back into the model.
    """

    def __init__(
        self,
        recipe: Recipe,
        fitting: Fitting,
        folder: Path,
        orders: Orders,
        events: Events,
        recorder: Recorder | None = None,
    ) -> None:
        super().__init__()
        self._recorder = recorder
        self._recipe, self._fitting, self._folder = recipe, fitting, folder
        self._orders, self._events = orders, events
        self._step = self._epoch = 0
        self._best, self._best_epoch, self._worse = math.inf, 0, 0
        self._kept: list[Any] | None = None
        self._kept_epoch, self._unwritten = 0, True
        self._good: list[Any] = []
        self._candidate: list[Any] = []
        self._good_step = self._candidate_step = 0
        self._copies, self._networks, self._recordings = Seldom(COPIES), Seldom(NETWORKS), Seldom(RECORDINGS)
        self._began = self._told = time.monotonic()
        self._pictures, self._sums, self._cpu = 0, (0.0, 0.0), 0.0

    def on_train_begin(self, logs: Any = None) -> None:
        """Keep the weights that it starts from."""
        self._good = self.model.get_weights()
        self._began, self._cpu = time.monotonic(), time.process_time()
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
        if self._candidate:
            self._good, self._good_step, self._candidate = self._candidate, self._candidate_step, []
        done = min((batch + 1) * self._recipe.batch, self._fitting.train)
        progress = self._epoch + done / self._fitting.train
        self._record(self._step, progress)
        now = time.monotonic()
        if now - self._told >= EVERY_SECONDS or self._step == 1:
            self._tell(logs, done, progress, now)
            if self._kept is None:
                self._copies.may(self._copy)
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
            self._kept, self._kept_epoch, self._unwritten = self.model.get_weights(), epoch + 1, True
        if self._unwritten:
            self._networks.may(self._write)
        seconds, cpu = time.monotonic() - self._began, time.process_time() - self._cpu
        self._events.tell("epoch", epoch=epoch + 1, **said, best=better, seconds=seconds, cpu=cpu)
        self._recordings.may(self._write_recording)
        if self._recipe.patience and self._worse >= self._recipe.patience and epoch + 1 < self._recipe.epochs:
            raise Ended("early")

    def end(self, why: str) -> None:
        """Put the weights that are kept into the model, write it, and tell that it ended."""
        step = self._kept_epoch * self._fitting.steps
        if self._kept is None:
            now = self.model.get_weights()
            fine = why == "stopped" and finite(now)
            self._kept, step = (now, self._step) if fine else (self._good, self._good_step)
        if self._unwritten:
            self._write()
        self.model.set_weights(self._kept)
        message = MESSAGES[why].format(patience=self._recipe.patience, rate=self._recipe.learning_rate)
        self._events.tell(
            "ended",
            why=why,
            best_epoch=self._best_epoch,
            kept_epoch=self._kept_epoch,
            seconds=time.monotonic() - self._began,
            message=message,
        )
        if self._recorder is not None:
            self._recorder.capture(step, step / self._fitting.steps)
            self._write_recording()

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

    def _copy(self) -> None:
        """Copy the weights, while no epoch has ended; the next finite loss makes them the last good ones."""
        weights = self.model.get_weights()
        if finite(weights):
            self._candidate, self._candidate_step = weights, self._step

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
        if self._recorder is not None and self._recorder.due(step):
            self._recorder.capture(step, progress)

    def _write_recording(self) -> None:
        if self._recorder is not None:
            self._recorder.recording().save(self._folder / "recording.npz")

    def _write(self) -> None:
        """Write the model with the weights that are kept, without its optimizer's state: nobody trains on from it."""
        now = self.model.get_weights()
        self.model.set_weights(self._kept)
        image = keras.Input(self.model.input_shape[1:], name="image")
        bare = keras.Sequential([image, *self.model.layers], name=self.model.name)
        written(self._folder / "best.keras", bare.save)
        self._events.tell("written", epoch=self._kept_epoch)
        self.model.set_weights(now)
        self._unwritten = False


def finite(weights: list[Any]) -> bool:
    """Say whether all weights are numbers."""
    return all(bool(np.isfinite(one).all()) for one in weights)
