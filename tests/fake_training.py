"""A training without a process: the page's tests set what it has come to."""

from __future__ import annotations

import secrets
from pathlib import Path

import numpy as np

from model_zoo.training.data import DATASETS


class Fake:
    """What the Train page asks of a training, as plain attributes."""

    def __init__(self, recipe, folder: Path, own=None):
        self.recipe, self.folder, self.names = recipe, folder, (own or DATASETS[recipe.data]).names
        self.token = secrets.token_urlsafe(16)
        self.state = "waiting"
        self.batches: list[dict] = []
        self.epochs: list[dict] = []
        self.ended: dict | None = None
        self.before, self.settled, self.started = 0, False, None
        self.seconds, self.left, self.per_second = 12.0, 30.0, 1234.0
        self.asked: list[str] = []
        self.pending = ""

    def pause(self):
        self.asked.append("pause")
        self.state = "paused"

    def resume(self):
        self.asked.append("resume")
        self.state = "running"

    def stop(self):
        self.asked.append("stop")

    def run(self, losses, per_epoch=3):
        """Let it have come through epochs with these validation losses."""
        self.state, best = "running", float("inf")
        for at, loss in enumerate(losses, 1):
            for step in range(1, per_epoch + 1):
                self.batches.append(
                    {"epoch": at - 1 + step / per_epoch, "loss": 1 / (at + 1), "accuracy": 1 - loss / 3}
                )
            better = loss < best
            best = min(best, loss)
            said = {"loss": 1 / (at + 1), "accuracy": 0.8, "val_loss": loss, "val_accuracy": 1 - loss / 2}
            self.epochs.append({"epoch": at, "best": better, **said})

    def end(self, why, message="", tested=20):
        """Let it have ended, with scores where an epoch was kept."""
        best = [one["epoch"] for one in self.epochs if one["best"]]
        kept = best[-1] if best else 0
        self.state, self.settled = "ended", True
        self.ended = {"why": why, "best_epoch": kept, "kept_epoch": kept, "message": message}
        if not best:
            return
        (self.folder / "best.keras").write_bytes(b"bytes of a network")
        height, width, depth = 8, 8, 1
        labels = np.arange(tested) % 10
        shares = np.full((tested, 10), 0.05, np.float32)
        shares[np.arange(tested), np.where(np.arange(tested) % 5 == 4, (labels + 1) % 10, labels)] = 0.55
        images = np.random.default_rng(0).integers(0, 90, (tested, height, width, depth)).astype(np.uint8)
        np.savez(
            self.folder / "scores.npz", test_probabilities=shares, test_labels=labels, test_images=images,
            validation_probabilities=shares[:10], validation_labels=labels[:10], validation_positions=np.arange(10),
        )  # fmt: skip

    @property
    def recording(self):
        path = self.folder / "recording.npz"
        return path if path.exists() else None

    @property
    def best(self):
        path = self.folder / "best.keras"
        return path if path.exists() else None

    @property
    def scores(self):
        path = self.folder / "scores.npz"
        return path if path.exists() else None


class Registry:
    """Stands for the server's trainings."""

    def __init__(self, folder: Path):
        self.folder, self.all, self.begun = folder, {}, []

    def get(self, token):
        return self.all.get(token)

    def begin(self, recipe, pictures=None):
        made = Fake(recipe, self.folder, pictures)
        self.begun.append((recipe, pictures))
        self.all[made.token] = made
        return made
