"""A data set looked at before anything is trained on it: samples, counts and the mean picture of each class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_zoo.training.pictures import Pictures

MOST_ROWS, MOST_SAMPLES = 12, 8
DARK = 110
"""Grey pictures whose mean is below this are light on black, and are drawn dark on light."""


@dataclass(frozen=True, eq=False)
class OfClass:
    """One class: its name, how many training pictures it has, the first of them (n, H, W, C) and their mean, uint8."""

    name: str
    count: int
    samples: NDArray[np.uint8]
    mean: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Look:
    """What a data set looks like. `rows` are its first classes; `least` and `most` pictures any class has.

    `inverted` says that its pictures are light on black; `labels` and `test_labels` are those of all pictures.
    """

    rows: tuple[OfClass, ...]
    names: tuple[str, ...]
    shape: tuple[int, int, int]
    train: int
    test: int
    least: int
    most: int
    inverted: bool
    source: str
    labels: NDArray[np.int64]
    test_labels: NDArray[np.int64]

    def blank(self) -> Pictures:
        """Return as many pictures of the same size and classes, all black and held once: enough to count with."""
        black = np.zeros((1, *self.shape), np.uint8)
        every, test = (np.broadcast_to(black, (len(of), *self.shape)) for of in (self.labels, self.test_labels))
        return Pictures(every, self.labels, test, self.test_labels, self.names, self.source)


def look(pictures: Pictures) -> Look:
    """Look at a data set; the pictures themselves are not kept."""
    counts = np.bincount(pictures.labels, minlength=pictures.count)
    rows = tuple(_of_class(pictures, label, int(counts[label])) for label in range(min(pictures.count, MOST_ROWS)))
    return Look(
        rows=rows,
        names=pictures.names,
        shape=pictures.shape,
        train=len(pictures.labels),
        test=len(pictures.test_labels),
        least=int(counts.min()),
        most=int(counts.max()),
        inverted=light_on_black(np.stack([row.mean for row in rows])),
        source=pictures.source,
        labels=pictures.labels,
        test_labels=pictures.test_labels,
    )


def light_on_black(images: NDArray[np.uint8]) -> bool:
    """Whether pictures (N, H, W, C) are grey and show light things on black, as the data sets of digits do."""
    return images.shape[3] == 1 and float(images.mean()) < DARK


def _of_class(pictures: Pictures, label: int, count: int) -> OfClass:
    own = pictures.images[pictures.labels == label]
    mean = own.mean(axis=0) if count else np.zeros(pictures.shape)
    return OfClass(pictures.names[label], count, own[:MOST_SAMPLES].copy(), np.rint(mean).astype(np.uint8))
