"""Choose by picture: cards of pictures and of models."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components import compute, model_faces, models, raster, show, sidebar, state, subjects
from components.subjects import Subject
from components.text import _, percent
from model_zoo import ModelEntry
from model_zoo.fashion import CLASS_NAMES
from model_zoo.samples import PHOTOGRAPHS, fashion_labels, sample_title

A_PAGE = 24


def pictures(subject: Subject) -> None:
    """Offer the pictures that fit the model, as cards."""
    if subject.entry.pictures == "fashion":
        _fashion(subject)
        return
    with st.grid("auto", min_column_width=130):
        for picture in [*subjects.uploads(), *PHOTOGRAPHS]:
            upload = subjects.uploads().get(picture)
            title = upload.title if upload else sample_title(picture)
            with st.container(gap="xsmall"):
                show.image(raster.picture_thumbnail(upload.pixels, 160) if upload else compute.face(picture), alt=title)
                _choose(picture, title, picture == subject.picture)


def _fashion(subject: Subject) -> None:
    """Browse a class of the test pictures; the class is chosen in the sidebar."""
    position = int(subject.picture.split("/")[1]) if subject.picture.startswith("fashion/") else 0
    label = int(fashion_labels()[position])
    members = subjects.fashion_of_class(label)
    st.caption(_("{name}: {count:,} test pictures").format(name=CLASS_NAMES[label], count=len(members)))
    page = st.pagination(-(-len(members) // A_PAGE), key=f"fashion_page_{label}")
    with st.grid("auto", min_column_width=84):
        for at in members[(page - 1) * A_PAGE : page * A_PAGE]:
            with st.container(gap="xsmall"):
                nth = subjects.nth_of_class(int(at))
                show.image(
                    compute.face(f"fashion/{at}", 84),
                    alt=_("{name} {n}").format(name=CLASS_NAMES[label], n=nth),
                )
                _choose(f"fashion/{at}", str(nth), at == position)


def _choose(picture: str, title: str, chosen: bool) -> None:
    _button(title, f"card_{picture}", chosen, sidebar.open_picture, picture)


def _button(title: str, key: str, chosen: bool, choose: Callable[[str], None], what: str) -> None:
    """Draw a card's button; the one that is open is filled and ticked, and clicking it changes nothing."""

    def clicked() -> None:
        if not chosen:
            choose(what)
        state.to_top()

    st.button(
        title,
        key=key,
        type="primary" if chosen else "secondary",
        icon=":material/check:" if chosen else None,
        width="stretch",
        on_click=clicked,
    )


def all_models(subject: Subject) -> None:
    """Offer the models as cards: the kernels of the first layer, name, classes, accuracy, trained or random."""
    with st.grid("auto", min_column_width=160):
        for key, entry in models.offered().items():
            with st.container(gap="xsmall"):
                face = _face(key)
                if face is not None:
                    show.image(face.png, alt=f"{entry.title}: {face.words}")
                elif key.startswith(models.OWN):
                    st.markdown(f"## :material/deployed_code: {_('no first kernels to draw')}")
                _button(entry.title, f"model_{key}", key == subject.model, sidebar.open_model, key)
                st.caption(facts(entry))
    st.caption(_("The pictures are the kernels of each model's first layer, each on a scale of its own."))


def _face(key: str) -> model_faces.Face | None:
    """Return the face of a model's card: shipped with it, or drawn from the live kernels of one's own."""
    held = models.held(key)
    return model_faces.faces().get(key) if held is None else held.face


def facts(entry: ModelEntry) -> str:
    """Write what a model is in a line."""
    classes = len(entry.labels())
    parts = [
        _("{n} classes").format(n=f"{classes:,}") if classes else _("no class output"),
        "×".join(str(size) for size in entry.input_shape),
        _("trained") if entry.trained else _("random weights"),
    ]
    if "test_accuracy" in entry.facts:
        parts.append(_("test accuracy {value}").format(value=percent(float(entry.facts["test_accuracy"]))))
    return " · ".join(parts)
