"""What came of a training that has ended: its scores, and its answers to the first test pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from components import compute
from model_zoo.training.look import light_on_black

if TYPE_CHECKING:
    from model_zoo.training.run import Training

FIRST = 10
"""So many test pictures are shown with their answers, and offered beside the opened model."""


@dataclass(frozen=True, eq=False)
class Answer:
    """One test picture (H, W, C) uint8: its class, the class the network said, and the share it gave that."""

    picture: Any
    label: int
    said: int
    share: float


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of a training. `test` and `validation` are shares of right answers, None where none were scored.

    `best` is the epoch whose weights are kept, of `ran`, None where none came to its end; `tested` and `held` pictures
    were scored; `first` are the first test pictures, light on black if `inverted`.
    """

    best: int | None
    ran: int
    test: float | None
    validation: float | None
    tested: int
    held: int
    first: tuple[Answer, ...]
    inverted: bool


def outcome(now: Training) -> Outcome:
    """Return what came of a training that has ended."""
    name = ("training outcome", now.token)
    known = compute.kept(name)
    if known is None:
        known = _outcome(now)
        compute.keep(name, known)
    return known  # type: ignore[no-any-return]


def _outcome(now: Training) -> Outcome:
    best, ran = kept_epoch(now), len(now.epochs)
    if now.scores is None:
        return Outcome(best, ran, None, None, 0, 0, (), False)
    with np.load(now.scores) as arrays:
        held = {key: arrays[key] for key in arrays.files}
    labels, shares, pictures = held["test_labels"], held["test_probabilities"], held["test_images"]
    first = tuple(
        Answer(picture, int(label), int(share.argmax()), float(share.max()))
        for picture, label, share in zip(pictures[:FIRST], labels, shares, strict=False)
    )
    return Outcome(
        best=best,
        ran=ran,
        test=_right(shares, labels),
        validation=_right(held["validation_probabilities"], held["validation_labels"]),
        tested=len(labels),
        held=len(held["validation_labels"]),
        first=first,
        inverted=light_on_black(pictures[:200]),
    )


def kept_epoch(now: Training) -> int | None:
    """Return the epoch whose weights are kept, the best so far while it trains; None where there is none."""
    better = [int(one["epoch"]) for one in now.epochs if one["best"]]
    said = (now.ended or {}).get("kept_epoch", better[-1] if better else 0)
    return int(said) or None


def _right(shares: Any, labels: Any) -> float | None:
    return float((shares.argmax(axis=1) == labels).mean()) if len(labels) else None
