"""The jobs of "What if": pure functions of names and numbers, whose results all sessions share."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from components import compute, pixels, raster
from components.subjects import Subject
from explain.types import Attribution, Finding, Target
from model_zoo.fashion import CLASS_NAMES
from model_zoo.samples import PHOTOGRAPHS, fashion_images, fashion_labels, load_sample

if TYPE_CHECKING:
    from explain.chance import Chance
    from explain.channels import ChannelSum, Paired
    from explain.reveal import Reveal

T = TypeVar("T")
MEAN_PICTURES = 200
"""Fashion-MNIST test pictures that a channel's mean is taken over; of photographs it is all that ship."""
COUNTED = 1_000
DRAWS = 10
REVEAL_STEPS = 10
THUMBNAIL = 112


@dataclass(frozen=True, eq=False)
class Switched:
    """An answer with channels of a layer replaced: logits and probabilities (K,), and the signed map (h, w) there."""

    logits: NDArray[np.float32]
    probabilities: NDArray[np.float32] | None
    map: NDArray[np.float32]


@dataclass(frozen=True)
class Fed:
    """What one convention amounts to and is answered with: key, range, share cut, PNG, classes and their shares."""

    key: str
    declared: bool
    span: tuple[float, float]
    outside: float | None
    picture: NDArray[np.uint8] | None
    classes: tuple[int, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers to six conventions, the declared first, and what is found about them."""

    rows: tuple[Fed, ...]
    findings: tuple[Finding, ...]

    @property
    def nbytes(self) -> int:
        """What the pictures take."""
        return sum(row.picture.nbytes for row in self.rows if row.picture is not None)


def _once(key: Hashable, make: Callable[[], T]) -> T:
    known = compute.kept(key)
    if known is None:
        known = make()
        compute.keep(key, known)
    return known  # type: ignore[no-any-return]


def _ready(subject: Subject) -> tuple[Any, NDArray[np.float32]]:
    return compute.engine(subject.model, subject.state), compute.model_input(subject)[None]


def channels(subject: Subject, layer: str, target: Target) -> ChannelSum:
    """Return what each channel of a layer adds to a score."""
    from explain.channels import channel_sum

    ready, x = _ready(subject)
    return _once(("channels", subject, layer, target), lambda: channel_sum(ready, x, layer, target))


def means(subject: Subject, layer: str) -> NDArray[np.float32]:
    """Return each channel's mean over the pictures that ship for this kind of model, (C,)."""
    from explain.channels import channel_means

    ready, _x = _ready(subject)

    def make() -> NDArray[np.float32]:
        *_before, last = channel_means(ready, mean_inputs(subject), layer)
        return last.values

    return _once(("means", subject.model, subject.state, layer), make)


def mean_count(subject: Subject) -> int:
    """Return how many pictures a channel's mean is taken over."""
    return MEAN_PICTURES if subject.entry.pictures == "fashion" else len(PHOTOGRAPHS)


def mean_inputs(subject: Subject) -> NDArray[np.float32]:
    """Return the pictures that means are taken over as the model gets them, (N, H, W, C)."""
    if subject.entry.pictures == "fashion":
        pictures: Sequence[Any] = list(fashion_images()[:MEAN_PICTURES])
    else:
        pictures = [load_sample(key) for key in PHOTOGRAPHS]
    return np.stack([subject.entry.preprocess(picture) for picture in pictures])


def switched(subject: Subject, layer: str, target: Target, off: tuple[int, ...], replace: str) -> Switched:
    """Return the answer with channels of a layer replaced by their "mean" over data or by "zero"."""

    def make() -> Switched:
        from explain.channels import switched_map, switched_off

        ready, x = _ready(subject)
        by = means(subject, layer) if replace == "mean" and off else 0.0
        logits = switched_off(ready, x, layer, off, by)
        found = shares(subject, logits)
        return Switched(logits[0], None if found is None else found[0], switched_map(ready, x, layer, target, off, by))

    return _once(("switched", subject, layer, target, off, replace), make)


def chance(subject: Subject, layer: str, off: tuple[int, ...], replace: str) -> Iterator[Chance]:
    """Yield what switching off as many other channels, drawn at random, does to the answer."""
    from explain.chance import random_switches

    ready, x = _ready(subject)
    return random_switches(ready, x, layer, off, means(subject, layer) if replace == "mean" else 0.0, draws=DRAWS)


def shares(subject: Subject, logits: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Return logits (N, K) as probabilities, None for a model that ends in plain scores."""
    from explain.targets import probabilities_of

    kind = _ready(subject)[0].output_kind
    return None if kind == "linear" else probabilities_of(logits, kind)


def countable(subject: Subject) -> bool:
    """Whether there are test pictures with known classes for a model."""
    return subject.entry.pictures == "fashion" and tuple(subject.entry.labels()) == CLASS_NAMES


def counts(subject: Subject, layer: str, off: tuple[int, ...], replace: str) -> Iterator[Paired]:
    """Yield how many answers on 1,000 test pictures switching channels off breaks and mends."""
    from explain.channels import paired_counts

    ready, _x = _ready(subject)
    by = means(subject, layer) if replace == "mean" else 0.0
    images = np.stack([subject.entry.preprocess(image) for image in fashion_images()[:COUNTED]])
    return paired_counts(ready, images, fashion_labels()[:COUNTED], layer, off, by)


def revealed(subject: Subject, target: Target, values: Attribution) -> Iterator[Reveal]:
    """Yield the curve of a picture that is made sharp where a map is high, then the band of random orders."""
    from explain.reveal import reveal

    ready, x = _ready(subject)
    return reveal(ready, x, target, values.map, picture=compute.shown_input(subject), steps=REVEAL_STEPS)


def reveal_passes(subject: Subject) -> int:
    """Return the passes that revealing a picture costs at most."""
    from explain.reveal import passes

    height, width, _depth = subject.entry.input_shape
    return passes(height, width, REVEAL_STEPS)


@cache
def fashion_statistics() -> tuple[float, float]:
    """Return mean and standard deviation of Fashion-MNIST's test pictures in 0..1."""
    values = fashion_images()
    return float(values.mean()) / 255, float(values.std()) / 255


def conventions(subject: Subject) -> Answers:
    """Return the answers to six ways of feeding the picture, the declared first, and what is found about them."""

    def make() -> Answers:
        from explain import conventions as ways
        from explain.targets import probabilities_of

        ready, _x = _ready(subject)
        data = fashion_statistics() if subject.entry.input_shape[2] == 1 else None
        made = ways.conventions(pixels.fitted(subject), subject.entry.preprocess, data=data)
        readings = ways.read(ready, made)
        if ready.output_kind == "linear" and ready.classes > 1:
            every = probabilities_of(ready.logits(np.stack([one.x for one in made])), "softmax")
            readings = tuple(
                replace(one, shares=tuple(row[list(one.classes)])) for one, row in zip(readings, every, strict=True)
            )
        return Answers(tuple(_fed(one, subject) for one in readings), ways.findings(readings))

    return _once(("conventions", subject), make)


def _fed(one: Any, subject: Subject) -> Fed:
    way, picture = one.convention, one.convention.taken_for
    if picture is not None:
        step = max(1, picture.shape[0] // THUMBNAIL)
        picture = raster.as_rgb(255 - picture if subject.picture.startswith("fashion/") else picture)[::step, ::step]
    return Fed(way.key, way.declared, way.span, way.outside, picture, one.classes, one.shares or ())
