"""The network strip with its layer picker and the Place line: on every page, and the way to move the Place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import streamlit as st

from components import blocks, compute, figures, placing, show, state, weights, widths
from components.glances import Glance
from components.pointing import Pointed
from components.screens import Screen
from components.subjects import Subject
from components.text import _, percent, plain, shape_text
from explain.layers import LayerInfo
from explain.receptive import receptive_box
from explain.types import Target

READ_PLAINLY = ("Conv2D", "DepthwiseConv2D")
"""Layers whose kind says how they read their input; a separable or transposed convolution goes by its own name."""


def show_strip(subject: Subject, glance: Glance, here: Pointed, screen: Screen) -> Callable[[], None]:
    """Lay out the strip of a subject with its pickers; returns what draws the figure itself, now or later."""
    found = blocks.runs(glance.layers)
    name = here.layer.name if here.layer else None
    current = blocks.run_of(found, name) if name else None
    widths.watch()
    with st.container(key="network"):
        slot = st.container(key="strip")
        with st.container(key="crumbs", horizontal=True, vertical_alignment="center"):
            _crumbs(found, current, screen)
            st.markdown(f"› **{plain(_answer(subject, glance))}**", width="content")
    _controls(glance, here, screen, subject)

    def draw() -> None:
        drawn = figures.strip(
            [_block(run, glance, screen, here, subject) for run in found],
            current_layer=name,
            current_block=current,
            picture=compute.shown_input(subject),
            answer=_answer(subject, glance),
            box=_box(here, subject),
        )
        with slot:
            show.chart(drawn, "strip", lambda mark: _clicked(mark, found, screen))

    return draw


def _crumbs(found: list[blocks.Run], current: int | None, screen: Screen) -> None:
    """Draw the strip for a narrow screen: a row of resolutions to swipe along."""
    st.session_state["crumb"] = current
    st.segmented_control(
        _("Blocks, from picture to answer"),
        range(len(found)),
        key="crumb",
        format_func=lambda i: found[i].short_label,
        wrap=False,
        label_visibility="collapsed",
        on_change=lambda: _clicked(("block", st.session_state["crumb"]), found, screen),
    )


def _block(run: blocks.Run, glance: Glance, screen: Screen, here: Pointed, subject: Subject) -> figures.Block:
    """Describe a block; the one that holds the Place shows that layer, and the pinned channel if any."""
    face = blocks.face_layer(run)
    thumb = glance.faces.get(face.name) if face else None
    label, channels = run.label, run.channels
    layer = here.layer
    if layer is not None and layer in run.layers and layer.spatial:
        label, channels = run.label_of(layer), layer.output_shape[-1]
        if glance.fed and not glance.precomputed:
            thumb = compute.layer_face(subject, layer.name, here.channel)
    dots = tuple(
        figures.Dot(layer.name, layer.kind, screen.usable(layer), "" if screen.usable(layer) else screen.reason)
        for layer in run.layers
    )
    return figures.Block(label, dots, thumb, run.size, channels)


def _box(here: Pointed, subject: Subject) -> tuple[float, float, float, float] | None:
    if here.layer is None or here.cell is None:
        return None
    return receptive_box(here.layer, *here.cell, subject.entry.input_shape)


def _answer(subject: Subject, glance: Glance) -> str:
    if glance.probabilities is None or glance.top is None:
        return _("no classes")
    return f"{subject.entry.labels()[glance.top]}, {percent(float(glance.probabilities[glance.top]))}"


def _clicked(mark: tuple[Any, ...], found: list[blocks.Run], screen: Screen) -> None:
    kind, value = mark[0], mark[1]
    if kind == "layer":
        state.pin_layer(str(value))
    elif kind == "block" and value is not None:
        run = found[int(value)]
        usable = [layer for layer in run.layers if screen.usable(layer)]
        state.pin_layer((usable or list(run.layers))[0].name)


def _controls(glance: Glance, here: Pointed, screen: Screen, subject: Subject) -> None:
    """Draw the keyboard's way along the strip: previous, a searchable list, next, and the Place in words."""
    titles = layer_titles(glance, screen)
    names = list(titles)
    now = here.layer.name if here.layer else None
    at = names.index(now) if now in names else 0
    if names and show.on_phone():
        _layer_list(titles, names[at], "stretch")  # a line of its own: beside the buttons names are cut
    with st.container(horizontal=True, vertical_alignment="center", key="stripline"):
        if names:
            _step(_("Before"), "left", names, at - 1, "strip_back")
            if not show.on_phone():
                _layer_list(titles, names[at], 220)
            _step(_("Next"), "right", names, at + 1, "strip_on")
        opened = placing.switch()
        if here.layer is not None:
            st.markdown(layer_line(here.layer, len(glance.layers) - 1), width="content")
        _place_line(here, subject)
    if opened:
        placing.fields(subject, glance, here)


