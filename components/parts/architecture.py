"""The parts of the Architecture page: drawing, table, output-size rules, receptive fields, totals."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from components import compute, downloads, figures, show, state
from components.figures import Words
from components.glances import Glance
from components.pointing import Pointed
from components.subjects import Subject
from components.text import _, bytes_text, number, percent, plain, shape_text
from explain.arithmetic import SizeRule, size_rules
from explain.layers import LayerInfo

FLOAT_BYTES = 4
ROWS_IN_SIGHT = 11
"""Layers that the table shows at once; a longer one scrolls."""
HERE = " "
"""Name of the column that marks one row. A row selected beforehand would keep the arrow keys from the table."""


def headline(subject: Subject, glance: Glance) -> str:
    """Say in a sentence how big the network is and what most of it is."""
    layers = [layer for layer in glance.layers if layer.kind != "input"]
    parameters = sum(layer.parameters for layer in layers)
    macs = sum(layer.macs for layer in layers)
    return _("{layers} layers, {parameters} parameters, {macs} million multiply-adds a picture.").format(
        layers=len(layers), parameters=f"{parameters:,}", macs=number(macs / 1e6)
    )


def drawing(glance: Glance, here: Pointed) -> None:
    """Draw the layers in graph order; a click points at one."""
    layers = [layer for layer in glance.layers if layer.kind != "input"]
    biggest = max(layers, key=lambda layer: layer.parameters)
    total = sum(layer.parameters for layer in layers)
    words = Words(
        _("Layer {layer} holds {share} of all parameters").format(
            layer=biggest.name, share=percent(biggest.parameters / total)
        )
        if total
        else _("No layer here has parameters"),
        _("Every layer in graph order. Click one to point at it."),
        _("which layers the answer depends on most."),
    )
    bars = [
        figures.Bar(layer.name, layer.kind, _rows(layer), layer.output_shape[-1], _detail(layer)) for layer in layers
    ]
    drawn = figures.layer_drawing(bars, words, current=here.layer.name if here.layer else None)
    show.figure(drawn, "layers", lambda mark: state.pin_layer(str(mark[1])), of_weights=False)


def _rows(layer: LayerInfo) -> int:
    return layer.output_shape[0] if layer.spatial else 1


def _detail(layer: LayerInfo) -> str:
    return f"{layer.type} · {shape_text(layer.output_shape)} · {layer.parameters:,}"


def rows(glance: Glance) -> list[dict[str, Any]]:
    """Return the table of layers: one dictionary a layer, in graph order."""
    return [
        {
            _("layer"): layer.name,
            _("type"): layer.type,
            _("output shape"): shape_text(layer.output_shape),
            _("parameters"): layer.parameters,
            _("multiply-adds"): layer.macs,
            _("receptive field"): "×".join(str(n) for n in layer.receptive_field.size)
            if layer.receptive_field
            else _("everything"),
            _("fed by"): ", ".join(layer.inputs),
        }
        for layer in glance.layers
    ]


def table(subject: Subject, glance: Glance, here: Pointed) -> None:
    """Draw the layers as a table; selecting a row points at the layer. Offer it as CSV and as Keras's summary."""
    listed = rows(glance)

    def chosen() -> None:
        picked = st.session_state[key].selection.rows
        if picked:
            state.pin_layer(glance.layers[picked[0]].name)

    key = f"layers_{subject.model}_{here.layer.name if here.layer else ''}"
    now = here.layer.name if here.layer is not None else ""
    st.dataframe(
        [{HERE: "\u25b6" if row[_("layer")] == now else ""} | row for row in listed],
        key=key,
        hide_index=True,
        height=420 if len(listed) > ROWS_IN_SIGHT else "content",
        on_select=chosen,
        selection_mode="single-row",
        column_config={
            HERE: st.column_config.TextColumn("", width=36, help=_("The layer that is pointed at")),
            **{
                name: st.column_config.NumberColumn(format="localized")
                for name in (_("parameters"), _("multiply-adds"))
            },
        },
        alt=_("Every layer with its type, shape, parameters, multiply-adds and receptive field"),
    )
    said = _("{n} rows; scroll for more.") if len(listed) > ROWS_IN_SIGHT else _("{n} rows.")
    more = _("The arrow marks the layer that is pointed at; tick a row to move there.")
    st.caption(f"{said.format(n=len(listed))} {more}")
    _to_keep(subject, listed)


def _to_keep(subject: Subject, listed: list[dict[str, Any]]) -> None:
    with st.container(horizontal=True):
        downloads.button(_("Table as CSV"), lambda: _csv(listed), f"{subject.model}_layers.csv", "text/csv")
        with st.popover(_("Keras's summary()"), icon=":material/notes:"):
            st.code(compute.summary(subject.model, subject.state), language=None)


