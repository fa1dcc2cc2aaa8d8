"""What a training has told so far and what it has left in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from model_zoo.training.tail import Tail


class Told:
    """What is known of a training that writes into `folder`, for so many epochs at most; read by its server."""

    def __init__(self, folder: Path, epochs: int) -> None:
        self.folder = folder
        self._tail = Tail(folder / "events.jsonl", epochs)

    @property
    def started(self) -> dict[str, Any] | None:
        """The event of its start: parameters, pictures, steps an epoch, versions; None until then."""
        return self._tail.started

    @property
    def batches(self) -> list[dict[str, Any]]:
        """What was told between batches, at most four times a second."""
        return self._tail.batches

    @property
    def epochs(self) -> list[dict[str, Any]]:
        """What was told at each epoch's end."""
        return self._tail.epochs

    @property
    def ended(self) -> dict[str, Any] | None:
        """How it ended, None until then; with "unscored", why, where what comes after the training failed."""
        return self._tail.ended

    @property
    def seconds(self) -> float:
        """How long it has trained, pauses left out."""
        return self._tail.seconds

    @property
    def left(self) -> float | None:
        """Seconds until its last epoch ends, None while that isn't known; it may stop earlier."""
        return self._tail.left

    @property
    def per_second(self) -> float | None:
        """Pictures a second, lately; None until there is a batch."""
        return self._tail.per_second

    @property
    def best(self) -> Path | None:
        """The best network so far, or the one that was kept."""
        return self._there("best.keras")

    @property
    def recording(self) -> Path | None:
        """What the flight recorder has so far."""
        return self._there("recording.npz")

    @property
    def scores(self) -> Path | None:
        """What the network that was kept says of the test's pictures, once it has been asked."""
        return self._there("scores.npz")

    def _there(self, name: str) -> Path | None:
        path = self.folder / name
        return path if path.exists() else None
