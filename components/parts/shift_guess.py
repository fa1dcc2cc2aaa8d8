"""Guess first, on the Shift page: whether a feature map moves along when the picture moves."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components.parts import guess
from components.parts.guess import Question
from components.parts.shift import Shown, ink_left, name_of, way
from components.text import _, number, percent
from explain.followed import Followed, strongest_channel
from explain.shift import likenesses
from model_zoo.fashion import SIDE

NETWORK = "fashion_cnn"
ALONG, STAYS, NEITHER = range(3)
HALF = 0.5
"""Cells within which a move by whole cells counts as the picture's own; and the share of a match's variance."""
CLEAR, LEAST = 2.0, 0.01
"""The other reading must leave so many times as much of the map unexplained, and no less than a hundredth of it."""
WHOLE = 0.999
Followings = Mapping[str, tuple[Followed, Followed]]
Cells = tuple[int, int]


def settled(one: Shown, found: Followings) -> bool:
    """Ask, or say why nothing is asked; returns whether the page may go on."""
    asked = question(one, found)
    if asked is not None:
        return guess.ask(asked)
    st.info(why_not(one, found), icon=":material/help:")
    return True


def why_not(one: Shown, found: Followings) -> str:
    """Say why nothing is asked; empty where something is."""
    change, before = one.change, found[NETWORK][0]
    if not change.only_moves:
        return _("Nothing is asked: a guess is about a move alone, and more was done to this picture.")
    if not (change.right or change.down):
        return _("Nothing is asked yet: move the picture, and the guess is where its feature map will be.")
    values = _strongest(before)[1]
    wide = SIDE / min(values.shape)
    if max(abs(change.right), abs(change.down)) < wide:
        return _("Nothing is asked: a cell of that map is {n} pixels wide, and this move is less than one.").format(
            n=number(wide, strip=True)
        )
    if not np.ptp(values):
        return _("Nothing is asked: the map is the same at every place, so no move of it can be told.")
    return ""


def question(one: Shown, found: Followings) -> Question | None:
    """Ask where the strongest channel's map goes as the picture moves; None where nothing can be asked.

    What is right was measured: the move by whole cells that makes the map before most like the map now. The centre of
    mass would not tell it: a channel that is bright on empty ground keeps its centre while its pattern moves.
    """
    if why_not(one, found):
        return None
    change, (before, now) = one.change, found[NETWORK]
    channel, was = _strongest(before)
    is_ = now.maps[str(before.layer)][..., channel]
    wide = SIDE / min(was.shape)
    moved = change.down / wide, change.right / wide
    alike = likenesses(was, is_, ceil(max(map(abs, moved))) + 1)
    answer = judged(alike, moved)
    known = answer == ALONG and all(part == round(part) for part in moved)
    said = _("channel {n} of {layer}, before against now: correlation {measured}.").format(
        n=channel, layer=before.layer, measured=_measured(alike, moved, wide)
    )
    options = (
        _("It moves along, {way}").format(way=way(change.right, change.down)),
        _("It stays"),
        _("Neither can be told"),
    )
    return Question(
        f"shift_{one.number}_{change.right}_{change.down}",
        _("“{network}”: where will the strongest feature map be?").format(network=name_of(NETWORK)),
        options,
        answer,
        known,
        f"{_why(one, known, moved, wide)} {said}",
    )


def _strongest(before: Followed) -> tuple[int, NDArray[np.float32]]:
    maps = before.maps[str(before.layer)]
    channel = strongest_channel(maps)
    return channel, maps[..., channel]


def judged(alike: Mapping[Cells, float], moved: tuple[float, float]) -> int:
    """Return which option is true, by how alike the map moved by whole cells is to the map now.

    It moved along, or stayed, if no other move matches better, that match explains half of the map's variance, and the
    other of the two leaves clearly more unexplained. `moved` is the picture's own move (down, right) in cells.
    """
    best = max(alike, key=lambda cells: alike[cells])
    own, still = alike[_own(alike, moved)], alike[0, 0]
    for answer, here, this, other in (
        (ALONG, _near(best, moved), own, still),
        (STAYS, best == (0, 0), still, own),
    ):
        left = 1 - max(this, 0) ** 2
        if here and left <= HALF and 1 - max(other, 0) ** 2 >= max(CLEAR * left, LEAST):
            return answer
    return NEITHER


def _near(cells: Cells, moved: tuple[float, float]) -> bool:
    return max(abs(one - two) for one, two in zip(cells, moved, strict=True)) <= HALF


def _own(alike: Mapping[Cells, float], moved: tuple[float, float]) -> Cells:
    """Return of the moves by whole cells that are nearest to the picture's own the one that matches best."""
    return max((cells for cells in alike if _near(cells, moved)), key=lambda cells: alike[cells])


def _measured(alike: Mapping[Cells, float], moved: tuple[float, float], wide: float) -> str:
    best, own = max(alike, key=lambda cells: alike[cells]), _own(alike, moved)
    return "; ".join(
        _("{n} moved {way}").format(n=number(alike[cells], 2), way=way(cells[1] * wide, cells[0] * wide))
        if any(cells)
        else _("{n} unmoved").format(n=number(alike[cells], 2))
        for cells in dict.fromkeys((best, own, (0, 0)))
    )


def _why(one: Shown, known: bool, moved: tuple[float, float], wide: float) -> str:
    if known:
        return _("convolution has the same weights at every place, so what stays in the picture moves along;")
    if any(part != round(part) for part in moved):
        return _(
            "cells of the map are {n} pixels wide and this is no whole number of them, so pooling changes it;"
        ).format(n=number(wide, strip=True))
    if ink_left(one) < WHOLE:
        return _("{share} of the picture's ink left it, and new edges came;").format(share=percent(1 - ink_left(one)))
    return _("nothing left the picture, but the border reads zeros;")
