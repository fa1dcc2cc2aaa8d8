"""The mean map of a kind of mistake, beside that of the rightly told pictures of the same class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

import explain
from components import compute, controls, figures, jobs, show
from components.figures import Words, means
from components.glances import Glance
from components.labelled import Scored
from components.parts.mistakes_pictures import mean_picture
from components.parts.variants import RECOMMENDED, VARIANTS, Variant, why_not
from components.pointing import Pointed
from components.sentences import mistakes as said
from components.subjects import Subject
from components.text import _, number, plain, shape_text
from explain.mean_map import FEWEST, MeanMaps, differing, mean_maps
from explain.mistakes import in_cell, some_of
from explain.types import Layer, Target

MOST = 50
CHEAP = 4
"""Passes a picture: of a hundred pictures dearer maps would take minutes."""
WIDTH = 310


@dataclass(frozen=True)
class Way:
    """How maps are made: by which method, and whether values below zero are kept that it would cut off."""

    variant: Variant
    signed: bool

    @property
    def kind(self) -> str:
        """The colours of its maps."""
        return "attribution_signed" if self.signed or self.variant.method.signed else "attribution"


Positions = NDArray[np.int64]


def pick(subject: Subject, glance: Glance) -> Way | None:
    """Draw the choice of the map that is averaged, a recommended CAM first; None where no cheap one can be made."""
    ready, target = compute.engine(subject.model, subject.state), Target(0)
    able = [
        key
        for key, one in VARIANTS.items()
        if not (one.smoothed or one.method.sampled or one.method.targets == "none")
        and not why_not(one, subject, glance, target)
        and explain.passes(one.method.key, ready) <= CHEAP
    ]
    if not able:
        return None
    able.sort(key=lambda key: (key not in RECOMMENDED, not VARIANTS[key].method.uses_layer))
    key = controls.choose(
        "mean_map",
        _("Map that is averaged"),
        able,
        able[0],
        lambda key: _(VARIANTS[key].title),
        _("Of one picture the Attribution page makes the dearer maps too."),
    )
    variant, signed = VARIANTS[key], False
    if variant.method.signed_compute is not None and not variant.method.signed:
        signed = controls.toggle("mean_signed", _("Keep values below zero"))
    return Way(variant, signed)


def mean(subject: Subject, here: Pointed, found: Scored, cell: tuple[int, int], way: Way | None) -> None:
    """Average the maps of the pictures of a cell, in view, and hold them against the rightly told ones."""
    of_cell = in_cell(found.probabilities, found.labels, *cell)
    if way is None or not len(of_cell):
        return
    method, (true, answer) = way.variant.method, cell
    rightly = in_cell(found.probabilities, found.labels, true, true) if true != answer else of_cell[:0]
    chosen = [some_of(group, MOST) for group in (of_cell, rightly) if len(group)]
    layer = here.layer.name if method.uses_layer and here.layer is not None else None
    key = ("mean_maps", found.labelled.key, found.done, cell, way.variant.key, way.signed, layer)
    st.subheader(_("The mean map of these pictures"), anchor=False)
    status, slot = st.empty(), st.empty()

    def draw(step: MeanMaps) -> None:
        with slot.container():
            _draw(found, cell, way, layer, chosen, (len(of_cell), len(rightly)), step)

    expects = _("maps of {n} pictures").format(n=sum(map(len, chosen)))
    jobs.run("mean", key, lambda: _computed(subject, found, way, layer, chosen), draw, status, expects=expects)


def _computed(
    subject: Subject, found: Scored, way: Way, layer: str | None, chosen: list[Positions]
) -> Iterator[MeanMaps]:
    method = way.variant.method
    params: dict[str, Any] = {one.name: one.default for one in method.params if not isinstance(one, Layer)}
    if method.uses_layer:
        params["layer"] = layer
    groups = [
        (
            np.stack([subject.entry.preprocess(found.labelled.images[at]) for at in some]),
            [found.labelled.target(int(answer)) for answer in found.answers[some]],
        )
        for some in chosen
    ]
    return mean_maps(compute.engine(subject.model, subject.state), groups, method, params, signed=way.signed)


def _draw(
    found: Scored,
    cell: tuple[int, int],
    way: Way,
    layer: str | None,
    chosen: list[Positions],
    counts: tuple[int, int],
    step: MeanMaps,
) -> None:
    """Draw the mean of each group over the mean of its pictures, on one scale, and where they differ."""
    true, answer = (found.names[at] for at in cell)
    names = [_("{a} taken for {b}").format(a=true, b=answer), _("{a}, rightly told").format(a=true)]
    if cell[0] == cell[1]:
        names = names[1:]
    most = max(float(np.abs(group.map).max()) for group in step.groups) or 1.0
    limits = (0.0 if way.kind == "attribution" else -most, most)
    with st.grid(3, min_column_width=260, gap="medium"):
        for at, (group, some) in enumerate(zip(step.groups, chosen, strict=False)):
            target = answer if not at else true
            words = Words(
                said.mean_title(group, plain(names[at])),
                _caption(way, layer, group.map.shape, target, (group.count + group.empty, counts[at]), group.empty),
                _("the map of any one of them: a mean hides in how many places single maps have their mass."),
            )
            drawn = figures.one_map(
                group.map,
                way.kind,
                words,
                quantity=_("share of a picture's map"),
                limits=limits,
                picture=mean_picture(found, some),
                width=show.fit(WIDTH),
            )
            with st.container():
                show.figure(drawn, f"mean_map_{at}")
        with st.container():
            _difference(found, step, chosen)


def _caption(
    way: Way, layer: str | None, grid: tuple[int, ...], target: str, counts: tuple[int, int], empty: int
) -> str:
    where = "" if layer is None else _(" at {layer}").format(layer=layer)
    some = "" if counts[0] == counts[1] else _(", drawn with seed 0 from {n}").format(n=number(counts[1]))
    parts = [
        _(
            "{method}{layer}, {grid}, for the answer {target}: the mean of {n} pictures' maps{some}. Each map is "
            "divided by its own sum first. Drawn over the mean of the pictures, on one scale for both groups."
        ).format(
            method=_(way.variant.title),
            layer=where,
            grid=shape_text(grid),
            target=plain(target),
            n=number(counts[0]),
            some=some,
        )
    ]
    if empty:
        parts.append(_("{n} maps are 0 everywhere and left out.").format(n=number(empty)))
        if not way.signed and way.variant.method.signed_compute is not None:
            parts.append(_("Keep values below zero to see what the method cuts off."))
    return " ".join(parts)


def _difference(found: Scored, step: MeanMaps, chosen: list[Positions]) -> None:
    """Draw where the two means differ by more than their errors, once both are there and large enough."""
    if len(step.groups) < 2 or step.done < step.total:
        return
    first, second = step.groups
    if min(first.count, second.count) < FEWEST:
        show.small(
            _("No difference is drawn: with fewer than {n} maps in a group its error is not known well.").format(
                n=FEWEST
            )
        )
        return
    gap, clear = differing(first, second)
    words = Words(
        said.difference_title(clear),
        _("The first mean less the second, over the mean of all the pictures. Cells that don't differ are left open."),
        _("why they differ: the pictures of the two groups differ too, and the maps explain different answers."),
    )
    drawn = means.difference(
        np.where(clear, gap, np.nan).astype(np.float32),
        mean_picture(found, np.concatenate(chosen)),
        words,
        names=(_("taken for another"), _("rightly told")),
        quantity=_("difference of shares"),
        width=show.fit(WIDTH),
    )
    show.figure(drawn, "mean_difference")
