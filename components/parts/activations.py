"""The parts of the Activations page: mosaic, one channel scrubbed and pinned, pictures side by side, numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import compute, controls, figures, raster, sentences, show, state
from components.figures import Words
from components.pointing import Pointed
from components.subjects import Subject
from components.text import _, number, percent, shape_text
from explain.activations import channel_stats, pool_strongest
from explain.layers import LayerInfo

Values = NDArray[np.float32]
RANGES = ("layer", "channel", "fixed")
ORDERS = ("index", "active")
TILE, SCRUB = 28, 112
SCRUB_CELLS = 64 * 56 * 56
A_PAGE = 64


@dataclass(frozen=True)
class View:
    """How the channels are shown."""

    span: str
    order: str
    low: float
    high: float
    columns: int
    over: bool


def range_title(key: str) -> str:
    """Name a colour range."""
    return {"layer": _("Per layer"), "channel": _("Per channel"), "fixed": _("Fixed")}[key]


def order_title(key: str) -> str:
    """Name an order of channels."""
    return {"index": _("By number"), "active": _("Strongest first")}[key]


def of_layer(subject: Subject, layer: LayerInfo) -> Values:
    """Return a layer's activations for the picture, (h, w, C) or (units,)."""
    return compute.activations(subject)[layer.name]


def headline(layer: LayerInfo, values: Values) -> str:
    """Say in a sentence what the layer does on this picture."""
    stats = channel_stats(values)
    parts = _("channels") if layer.spatial else _("units")
    if layer.non_negative:
        return _("{layer}: {silent} of {n} {parts} are silent here; values from {low} to {high}.").format(
            layer=layer.name,
            parts=parts,
            silent=number(len(stats.silent)),
            n=number(stats.count),
            low=number(stats.low),
            high=number(stats.high),
        )
    strength = np.maximum(np.abs(stats.minimum), np.abs(stats.maximum))
    return _("{layer}: values from {low} to {high}; {weak} of {n} {parts} stay below {share} of that.").format(
        layer=layer.name,
        parts=parts,
        low=number(stats.low),
        high=number(stats.high),
        weak=number(int((strength < 0.01 * strength.max()).sum())),
        share=percent(0.01),
        n=number(stats.count),
    )


def fixed_limits(span: str, values: Values) -> tuple[float, float]:
    """Draw the fields of a fixed colour range, if that is what is chosen."""
    if span != "fixed":
        return 0.0, 1.0
    low = float(controls.number("low", _("From"), -1e4, 1e4, -1.0, 0.1))
    high = float(controls.number("high", _("To"), -1e4, 1e4, 1.0, 0.1))
    if low >= high:
        st.warning(_("The range must rise: from {low} to {high} does not.").format(low=number(low), high=number(high)))
        return min(low, high - 1e-3), max(high, low + 1e-3)
    return low, high


def ranked(values: Values) -> tuple[int, ...]:
    """Return the channels by falling strength."""
    return channel_stats(values).ranked


def kind_of(layer: LayerInfo, view: View) -> str:
    """Return the kind of colours for a layer: what its activations can be decides."""
    if view.span == "fixed" and layer.non_negative:
        return "viridis"
    return "activation" if layer.non_negative else "activation_signed"


def limits_of(values: Values, layer: LayerInfo, view: View) -> tuple[float, float]:
    """Return the ends of the colour range."""
    if view.span == "fixed":
        return view.low, view.high
    return raster.natural_limits(values, kind_of(layer, view))


