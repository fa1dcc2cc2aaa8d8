"""Pictures whose classes are known, for a model: those that ship, where they are of the model's own kind."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from components import compute
from components.subjects import Subject
from explain.mistakes import Answers, Counts, answers, confusion
from model_zoo.fashion import CLASS_NAMES, DATASET
from model_zoo.samples import FASHION, fashion_images, fashion_labels

Floats = NDArray[np.float32]
TRAINING_PICTURES = 60_000
FACE = 84


@dataclass(frozen=True, eq=False)
class Labelled:
    """Labelled pictures a model can be held against.

    `title` names them; `images` (N, H, W, C) are as stored, `labels` (N,) their classes, called `names`; `face` gives a
    picture as a small PNG, `opened` its id, under which any page shows it; `known` the probabilities (N, K) where they
    are there already; `validation`: of the pictures held back from training how many were right, and how many there
    are; `assumed`: the model's file doesn't name its classes; `inverted`: greys are drawn the other way round.
    """

    key: Hashable
    title: str
    names: tuple[str, ...]
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    face: Callable[[int], bytes]
    opened: Callable[[int], str]
    known: Floats | None = None
    validation: tuple[int, int] | None = None
    assumed: bool = False
    inverted: bool = False


@dataclass(frozen=True, eq=False)
class Scored:
    """Labelled pictures with a model's answers to the first `done` of them, probabilities (done, K)."""

    labelled: Labelled
    probabilities: Floats

    @property
    def done(self) -> int:
        """Pictures answered."""
        return len(self.probabilities)

    @property
    def total(self) -> int:
        """Pictures there are."""
        return len(self.labelled.labels)

    @property
    def names(self) -> tuple[str, ...]:
        """The classes."""
        return self.labelled.names

    @property
    def labels(self) -> NDArray[np.int64]:
        """The true classes of the pictures that were answered, (done,)."""
        return self.labelled.labels[: self.done]

    @cached_property
    def answers(self) -> NDArray[np.int64]:
        """The class of each answer, (done,)."""
        return np.asarray(self.probabilities.argmax(axis=1), np.int64)

    @cached_property
    def shares(self) -> Floats:
        """The probability of each answer, (done,)."""
        return np.asarray(self.probabilities.max(axis=1), np.float32)

    @cached_property
    def matrix(self) -> Counts:
        """How many pictures of each true class got each answer, (K, K)."""
        return confusion(self.labels, self.answers, len(self.names))

    @property
    def right(self) -> int:
        """Pictures whose answer is their class."""
        return int(np.trace(self.matrix))


def labelled(subject: Subject) -> Labelled | None:
    """Return pictures with known classes that the model of a subject can be held against, None where there are none."""
    return _fashion(subject)


def _fashion(subject: Subject) -> Labelled | None:
    """Fashion-MNIST's test pictures, for a network of their size with ten classes that are named so or not at all."""
    entry = subject.entry
    names = tuple(entry.labels())
    unnamed = names == tuple(f"class {at}" for at in range(len(CLASS_NAMES)))
    if entry.pictures != "fashion" or not (unnamed or names == CLASS_NAMES):
        return None
    return Labelled(
        key=(FASHION, subject.model, subject.state),
        title=DATASET,
        names=CLASS_NAMES,
        images=fashion_images()[..., None],
        labels=fashion_labels().astype(np.int64),
        face=lambda at: compute.face(f"{FASHION}{at}", FACE),
        opened=lambda at: f"{FASHION}{at}",
        validation=_held_back(subject),
        assumed=unnamed,
        inverted=True,
    )


def _held_back(subject: Subject) -> tuple[int, int] | None:
    """How many of the held-back training pictures a shipped model got right, by its training's record."""
    facts = subject.entry.facts
    if "curves" not in facts:
        return None
    count = round(TRAINING_PICTURES * float(facts["settings"]["validation_share"]))
    return round(count * float(facts["curves"]["val_accuracy"][int(facts["best_epoch"]) - 1])), count


def answered(subject: Subject, given: Labelled) -> Iterator[Answers]:
    """Yield a model's answers to labelled pictures after every few hundred."""
    return answers(compute.engine(subject.model, subject.state), given.images, subject.entry.preprocess)
