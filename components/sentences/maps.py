"""Titles of figures: findings that were computed from the very values drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.text import _, fitted, number, percent
from explain.types import Method, Target

Values = NDArray[Any]
WORDS = {
    "sensitive to": lambda: _("sensitive to"),
    "contributes": lambda: _("contributes to"),
    "contributes to": lambda: _("contributes to"),
    "channel pattern for": lambda: _("channel pattern for"),
    "changes the score when hidden": lambda: _("changes the score when hidden"),
    "picture edges for": lambda: _("picture edges for"),
}

EVEN = 0.45
"""From here on the half of a map lies nowhere in particular: an even map would need 0.5 of the picture."""


def strongest(values: Values) -> tuple[int, int]:
    """Row and column of the largest |value|; NaN counts as 0."""
    size = np.abs(np.nan_to_num(np.asarray(values)))
    row, column = np.unravel_index(int(size.argmax()), size.shape)
    return int(row), int(column)


def activation_title(channel: int, values: Values) -> str:
    """Title one channel's map, (h, w): where it is strongest, or that it is silent or no number."""
    if not np.isfinite(values).all():
        return _("Channel {n}: {count} of {of} values are not numbers").format(
            n=channel, count=int((~np.isfinite(values)).sum()), of=np.size(values)
        )
    if not np.any(values):
        return _("Channel {n}: silent on this picture").format(n=channel)
    row, column = strongest(values)
    return _("Channel {n}: strongest at row {row}, column {column}").format(n=channel, row=row, column=column)


def layer_title(layer: str, maximum: Values) -> str:
    """Title a layer's mosaic from each channel's largest |value|, (C,): the strongest one and the silent ones."""
    maximum = np.asarray(maximum)
    silent, n, names = int((maximum == 0).sum()), maximum.size, {"layer": layer}
    if silent == n:
        return fitted(_("{layer}: all {n} channels are silent on this picture"), names, n=n)
    top = int(np.nan_to_num(maximum).argmax())
    if silent:
        return fitted(
            _("{layer}: channel {top} is the strongest, {silent} of {n} are silent"), names, top=top, silent=silent, n=n
        )
    return fitted(_("{layer}: channel {top} is the strongest of {n}"), names, top=top, n=n)


def kernel_title(layer: str, weights: Values) -> str:
    """Title a layer's kernels: mean, standard deviation and number of weights."""
    return fitted(
        _("{layer}: mean {mean}, standard deviation {std}, n = {n}"),
        {"layer": layer},
        mean=number(float(np.mean(weights))),
        std=number(float(np.std(weights))),
        n=number(int(np.size(weights))),
    )


def twin_title(trained: Values, untrained: Values) -> str:
    """Title trained beside untrained kernels by what training did to their spread."""
    ours, theirs = float(np.std(trained)), float(np.std(untrained))
    said = _("Standard deviation {ours} trained, {theirs} untrained").format(ours=number(ours), theirs=number(theirs))
    if theirs == 0:
        return said
    return _("{said}: {factor} times").format(said=said, factor=number(ours / theirs))


def norm_title(norms: Values) -> str:
    """Title a matrix of kernel norms, (in, out): its strongest pair."""
    row, column = strongest(norms)
    return _("Strongest kernel: from input channel {i} to output channel {o}").format(i=row, o=column)


def share_for_half(values: Values) -> float:
    """The smallest share of the cells that together hold half of the map's total |value|; NaN for an empty map."""
    size = np.sort(np.abs(np.nan_to_num(np.asarray(values, dtype=np.float64))), axis=None)[::-1]
    total = size.sum()
    if total == 0:
        return float("nan")
    return float(np.searchsorted(np.cumsum(size), total / 2 * (1 - 1e-12)) + 1) / size.size


def attribution_title(method: Method, values: Values, target: str) -> str:
    """Title a map by the method's own word, the target and how concentrated the map is. At most 90 characters."""
    names = {"target": target}
    if not np.isfinite(values).all():
        return fitted(_("{method} for {target}: not a number"), names, method=method.title)
    share = share_for_half(values)
    if np.isnan(share):
        return fitted(_("{method} for {target}: 0 everywhere"), names, method=method.title)
    word = WORDS.get(method.word, lambda: method.word)()
    word = word[:1].upper() + word[1:]
    if share > EVEN:
        return fitted(_("{word} {target}: spread evenly over the picture"), names, word=word)
    template = _("{word} {target}: half of the map lies in {share} of the picture")
    return fitted(template, names, word=word, share=percent(share))


def target_words(target: Target, labels: list[str]) -> str:
    """Name the score being explained: the class, the pair, and what kind of score it is."""
    name = labels[target.index] if target.index < len(labels) else _("unit {n}").format(n=target.index)
    if target.minus is not None:
        other = labels[target.minus] if target.minus < len(labels) else _("unit {n}").format(n=target.minus)
        return _("logit of {name} minus logit of {other}").format(name=name, other=other)
    kinds = {
        "logit": _("logit of {name}"),
        "probability": _("probability of {name}"),
        "log_probability": _("log-probability of {name}"),
    }
    said = kinds[target.kind].format(name=name)
    return said if target.sign == 1 else _("evidence against: {score}").format(score=said)


def sum_title(cells: Values, name: str, other: str | None = None) -> str:
    """Title the answer as a sum by its strongest cell and the number of positive cells."""
    row, column = (int(place) for place in np.unravel_index(int(np.argmax(cells)), np.shape(cells)))
    if other is not None:
        template = _("{name} over {other}: most from row {row}, column {column} ({value})")
        value = number(float(cells[row, column]))
        return fitted(template, {"name": name, "other": other}, row=row, column=column, value=value)
    template = _("{name}: {positive} of {n} cells add to it, most at row {row}, column {column}")
    positive = int((np.asarray(cells) > 0).sum())
    return fitted(template, {"name": name}, positive=positive, n=int(np.size(cells)), row=row, column=column)


def cover_title(change: Values, name: str) -> str:
    """Title the covers from the changes of probability so far, (h, w); NaN where not tried yet."""
    if not np.isfinite(change).any():
        return _("Covering squares: none tried yet")
    names = {"name": name}
    if not np.nan_to_num(change).any():
        return fitted(_("{name}: no cover changes its probability"), names)
    row, column = (int(i) for i in np.unravel_index(int(np.nan_to_num(change).argmin()), np.shape(change)))
    step = float(change[row, column])
    if not step < 0:
        return fitted(_("{name}: no cover lowers its probability"), names)
    template = _("{name}: covering row {row}, column {column} costs it most, {step} points")
    return fitted(template, names, row=row, column=column, step=number(100 * abs(step), 2))


def channel_doesnt_show() -> str:
    """Say what a channel's map may not be taken for."""
    return _("whether the answer depends on this channel, and what it responds to on other pictures.")


def method_doesnt_show(method: Method) -> str:
    """Say what a method's maps may not be taken for, with the line that holds for all of them."""
    own = method.doesnt_show[:1].lower() + method.doesnt_show[1:]
    general = _("Nor why the model does so, whether it is right, what happens on other pictures.")
    return f"{own} {general}".strip()
