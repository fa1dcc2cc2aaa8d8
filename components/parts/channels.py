"""More of the Activations page: the same channel on several pictures, dense layers, every channel in numbers."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import figures, sentences, show, subjects
from components.figures import Words
from components.parts import activations
from components.pointing import Pointed
from components.subjects import Subject
from components.text import _, plain
from explain.activations import channel_stats
from explain.layers import LayerInfo

Values = NDArray[np.float32]


def side_by_side(subject: Subject, here: Pointed, view: activations.View) -> None:
    """Show the same channel for up to four pictures, on one scale."""
    others = subjects.others(subject)
    layer = here.layer
    if not others or layer is None:
        return
    all_of_them = [subject, *others]
    channel = (
        here.channel if here.channel is not None else int(activations.ranked(activations.of_layer(subject, layer))[0])
    )
    maps = [activations.of_layer(one, layer)[..., channel] for one in all_of_them]
    limits = activations.limits_of(np.stack(maps), layer, view)
    st.subheader(_("Channel {n} on several pictures, one scale").format(n=channel), anchor=False)
    with st.grid(len(maps), min_column_width=200):
        for one, values in zip(all_of_them, maps, strict=True):
            words = Words(
                f"{plain(one.title[:30])}: {sentences.activation_title(channel, values)}"[:90],
                _("Activation of {layer}, channel {n}; the same colours for all pictures here.").format(
                    layer=layer.name, n=channel
                ),
                sentences.channel_doesnt_show(),
            )
            drawn = figures.one_map(
                values, activations.kind_of(layer, view), words, quantity=_("activation"), limits=limits, width=240
            )
            with st.container():
                show.figure(drawn, f"beside_{one.picture}")


def units(subject: Subject, here: Pointed, values: Values) -> None:
    """Draw a layer without rows and columns as bars."""
    layer = here.layer
    assert layer is not None
    labels = subject.entry.labels()
    names = labels if layer.kind == "dense" and len(values) == len(labels) else []
    words = Words(
        _("{layer}: unit {n} is strongest").format(layer=layer.name, n=int(np.abs(values).argmax())),
        _("Activation of {layer} ({type}), {n} units.").format(layer=layer.name, type=layer.type, n=values.size),
        sentences.channel_doesnt_show(),
    )
    drawn = figures.dense_bars(
        values, words, quantity=_("activation"), names=names, pinned=here.channel, signed=not layer.non_negative
    )
    show.figure(drawn, "units", lambda mark: activations.pin(mark, layer))


def table(layer: LayerInfo, values: Values) -> None:
    """List the channels with their numbers, strongest first."""
    stats = channel_stats(values)
    with st.expander(_("Every channel in numbers"), icon=":material/table_rows:"):
        order = list(stats.ranked)
        st.dataframe(
            {
                _("channel"): order,
                _("largest"): [float(stats.maximum[i]) for i in order],
                _("mean"): [float(stats.mean[i]) for i in order],
                _("least"): [float(stats.minimum[i]) for i in order],
                _("silent"): [i in stats.silent for i in order],
            },
            hide_index=True,
            alt=_("Largest value and mean of every channel of {layer}").format(layer=layer.name),
        )
