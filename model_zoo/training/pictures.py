"""Pictures with their classes, to train on and to test with, and how they are divided."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from explain.errors import ArgumentError
from model_zoo.download import Progress

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]
Positions = NDArray[np.intp]
TEST_SHARE, SEED = 0.2, 42


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures to train on and to test with.

    `images` (N, H, W, C) uint8 with C 1 or 3, `labels` (N,) int64, positions in `names`; the same for the test.
    """

    images: Images
    labels: Labels
    test_images: Images
    test_labels: Labels
    names: tuple[str, ...]
    source: str

    def __post_init__(self) -> None:
        """Raise ArgumentError where shapes, types or labels don't belong together."""
        for part, images, labels in (
            ("images", self.images, self.labels),
            ("test_images", self.test_images, self.test_labels),
        ):
            if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != self.images.shape[1:]:
                raise ArgumentError(
                    f"{part}: expected uint8 of shape (N, H, W, C), all of one size, got {images.dtype} "
                    f"{images.shape}; resize them"
                )
            if labels.shape != images.shape[:1] or (labels.size and not 0 <= labels.min() <= labels.max() < self.count):
                raise ArgumentError(
                    f"{part}: expected a label from 0 to {self.count - 1} for each, got {labels.shape}; give one each"
                )

    @property
    def count(self) -> int:
        """The number of classes."""
        return len(self.names)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a picture."""
        height, width, channels = self.images.shape[1:]
        return height, width, channels

    def save(self, path: Path) -> None:
        """Write them as an .npz file, under its name only when it is whole."""
        part = path.with_name(f"{path.name}.part")
        arrays = {name: getattr(self, name) for name in ("images", "labels", "test_images", "test_labels")}
        with part.open("wb") as stream:
            np.savez(stream, names=np.array(self.names), source=np.array(self.source), **arrays)
        os.replace(part, path)


@dataclass(frozen=True)
class DataSet:
    """A data set that networks can be trained on, as declared data.

    `shape` (H, W, C); `counts` pictures to train on and to test with; `find` says where it comes from on this machine,
    "" where it isn't there; `load` reads it (raises FileNotFoundError where it isn't there, ValueError for a damaged
    file); `download` fetches it on request, None where it ships; `bytes` that it fetches.
    """

    key: str
    title: str
    licence: str
    shape: tuple[int, int, int]
    counts: tuple[int, int]
    names: tuple[str, ...]
    find: Callable[[], str]
    load: Callable[[], Pictures]
    download: Callable[[Progress | None], None] | None = None
    bytes: int = 0
    order: int = 100


def read_pictures(path: Path) -> Pictures:
    """Read what `Pictures.save` wrote."""
    with np.load(path) as arrays:
        return Pictures(
            arrays["images"],
            arrays["labels"],
            arrays["test_images"],
            arrays["test_labels"],
            tuple(map(str, arrays["names"])),
            str(arrays["source"]),
        )


def split(count: int, share: float, seed: int) -> tuple[Positions, Positions]:
    """Return (training, validation) positions, the same as scikit-learn's train_test_split with this random state."""
    order = np.random.RandomState(seed).permutation(count)
    held = int(np.ceil(count * share))
    return order[held:], order[:held]


def first_of_each(labels: Labels, most: int) -> Positions:
    """Return the positions of at most `most` pictures, as evenly over the classes as can be, the first of each.

    In their own order; `most` 0 keeps all.
    """
    if not 0 < most < len(labels):
        return np.arange(len(labels))
    rank = np.zeros(len(labels), np.intp)
    for label in np.unique(labels):
        own = labels == label
        rank[own] = np.arange(np.count_nonzero(own))
    chosen: Positions = np.sort(np.lexsort((labels, rank))[:most])
    return chosen
