"""A chain of layers as a table that one edits: its text stands in the address, so that a link shows the same chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from components import state
from components.text import _
from explain.chain_layers import ACTIVATIONS, LINKS, Link, Shape
from explain.chain_text import pair, read, sizes, written
from explain.errors import ArgumentError

DEFAULT = (
    "28x28x1.conv-32-3x3-same-relu.max-2x2.conv-64-3x3-same-relu.max-2x2.flatten.dense-100-relu.dropout-40."
    "dense-10-softmax"
)
CHAIN, WRITTEN, BASE, TURN = "chain", "chain_written", "chain_base", "chain_turn"
SIDES = (("rows", 0), ("columns", 1), ("channels", 2))
LINE = "line"
SHOWN = (LINE, "type", "units", "window", "activation", "padding", "strides", "dilation", "bias", "shape", "rate")
FIELDS = ("units", "window", "strides", "padding", "dilation", "bias", "activation", "shape", "rate")


def current() -> tuple[Shape, tuple[Link, ...]]:
    """Return the chain of the address, the default where it holds none or one that can't be read."""
    state.own(CHAIN)
    text = state.view().get(CHAIN, DEFAULT)
    try:
        return read(text)
    except ArgumentError:
        state.drop(CHAIN)
        return read(DEFAULT)


def edited() -> tuple[Shape, tuple[Link, ...], str]:
    """Draw the editor; return the input, the layers that could be read, and what is wrong with the others, if any."""
    shape, links = current()
    lost = f"chain_table_{st.session_state.get(TURN, 0)}" not in st.session_state  # with the page it was edited on
    if lost or st.session_state.get(WRITTEN) != written(shape, links):  # it came from outside: an address, a preset
        st.session_state[BASE] = rows(links)
        st.session_state[TURN] = st.session_state.get(TURN, 0) + 1
    shape = _input(shape)
    table = st.data_editor(
        st.session_state[BASE],
        key=f"chain_table_{st.session_state[TURN]}",
        num_rows="dynamic",
        hide_index=True,
        placeholder="",
        column_order=SHOWN,
        column_config=_columns(),
    )
    links, wrong = links_of(table)
    _write(shape, links)
    if not wrong and _lines_were_deleted():
        del st.session_state[WRITTEN]  # the lines that are left are numbered anew
        st.rerun()
    return shape, links, wrong


def _lines_were_deleted() -> bool:
    edits = st.session_state.get(f"chain_table_{st.session_state[TURN]}")
    return bool(edits and edits["deleted_rows"])


def _input(shape: Shape) -> Shape:
    given = []
    names = {"rows": _("Rows"), "columns": _("Columns"), "channels": _("Channels")}
    with st.container(horizontal=True):
        for name, at in SIDES:
            key = f"chain_{name}"
            st.session_state[key] = shape[at]
            given.append(int(st.number_input(names[name], 1, 100_000, key=key, width=130, on_change=_resized)))
    return given[0], given[1], given[2]


def _resized() -> None:
    shape = tuple(int(st.session_state[f"chain_{name}"]) for name, _at in SIDES)
    _write(shape, current()[1])


def _write(shape: Shape, links: Sequence[Link]) -> None:
    text = written(shape, links)
    st.session_state[WRITTEN] = text
    state.put(**{CHAIN: None if text == DEFAULT else text})


def rows(links: Sequence[Link]) -> dict[str, list[Any]]:
    """Return the table's columns, its lines numbered from 1; what a type has no use for is empty.

    No layers are one empty line to begin with.
    """
    if not links:
        return {field: [None] for field in (LINE, "type", *FIELDS)}
    found: dict[str, list[Any]] = {LINE: [*range(1, len(links) + 1)], "type": [link.type for link in links]}
    for field in FIELDS:
        found[field] = [_cell(link, field) if field in LINKS[link.type].fields else None for link in links]
    return found


def _cell(link: Link, field: str) -> Any:
    value = getattr(link, field)
    if field in ("window", "strides", "dilation", "shape"):
        return "x".join(map(str, value)) if (value and value != (1, 1)) or field == "window" else None
    return value


def links_of(table: Mapping[str, Any]) -> tuple[tuple[Link, ...], str]:
    """Read the table: the layers up to the first that can't be read, and what is wrong with that one."""
    links: list[Link] = []
    for at in range(len(table["type"])):
        row = {field: list(table[field])[at] for field in ("type", *FIELDS)}
        if not row["type"] or row["type"] != row["type"]:
            continue
        try:
            links.append(_link(row))
        except ArgumentError as problem:
            return tuple(links), _("Line {n}: {why}").format(n=at + 1, why=str(problem))
    return tuple(links), ""


def _link(row: Mapping[str, Any]) -> Link:
    fields = LINKS[row["type"]].fields
    given = {name: row[name] for name in fields if row[name] is not None and row[name] == row[name] and row[name] != ""}
    found: dict[str, Any] = {name: given[name] for name in ("padding", "bias", "activation") if name in given}
    found |= {name: pair(name, given[name]) for name in ("window", "strides", "dilation") if name in given}
    if "units" in fields:
        found["units"] = sizes("units", str(int(given.get("units", 1))), (1,))[0]
    if "shape" in fields:
        found["shape"] = sizes("shape", given.get("shape", ""), (1, 2, 3))
    if "rate" in given:
        found["rate"] = min(max(float(given["rate"]), 0.0), 0.99)
    return Link(row["type"], **found)


def _columns() -> dict[str, Any]:
    column = st.column_config
    pairs = _("Rows and columns, as 3x2; one number stands for both")
    filters, windows = _("Filters of a convolution, units of a dense layer"), _("The kernel, or the pooling window.")
    return {
        LINE: column.NumberColumn("", help=_("The layer's number"), disabled=True, pinned=True, width=36),
        "type": column.SelectboxColumn(_("layer"), options=list(LINKS), required=True, pinned=True, width=104),
        "units": column.NumberColumn(_("units"), help=filters, min_value=1, max_value=100_000, step=1, width=72),
        "window": column.TextColumn(_("window"), help=f"{windows} {pairs}", width=86),
        "strides": column.TextColumn(_("strides"), help=_("Empty: 1, and the window's own for pooling"), width=82),
        "padding": column.SelectboxColumn(_("padding"), options=["valid", "same"], width=86),
        "dilation": column.TextColumn(_("dilation"), help=pairs, width=86),
        "bias": column.CheckboxColumn(_("bias"), width=66),
        "activation": column.SelectboxColumn(_("activation"), options=list(ACTIVATIONS), width=98),
        "shape": column.TextColumn(_("new shape"), help=_("Of Reshape, as 4x6x5"), width=104),
        "rate": column.NumberColumn(
            _("dropped"), help=_("Share of Dropout"), min_value=0.0, max_value=0.99, step=0.05, width=88
        ),
    }
