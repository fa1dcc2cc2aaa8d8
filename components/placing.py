"""Point by number: the keyboard's way to everything that a click on a figure can pin, on every page."""

from __future__ import annotations

import numpy as np
import streamlit as st

from components import state
from components.glances import Glance
from components.pointing import Pointed
from components.subjects import Subject
from components.text import _, percent
from explain.layers import LayerInfo

OPEN, CHANNEL, ROW, COLUMN, TARGET = "place_open", "place_channel", "place_row", "place_col", "place_target"
FIELD = 150


def switch() -> bool:
    """Draw the switch that shows the fields; a popover's would come last for the Tab key, behind all of the page."""
    return st.toggle(_("Point by number"), key=OPEN)


def fields(subject: Subject, glance: Glance, here: Pointed) -> None:
    """Draw channel, cell and class as fields, as far as the layer and the model have them."""
    with st.container(horizontal=True, key="place_fields"):
        if here.layer is not None:
            _unit(here.layer, here)
        if glance.probabilities is not None and glance.top is not None:
            _class(subject, glance, here)


def _unit(layer: LayerInfo, here: Pointed) -> None:
    """Draw the fields of channel and cell; empty where nothing is pinned."""
    st.session_state[CHANNEL] = here.channel
    _field(_("Channel"), CHANNEL, layer.output_shape[-1], layer)
    if not layer.spatial:
        return
    st.session_state[ROW], st.session_state[COLUMN] = here.row, here.col
    _field(_("Row"), ROW, layer.output_shape[0], layer)
    _field(_("Column"), COLUMN, layer.output_shape[1], layer)


def _field(label: str, key: str, count: int, layer: LayerInfo) -> None:
    said = _("{label}, 0 to {last}").format(label=label, last=count - 1)
    st.number_input(said, 0, count - 1, value=None, key=key, placeholder=_("none"), on_change=lambda: _pin(key, layer))


def _pin(key: str, layer: LayerInfo) -> None:
    """Pin what a field says; a cell needs both, so the other one begins in the middle."""
    state.pin_layer(layer.name)
    value = st.session_state[key]
    if key == CHANNEL:
        state.put(channel=value, channels=None)
        return
    row, col = st.session_state[ROW], st.session_state[COLUMN]
    if value is None:
        state.put(cell=None)
        return
    height, width = layer.output_shape[:2]
    state.put(cell=f"{height // 2 if row is None else row}-{width // 2 if col is None else col}")


def _class(subject: Subject, glance: Glance, here: Pointed) -> None:
    """Draw the list of classes, likeliest first; typing searches it."""
    assert glance.probabilities is not None
    shares, labels = glance.probabilities, subject.entry.labels()
    st.session_state[TARGET] = glance.top if here.target is None else here.target
    st.selectbox(
        _("Class"),
        [int(i) for i in np.argsort(-shares, kind="stable")],
        key=TARGET,
        width=2 * FIELD,
        format_func=lambda i: f"{labels[i]} · {percent(float(shares[i]))} · {i}",
        on_change=lambda: state.put(target=st.session_state[TARGET], minus=state.NO_RIVAL if state.alone() else None),
    )
