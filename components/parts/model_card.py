"""The card of a model of one's own: what it is, which pages and methods apply, how pictures are prepared for it."""

from __future__ import annotations

import streamlit as st

from components import class_names, models, screens, sidebar, state
from components.models import Held
from components.parts import preparation
from components.subjects import Subject
from components.text import _, bytes_text, number, plain, shape_text
from explain import METHODS
from model_zoo.own.types import Refused

GUESSED, READ = preparation.GUESSED, "own_names_read"
"""Said where the preparation is chosen, for as long as nobody chose."""


def card(subject: Subject) -> None:
    """Draw the card of the open model, if it is one of the user's own."""
    held = models.held(subject.model, subject.state)
    if held is None:
        return
    for note in held.opened.notes:
        if note.code != GUESSED:
            st.info(plain(note.text), icon=":material/healing:")
    with st.expander(_("Model card"), icon=":material/badge:", expanded=True):
        what, applies = st.columns(2, gap="large")
        with what:
            st.markdown("\n".join(f"- {line}" for line in facts(held)))
            st.caption(f"SHA-256 `{held.opened.card.sha256}`")
        with applies:
            _pages(held)
            _methods(held)
        if models.fed(subject.model, subject.state):
            preparation.choose(subject, held)
        _names(subject.model, held)
        st.button(_("Let this model go"), icon=":material/delete:", key="own_let_go", on_click=_let_go)


def facts(held: Held) -> list[str]:
    """Return what is known of a model, a line each."""
    card = held.opened.card
    low, high = held.entry.value_range
    return [
        _("**{layers}** layers, **{parameters}** parameters, {size} as float32").format(
            layers=f"{card.layers:,}",
            parameters=f"{card.parameters:,}",
            size=bytes_text(card.parameters * models.FLOAT_BYTES),
        ),
        _("input **{shape}**, values from {low} to {high}").format(
            shape=shape_text(card.input_shape), low=number(low), high=number(high)
        ),
        _("**{n}** classes").format(n=f"{card.classes:,}") if card.classes else _("no class output"),
        _("a pass over noise gave finite numbers") if card.finite else _("a pass over noise gave no finite numbers"),
        ", ".join(f"{plain(str(name))} {plain(str(version))}" for name, version in dict(card.versions).items()),
    ]


def _pages(held: Held) -> None:
    st.markdown(f"**{_('Pages')}**")
    lines = []
    for screen in screens.screens():
        why = held.opened.card.pages.get(screen.key, "")
        lines.append(
            f":material/block: {_(screen.label)}: {plain(why)}" if why else f":material/check: {_(screen.label)}"
        )
    st.markdown("  \n".join(lines))


def _methods(held: Held) -> None:
    """Say which methods apply; those that don't with the reason, methods of one reason together."""
    said = {key: why for key, why in held.opened.card.methods.items() if key in METHODS}
    fine = [_(METHODS[key].title) for key, why in said.items() if not why]
    st.markdown(f"**{_('Methods')}**")
    lines = [f":material/check: {', '.join(fine)}"] if fine else []
    for why in dict.fromkeys(why for why in said.values() if why):
        titles = ", ".join(_(METHODS[key].title) for key, one in said.items() if one == why)
        lines.append(f":material/block: {titles}: {plain(why)}")
    st.markdown("  \n".join(lines))


def _names(model: str, held: Held) -> None:
    """Take class names from a file; a file that doesn't fit changes nothing."""
    count = len(held.entry.labels())
    single = count == 1 and held.network.engine().output_kind == "sigmoid"
    if not count:
        return
    file = st.file_uploader(
        _("Class names, one a line"),
        ["txt", "csv"],
        key=f"own_names_{held.opened.card.sha256[:12]}",
        max_upload_size=1,
        help=_("Two names, no and yes, or one.") if single else _("In the order of the outputs."),
    )
    known = (file.file_id, held.opened.card.sha256) if file is not None else None
    if file is None or st.session_state.get(READ) == known:
        return
    try:
        names = class_names.read(file.getvalue(), count, single=single)
    except Refused as refused:
        st.error(plain(str(refused)), icon=":material/error:")
        return
    st.session_state[READ] = known
    models.change(model, models.rename(held.entry, names))
    st.rerun()


def _let_go() -> None:
    models.let_go(state.view()["model"])
    sidebar.open_model(state.DEFAULT_MODEL)
