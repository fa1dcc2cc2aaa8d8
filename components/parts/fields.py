"""The receptive field of the pinned unit: what it can depend on, and what it does depend on for this picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from components import compute, figures, show, state
from components.figures import Words
from components.pointing import Pointed
from components.subjects import Subject
from components.text import _, percent
from explain.layers import LayerInfo
from explain.receptive import receptive_box


def receptive(subject: Subject, here: Pointed) -> None:
    """Show what one unit of the layer can depend on, and what it does depend on for this picture."""
    layer = here.layer
    if layer is None or not layer.spatial:
        return
    st.subheader(_("Receptive field on this picture"), anchor=False)
    row, col = here.cell or (layer.output_shape[0] // 2, layer.output_shape[1] // 2)
    _cell_fields(layer, row, col)
    channel = here.channel
    box = receptive_box(layer, row, col, subject.entry.input_shape)
    window = _window(box, subject.entry.input_shape)
    strength = compute.effective_field(subject, layer.name, row, col, channel)
    words = Words(
        _("Half of this unit's gradient lies in {share} of the picture").format(share=percent(_half(strength)))
        if strength.any()
        else _("Nothing in this picture moves this unit: its gradient is 0"),
        _caption(layer, row, col, channel, box, window),
        _("what the unit responds to; only where from, on this picture."),
    )
    top, left, bottom, right = box
    drawn = figures.one_map(
        strength,
        "attribution",
        words,
        quantity=_("|gradient|"),
        picture=compute.shown_input(subject),
        box=(left, top, right, bottom),
        window=window,
        width=show.fit(440),
    )
    show.figure(drawn, "receptive")


def _caption(
    layer: LayerInfo,
    row: int,
    col: int,
    channel: int | None,
    box: tuple[int, int, int, int],
    window: tuple[int, int, int, int] | None,
) -> str:
    said = _(
        "|Gradient| of {unit} of {layer} at the input (ink) and the box it can depend on: rows {t} to {b}, "
        "columns {l} to {r}."
    ).format(unit=_unit(row, col, channel), layer=layer.name, t=box[0], b=box[2] - 1, l=box[1], r=box[3] - 1)
    if box[0] == box[2] or box[1] == box[3]:  # a transposed convolution whose windows leave gaps
        return (
            _("{unit} of {layer} reads no pixel of the input.")
            .format(unit=_unit(row, col, channel).strip(" ,"), layer=layer.name)
            .capitalize()
        )
    if window is None:
        return said
    zoomed = _("Only a part of the picture is drawn: rows {t} to {b}, columns {l} to {r}.").format(
        t=window[1], b=window[3] - 1, l=window[0], r=window[2] - 1
    )
    return f"{said} {zoomed}"


def _window(box: tuple[int, int, int, int], shape: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    """Return the part of the picture to zoom to, (left, top, right, bottom): a small box would hide under its frame."""
    top, left, bottom, right = box
    side = max(3 * max(bottom - top, right - left), 24)
    if side >= min(shape[:2]) // 2:
        return None
    y = min(max((top + bottom - side) // 2, 0), shape[0] - side)
    x = min(max((left + right - side) // 2, 0), shape[1] - side)
    return x, y, x + side, y + side


def _unit(row: int, col: int, channel: int | None) -> str:
    place = _("cell ({row}, {col})").format(row=row, col=col)
    return place + (_(", all channels,") if channel is None else _(", channel {n},").format(n=channel))


def _cell_fields(layer: LayerInfo, row: int, col: int) -> None:
    st.session_state["pick_row"], st.session_state["pick_col"] = row, col
    for place, (label, key, count) in zip(
        st.columns(2),
        ((_("Row"), "pick_row", layer.output_shape[0]), (_("Column"), "pick_col", layer.output_shape[1])),
        strict=True,
    ):
        place.number_input(label, 0, count - 1, key=key, on_change=lambda: _pin_cell(layer))


def _pin_cell(layer: LayerInfo) -> None:
    state.pin_layer(layer.name)
    state.put(cell=f"{st.session_state['pick_row']}-{st.session_state['pick_col']}")


def _half(strength: Any) -> float:
    values = np.sort(strength, axis=None)[::-1]
    total = float(values.sum())
    return float(np.searchsorted(np.cumsum(values), total / 2) + 1) / values.size if total else float("nan")
