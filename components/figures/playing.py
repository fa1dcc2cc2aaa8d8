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


def slider(steps: Sequence[tuple[tuple[int, int], str]], start: int) -> dict[str, Any]:
    """A slider over all steps: output cell and phase."""
    jump = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}, "transition": {"duration": 0}}
    said = _("row {row}, column {column}: {phase}")
    return {
        "active": start,
        "steps": [
            {
                "label": said.format(row=cell[0], column=cell[1], phase=phase_title(phase)),
                "method": "animate",
                "args": [[f"{at}"], jump],
            }
            for at, (cell, phase) in enumerate(steps)
        ],
        "currentvalue": {"font": {"size": 14, "color": tokens.TEXT}, "xanchor": "left"},
        "x": 0,
        "len": 1,
        "y": 0,
        "yanchor": "top",
        "pad": {"t": BUTTONS, "b": 0, "l": 8, "r": 8},
        "font": {"size": 1, "color": tokens.CLEAR},
        "ticklen": 0,
        "minorticklen": 0,
        "transition": {"duration": 0},
    }


def play() -> dict[str, Any]:
    """Buttons that play on from the step that is shown, and hold."""
    on = {"mode": "immediate", "fromcurrent": True, "transition": {"duration": 0}}
    on["frame"] = {"duration": MILLISECONDS, "redraw": True}
    hold = {"mode": "immediate", "frame": {"duration": 0, "redraw": False}, "transition": {"duration": 0}}
    return {
        "type": "buttons",
        "direction": "left",
        "showactive": False,
        "x": 0,
        "y": 0,
        "xanchor": "left",
        "yanchor": "top",
        "pad": {"t": 8, "l": 8},
        "bgcolor": tokens.WHITE,
        "bordercolor": tokens.LINE,
        "font": {"size": 13, "color": tokens.INK},
        "buttons": [
            {"label": _("Play"), "method": "animate", "args": [None, on]},
            {"label": _("Hold"), "method": "animate", "args": [[None], hold]},
        ],
    }
