"""The parts of the Shift page: one picture, what is done to it, and what it does in three networks before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import compute, figures, show
from components.figures import Words
from components.models import Network
from components.parts import shift_settings
from components.text import _, number, percent
from explain.followed import Followed, follow
from explain.shift import Change, changed, origin
from model_zoo import MODELS
from model_zoo.fashion import CLASS_NAMES
from model_zoo.samples import fashion_labels, load_sample
from model_zoo.shift_networks import shift_networks

HELD = """<style>
.st-key-answer { min-height: 4.15rem }
@media (max-width: 640px) { .st-key-answer { min-height: 9.5rem } }
</style>"""
"""Room for the longest headline, also while the next one is worked out: what is painted on stays under the pointer."""


class Bench:
    """The networks that are no models of the sidebar, built once for all sessions."""

    def __init__(self) -> None:
        self._networks = {key: Network(entry) for key, entry in shift_networks().items() if key not in MODELS}

    def engine(self, key: str) -> Any:
        """Return one of them made ready to be looked into."""
        return self._networks[key].engine()


def engine(key: str) -> Any:
    """Return the engine of a network of the page."""
    entry = shift_networks()[key]
    return compute.engine(key, entry.state()) if key in MODELS else compute.shared(Bench).engine(key)


def name_of(key: str) -> str:
    """Name a network by how it ends."""
    return {
        "fashion_dense": _("Dense layers only"),
        "fashion_cnn": _("Ends in Flatten and Dense"),
        "fashion_gap": _("Ends in averaging"),
    }[key]


@dataclass(frozen=True, eq=False)
class Shown:
    """One test picture, (28, 28, 1) in 0..1, before and after a change; `number` from 0, `target` its own class."""

    number: int
    target: int
    before: NDArray[np.float32]
    after: NDArray[np.float32]
    change: Change

    @property
    def name(self) -> str:
        """The name of its class."""
        return CLASS_NAMES[self.target]


def shown(number_: int, change: Change) -> Shown:
    """Return a test picture before and after a change; paint is a change too, so that what it does can be read."""
    before = changed(load_sample(f"fashion/{number_}") / np.float32(255), Change())
    return Shown(number_, int(fashion_labels()[number_]), before, changed(before, change), change)


def followed(one: Shown) -> Mapping[str, tuple[Followed, Followed]]:
    """Return what the picture did in each network before and does after, by the network's key."""
    return {
        key: (_follow(key, one.before, one.target), _follow(key, one.after, one.target)) for key in shift_networks()
    }


def _follow(key: str, x: NDArray[np.float32], target: int) -> Followed:
    name = ("shift", key, x.tobytes(), target)
    known = compute.kept(name)
    if known is None:
        known = follow(engine(key), x, target)
        compute.keep(name, known)
    return known  # type: ignore[no-any-return]


def headline(one: Shown, found: Mapping[str, tuple[Followed, Followed]]) -> str:
    """Say in a sentence what was done and what each network says now; nothing of that where it is to be guessed."""
    if not found:
        return _("{what}. Where will its feature map be?").format(what=_what(one.change))
    said = [CLASS_NAMES[int(now.probabilities.argmax())] for _before, now in found.values()]
    if len(set(said)) == 1:
        answers = _("all three networks say {name}").format(name=said[0])
    else:
        answers = _("dense says {a}, Flatten says {b}, averaging says {c}").format(a=said[0], b=said[1], c=said[2])
    return _("{what}: {answers}. Its own class is {own}.").format(what=_what(one.change), answers=answers, own=one.name)


def _what(change: Change) -> str:
    if change == Change():
        return _("As it is")
    if not change.only_moves:
        return _("Changed")
    return _("Moved {way}").format(way=way(change.right, change.down))


def way(right: float, down: float) -> str:
    """Write a move in pixels, such as "4 px right, 1 px up"."""
    across = _("{n} px right") if right > 0 else _("{n} px left")
    along = _("{n} px down") if down > 0 else _("{n} px up")
    return ", ".join(
        words.format(n=number(abs(by), 2, strip=True)) for words, by in ((across, right), (along, down)) if by
    )


def pictures(one: Shown) -> None:
    """Draw the picture before and after; where a brush is chosen, a click on either paints."""
    if shift_settings.brushing():
        st.html(HELD)
    was, now = show.columns(2)
    with was:
        title = _("Before: {name}, test picture {n}").format(name=one.name, n=number(one.number + 1))
        said = _("Values from 0 (white) to 1 (black), 28×28.")
        if shift_settings.brushing():
            said += " " + _("A click on either picture paints or wipes; it shows in the one beside.")
        _picture(one.before, Words(title, said), "shift_before", shift_settings.paint)
    with now:
        said = _("The same values; what comes in from outside is 0.")
        if shift_settings.brushing():
            said += " " + _("Paint moves with the picture; where none of it is, a click does nothing.")
        _picture(one.after, Words(_ink(one), said), "shift_after", lambda row, column: _paint_now(one, row, column))


def _picture(values: NDArray[np.float32], words: Words, key: str, paint: Callable[[int, int], None]) -> None:
    brushing = shift_settings.brushing()
    drawn = figures.one_map(
        values[..., 0],
        "input_grey",
        words,
        quantity=_("value"),
        limits=(0.0, 1.0),
        clickable=brushing,
        width=show.fit(280),
    )
    show.figure(drawn, key, (lambda mark: paint(int(mark[1]), int(mark[2]))) if brushing else None)


def _paint_now(one: Shown, row: int, column: int) -> None:
    """Paint where a click on the changed picture meets a pixel of the picture before."""
    at = origin(one.change, row, column, one.before.shape[:2])
    if at is not None:
        shift_settings.paint(*at)


def _ink(one: Shown) -> str:
    left = ink_left(one)
    if left > 1:
        return _("Now: {share} more ink than before").format(share=percent(left - 1))
    return _("Now: {share} of its ink is left").format(share=percent(left))


def ink_left(one: Shown) -> float:
    """Return how much of the picture's brightness is left after the change, as a share of 1."""
    total = float(one.before.sum())
    return float(one.after.sum()) / total if total else 1.0
