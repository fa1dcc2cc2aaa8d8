"""Titles of figures: findings that were computed from the very values drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.text import _, number, percent, short
from explain.types import Method, Target

Values = NDArray[Any]
WORDS = {
    "sensitive to": lambda: _("sensitive to"),
    "contributes": lambda: _("contributes"),
    "contributes to": lambda: _("contributes to"),
    "channel pattern for": lambda: _("channel pattern for"),
    "changes the score when hidden": lambda: _("changes the score when hidden"),
}


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
    silent, top = int((maximum == 0).sum()), int(np.nan_to_num(maximum).argmax())
    name = short(layer, 36)
    if silent == maximum.size:
        return _("{layer}: all {n} channels are silent on this picture").format(layer=name, n=maximum.size)
    if silent:
        return _("{layer}: channel {top} is strongest, {silent} of {n} are silent").format(
            layer=name, top=top, silent=silent, n=maximum.size
        )
    return _("{layer}: channel {top} of {n} is strongest").format(layer=name, top=top, n=maximum.size)


def kernel_title(layer: str, weights: Values) -> str:
    """Title a layer's kernels: mean, standard deviation and number of weights."""
    return _("{layer}: mean {mean}, standard deviation {std}, n = {n}").format(
        layer=short(layer, 24),
        mean=number(float(np.mean(weights))),
        std=number(float(np.std(weights))),
        n=number(int(np.size(weights))),
    )


def twin_title(trained: Values, untrained: Values) -> str:
    """Title trained beside untrained kernels by what training did to their spread."""
    ours, theirs = float(np.std(trained)), float(np.std(untrained))
    return _("Standard deviation {ours} trained, {theirs} untrained: {factor} times").format(
        ours=number(ours), theirs=number(theirs), factor=number(ours / theirs if theirs else float("inf"))
    )


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
    share = share_for_half(values)
    name, word = short(target, 30), WORDS.get(method.word, lambda: method.word)()
    if not np.isfinite(values).any():
        return _("{method}: not a number").format(method=method.title)
    if np.isnan(share):
        return _("{method} for {target}: 0 everywhere").format(method=method.title, target=name)
    if share > 0.45:
        return _("{word} {target}: spread over the whole picture").format(word=_capital(word), target=name)
    return _("{word} {target}: half of the map lies in {share} of the picture").format(
        word=_capital(word), target=name, share=percent(share)
    )


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


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
    """Title the answer as a sum by its strongest cell and the share of positive cells."""
    row, column = strongest(cells)
    value = number(float(cells[row, column]))
    if other is not None:
        return _("{name} over {other}: most from row {row}, column {column} ({value})").format(
            name=short(name, 20), other=short(other, 20), row=row, column=column, value=value
        )
    positive = int((np.asarray(cells) > 0).sum())
    return _("{name}: {positive} of {n} cells add to it, most at row {row}, column {column}").format(
        name=short(name, 24), positive=positive, n=np.size(cells), row=row, column=column
    )


def cover_title(change: Values, name: str) -> str:
    """Title the covers from the changes of probability so far; NaN where not tried yet."""
    tried = np.isfinite(change)
    if not tried.any():
        return _("Covering squares: none tried yet")
    if not np.nan_to_num(change).any():
        return _("{name}: no cover changes its probability").format(name=short(name, 40))
    row, column = strongest(change)
    return _("{name}: covering row {row}, column {column} changes it most ({change})").format(
        name=short(name, 24), row=row, column=column, change=number(float(change[row, column]))
    )


def channel_doesnt_show() -> str:
    """Say what a channel's map may not be taken for."""
    return _("whether the answer depends on this channel, and what it responds to on other pictures.")


def method_doesnt_show(method: Method) -> str:
    """Say what a method's maps may not be taken for, with the line that holds for all of them."""
    general = _("Why the model does so, whether it is right, what happens on other pictures.")
    return f"{method.doesnt_show} {general}".strip()
