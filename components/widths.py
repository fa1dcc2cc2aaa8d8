"""How wide the page is: a phone says so itself; of a narrow window a script tells, by pressing a hidden button."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import streamlit as st

from components import scripts

PHONE_WIDTH, NARROW_WIDTH = 350, 420
NARROW_BELOW, WIDE_ABOVE = 780, 800
"""Widths of the page without its margins, in pixels; apart, so that a scroll bar does not turn one into the other."""
NARROW = "narrow"
STYLE = """<style>
.st-key-network { container-type: inline-size }
.st-key-turns, div:has(> .st-key-turns) { display: none }
@container (max-width: 760px) { .st-key-strip, div:has(> .st-key-strip) { display: none } }
@container (min-width: 761px) { .st-key-crumbs, div:has(> .st-key-crumbs) { display: none } }
.stApp button[data-variant][data-selected="true"], [data-testid="stSliderThumbValue"] { color: inherit }
.stPlotlyChart .svg-container { content-visibility: auto }
.updatemenu-item-rect { fill: transparent !important }
.updatemenu-button:hover .updatemenu-item-rect { fill: currentColor !important; fill-opacity: 0.12 !important }
</style>"""
"""Narrow pages get the row of blocks, wide ones the figure of the strip. What is chosen is written
like any other text: its border and ground mark it, and the accent would stand at 3.7:1 on the dark ground.
Plotly paints the button of a film that is pointed at near white, on any theme, and has no option for it.
A figure out of sight is not painted: a frame of one that is dragged would else compose all of them anew."""


def on_phone() -> bool:
    """Whether the browser calls itself mobile."""
    return "Mobi" in st.context.headers.get("User-Agent", "")


def narrow() -> bool:
    """Whether the window of a desktop browser is too narrow for controls beside a picture."""
    return bool(st.session_state.get(NARROW)) and not on_phone()


def stacked() -> bool:
    """Whether the controls of a page stand below its picture."""
    return on_phone() or narrow()


def fit(width: int) -> int:
    """Return the width to plan a figure for, from that of a wide page: a figure's height follows from its width."""
    return min(width, PHONE_WIDTH if on_phone() else NARROW_WIDTH if narrow() else width)


def columns(spec: int | Sequence[float], gap: Literal["medium", "large"] = "medium") -> Sequence[Any]:
    """Return columns, or places below one another in a narrow window; a phone's are stacked by Streamlit."""
    if narrow():
        return [st.container() for _one in range(spec if isinstance(spec, int) else len(spec))]
    return st.columns(spec, gap=gap)


def watch() -> None:
    """Lay the style sheet of narrow pages, and have the browser say when its window turns narrow, or wide again.

    Back is to leave the page, too: not to take back one of its settings' addresses, which the view wouldn't follow.
    """
    st.html(STYLE)
    other = "wide" if narrow() else NARROW
    with st.container(key="turns"):
        scripts.run(scripts.ONE_STEP)
        if on_phone():
            return
        st.button(other, key=f"turn_{other}", on_click=lambda: st.session_state.update({NARROW: other == NARROW}))
        scripts.run(scripts.WATCH_WIDTH, below=str(NARROW_BELOW), above=str(WIDE_ABOVE))
