"""What changed the answer: channels switched off, a picture revealed, another way of feeding it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.text import NO_BREAK, _, fitted, ngettext, number, percent

UNSEEN = 0.001
"""A share that moves by less than a tenth of a point reads the same before and after."""
LEVEL = 0.05
"""Below this p value a count of broken and mended answers is called a difference."""


def switched_title(
    off: Sequence[int],
    name: str,
    before: float,
    after: float,
    now_first: str = "",
    limit: int = 90,
    write: Callable[[float], str] = number,
) -> str:
    """Say what a score was and is without some channels; `now_first` names the first choice where it changed.

    `write` writes the score: `share` where it is one.
    """
    template = ngettext(
        "Without channel {channel}: {name} {before} → {after}",
        "Without {n} channels: {name} {before} → {after}",
        len(off),
    )
    names = {"name": name}
    if now_first:
        template += ". " + _("First choice now: {other}")
        names["other"] = now_first
    channel = off[0] if off else 0
    return fitted(template, names, limit, channel=channel, n=len(off), before=write(before), after=write(after))


def share(value: float) -> str:
    """Write a share of 1 as a percentage of three digits: a channel often moves it by less than a point."""
    return f"{number(100 * float(value), strip=value in (0, 1))}{NO_BREAK}%"


def change_title(name: str, change: float, other: str, gain: float) -> str:
    """Title the answers before and after: what the target's share lost or won, and which class gained most."""
    if not change and not gain:
        return _("Every share stays as it is")
    if max(abs(change), abs(gain)) < UNSEEN:
        return _("No share moves by 0.1 points")
    if not other:
        return fitted(_("{name}: {change} points"), {"name": name}, change=_points(change))
    template = _("{name}: {change} points. Most gained: {other}, {gain}")
    return fitted(template, {"name": name, "other": other}, change=_points(change), gain=_points(gain))


def _points(change: float) -> str:
    return ("+" if change > 0 else "") + number(100 * change, 2)


def beside_chance(
    scores: NDArray[Any], count: int, among: int, more: int, write: Callable[[float], str] = number, unit: str = ""
) -> str:
    """Say what random choices of as many channels do to the score, and how many of them change it as much.

    `write` writes a score, and `unit` stands before it where it says nothing of what it is.
    """
    template = ngettext(
        "For comparison: one channel, drawn {n} times from the {among} other live ones: {middle} "
        "({low} to {high}). {more} of {n} change it as much.",
        "For comparison: {count} channels, drawn {n} times from the {among} other live ones: {middle} "
        "({low} to {high}). {more} of {n} change it as much.",
        count,
    )
    low, middle, high = (write(float(value)) for value in (scores.min(), np.median(scores), scores.max()))
    middle = f"{unit} {middle}".lstrip()
    return template.format(n=len(scores), count=count, among=among, middle=middle, low=low, high=high, more=more)


def all_on_title(layer: str, channel: int, name: str, limit: int = 90) -> str:
    """Say that nothing is switched off, and which channel would be the first to try."""
    template = _("All channels of {layer} are on. Channel {channel} contributes most to {name}")
    return fitted(template, {"layer": layer, "name": name}, limit, channel=channel)


def channels_title(scores: NDArray[Any], name: str) -> str:
    """Title a layer's channels by the one that adds most to the score, and how many add and take away."""
    if not np.any(scores):
        return fitted(_("{name}: no channel contributes, all are silent or without effect"), {"name": name})
    top = int(np.argmax(scores))
    template = _("{name}: channel {top} contributes most; {above} channels for, {below} against")
    above, below = int((scores > 0).sum()), int((scores < 0).sum())
    return fitted(template, {"name": name}, top=top, above=above, below=below)


def paired(broken: int, mended: int, p_value: float) -> str:
    """Say how many answers were broken and mended, with the exact test's p value."""
    return _("{broken} broken, {mended} mended, p = {p} (exact)").format(
        broken=number(broken), mended=number(mended), p=number(p_value, 2)
    )


def paired_verdict(broken: int, mended: int, p_value: float) -> str:
    """Say what the exact test says: a difference below 0.05, none shown above."""
    if not broken + mended:
        return _("No answer changed sides.")
    if p_value >= LEVEL:
        return _(
            "No difference shown: chance alone would split {n} changed answers as unevenly {share} of the time."
        ).format(n=number(broken + mended), share=percent(p_value))
    if broken > mended:
        return _("More are broken than mended, and chance alone would hardly do that.")
    return _("More are mended than broken, and chance alone would hardly do that.")


STILL = 0.01
"""A share that moves by less than a point tells no order of a picture from another."""


def reveal_title(
    levels: NDArray[Any], scores: NDArray[Any], areas: NDArray[Any], area: float, name: str, *, share: bool = False
) -> str:
    """Title a revealed picture: where it reaches half of its whole score, or how it stands among random orders.

    `share`: the scores are probabilities, and where these hardly move the title says that instead.
    """
    if share and float(np.ptp(scores)) < STILL:
        template = _("{name}: its share stays near {share}, however much is sharp")
        return fitted(template, {"name": name}, share=percent(float(scores[-1])))
    if areas.size:
        better = int((areas >= area).sum())
        template = ngettext(
            "{name}: {n} of {of} random orders does as well as this map",
            "{name}: {n} of {of} random orders do as well as this map",
            better,
        )
        return fitted(template, {"name": name}, n=better, of=int(areas.size))
    half = np.flatnonzero(scores >= scores[-1] / 2)
    template = _("{name}: half of its score is back with {share} of the picture sharp")
    return fitted(template, {"name": name}, share=percent(float(levels[half[0]] if half.size else 1.0)))


WAYS: Mapping[str, Callable[[], str]] = {
    "own": lambda: _("The model's own"),
    "0_255": lambda: _("0 to 255"),
    "0_1": lambda: _("0 to 1"),
    "-1_1": lambda: _("−1 to 1"),
    "imagenet": lambda: _("ImageNet's mean and deviation"),
    "caffe": lambda: _("Blue-green-red less ImageNet's means"),
    "per_picture": lambda: _("This picture's mean and deviation"),
    "inverted": lambda: _("0 to 1, inverted"),
    "data": lambda: _("The data set's mean and deviation"),
}


def way(key: str) -> str:
    """Name a convention."""
    return WAYS[key]()


def convention_surer(values: Mapping[str, Any]) -> str:
    """Say which convention the model answers much more surely, and what follows from it."""
    kind = values["class"] if isinstance(values["class"], str) else _("class {n}").format(n=values["class"])
    return _(
        "Fed as “{way}” the model is surer: {name}, {share}, against {own_share} as declared. A surer answer is no "
        "sign of the right convention; for a model of your own, look up how it was trained."
    ).format(
        way=way(values["convention"]),
        name=kind,
        share=percent(values["share"]),
        own_share=percent(values["declared_share"]),
    )


def conventions_title(first: Sequence[str]) -> str:
    """Say in how many of the ways the first choice stays the declared one's."""
    same = sum(name == first[0] for name in first[1:])
    template = _("{name}: still the first choice in {n} of {of} other conventions")
    return fitted(template, {"name": first[0]}, n=same, of=len(first) - 1)