def _channels(values: Values, here: Pointed, view: View) -> tuple[list[int], int, int]:
    """Return the channels of the page that is open, at most 64, the number of pages, and the pinned channel's page."""
    order = np.array(ranked(values)) if view.order == "active" else np.arange(values.shape[-1])
    pages = -(-len(order) // A_PAGE)
    home = 1 if here.channel is None else int(np.flatnonzero(order == here.channel)[0]) // A_PAGE + 1
    page = min(max(state.number("channels") or home, 1), pages)
    return [int(i) for i in order[(page - 1) * A_PAGE : page * A_PAGE]], pages, home


def pin(mark: tuple[Any, ...], layer: LayerInfo, channel: int | None = None) -> None:
    """Point at what was clicked: a channel, or a cell of the channel shown."""
    state.pin_layer(layer.name)
    if channel is not None:
        state.put(channel=channel)
    if mark[0] == "channel":
        state.put(channel=mark[1], channels=None)
    elif mark[0] == "cell":
        state.put(cell=f"{mark[1]}-{mark[2]}")


def what(layer: LayerInfo, view: View) -> str:
    """Write what is drawn: quantity, layer, scale."""
    scale = {
        "layer": _("one scale for this layer"),
        "channel": _("each channel on its own scale"),
        "fixed": _("fixed scale {low} to {high}").format(low=number(view.low), high=number(view.high)),
    }[view.span]
    return _("Activation of {layer} ({type}, {shape}), {scale}.").format(
        layer=layer.name, type=layer.type, shape=shape_text(layer.output_shape), scale=scale
    )


def mosaic(subject: Subject, here: Pointed, values: Values, view: View) -> None:
    """Draw the channels as one mosaic, 64 a page; a click pins a channel."""
    layer = here.layer
    assert layer is not None
    numbers, pages, home = _channels(values, here, view)
    raw = np.moveaxis(values[..., numbers], -1, 0)
    pooled, factor = pool_strongest(values[..., numbers], TILE)
    drawn = figures.mosaic(
        np.moveaxis(pooled, -1, 0),
        numbers,
        kind_of(layer, view),
        Words(
            sentences.layer_title(layer.name, np.abs(values).max(axis=(0, 1))),
            what(layer, view),
            sentences.channel_doesnt_show(),
        ),
        quantity=_("activation"),
        limits=None if view.span == "channel" else limits_of(values, layer, view),
        per_tile=view.span == "channel",
        raw=raw,
        factor=factor,
        columns=view.columns or figures.even_columns(len(numbers), 2),
        width=show.fit(670),
        pinned=_shown(values, here),
    )
    show.figure(drawn, "mosaic", lambda mark: pin(mark, layer))
    if pages > 1:
        key = controls.keep(
            "channels", home, lambda text: int(text) if state.whole(text) and 0 < int(text) <= pages else None
        )
        st.pagination(pages, key=key, on_change=controls.store("channels", home))


def _shown(values: Values, here: Pointed) -> int:
    """The pinned channel, else the strongest."""
    return here.channel if here.channel is not None else ranked(values)[0]


def one_channel(subject: Subject, here: Pointed, values: Values, view: View) -> None:
    """Draw the pinned channel (the strongest while none is pinned) with every value; a click pins a cell."""
    layer = here.layer
    assert layer is not None
    shown = _shown(values, here)
    one = values[..., shown]
    drawn = figures.one_map(
        one,
        kind_of(layer, view),
        Words(
            sentences.activation_title(shown, one),
            what(layer, view) + " " + _("Channel {n}, every value; click a cell to pin it.").format(n=shown),
            sentences.channel_doesnt_show(),
        ),
        quantity=_("activation"),
        limits=None if view.span == "channel" else limits_of(values, layer, view),
        picture=compute.shown_input(subject) if view.over else None,
        clickable=True,
        cell=here.cell,
        width=show.fit(480),
    )
    show.figure(drawn, "one", lambda mark: pin(mark, layer, shown))


def picker(here: Pointed, values: Values) -> None:
    """Draw the keyboard's way to a channel."""
    layer, shown = here.layer, _shown(values, here)
    assert layer is not None
    count = values.shape[-1]
    st.session_state["pick_channel"] = shown
    st.number_input(
        _("Channel, 0 to {last}").format(last=count - 1),
        0,
        count - 1,
        key="pick_channel",
        on_change=lambda: pin(("channel", st.session_state["pick_channel"]), layer),
    )


def scrubber(subject: Subject, here: Pointed, values: Values, view: View) -> None:
    """Let the user drag through the channels of the open page inside the figure, with no way through the server."""
    layer = here.layer
    assert layer is not None
    numbers, _pages, _home = _channels(values, here, view)
    shown = _shown(values, here)
    if shown not in numbers:
        numbers = [shown, *numbers[:-1]]
    side = SCRUB
    while side > TILE and side * side * len(numbers) > SCRUB_CELLS:
        side //= 2
    pooled, factor = pool_strongest(values[..., numbers], side)
    drawn = figures.scrubber(
        pooled,
        numbers,
        kind_of(layer, view),
        Words(
            _("Channel {n} first: drag to see the {count} of this page").format(n=shown, count=len(numbers)),
            what(layer, view),
            sentences.channel_doesnt_show(),
        ),
        quantity=_("activation"),
        limits=None if view.span == "channel" else limits_of(values, layer, view),
        factor=factor,
        per_channel=view.span == "channel",
        pinned=shown,
        pinned_raw=values[..., shown],
        width=show.fit(480),
    )
    show.figure(drawn, "scrub")
