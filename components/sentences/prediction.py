"""What the model says of a picture, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.text import _, percent

CLOSE_FACTOR = 1.5
UNDECIDED_SHARE = 0.2


def close_call(probabilities: Sequence[float] | NDArray[Any]) -> bool:
    """Whether the second class has at least 1 / 1.5 of the first one's share of the softmax."""
    if len(probabilities) < 2:
        return False
    second, first = np.sort(np.asarray(probabilities, dtype=np.float64))[-2:]
    return bool(second > 0 and first <= CLOSE_FACTOR * second)


def undecided(probabilities: Sequence[float] | NDArray[Any]) -> bool:
    """Whether no class has a fifth of the softmax, where a fifth would be more than chance."""
    shares = np.asarray(probabilities, dtype=np.float64)
    return bool(shares.size > 5 and shares.max() < UNDECIDED_SHARE)


def prediction(
    labels: Sequence[str],
    probabilities: Sequence[float] | NDArray[Any],
    *,
    trained: bool = True,
    exclusive: bool = True,
) -> str:
    """Say the top class and its share; the runner-up only where it is a close call; random weights always.

    `exclusive`: the classes exclude each other, else each has a sigmoid of its own and all above a half are named.
    """
    shares = np.asarray(probabilities, dtype=np.float64)
    if not np.isfinite(shares).all():
        return _("No answer: the model's output is not a number for this picture.")
    order = np.argsort(-shares, kind="stable")
    first = int(order[0])
    top = _("{name}, {share}.").format(name=labels[first], share=percent(shares[first]))
    if not trained:
        return _("{top} The weights are random, so this says nothing about the picture.").format(top=top)
    if not exclusive:
        return _of_their_own(labels, shares, order)
    if undecided(shares):
        second = int(order[1])
        return _("Undecided: {name} leads with {share}, then {other} with {other_share}.").format(
            name=labels[first], share=percent(shares[first]), other=labels[second], other_share=percent(shares[second])
        )
    if close_call(probabilities):
        second = int(order[1])
        return _("{top} A close call: {other} has {other_share}.").format(
            top=top, other=labels[second], other_share=percent(shares[second])
        )
    return top


def _of_their_own(labels: Sequence[str], shares: NDArray[Any], order: NDArray[Any]) -> str:
    """Say which outputs are above a half, at most three; the highest where none is."""
    above = [int(i) for i in order if shares[i] > 0.5]
    said = ", ".join(f"{labels[i]} {percent(shares[i])}" for i in (above or [int(order[0])])[:3])
    if len(shares) == 1:
        return _("{name}, {share}.").format(name=labels[0], share=percent(shares[0]))
    if not above:
        return _("None of {n} outputs is above a half; the highest: {said}.").format(n=len(shares), said=said)
    return _("{above} of {n} outputs are above a half: {said}.").format(above=len(above), n=len(shares), said=said)


def share_word(kind: str) -> str:
    """Name what a bar's length is, by how the model's scores become shares."""
    said = {"sigmoid": _("its own sigmoid"), "linear": _("share of the softmax of the scores")}
    return said.get(kind, _("share of the softmax"))


def outlook(name: str, rank: int, share: float) -> str:
    """Say where a chosen class stands: its rank (1 is the top) and its share of the softmax."""
    if rank == 1:
        return _("{name} is the model's first choice, with {share}.").format(name=name, share=percent(share))
    return _("{name} is number {rank} of the model's classes, with {share}.").format(
        name=name, rank=rank, share=percent(share)
    )
