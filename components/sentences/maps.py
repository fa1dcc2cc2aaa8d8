"""Titles of figures: findings that were computed from the very values drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.text import _, fitted, ngettext, number, percent
from explain.types import Method, Target

Values = NDArray[Any]
WORDS = {
    "sensitive to": lambda: _("sensitive to"),
    "contributes": lambda: _("contributes to"),
    "contributes to": lambda: _("contributes to"),
    "channel pattern for": lambda: _("channel pattern for"),
    "varies most, whatever the class": lambda: _("varies most, whatever the class"),
    "changes the score when hidden": lambda: _("changes the score when hidden"),
    "picture edges for": lambda: _("picture edges for"),
}

LEADS = {
    "sensitive to": lambda: _("What {target} is sensitive to"),
    "contributes": lambda: _("What contributes to {target}"),
    "contributes to": lambda: _("What contributes to {target}"),
    "changes the score when hidden": lambda: _("Changes the score when hidden ({target})"),
}
"""How a title begins; a method whose word is not here begins with the word itself."""

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
        return fitted(_("{layer}: all {n} channels are silent on this picture"), names, n=number(n))
    known = np.nan_to_num(maximum)
    top, alike = int(known.argmax()), int((known == known.max()).sum())
    said: dict[str, Any] = {"top": number(top), "alike": number(alike), "silent": number(silent), "n": number(n)}
    if alike > 1:  # a ReLU6 stops at 6, and then no channel is the strongest
        template = _("{layer}: {alike} of {n} channels reach the largest value")
        if silent:
            template = _("{layer}: {alike} of {n} channels reach the largest value, {silent} are silent")
        return fitted(template, names, **said)
    if silent:
        return fitted(_("{layer}: channel {top} is the strongest, {silent} of {n} are silent"), names, **said)
    return fitted(_("{layer}: channel {top} is the strongest of {n}"), names, **said)


def kernels_title(layer: str, source: int, norms: Values) -> str:
    """Title the kernels of one input channel, from their L2 norms (out,), by the largest of them."""
    norms, names = np.asarray(norms, dtype=np.float64), {"layer": layer}
    if not norms.any():
        return fitted(_("{layer}, input channel {source}: every weight is 0"), names, source=source)
    template = _("{layer}, input channel {source}: kernel {top} is the largest of {n}, norm {norm}")
    top = int(np.nan_to_num(norms).argmax())
    said: dict[str, Any] = {"n": number(norms.size), "norm": number(float(norms[top]))}
    return fitted(template, names, source=source, top=top, **said)


def twin_title(trained: Values, untrained: Values) -> str:
    """Title trained beside untrained kernels by what training did to their spread."""
    ours, theirs = float(np.std(trained)), float(np.std(untrained))
    said = _("Standard deviation {ours} trained, {theirs} untrained").format(ours=number(ours), theirs=number(theirs))
    if theirs == 0:
        return said
    return _("{said}: {factor} times").format(said=said, factor=number(ours / theirs))


def colour_title(weights: Values) -> str:
    """Title kernels of three inputs, (h, w, 3, n): how many weigh red, green and blue alike."""
    weights = np.asarray(weights, dtype=np.float64)
    whole = np.square(weights).sum(axis=(0, 1, 2))
    apart = np.square(weights - weights.mean(axis=2, keepdims=True)).sum(axis=(0, 1, 2))
    if not apart.any():
        return _("Every kernel weighs red, green and blue alike")
    return _("Kernel {n} tells red, green and blue apart most: {share} of it is colour").format(
        n=int(apart.argmax()), share=percent(float(apart.max() / whole[apart.argmax()]))
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


def attribution_title(
    method: Method, values: Values, target: str, other: str | None = None, *, varies: bool = False
) -> str:
    """Title a map by the method's own word, the target (over another class) and how concentrated the map is.

    A method without a target leaves it out. `varies`: the map shows how its values vary over noisy copies.
    """
    blind = method.targets == "none"
    names = {} if blind else {"target": target} if other is None else {"target": target, "other": other}

    def said(template: str, shorter: str = "", **values: Any) -> str:
        whole = "{target}" if other is None else _("{target} over {other}")
        return fitted(template.replace("{target}", whole), names, shorter=shorter.replace("{target}", whole), **values)

    if not np.isfinite(values).all():
        template = _("{method}: not a number") if blind else _("{method} for {target}: not a number")
        return said(template, method=_(method.title))
    share = share_for_half(values)
    if np.isnan(share):
        template = _("{method}: 0 everywhere") if blind else _("{method} for {target}: 0 everywhere")
        return said(template, method=_(method.title))
    lead = _lead(method, varies)
    if share > EVEN:
        return said(_("{lead}: spread evenly over the picture").replace("{lead}", lead))
    long, short = _("{lead}: half of it lies in {share} of the picture"), _("{lead}: half in {share} of the picture")
    return said(long.replace("{lead}", lead), short.replace("{lead}", lead), share=percent(share))


def too_few_title(method: str, samples: int) -> str:
    """Title a map whose random samples don't agree: nothing is said of what it marks."""
    said = ngettext("{method}: {n} sample is too few to read", "{method}: {n} samples are too few to read", samples)
    return said.format(method=_(method), n=number(samples))


def _lead(method: Method, varies: bool = False) -> str:
    if varies:
        return _("What varies under noise") if method.targets == "none" else _("What varies under noise for {target}")
    if method.word in LEADS:
        return LEADS[method.word]()
    word = WORDS.get(method.word, lambda: method.word)()
    return word[:1].upper() + word[1:] + ("" if method.targets == "none" else " {target}")


def ends(method: Method, target: Target, labels: list[str]) -> tuple[str, str]:
    """Name the two ends of a signed map's colours, below zero first."""
    if method.word == "sensitive to":
        return _("lowers the score"), _("raises the score")
    if target.minus is not None and max(target.index, target.minus) < len(labels):
        return labels[target.minus], labels[target.index]
    return _("against"), _("for")


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
        shorter = _("{name} over {other}: most from cell ({row}, {column})")
        value, names = number(float(cells[row, column])), {"name": name, "other": other}
        return fitted(template, names, shorter=shorter, row=row, column=column, value=value)
    template = _("{name}: {positive} of {n} cells add to it, most at row {row}, column {column}")
    positive = int((np.asarray(cells) > 0).sum())
    return fitted(template, {"name": name}, positive=positive, n=int(np.size(cells)), row=row, column=column)


def lower_first(words: str) -> str:
    """Begin small, for what stands behind a colon; a name in capitals stays."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def channel_doesnt_show() -> str:
    """Say what a channel's map may not be taken for."""
    return _("whether the answer depends on this channel, and what it responds to on other pictures.")
