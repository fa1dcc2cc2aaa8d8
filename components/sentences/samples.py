"""What is said of maps over random samples: which way to draw them needed fewer."""

from __future__ import annotations

from collections.abc import Sequence

from components.text import _, number

Curve = Sequence[tuple[int, float]]


def reached(curve: Curve, level: float) -> float:
    """Return after how many samples a curve of (samples, agreement) is at a level for good; NaN if it never is."""
    at = len(curve)
    while at and curve[at - 1][1] >= level:
        at -= 1
    if at == len(curve):
        return float("nan")
    if not at:
        return float(curve[0][0])
    (before, low), (after, high) = curve[at - 1], curve[at]
    return before + (after - before) * (level - low) / (high - low)


def saved(curve: Curve, plain: Curve, name: str) -> str:
    """Hold a way to draw against plain draws, by the samples that both needed for the level that both reached."""
    if not curve or not plain:
        return _("Too few samples to hold one way to draw against the other.")
    level = min(curve[-1][1], plain[-1][1])
    ours, theirs = reached(curve, level), reached(plain, level)
    said = _("To agree at {level}, {name} took {ours} samples, plain draws {theirs}.").format(
        level=number(level, 2), name=name, ours=number(round(ours)), theirs=number(round(theirs))
    )
    if round(ours) < round(theirs):
        return said + " " + _("On this picture, with this seed, it saved that much.")
    return said + " " + _("On this picture, with this seed, it saved nothing.")
