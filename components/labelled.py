"""Pictures whose classes are known, for a model: those of its training in the app, or those that ship for its kind."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import compute, models, raster, subjects
from components.subjects import Subject
from components.text import _
from components.training import OPENED
from explain.mistakes import Answers, Counts, answers, confusion
from explain.types import Target
from model_zoo.fashion import CLASS_NAMES, DATASET
from model_zoo.samples import FASHION, fashion_images, fashion_labels

if TYPE_CHECKING:
    from model_zoo.training.run import Training

Floats = NDArray[np.float32]
TRAINING_PICTURES = 60_000
FACE = 84


@dataclass(frozen=True, eq=False)
class Labelled:
    """Labelled pictures a model can be held against.

    `title` names them; `images` (N, H, W, C) are as stored, `labels` (N,) their classes, called `names`; `face` gives a
    picture as a small PNG, `opened` its id, under which any page shows it; `known` the probabilities (N, K) where they
    are there already; `validation`: of the pictures held back from training how many were right, and how many there
    are; `assumed`: the model's file doesn't name its classes; `inverted`: greys are drawn the other way round;
    `single`: the two classes are the no and the yes of one unit.
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
    single: bool = False

    def target(self, answer: int) -> Target:
        """Return what a map of an answer explains: its class, or which way a single yes-or-no unit points."""
        return Target(0, sign=1 if answer else -1) if self.single else Target(answer)


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
    return _trained(subject) or _fashion(subject)


def went_with_training(subject: Subject) -> bool:
    """Whether the pictures that a model was tested on were let go of with its training."""
    return subject.model in st.session_state.get(OPENED, {}).values()


def _trained(subject: Subject) -> Labelled | None:
    """The test pictures of a training in the app, for the model that came of it, while the training is kept."""
    from model_zoo.training.run import TRAININGS

    trained: dict[str, str] = st.session_state.get(OPENED, {})
    token = next((token for token, key in trained.items() if key == subject.model), "")
    training = TRAININGS.get(token) if token else None
    if training is None or training.scores is None:
        return None
    held, own = _scores(training), models.held(subject.model)
    names, written = tuple(training.names), tuple(subject.entry.labels())
    images, labels = held["test_images"], held["test_labels"].astype(np.int64)
    fashion = np.array_equal(labels, fashion_labels()) and np.array_equal(images, fashion_images()[..., None])
    say = held["validation_probabilities"].argmax(axis=1)
    return Labelled(
        key=(token, subject.model, subject.state),
        title=subject.entry.dataset or _("its own data"),
        names=written if len(written) == len(names) else names,
        images=images,
        labels=labels,
        face=_fashion_face if fashion else lambda at: raster.picture_thumbnail(images[at], FACE),
        opened=_fashion_id if fashion else lambda at: _opened(images[at], names[labels[at]], at),
        known=held["test_probabilities"] if own is not None and own.opened.card.sha256 == held["of"] else None,
        validation=(int((say == held["validation_labels"]).sum()), len(say)) if len(say) else None,
        inverted=fashion,
        single=len(names) == 2 and len(written) == 1,
    )


def _scores(training: Training) -> dict[str, Any]:
    """Return what a training wrote of its scores, and under "of" the checksum of the network they are of."""
    key = ("scores", training.token)
    known: dict[str, Any] | None = compute.kept(key)
    if known is None:
        assert training.scores is not None
        with np.load(training.scores) as arrays:
            known = {name: arrays[name] for name in arrays.files}
        known["of"] = "" if training.best is None else hashlib.sha256(training.best.read_bytes()).hexdigest()
        if training.settled:
            compute.keep(key, known)
    return known


def _opened(pixels: NDArray[np.uint8], name: str, at: int) -> str:
    """Open a test picture as if the user had, so that every page can show it; returns its id."""
    return subjects.add_pixels(_("{name}, test {n}").format(name=name, n=at + 1), pixels)


def _fashion_id(at: int) -> str:
    return f"{FASHION}{at}"


def _fashion_face(at: int) -> bytes:
    return compute.face(_fashion_id(at), FACE)


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
        face=_fashion_face,
        opened=_fashion_id,
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
