"""A kernel by name or by hand: a table of its weights, kept as a short text in the address."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from components import controls, state
from components.text import _
from explain.errors import ArgumentError
from explain.filter_text import read, written
from explain.filters import MOST_WEIGHT, PADDINGS, PRESETS, SIZES, Kernel, preset, resized

FILTER, SHOWN, TABLE, TURN = "filter", "filter_shown", "filter_table", "filter_turn"
DEFAULT = "sobel_x-3x3"
HAND = "hand"
MOST_STRIDE = 8
CELL = 62


@dataclass(frozen=True)
class Setting:
    """A kernel and how it slides. `base` is the preset it is, "" where its weights are its own."""

    kernel: Kernel
    base: str
    stride: int
    padding: str
    dilation: int

    @property
    def name(self) -> str:
        """The kernel's name."""
        return name_of(self.base or HAND)


def name_of(key: str) -> str:
    """Name a preset, or a kernel by hand."""
    return {
        HAND: _("By hand"),
        "identity": _("Identity"),
        "box": _("Blur, box"),
        "gaussian": _("Blur, Gaussian"),
        "sharpen": _("Sharpen"),
        "sobel_x": _("Edges, Sobel across"),
        "sobel_y": _("Edges, Sobel down"),
        "scharr_x": _("Edges, Scharr across"),
        "scharr_y": _("Edges, Scharr down"),
        "laplacian": _("Edges, Laplacian"),
        "emboss": _("Emboss"),
        "motion": _("Motion blur"),
    }[key]


def current() -> tuple[Kernel, str]:
    """Return the kernel of the address and the preset it comes from, the default where it holds none."""
    state.own(FILTER)
    text = state.view().get(FILTER, DEFAULT)
    try:
        return read(text)
    except ArgumentError:
        state.drop(FILTER)
        return read(DEFAULT)


def put(kernel: Kernel, base: str) -> None:
    """Keep a kernel in the address, none for the default."""
    text = written(kernel, base)
    state.put(**{FILTER: None if text == DEFAULT else text})


def whole(kernel: Kernel, base: str) -> bool:
    """Whether a kernel is the preset it comes from, no weight changed."""
    return bool(base) and np.array_equal(kernel, preset(base, *kernel.shape))


def pick() -> None:
    """Draw the pickers of name and size; both act before the page runs again."""
    kernel, base = current()
    st.session_state["filter_name"] = base if whole(kernel, base) else HAND
    st.selectbox(_("Kernel"), [HAND, *PRESETS], key="filter_name", format_func=name_of, on_change=_named)
    st.session_state["filter_size"] = "x".join(map(str, kernel.shape))
    st.segmented_control(
        _("Size, rows × columns"),
        ["x".join(map(str, size)) for size in SIZES],
        key="filter_size",
        format_func=lambda size: size.replace("x", "×"),
        required=True,
        wrap=True,
        on_change=_sized,
    )


def _named() -> None:
    kernel, _base = current()
    key = st.session_state["filter_name"]
    put(np.zeros(kernel.shape) if key == HAND else preset(key, *kernel.shape), "" if key == HAND else key)


def _sized() -> None:
    kernel, base = current()
    rows, columns = map(int, st.session_state["filter_size"].split("x"))
    same = whole(kernel, base)
    put(preset(base, rows, columns) if same else resized(kernel, rows, columns), base if same else "")


def slide() -> tuple[int, str, int]:
    """Draw stride, padding and dilation; a stride above 1 takes the dilation away, since Keras allows one of them."""
    stride = controls.slider("filter_stride", _("Stride"), 1, MOST_STRIDE, 1, 1)
    padding = controls.segments("filter_padding", _("Padding"), PADDINGS, "same")
    if stride > 1:
        state.own("filter_dilation")
        st.caption(_("Keras takes a dilation only with a stride of 1."))
        return stride, padding, 1
    return stride, padding, controls.slider("filter_dilation", _("Dilation"), 1, MOST_STRIDE, 1, 1)


def table() -> tuple[Kernel, str, str]:
    """Draw the weights as a table one edits; return kernel, preset ("" by hand) and what is wrong with a cell."""
    kernel, base = current()
    if st.session_state.get(SHOWN) != written(kernel, base):  # it came from outside: a picker, an address
        st.session_state[TABLE] = columns_of(kernel)
        st.session_state[TURN] = st.session_state.get(TURN, 0) + 1
    edited = st.data_editor(
        st.session_state[TABLE],
        key=f"filter_cells_{st.session_state[TURN]}",
        hide_index=True,
        height="content" if len(kernel) < 10 else 320,
        width="stretch",
        column_config=_columns(kernel.shape[1]),
    )
    try:
        kernel = read(written(kernel_of(edited), base))[0]
    except ArgumentError as problem:
        return kernel, base if whole(kernel, base) else "", str(problem)
    put(kernel, base)
    st.session_state[SHOWN] = written(kernel, base)
    return kernel, base if whole(kernel, base) else "", ""


def _columns(count: int) -> dict[str, Any]:
    """Numbered columns; the many of a large kernel are narrow."""
    more: dict[str, Any] = {
        "format": "%.3g" if count < 6 else "%.2g",
        "min_value": -MOST_WEIGHT,
        "max_value": MOST_WEIGHT,
    }
    if count > 5:
        more["width"] = CELL
    return {f"{at}": st.column_config.NumberColumn(f"{at}", **more) for at in range(count)}


def columns_of(kernel: Kernel) -> dict[str, list[float]]:
    """Return a kernel as a table's columns, weights to six digits."""
    return {f"{at}": [float(f"{value:.6g}") for value in column] for at, column in enumerate(kernel.T)}


def kernel_of(table: Mapping[str, Sequence[Any]]) -> Kernel:
    """Return a table's columns as a kernel; an empty cell is 0."""
    values = [[0.0 if _empty(value) else float(value) for value in table[name]] for name in table]
    return np.array(values).T


def _empty(value: Any) -> bool:
    return value is None or math.isnan(value)
