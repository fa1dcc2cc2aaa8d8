"""One number of the open model taken apart: what it reads, what that is multiplied with, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from components import compute, state
from components.pointing import Pointed
from components.subjects import Subject
from components.text import _
from explain.activations import channel_stats
from explain.layers import LayerInfo
from explain.lens import Lens
from explain.lens_types import Made, NotShown, Unit

Values = NDArray[np.float32]
PAGE, SHOWN = "terms", "input"


@dataclass(frozen=True, eq=False)
class Taken:
    """A number taken apart, and the activations of the picture that it was made from."""

    made: Made
    layer: LayerInfo
    values: Mapping[str, Values]

    @property
    def own(self) -> Values:
        """The layer's activations."""
        return self.values[self.layer.name]


def take(subject: Subject, here: Pointed) -> Taken | NotShown:
    """Take the pinned number apart, the layer's strongest where none is pinned; or say why it can't be."""
    layer = here.layer
    assert layer is not None
    values = compute.activations(subject)
    try:
        lens = Lens(compute.engine(subject.model, subject.state), layer.name)
        return Taken(lens.at(values, unit_of(values[layer.name], here)), layer, values)
    except NotShown as why:
        return why


def unit_of(own: Values, here: Pointed) -> Unit:
    """Return the index that the Place points at; what is not pinned is where the layer is strongest."""
    channel = here.channel if here.channel is not None else channel_stats(own).ranked[0]
    if own.ndim == 1:
        return (channel,)
    if own.ndim == 3 and here.cell is not None:
        return (*here.cell, channel)
    strongest = np.unravel_index(int(np.abs(own[..., channel]).argmax()), own.shape[:-1])
    return (*(int(place) for place in strongest), channel)


def picker(taken: Taken) -> DeltaGenerator:
    """Draw the keyboard's way to any number of the layer, and the steps from one to the next; returns its row."""
    shape, unit = taken.own.shape, taken.made.unit
    names = {0: _("Row"), 1: _("Column")} if len(shape) == 3 else {}
    names[len(shape) - 1] = _("Channel") if taken.layer.spatial else _("Unit")
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        for axis, name in names.items():
            key = f"lens_{axis}"
            st.session_state[key] = unit[axis]
            st.number_input(
                _("{name}, 0 to {last}").format(name=name, last=shape[axis] - 1),
                0,
                shape[axis] - 1,
                key=key,
                width=150,
                on_change=_typed,
                args=(taken, axis),
            )
        units = len(shape) == 1
        for key, label, icon, by in (
            ("lens_back", _("Previous unit") if units else _("Previous cell"), "arrow_back", -1),
            ("lens_on", _("Next unit") if units else _("Next cell"), "arrow_forward", 1),
        ):
            st.button(label, key=key, icon=f":material/{icon}:", on_click=pin, args=(taken.layer, beside(taken, by)))
    return row


def _typed(taken: Taken, axis: int) -> None:
    unit = list(taken.made.unit)
    unit[axis] = st.session_state[f"lens_{axis}"]
    pin(taken.layer, tuple(unit))


def beside(taken: Taken, by: int) -> Unit:
    """Return the next place of the same channel, row by row and round again; of a layer of units the next unit."""
    shape, unit = taken.own.shape, taken.made.unit
    if len(shape) == 1:
        return ((unit[0] + by) % shape[0],)
    flat = (int(np.ravel_multi_index(unit[:-1], shape[:-1])) + by) % int(np.prod(shape[:-1]))
    return (*(int(place) for place in np.unravel_index(flat, shape[:-1])), unit[-1])


def pin(layer: LayerInfo, unit: Unit) -> None:
    """Point at a number."""
    state.pin_layer(layer.name)
    state.put(channel=unit[-1], **{SHOWN: None, PAGE: None})
    if len(unit) == 3:
        state.put(cell=f"{unit[0]}-{unit[1]}")


def shown(made: Made) -> int:
    """Return the position, among the channels read, of the one asked for, else of the one that adds most."""
    asked = state.number(SHOWN)
    channels = made.window.channels.tolist()
    if asked in channels:
        return int(channels.index(asked))
    return made.ranked[0] if made.kind == "sum" else min(made.unit[-1], len(channels) - 1)


def kind_of(values: Values) -> str:
    """Return the colours of values by what they are."""
    return "activation" if float(values.min()) >= 0 else "activation_signed"
