"""What a classifier gets wrong on labelled pictures: confusion matrix, shares with intervals, the surest mistakes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explain.errors import ArgumentError
from explain.targets import probabilities_of

if TYPE_CHECKING:
    from explain.engine import Engine

Counts = NDArray[np.int64]
Shares = NDArray[np.float64]
Floats = NDArray[np.float32]
NORMAL_95 = 1.959963984540054
AT_ONCE = 512


@dataclass(frozen=True, eq=False)
class Answers:
    """Probabilities (done, K) for the first `done` of `total` pictures, in their order."""

    probabilities: Floats
    done: int
    total: int


def answers(
    engine: Engine, images: Sequence[Any] | NDArray[np.uint8], prepare: Callable[[Any], Floats]
) -> Iterator[Answers]:
    """Yield the probabilities of images (N, ...) uint8 after every few hundred; `prepare` makes one a model's input.

    K is 2 for a single yes-or-no unit: no, yes. Plain scores of several classes are taken through a softmax.
    """
    kind = "softmax" if engine.output_kind == "linear" else engine.output_kind
    found = np.empty((len(images), max(2, engine.classes)), np.float32)
    for start in range(0, len(images), AT_ONCE):
        x = np.stack([prepare(image) for image in images[start : start + AT_ONCE]])
        size = min(AT_ONCE, engine.at_once(x))
        logits = engine.batches(engine.compiled.logits(), size, 1, x)[0]
        stop = start + len(x)
        shares = probabilities_of(logits, kind)
        found[start:stop] = shares if engine.classes > 1 else np.concatenate([1 - shares, shares], axis=1)
        yield Answers(found[:stop], stop, len(images))


def confusion(labels: NDArray[Any], predicted: NDArray[Any], classes: int) -> Counts:
    """Return how many pictures of each true class (rows) got each answer (columns), (K, K).

    Raises ArgumentError for arrays of different lengths, and for a class outside 0..classes - 1.
    """
    labels, predicted = np.asarray(labels, np.int64), np.asarray(predicted, np.int64)
    if labels.shape != predicted.shape or labels.ndim != 1:
        raise ArgumentError(
            f"predicted: expected one answer for each of the {labels.shape} labels, got {predicted.shape}"
        )
    for name, values in (("labels", labels), ("predicted", predicted)):
        if len(values) and not 0 <= int(values.min()) <= int(values.max()) < classes:
            raise ArgumentError(
                f"{name}: expected classes from 0 to {classes - 1}, got {values.min()} to {values.max()}; "
                "number them as the model's outputs are"
            )
    matrix = np.zeros((classes, classes), np.int64)
    np.add.at(matrix, (labels, predicted), 1)
    return matrix


def wilson(hits: int, total: int, z: float = NORMAL_95) -> tuple[float, float]:
    """Return the interval of a share of `hits` in `total`, 0..1, 95 % for the default z (Wilson, 1927).

    (0, 1) where nothing was counted. Raises ArgumentError unless 0 <= hits <= total.
    """
    if not 0 <= hits <= total:
        raise ArgumentError(f"hits: expected 0 to {total}, got {hits}; count hits among the same pictures")
    if not total:
        return 0.0, 1.0
    share, room = hits / total, z * z / total
    middle = (share + room / 2) / (1 + room)
    half = z / (1 + room) * math.sqrt(share * (1 - share) / total + room / (4 * total))
    return (0.0 if not hits else middle - half), (1.0 if hits == total else middle + half)


def recalls(matrix: Counts) -> Shares:
    """Return which share of each true class got its own answer, (K,); NaN for a class without pictures."""
    return _shares(np.diag(matrix), matrix.sum(axis=1))


def precisions(matrix: Counts) -> Shares:
    """Return which share of each answer is right, (K,); NaN for an answer that was never given."""
    return _shares(np.diag(matrix), matrix.sum(axis=0))


def _shares(hits: Counts, totals: Counts) -> Shares:
    shares = np.full(len(totals), np.nan)
    np.divide(hits, totals, out=shares, where=totals > 0)
    return shares


def most_frequent(matrix: Counts) -> tuple[int, int] | None:
    """Return the mistake (true class, answer) that was made most often, None where there is none."""
    wrong = matrix - np.diag(np.diag(matrix))
    at = int(wrong.argmax())
    return (at // len(matrix), at % len(matrix)) if wrong.flat[at] else None


def in_cell(probabilities: Floats, labels: NDArray[Any], true: int, answer: int) -> NDArray[np.int64]:
    """Return the positions of the pictures of one class that got one answer, those with the surest answers first."""
    return _surest(probabilities, (np.asarray(labels) == true) & (probabilities.argmax(axis=1) == answer))


def surest_mistakes(probabilities: Floats, labels: NDArray[Any]) -> NDArray[np.int64]:
    """Return the positions of all mistakes, by the probability of the wrong answer, highest first."""
    return _surest(probabilities, probabilities.argmax(axis=1) != np.asarray(labels))


def _surest(probabilities: Floats, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
    positions = np.flatnonzero(chosen)
    shares = probabilities[positions].max(axis=1, initial=0.0)
    return np.asarray(positions[np.argsort(-shares, kind="stable")], np.int64)


def some_of(positions: NDArray[np.int64], most: int, seed: int = 0) -> NDArray[np.int64]:
    """Return all positions where there are at most `most`, else so many drawn from `seed`, in rising order."""
    if len(positions) <= most:
        return np.sort(positions)
    return np.sort(np.random.default_rng(seed).choice(positions, most, replace=False))
