"""What stands over every page: navigation, the question, badges, room for an answer. Light, to be painted first."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components import first_look, notices, raster, refusals, screens, state, subjects
from components.arrivals import ARRIVALS
from components.screens import Screen
from components.subjects import Subject
from components.text import _, plain

ANSWER = "answer"
NOTE = "note"
REFUSED = "refused_pages"
UNTRAINED = "untrained"
"""Set here: the model on the screen has random weights, and every figure made from them says so."""


def navigation() -> tuple[Screen, Any]:
    """Set the page up and build the navigation; returns the screen that was asked for and Streamlit's page."""
    st.set_page_config(page_title="ConvScope", page_icon=raster.icon(), layout="wide")
    pages: dict[str, list[Any]] = {}
    by_title = {}
    st.session_state[REFUSED] = left_out = refusals.refused()
    for at, screen in enumerate(screens.screens()):
        page = st.Page(
            screen.file,
            title=_(screen.label),
            icon=f":material/{screen.icon}:",
            url_path=screen.key,
            default=at == 0,
            visibility="hidden" if screen.key in left_out else "visible",
            help=_(screen.question),
        )
        pages.setdefault(_(screen.group), []).append(page)
        by_title[page.title] = screen
    chosen = st.navigation(pages, expanded=True)  # fourteen pages: none hides behind "more"
    state.turn_to(by_title[chosen.title].key)
    return by_title[chosen.title], chosen


def show(screen: Screen) -> None:
    """Draw the page's question, the badges of the subject, and room for a sentence of answer."""
    subject = subjects.current()
    st.session_state["screen"] = screen
    st.session_state[UNTRAINED] = not subject.entry.trained
    with st.container(horizontal=True, vertical_alignment="center", key="header"):
        st.title(f":material/{screen.icon}: {_(screen.question)}", anchor=False)
        if screen.strip:
            with st.container(horizontal=True, width="content", key="badges"):
                _badges(subject, screen)
    with st.container(key="answer"):  # a page may hold its room by a style, so that nothing below it moves
        st.session_state[ANSWER] = st.empty()
    st.session_state[NOTE] = st.empty()
    lost = st.session_state.pop("lost", None)
    if lost:
        st.warning(notices.lost(*lost), icon=":material/info:")


def _badges(subject: Subject, screen: Screen) -> None:
    st.badge(f"{subject.entry.title} · {plain(subject.title)}", color="blue", icon=":material/image:")
    if subject.entry.trained:
        st.badge(_("Trained"), color="green", icon=":material/check:")
    else:
        st.badge(_("RANDOM WEIGHTS"), color="red", icon=":material/casino:", help=notices.random_weights())
    slot = st.empty()  # written as soon as the live run begins; one badge takes the other's place, so nothing moves
    if screen.first_look and first_look.shows(subject):
        slot.badge(_("precomputed"), color="orange", icon=":material/bolt:", help=notices.precomputed())
    elif subject.entry.dataset:
        slot.badge(subject.entry.dataset, color="gray")


def answer(sentence: str) -> None:
    """Write the page's answer for the present subject under its question."""
    st.session_state[ANSWER].markdown(f"#### {sentence}" if len(sentence) <= 140 else sentence)
    ARRIVALS.others_first()
