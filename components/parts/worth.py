"""Worth a look: up to three findings about a subject, each computed, each with a way to go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from components import sentences
from components.glances import Glance
from components.subjects import Subject
from components.text import _, number, percent
from explain.sums import Sum
from explain.types import Target

MOST = 3
UNSURE = 0.5


@dataclass(frozen=True)
class Lead:
    """One finding: a sentence, a verb for its button, the page it goes to, and the Place it takes along."""

    sentence: str
    verb: str
    page: str
    view: dict[str, Any] = field(default_factory=dict)


def leads(
    subject: Subject, glance: Glance, target: Target, total: Sum | None, summed: Target | None = None
) -> list[Lead]:
    """Return what is worth a look about this subject, most telling first, at most three.

    `target` is the score that the page is about; `total` the one that is drawn as a sum, None where it is no sum, and
    `summed` which score that is, if not the target.
    """
    found = [*_untrained(subject), *_pair(subject, glance, target), *_close_call(subject, glance, target)]
    found += [*_strongest_cell(subject, summed or target, total), *_unsure(subject, glance)]
    found += _biggest(glance)
    return found[:MOST]


def _untrained(subject: Subject) -> Iterator[Lead]:
    if subject.entry.trained:
        return
    sentence = _("Its weights are random. Whatever it answers, nothing was learned.")
    if subject.entry.twin:
        yield Lead(sentence, _("Open the trained twin"), "overview", {"model": subject.entry.twin})
    else:
        yield Lead(sentence, _("See its kernels"), "kernels")


def _pair(subject: Subject, glance: Glance, target: Target) -> Iterator[Lead]:
    """Say how far the pinned class is ahead of the one it is held against."""
    if glance.logits is None or target.minus is None:
        return
    names, ahead = subject.entry.labels(), float(glance.logits[target.index] - glance.logits[target.minus])
    said = (
        _("The logit of {a} is {ahead} above that of {b}.")
        if ahead >= 0
        else _("The logit of {a} is {ahead} below that of {b}.")
    )
    a, b = names[target.index], names[target.minus]
    yield Lead(
        said.format(a=a, b=b, ahead=number(abs(ahead))),
        _("See which parts count for {a} rather than {b}").format(a=a, b=b),
        "attribution",
        {"target": target.index, "minus": target.minus},
    )


def _close_call(subject: Subject, glance: Glance, target: Target) -> Iterator[Lead]:
    if glance.probabilities is None or len(glance.probabilities) < 2 or target.minus is not None:
        return
    second, first = (int(i) for i in np.argsort(glance.probabilities)[-2:])
    if not sentences.close_call(list(glance.probabilities)):
        return
    names = subject.entry.labels()
    yield Lead(
        _("A close call: {a} {p}, {b} {q}. What separates them?").format(
            a=names[first],
            p=percent(float(glance.probabilities[first])),
            b=names[second],
            q=percent(float(glance.probabilities[second])),
        ),
        _("Ask why {a} rather than {b}").format(a=names[first], b=names[second]),
        "attribution",
        {"target": first, "minus": second},
    )


def _strongest_cell(subject: Subject, target: Target, total: Sum | None) -> Iterator[Lead]:
    if total is None:
        return
    cells = total.cells
    row, col = (int(i) for i in np.unravel_index(int(cells.argmax()), cells.shape))
    yield Lead(
        _("Cell ({row}, {col}) of {h}×{w} adds most to the {score}: {value} of {total}.").format(
            row=row,
            col=col,
            h=cells.shape[0],
            w=cells.shape[1],
            score=sentences.target_words(target, subject.entry.labels()),
            value=number(float(cells[row, col])),
            total=number(float(total.logit)),
        ),
        _("See what is active there"),
        "activations",
        {"layer": total.layer, "cell": f"{row}-{col}"},
    )


def _unsure(subject: Subject, glance: Glance) -> Iterator[Lead]:
    if glance.probabilities is None or glance.top is None or not subject.entry.trained:
        return
    share = float(glance.probabilities[glance.top])
    if share < UNSURE:
        yield Lead(
            _("More than half of the softmax, {rest}, goes to other classes.").format(rest=percent(1 - share)),
            _("See which parts count"),
            "attribution",
        )


def _biggest(glance: Glance) -> Iterator[Lead]:
    """Name the layer that holds the most parameters: always true, never urgent."""
    layer = max(glance.layers, key=lambda one: one.parameters)
    total = sum(one.parameters for one in glance.layers)
    yield Lead(
        _biggest_words(sum(one.parameters == layer.parameters for one in glance.layers)).format(
            layer=layer.name, share=percent(layer.parameters / max(total, 1)), n=f"{total:,}"
        ),
        _("See how it is built"),
        "architecture",
        {"layer": layer.name},
    )


def _biggest_words(alike: int) -> str:
    """Return the sentence for the layer with the most parameters, where as many layers have that many."""
    if alike == 1:
        return _("Layer {layer} alone holds {share} of all {n} parameters.")
    return _("{alike} layers hold {share} of all {n} parameters each; {layer} is the first.").replace(
        "{alike}", str(alike)
    )
