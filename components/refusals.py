"""Which pages the open model can't answer, and why: they leave the navigation, and the sidebar says the reason."""

from __future__ import annotations

import streamlit as st

from components import models, subjects
from components.glances import Glance
from components.screens import Screen, screens
from components.subjects import Subject
from components.text import _, plain

LACKING = "lacking"
"""By model and state, the keys of the pages whose layers it has none of; known once its layers are."""


def reason(screen: Screen) -> str:
    """Say why the open model can't answer a page, "" if it can."""
    subject = subjects.current()
    own = models.own().get(subject.model)
    why = "" if own is None or screen.first_look else own.opened.card.pages.get(screen.key, "")
    if why:
        return plain(why[:1].upper() + why[1:] + ".")
    if screen.needs_classes and not subject.entry.labels():
        return _("{model} has no class output yet, and this page needs one.").format(model=subject.entry.title)
    if screen.key in _lacking().get((subject.model, subject.state), ()):
        return _("{model} {lacks}.").format(model=subject.entry.title, lacks=screen.lacks)
    return ""


def refused() -> frozenset[str]:
    """Return the keys of the pages that the open model can't answer, as far as is known."""
    return frozenset(screen.key for screen in screens() if reason(screen))


def learn(subject: Subject, glance: Glance) -> None:
    """Note which pages find no layer in this model that they could show."""
    known = _lacking()
    if (subject.model, subject.state) not in known:
        known[subject.model, subject.state] = frozenset(
            screen.key for screen in screens() if screen.lacks and not any(map(screen.usable, glance.layers))
        )


def _lacking() -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], frozenset[str]] = st.session_state.setdefault(LACKING, {})
    return found


def show() -> None:
    """List in the sidebar what the navigation leaves out, each page with its reason."""
    for screen in screens():
        said = reason(screen)
        if said:
            st.caption(f":material/block: **{_(screen.label)}**: {said}")
