"""The frame of every page: sidebar, strip, errors, and what happens after the page has run."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import streamlit as st

from components import (
    compute,
    first_look,
    heading,
    jobs,
    keeping,
    navigator,
    notices,
    pointing,
    refusals,
    screens,
    sessions,
    sidebar,
    state,
    subjects,
    warming,
    widths,
)
from components.arrivals import ARRIVALS
from components.failures import caught
from components.glances import Glance
from components.heading import answer as answer
from components.screens import Screen
from components.subjects import Subject
from components.text import _

TOKEN = "framed"
PRECOMPUTED = "precomputed"
STRIP_SEEN, STRIP_DUE, SIDE_DUE = "strip_seen", "strip_due", "side_due"
STEPPED = "stepped"
PAINT_SECONDS, PAINT_TURNS = 0.3, 10
"""What a browser needs to paint a picture; whoever steps on within it spares the rest of the page."""


def ensure() -> None:
    """Begin a page: build the frame first if a deep link came here before it.

    A server whose first request is a deep link runs the page file without the entrypoint; the token, set by the
    entrypoint just before the page, is then missing.
    """
    if not st.session_state.pop(TOKEN, False):
        heading.navigation()
        st.rerun()


def subject() -> Subject:
    """Return the subject that every page is about."""
    return subjects.current()


def glance() -> Glance:
    """Return what every page shows of the subject; the shipped first look while TensorFlow loads."""
    present = subjects.current()
    if first_look.shows(present):
        st.session_state[PRECOMPUTED] = True
        return first_look.load()
    if warming.ready(present):
        seen = compute.glance(present)
    else:
        ARRIVALS.over()
        with _opening(present):
            seen = compute.glance(present)
    refusals.learn(present, seen)
    return seen


def _opening(present: Subject) -> AbstractContextManager[None]:
    return st.spinner(_("Opening {model}; the first time takes some seconds.").format(model=present.entry.title))


def _awaited(screen: Screen) -> AbstractContextManager[None]:
    """Say that the model is being opened where a page waits for it under the strip of the first look."""
    present = subjects.current()
    waits = screen.strip and not screen.first_look and first_look.shows(present)
    return _opening(present) if waits else nullcontext()


def place(screen: Screen) -> pointing.Pointed:
    """Return the Place as this page can honour it."""
    return pointing.point(state.place(), glance(), screen)


def pointed() -> pointing.Pointed:
    """Return the Place as the running page can honour it."""
    return place(st.session_state["screen"])


def strip(screen: Screen) -> None:
    """Draw the network strip, the layer picker and the Place; the figure last where the page's picture is awaited."""
    st.session_state.pop(STRIP_DUE, None)  # of a run that came to no end
    if not screen.strip:
        widths.watch()
        return
    with caught("strip"):
        here = place(screen)
        draw = navigator.show_strip(subjects.current(), glance(), here, screen)
        if ARRIVALS.crowded() or (screen.strip_last and st.session_state.get(STRIP_SEEN)):
            st.session_state[STRIP_DUE] = draw
        else:
            draw()
            st.session_state[STRIP_SEEN] = True
        for note in here.notes:
            st.caption(f":material/info: {note}")


def side(screen: Screen) -> None:
    """Draw the sidebar's pickers; last where the page's picture is awaited, since they hold nothing new then."""
    late = screen.strip_last and st.session_state.get(STRIP_SEEN)
    st.session_state[SIDE_DUE] = bool(late or ARRIVALS.crowded())
    if not st.session_state[SIDE_DUE]:
        _side()


def _side() -> None:
    with caught("sidebar"):
        with st.sidebar:
            refusals.show()
        sidebar.show()


def layer_slider() -> None:
    """Draw the slider over the layers that the running page can use, in graph order; it moves the Place."""
    titles = navigator.layer_titles(glance(), st.session_state["screen"])
    here = pointed().layer
    if here is None or len(titles) < 2:
        return
    st.session_state["layer_slider"] = here.name
    st.select_slider(
        _("Layer, in graph order"),
        list(titles),
        key="layer_slider",
        format_func=titles.__getitem__,
        on_change=_step,
    )


def _step() -> None:
    st.session_state[STEPPED] = True
    state.pin_layer(st.session_state["layer_slider"])


def picture_first() -> None:
    """After a step of the layer slider, let the browser paint the picture before the rest of the page is sent.

    Whoever steps on meanwhile ends this run: Streamlit looks for that whenever the session's state is read.
    """
    if st.session_state.pop(STEPPED, False):
        for _turn in range(PAINT_TURNS):
            time.sleep(PAINT_SECONDS / PAINT_TURNS)
            st.session_state.get(STEPPED)


def run(page: Any) -> None:
    """Run a page; what goes wrong becomes a message that says what happened and what is unharmed."""
    st.session_state[TOKEN] = True
    screen: Screen = st.session_state["screen"]
    state.publish()
    sessions.note()
    jobs.turn_over()
    _told()
    if screen.strip and not screen.first_look:
        warming.warm_soon(subjects.current())
    if refusals.refused() != st.session_state[heading.REFUSED]:
        st.rerun()  # its layers are known only now, and the navigation was drawn without them
    refusal = refusals.reason(screen)
    if refusal:
        st.session_state.pop(TOKEN)
        navigator.weights_offer(subjects.current(), refusal)
        return
    with caught("page"), _awaited(screen):
        page.run()


def _told() -> None:
    """Say what the session lost without the user's doing: all of it to its end, or its oldest things to their size."""
    why = sessions.lost()
    if why:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(notices.session_lost(why), icon=":material/link_off:")
            st.button(_("I see"), key="lost_seen", on_click=sessions.understood)
    if keeping.gave_up():
        st.info(notices.gave_up(), icon=":material/inventory_2:")


def finish(screen: Screen) -> None:
    """Write the URL, and begin to load the model once the first paint is out."""
    st.session_state.pop(jobs.HALT, None)
    due = st.session_state.pop(STRIP_DUE, None)
    if due is not None:
        with caught("strip"):
            due()
    if st.session_state.pop(SIDE_DUE, False):
        _side()
    dropped = state.dropped()
    if dropped:
        names = ", ".join(f"`{name}`" for name in dropped)
        st.session_state[heading.NOTE].caption(
            _("Left out of the address, because it can't be used here: {names}.").format(names=names)
        )
    state.publish()
    state.remember()
    keeping.trim()
    present = subjects.current()
    if screen.strip:
        warming.warm_soon(present)
    if st.session_state.pop(PRECOMPUTED, False):
        _watch(present)


@st.fragment(run_every=1.0)
def _watch(present: Subject) -> None:
    """Change from the first look to the live model as soon as it is there."""
    if warming.ready(present):
        st.rerun()


def go(page: str, **values: Any) -> None:
    """Go to another page and take a Place along."""
    if "model" in values:
        sidebar.open_model(values.pop("model"))
    if "layer" in values:
        state.pin_layer(values.pop("layer"))
    state.put(**values)
    st.switch_page(next(screen.file for screen in screens.screens() if screen.key == page))


def next_question(page: str, question: str) -> None:
    """End a page with one next question that takes the Place along."""
    st.divider()
    lead(page, question)


def lead(page: str, words: str) -> None:
    """Link to another page, if there is one of that name; one that can't answer now says why not."""
    screen = next((one for one in screens.screens() if one.key == page), None)
    if screen is not None:
        why = refusals.reason(screen)
        st.page_link(screen.file, label=words, icon=":material/arrow_forward:", disabled=bool(why), help=why or None)
