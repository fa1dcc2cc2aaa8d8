"""What is done to the picture of the Shift page: its controls, and squares painted on it, all in the address."""

from __future__ import annotations

import re

import streamlit as st

from components import controls, show, state
from components.parts import guess
from components.subjects import FASHION_COUNT, Subject
from components.text import _, number
from explain.shift import FURTHEST, MOST_STROKES, Change, Stroke
from model_zoo.fashion import SIDE

STROKES = "shift_paint"
BRUSHES = ("off", "paint", "wipe")
MOST_BRUSH = 6
_STROKE = re.compile(r"(\d{1,2})-(\d{1,2})-([1-6])(w?)")


def picture(subject: Subject) -> int:
    """Draw the picker of a Fashion-MNIST test picture, the session's own where it is one; returns its number from 0.

    On screen pictures count from 1, as in the sidebar; in the address from 0, as there too.
    """
    kind, _slash, rest = subject.picture.partition("/")
    own = int(rest) + 1 if kind == "fashion" else 1
    key = controls.keep("shift_of", own, _counted)
    shown = int(st.session_state[key])
    st.number_input(
        _("Fashion-MNIST test picture, 1 to {last}").format(last=number(FASHION_COUNT)),
        1,
        FASHION_COUNT,
        step=1,
        key=key,
        help=_("Of the whole test set; the sidebar counts within a class. In the address it is number {n}.").format(
            n=number(shown - 1)
        ),
        on_change=controls.store("shift_of", own, lambda picked: str(picked - 1)),
    )
    return shown - 1


def compared(subject: Subject) -> None:
    """Say that the page's networks stay the same whatever model is open; and its pictures, where that has others."""
    show.small(
        _("The same three networks are compared, whatever model is open in the sidebar.")
        if subject.picture.startswith("fashion/")
        else _("The same three networks are compared on Fashion-MNIST pictures, whatever is open in the sidebar.")
    )


def _counted(text: str) -> int | None:
    """Read a number of the address, from 0, as it is counted on screen."""
    return int(text) + 1 if state.whole(text) and int(text) < FASHION_COUNT else None


def place() -> tuple[int, int]:
    """Draw the sliders of the move; returns (right, down) in pixels."""
    right = controls.slider("shift_right", _("Move right, pixels"), -FURTHEST, FURTHEST, 0, 1)
    return int(right), int(controls.slider("shift_down", _("Move down, pixels"), -FURTHEST, FURTHEST, 0, 1))


def change(right: int, down: int, degrees: int, size: int) -> tuple[Change, bool]:
    """Draw the other controls; return all that is done to the picture, and whether the page asks before it shows."""
    cover = None
    with controls.more(_("Cover, noise, paint, guess")):
        side = int(controls.slider("shift_cover", _("Cover a square, side in pixels"), 0, 20, 0, 1))
        if side:
            row = int(controls.slider("shift_cover_row", _("Its first row"), 0, SIDE - 1, 8, 1))
            cover = row, int(controls.slider("shift_cover_column", _("Its first column"), 0, SIDE - 1, 8, 1)), side
        noise = float(controls.slider("shift_noise", _("Noise, standard deviation"), 0.0, 0.5, 0.0, 0.05))
        seed = int(controls.number("shift_seed", _("Seed of the noise"), 0, 9999, 0, 1)) if noise else 0
        controls.segments("shift_brush", _("A click on the picture"), BRUSHES, "off", _brush_title)
        controls.slider("shift_side", _("Brush, side in pixels"), 1, MOST_BRUSH, 2, 1)
        if strokes():
            st.button(_("Wipe all paint away"), icon=":material/ink_eraser:", on_click=_wiped)
        st.caption(_("Freehand drawing isn't offered: a click paints or wipes one square."))
        guessing = guess.on()
    return Change(right, down, float(degrees), size / 100, strokes(), cover, noise, seed), guessing


def _brush_title(key: str) -> str:
    return {"off": _("Does nothing"), "paint": _("Paints"), "wipe": _("Wipes")}[key]


def _wiped() -> None:
    state.put(**{STROKES: None})


def brushing() -> bool:
    """Whether a click on a picture paints or wipes."""
    return state.view().get("shift_brush", "off") != "off"


def strokes() -> tuple[Stroke, ...]:
    """Return what was painted, in order; text in the address that can't be read is left out, and said."""
    state.own(STROKES)
    text = state.view().get(STROKES, "")
    parts = text.split("~") if text else []
    found = [_STROKE.fullmatch(part) for part in parts]
    if len(parts) > MOST_STROKES or any(one is None for one in found):
        state.drop(STROKES)
        return ()
    return tuple(Stroke(int(one[1]), int(one[2]), int(one[3]), 0.0 if one[4] else 1.0) for one in found if one)


def paint(row: int, column: int) -> None:
    """Paint or wipe a square about a pixel of the picture as it is before it is turned and moved."""
    if not brushing():
        return
    brush = state.view()["shift_brush"]
    side = min(max(state.number("shift_side") or 2, 1), MOST_BRUSH)
    top, left = (max(0, at - (side - 1) // 2) for at in (row, column))
    text = state.view().get(STROKES, "")
    parts = [*(text.split("~") if text else []), f"{top}-{left}-{side}{'w' if brush == 'wipe' else ''}"]
    state.put(**{STROKES: "~".join(parts[-MOST_STROKES:])})
