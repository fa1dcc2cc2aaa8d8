"""What was measured of moves: how often three networks are right, and whether a layer's map moves with the picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from components import show
from components.figures import Words
from components.figures.shift import Shares, shift_curves
from components.parts.shift import Shown, engine, name_of, way
from components.text import _, number, percent
from explain.followed import Followed, equivariances
from explain.mistakes import wilson
from explain.shift import Change
from model_zoo.fashion import SIDE
from model_zoo.shift_networks import shift_accuracy


def curves(one: Shown) -> None:
    """Draw how often each network is right on 1,000 test pictures, by the move to the right."""
    counted = shift_accuracy()
    lines = {}
    for key, right in counted.right.items():
        ends = np.array([wilson(int(hits), counted.pictures) for hits in right])
        lines[name_of(key)] = Shares(right / counted.pictures, ends[:, 0], ends[:, 1])
    measured = one.change == Change(right=one.change.right) and one.change.right in counted.shifts
    at = one.change.right if measured else counted.shifts[-1]
    said = _(
        "The first {n} test pictures, each moved sideways by whole pixels; bands: Wilson's 95 % intervals. "
        "Trained on unmoved pictures only. Clothes often reach to the edge, so a move cuts some off."
    ).format(n=number(counted.pictures))
    if not measured:
        said += " " + _(
            "Only moves sideways were counted, so the title is about {way}, not about what is chosen."
        ).format(way=way(at, 0))
    words = Words(
        _leading(lines, counted.shifts.index(at), at),
        said,
        _("moves in other directions, nor networks that were trained on moved pictures."),
    )
    drawn = shift_curves(counted.shifts, lines, words, at=at, width=show.fit(1000))
    show.figure(drawn, "shift_curves")


def _leading(lines: Mapping[str, Shares], place: int, right: int) -> str:
    """Say which network is right most often at a move, where its interval is clear of the others'."""
    moved = _("Moved {way}").format(way=way(right, 0)) if right else _("Unmoved")
    order = sorted(lines, key=lambda name: -float(lines[name].share[place]))
    first, last = (percent(float(lines[name].share[place])) for name in (order[0], order[-1]))
    if all(lines[order[0]].low[place] > lines[name].high[place] for name in order[1:]):
        return _("{moved}: “{name}” leads with {share} right").format(moved=moved, name=order[0], share=first)
    return _("{moved}: {last} to {first} right, no network clearly ahead").format(moved=moved, last=last, first=first)


def equivariance(one: Shown, found: Mapping[str, tuple[Followed, Followed]]) -> None:
    """List how far each layer's map of the moved picture is from its moved map."""
    st.subheader(_("Does the map move with the picture?"), anchor=False)
    change = one.change
    if not change.only_moves or not (change.right or change.down):
        st.info(_("Move the picture, and do nothing else to it, to compare its maps."), icon=":material/open_with:")
        return
    listed = []
    for key, (before, now) in found.items():
        if now.layer is not None:
            sizes = equivariances(engine(key), before, now, change.down, change.right, (SIDE, SIDE))
            listed += [_line(key, layer, measured) for layer, measured in sizes.items()]
    st.dataframe(listed, hide_index=True, alt=_("How far each layer's map is from the moved map"))
    st.markdown(_explained(listed))


def _line(key: str, layer: str, measured: Any) -> dict[str, Any]:
    def share(value: float | None) -> str:
        return "–" if value is None else percent(value) if value > 1e-5 else _("0, to rounding")

    return {
        _("network"): name_of(key),
        _("layer"): layer,
        _("move in cells"): f"{measured.right}, {measured.down}" + ("" if measured.whole else " ≈"),
        _("interior"): share(measured.interior) if measured.cells else _("no such cell"),
        _("all cells"): share(measured.everywhere),
        _("interior cells"): measured.cells,
    }


def _explained(listed: list[dict[str, Any]]) -> str:
    said = _(
        "Each number is the distance between the map of the moved picture and the moved map of the picture, as a share "
        "of the latter's size. Interior cells read no padding and no pixel that left or came in."
    )
    if any("≈" in line[_("move in cells")] for line in listed):
        said += " " + _(
            "≈ marks layers whose cells are wider than the move: the picture moved by a part of a cell, and no whole "
            "number of cells makes up for that."
        )
    return said


def overstated() -> None:
    """Say what is often claimed and doesn't hold."""
    st.subheader(_("What is often overstated"), anchor=False)
    st.markdown(
        _(
            "- Convolution is equivariant, not invariant: the map moves with the picture. Flatten and Dense then "
            "give each place weights of its own, so the answer may change.\n"
            "- Pooling keeps that only for moves by whole cells, and makes no network know things at any size: "
            "try the size above.\n"
            "- Averaging over all places forgives moves, but not the pixels that leave the picture.\n"
            "- Zero padding is not neutral: cells at the border read zeros, so it marks position."
        )
    )
