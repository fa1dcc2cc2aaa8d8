"""The buttons and the slider of a figure that plays its steps: place, multiply, add."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from components import tokens
from components.text import _

PHASES = ("place", "multiply", "add")
BUTTONS, SLIDER = 44, 58
MILLISECONDS = 700


def phase_title(phase: str) -> str:
    """Name what happens in a step."""
    return {"place": _("place"), "multiply": _("multiply"), "add": _("add")}[phase]


def said(steps: Sequence[tuple[tuple[int, int], str]]) -> list[str]:
    """Say each step: output cell and phase."""
    words = _("row {row}, column {column}: {phase}")
    return [words.format(row=cell[0], column=cell[1], phase=phase_title(phase)) for cell, phase in steps]


def slider(labels: Sequence[str], start: int, above: float) -> dict[str, Any]:
    """A slider over all frames, `above` pixels below the picture."""
    jump = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}, "transition": {"duration": 0}}
    return {
        "active": start,
        "steps": [{"label": label, "method": "animate", "args": [[f"{at}"], jump]} for at, label in enumerate(labels)],
        "currentvalue": {"prefix": "", "font": {"size": 14, "color": tokens.TEXT}, "xanchor": "left"},
        "x": 0,
        "len": 1,
        "y": 0,
        "yanchor": "top",
        "pad": {"t": above, "b": 0, "l": 8, "r": 8},
        "font": {"size": 9, "color": tokens.CLEAR},
        "ticklen": 0,
        "minorticklen": 0,
        "transition": {"duration": 0},
    }


def play(above: float, milliseconds: int) -> dict[str, Any]:
    """Buttons that play on from the frame that is shown, and hold; a frame stays for so many milliseconds."""
    on = {"mode": "immediate", "fromcurrent": True, "transition": {"duration": 0}}
    on["frame"] = {"duration": milliseconds, "redraw": True}
    hold = {"mode": "immediate", "frame": {"duration": 0, "redraw": False}, "transition": {"duration": 0}}
    return {
        "type": "buttons",
        "direction": "right",
        "showactive": False,
        "x": 0,
        "y": 0,
        "xanchor": "left",
        "yanchor": "top",
        "pad": {"t": above, "l": 8},
        "bgcolor": tokens.CLEAR,
        "bordercolor": tokens.LINE,
        "font": {"size": 13, "color": tokens.TEXT},
        "buttons": [
            {"label": _("Play"), "method": "animate", "args": [None, on]},
            {"label": _("Hold"), "method": "animate", "args": [[None], hold]},
        ],
    }