def _csv(listed: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(listed[0]))
    writer.writeheader()
    writer.writerows(listed)
    return text.getvalue().encode()


def sizes(glance: Glance, here: Pointed) -> None:
    """Write the output-size rule of the layer with its own numbers, by the textbook and by Keras."""
    layer = here.layer
    if layer is None:
        return
    st.subheader(_("How {layer} gets its size").format(layer=plain(layer.name)), anchor=False)
    source = glance.layer(layer.inputs[0]) if layer.inputs else None
    rules = size_rules(layer, source.output_shape) if source else None
    if rules is None or source is None:
        st.markdown(
            _("{type} slides no window: {before} becomes {after}.").format(
                type=layer.type,
                before=shape_text(source.output_shape) if source else _("the picture"),
                after=shape_text(layer.output_shape),
            )
        )
    else:
        write_rules(rules)
    st.markdown(
        _("**Parameters** {parameters} · **multiply-adds** {macs} · **output** {size} as float32").format(
            parameters=f"{layer.parameters:,}",
            macs=f"{layer.macs:,}",
            size=bytes_text(int(np.prod(layer.output_shape)) * FLOAT_BYTES),
        )
    )


def write_rules(rules: tuple[SizeRule, SizeRule]) -> None:
    """Write both size rules of a sliding window with their numbers, once where rows and columns are alike."""
    height, width = rules
    alike = replace(width, axis=height.axis) == height
    for rule in rules[: 1 if alike else 2]:
        _rule(rule, _("Height and width") if alike else "")


def _rule(rule: SizeRule, name: str) -> None:
    pad = number(rule.pad, 2, strip=True)
    axis = name or {"height": _("Height"), "width": _("Width")}[rule.axis]
    reach = (rule.kernel - 1) * rule.dilation + 1
    st.markdown(f"{axis}: {_('textbook formula')}")
    window = rf"\frac{{{rule.size} + 2\cdot {pad} - {reach}}}{{{rule.stride}}}"
    st.latex(rf"\left\lfloor {window} \right\rfloor + 1 = {rule.formula}")
    if rule.padding == "same":
        keras = rf"\lceil {rule.size} / {rule.stride} \rceil = {rule.keras}"
    else:
        keras = rf"\lfloor ({rule.size} - {reach}) / {rule.stride} \rfloor + 1 = {rule.keras}"
    st.markdown(_("Keras's rule for “{padding}”").format(padding=rule.padding))
    st.latex(keras)
    if not rule.pads_agree:
        st.info(
            _(
                "Same size, other padding: the formula lays {pad} on each side, Keras {before} in front and {after} "
                "behind, so the windows lie differently."
            ).format(pad=pad, before=rule.before, after=rule.after),
            icon=":material/call_split:",
        )
    if not rule.agree:
        st.warning(
            _("They part here: the formula gives {a}, Keras makes {b}.").format(a=rule.formula, b=rule.keras),
            icon=":material/call_split:",
        )


def totals(subject: Subject, glance: Glance) -> None:
    """Write the sums over all layers."""
    layers = glance.layers
    parameters = sum(layer.parameters for layer in layers)
    cells = sum(int(np.prod(layer.output_shape)) for layer in layers)
    with st.grid(4, min_column_width=200):
        st.metric(_("Parameters"), f"{parameters:,}")
        st.metric(_("Weights as float32"), bytes_text(parameters * FLOAT_BYTES))
        st.metric(_("Multiply-adds a picture"), f"{sum(layer.macs for layer in layers):,}")
        st.metric(_("All activations of one picture"), bytes_text(cells * FLOAT_BYTES))
    if subject.state == "full" and subject.entry.fetchable is not None:
        file = subject.entry.fetchable()
        st.caption(
            _("Weights: the whole file, {source}. Licence: {licence}. {size}, {checksum}.").format(
                source=file.url, licence=file.licence, size=bytes_text(file.bytes), checksum=file.checksum
            )
        )
        return
    weights = subject.entry.weights
    if not weights.sha256:
        st.caption(_("Weights: {source}; drawn anew each time, so there is no file.").format(source=weights.source))
        return
    named = _("{size}, sha256 {sha}.") if weights.bytes else _("sha256 {sha}.")
    said = _("Weights: {source}. Licence: {licence}.").format(source=weights.source, licence=weights.licence)
    st.caption(f"{said} {named.format(size=bytes_text(weights.bytes), sha=weights.sha256[:12])}")
