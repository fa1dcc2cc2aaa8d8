"""Controls that remember: their value lives in the view, so it survives a page switch and travels in the URL.

A control draws itself from its session key; the view keeps what differs from the default.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st

from components import state
from components.text import _
from explain.types import Choice, Layer, Number, Param

T = TypeVar("T")
MOST_STEPS = 500
"""More steps than a hand can set on a slider: such a parameter is typed."""


def keep(name: str, default: T, read: Callable[[str], T | None]) -> str:
    """Give a control its session key, its value taken from the view where that is valid; returns the key."""
    key = f"set_{name}"
    state.own(name)
    text = state.view().get(name)
    value = read(text) if text is not None else default
    if value is None:
        state.drop(name)
        value = default
    st.session_state[key] = value
    return key


def store(name: str, default: Any, write: Callable[[Any], str] = str) -> Callable[[], None]:
    """Return a callback that writes a control's value to the view, or removes it when it is the default."""

    def save() -> None:
        value = st.session_state[f"set_{name}"]
        state.put(**{name: None if value == default else write(value)})

    return save


def _whole(low: float, high: float) -> Callable[[str], int | None]:
    def read(text: str) -> int | None:
        try:
            value = int(text)
        except ValueError:
            return None
        return value if low <= value <= high else None

    return read


def _real(low: float, high: float) -> Callable[[str], float | None]:
    def read(text: str) -> float | None:
        try:
            value = float(text)
        except ValueError:
            return None
        return value if low <= value <= high else None

    return read


def slider(name: str, label: str, low: float, high: float, default: float, step: float, help: str = "") -> Any:
    """Draw a slider over numbers, whole if the default and step are."""
    if high <= low:
        return default
    whole = isinstance(default, int) and isinstance(step, int)
    cast = int if whole else float
    key = keep(name, cast(default), _whole(low, high) if whole else _real(low, high))
    return st.slider(
        label, cast(low), cast(high), step=cast(step), key=key, help=help or None, on_change=store(name, cast(default))
    )


def number(
    name: str, label: str, low: float, high: float, default: float, step: float, help: str = "", form: str | None = None
) -> Any:
    """Draw a field for a number typed exactly, written by the format `form`."""
    whole = isinstance(default, int) and isinstance(step, int)
    cast = int if whole else float
    key = keep(name, cast(default), _whole(low, high) if whole else _real(low, high))
    save = store(name, cast(default))
    return st.number_input(
        label, cast(low), cast(high), step=cast(step), key=key, help=help or None, format=form, on_change=save
    )


def toggle(name: str, label: str, default: bool = False, help: str = "", disabled: bool = False) -> bool:
    """Draw a switch."""
    key = keep(name, default, lambda text: {"1": True, "0": False}.get(text))
    return st.toggle(
        label,
        key=key,
        help=help or None,
        disabled=disabled,
        on_change=store(name, default, lambda on: "1" if on else "0"),
    )


def choose(
    name: str, label: str, options: Sequence[str], default: str, titles: Callable[[str], str] = str, help: str = ""
) -> str:
    """Draw a picker of one option, by its key; `titles` gives the words shown."""
    key = keep(name, default, lambda text: text if text in options else None)
    return str(
        st.selectbox(
            label, list(options), key=key, format_func=titles, help=help or None, on_change=store(name, default)
        )
    )


def segments(
    name: str, label: str, options: Sequence[str], default: str, titles: Callable[[str], str] = str, help: str = ""
) -> str:
    """Draw a row of buttons of which one is on."""
    key = keep(name, default, lambda text: text if text in options else None)
    return str(
        st.segmented_control(
            label,
            list(options),
            key=key,
            format_func=titles,
            required=True,
            wrap=True,
            help=help or None,
            on_change=store(name, default),
        )
        or default
    )


def parameter(param: Param, prefix: str) -> Any:
    """Draw the control that a method's parameter declares; pages know no method by name."""
    name = f"{prefix}_{param.name}"
    if isinstance(param, Number):
        draw = number if (param.high - param.low) / param.step > MOST_STEPS else slider
        return draw(name, _(param.label), param.low, param.high, param.default, param.step, _help(param.help))
    if isinstance(param, Choice):
        titles = dict(zip(param.options, param.labels or param.options, strict=True))
        return choose(name, _(param.label), param.options, param.default, lambda key: _(titles[key]), _help(param.help))
    assert isinstance(param, Layer)
    return None


def _help(text: str) -> str:
    return _(text) if text else ""


def more(label: str, *, over: bool = False) -> Any:
    """Return a place for the controls beyond the first five; `over` what stands below it, which it then can't push."""
    if over:
        return st.popover(label, icon=":material/tune:", width="stretch")
    return st.expander(label, icon=":material/tune:")
