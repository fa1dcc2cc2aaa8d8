"""How pictures are prepared for a model of one's own: chosen, shown, and doubted where its activations look odd."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from components import compute, models
from components.models import Held
from components.subjects import Subject
from components.text import _, plain
from model_zoo.own.preprocessing import CHOICES, Preparer, Preprocessing, custom, suspicious

CUSTOM, SHIPPED = "custom", "shipped"
GUESSED = "preprocessing_guessed"
FIELDS = ("own_scale", "own_mean", "own_deviation", "own_order")
PROBLEM = "own_numbers_problem"


def choose(subject: Subject, held: Held) -> None:
    """Draw the choice of preparation, what it does, and what speaks against it."""
    way = getattr(held.entry.preprocessor, "way", None)
    shipped = getattr(held.opened.entry.preprocessor, "way", None) is None
    now = SHIPPED if way is None else way.key
    options = [*([SHIPPED] if shipped else []), *CHOICES, CUSTOM]
    titles = {key: _(one.title) for key, one in CHOICES.items()}
    titles |= {SHIPPED: _("as the bundled model has it"), CUSTOM: _("own mean and deviation")}
    key = f"own_way_{subject.model}"
    if st.session_state.get(key) != CUSTOM:
        st.session_state[key] = now
    st.selectbox(
        _("How pictures are prepared"),
        options,
        key=key,
        format_func=titles.__getitem__,
        on_change=lambda: _chosen(subject.model, held, st.session_state[key]),
    )
    if st.session_state[key] == CUSTOM:
        _numbers(subject.model, held, way)
    st.caption(plain(held.entry.preprocessing))
    _doubts(subject, held)


def _doubts(subject: Subject, held: Held) -> None:
    guess = next((note for note in held.opened.notes if note.code == GUESSED), None)
    if guess is not None and not held.prepared_otherwise:
        st.info(plain(guess.text), icon=":material/help:")
    engine = compute.engine(subject.model, subject.state)
    doubt = suspicious(engine, compute.model_input(subject)[None])
    if doubt is not None:
        st.warning(plain(doubt.text), icon=":material/warning:")


def _chosen(model: str, held: Held, key: str) -> None:
    """Prepare pictures as the chosen key says; own numbers are typed first."""
    if key in CHOICES:
        _prepare(model, held, CHOICES[key])
    elif key == SHIPPED:
        first = held.opened.entry
        entry = replace(held.entry, preprocessor=first.preprocessor, value_range=first.value_range)
        models.change(model, replace(entry, preprocessing=first.preprocessing))


def _prepare(model: str, held: Held, way: Preprocessing) -> None:
    """Prepare pictures in another way from now on."""
    prepare, span = Preparer(way, held.entry.input_shape), way.range_of(held.entry.input_shape[2])
    models.change(model, replace(held.entry, preprocessor=prepare, value_range=span, preprocessing=way.text))


def _numbers(model: str, held: Held, way: Preprocessing | None) -> None:
    """Take (pixels / scale - mean) / deviation, one number for all channels or three, and the order of the colours."""
    last = way if way is not None and way.key == CUSTOM else custom(scale=255.0)
    with st.form(f"own_numbers_{model}"):
        st.text_input(_("Pixels divided by"), f"{last.scale:g}", key=FIELDS[0])
        st.text_input(_("less, for each channel"), _joined(last.mean), key=FIELDS[1])
        st.text_input(_("divided by, for each channel"), _joined(last.deviation), key=FIELDS[2])
        st.segmented_control(
            _("Order of the colours"), ["RGB", "BGR"], default=last.order, required=True, key=FIELDS[3]
        )
        st.form_submit_button(_("Prepare pictures so"), on_click=lambda: _typed(model, held))
    problem = st.session_state.pop(PROBLEM, "")
    if problem:
        st.error(plain(problem), icon=":material/error:")


def _typed(model: str, held: Held) -> None:
    scale, mean, deviation, order = (str(st.session_state[field] or "") for field in FIELDS)
    try:
        _prepare(model, held, custom(_parts(mean), _parts(deviation), scale=float(scale), order=order))
    except ValueError as error:
        st.session_state[PROBLEM] = str(error)


def _joined(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _parts(text: str) -> list[float]:
    return [float(part) for part in text.replace(";", ",").split(",") if part.strip()]