def _layer_list(titles: dict[str, str], now: str, width: int | Literal["stretch"]) -> None:
    st.session_state["strip_layer"] = now
    st.selectbox(
        _("Layer"),
        list(titles),
        key="strip_layer",
        format_func=titles.__getitem__,
        label_visibility="collapsed",
        width=width,
        on_change=lambda: state.pin_layer(st.session_state["strip_layer"]),
    )


def _step(label: str, side: Literal["left", "right"], names: list[str], to: int, key: str) -> None:
    inside = 0 <= to < len(names)
    st.button(
        label,
        key=key,
        icon=f":material/chevron_{side}:",
        icon_position=side,
        disabled=not inside,
        on_click=lambda: state.pin_layer(names[to]) if inside else None,
    )


def layer_titles(glance: Glance, screen: Screen) -> dict[str, str]:
    """Return the layers that a page can use in graph order: by name, the name with what kind of layer it is."""
    usable = [layer for layer in glance.layers if layer.kind != "input" and screen.usable(layer)]
    return {layer.name: f"{layer.name} · {kind_title(layer)}" for layer in usable}


def kind_title(layer: LayerInfo) -> str:
    """Name a layer's kind: how a convolution reads its input, Keras's own word for everything else."""
    kinds = {"conv": _("plain"), "depthwise": _("depthwise"), "pointwise": _("pointwise")}
    return layer.type if layer.kind not in kinds or layer.type not in READ_PLAINLY else kinds[layer.kind]


def layer_line(layer: LayerInfo, count: int) -> str:
    """Write a layer in a line: its name, kernel and type, shape, position and receptive field."""
    kernel = f"{layer.kernel[0]}×{layer.kernel[1]} " if layer.kernel else ""
    field = layer.receptive_field
    depends = (
        _("receptive field {height}×{width} px").format(height=field.size[0], width=field.size[1])
        if field
        else _("receptive field: the whole picture")
    )
    return " · ".join(
        [
            f"**{layer.name}**",
            f"{kernel}{layer.type}",
            shape_text(layer.output_shape),
            _("layer {at} of {count}").format(at=layer.index, count=count),
            depends,
        ]
    )


def _place_line(here: Pointed, subject: Subject) -> None:
    """Say what is pinned beside the layer, and offer to let it go."""
    pinned = []
    if here.channel is not None:
        pinned.append(_("channel {channel}").format(channel=here.channel))
    if here.cell is not None:
        pinned.append(_("cell ({row}, {col})").format(row=here.row, col=here.col))
    if here.target is not None:
        pinned.append(target_text(Target(here.target, here.minus), subject))
    if pinned:
        st.markdown(":material/keep: " + " · ".join(pinned), width="content")
        st.button(
            _("Clear"),
            key="clear_place",
            type="tertiary",
            on_click=lambda: state.put(channel=None, cell=None, target=None, minus=None),
        )


def target_text(target: Target, subject: Subject) -> str:
    """Name a target: a class, or one class against another."""
    labels = subject.entry.labels()
    name = _("class {name}").format(name=labels[target.index])
    return (
        name if target.minus is None else _("{name} rather than {other}").format(name=name, other=labels[target.minus])
    )


def weights_offer(subject: Subject, refusal: str) -> None:
    """Say why the model can't answer the page, and what would change that."""
    st.info(refusal, icon=":material/info:")
    weights.offer(subject)
