"""Put a drawn figure on the page: title above, picture, caption and what it doesn't show below, clicks handed on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import streamlit as st

from components import raster, state
from components.figures import CONFIG, Drawn, clicked, require_complete
from components.heading import UNTRAINED
from components.raster import Pixels
from components.text import _
from components.widths import columns as columns
from components.widths import fit as fit
from components.widths import narrow
from components.widths import on_phone as on_phone
from components.widths import stacked as stacked


def figure(
    drawn: Drawn,
    key: str,
    on_click: Callable[[tuple[Any, ...]], None] | None = None,
    into: Any = None,
    kicker: str = "",
    of_weights: bool = True,
) -> None:
    """Show a figure with the words that belong to it; refuses one without.

    `kicker` is a word above the title; `of_weights` False for what random weights can't change. `on_click` is called
    with the marker's tuple before the page runs again. The chart's key carries a turn, so that the same mark can be
    clicked twice: Plotly would otherwise take the second click as "no longer selected".
    """
    require_complete(drawn)
    place = into if into is not None else st.container()
    with place if into is None else place.container():
        if of_weights and st.session_state.get(UNTRAINED):
            st.markdown(f":red-background[//// **{_('RANDOM WEIGHTS')}** ////]")
        st.markdown(f":blue[**{kicker}**]  \n**{drawn.title}**" if kicker else f"**{drawn.title}**")
        chart(drawn, key, on_click)
        small(drawn.caption)
        if drawn.doesnt_show:
            small(f":material/visibility_off: {_('Does not show')}: {drawn.doesnt_show}")


def image(picture: Pixels | bytes, alt: str, width: int | Literal["stretch"] = "stretch") -> None:
    """Show a picture, pixels or PNG, with what it says in words.

    It is sent with the page, as it is: a file of its own Streamlit deletes as soon as anybody's run ends while the
    page of its owner is drawn anew, before a slow browser has asked for it, and writes as JPEG.
    """
    st.image(raster.data_uri(picture), width=width, alt=alt)


def small(words: str) -> None:
    """Write small print in the theme's own grey: a caption's is too pale for what must be read."""
    balanced = words.count("[") == words.count("]")
    st.markdown(f":small[:gray[{words}]]" if balanced else words)


def chart(drawn: Drawn, key: str, on_click: Callable[[tuple[Any, ...]], None] | None = None) -> None:
    """Show the picture alone; for frames that write the words elsewhere.

    Drawn again in the same run, as a partial result is that another session's computation goes on from, it is another
    chart to Streamlit.
    """
    config = CONFIG | {"displayModeBar": False} if on_phone() else CONFIG  # a touch screen shows it over the picture
    if narrow():
        key += "-narrow"  # drawn afresh: Plotly would keep the room it found before the page was stacked
    drawn_before = st.session_state.setdefault(state.DRAWN, {})
    times = drawn_before[key] = drawn_before.get(key, 0) + 1
    if times > 1:
        key += f"-again-{times}"
    if on_click is None:
        st.plotly_chart(drawn.figure, key=key, config=config, alt=drawn.alt)
        return
    turns: dict[str, int] = st.session_state.setdefault("turns", {})
    turned = f"{key}-{turns.get(key, 0)}"

    def handle() -> None:
        mark = clicked(st.session_state[turned])
        if mark is not None:
            turns[key] = turns.get(key, 0) + 1
            on_click(mark)

    st.plotly_chart(
        drawn.figure, key=turned, config=config, alt=drawn.alt, on_select=handle, selection_mode=("points",)
    )
