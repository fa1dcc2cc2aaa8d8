"""Playing over the numbers of a layer: once a second the next place, for a minute at most."""

from __future__ import annotations

import time

import streamlit as st

from components import state
from components.parts import lens
from components.text import _
from explain.layers import LayerInfo
from explain.lens_types import Unit

LEFT, LAST = "lens_left", "lens_played"
EVERY, MOST = 1.0, 60
"""Seconds a place is shown, and places a press plays: each is a run of the page, which thirty readers share."""
AWAY = 10.0
"""Seconds without a step after which it counts as held: its page was left."""


def control(taken: lens.Taken) -> None:
    """Draw the button that plays or holds, and go on to the next place when it is time."""
    playing = plays()
    label, icon = (_("Hold"), "pause") if playing else (_("Play"), "play_arrow")
    st.button(label, key="lens_play", icon=f":material/{icon}:", on_click=_hold if playing else _begin)
    if playing:
        _go_on(taken.layer, lens.beside(taken, 1))


def plays() -> bool:
    """Say whether it goes on by itself."""
    left, last = st.session_state.get(LEFT, 0), st.session_state.get(LAST, 0.0)
    return bool(left > 0 and time.monotonic() - last < AWAY)


def _begin() -> None:
    st.session_state[LEFT], st.session_state[LAST] = MOST, time.monotonic()


def _hold() -> None:
    st.session_state[LEFT] = 0


@st.fragment(run_every=EVERY)
def _go_on(layer: LayerInfo, after: Unit) -> None:
    """Point at the next place; the run that draws this fragment, too, comes by here and must not."""
    now = time.monotonic()
    if not plays() or now - st.session_state[LAST] < 0.7 * EVERY:
        return
    st.session_state[LEFT] -= 1
    st.session_state[LAST] = now
    lens.pin(layer, after)
    state.hold_address()
    st.rerun()
