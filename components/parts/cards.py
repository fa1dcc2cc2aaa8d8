"""Choose by picture: cards of pictures and of models."""

from __future__ import annotations

import streamlit as st

from components import compute, raster, sidebar, subjects
from components.subjects import Subject
from components.text import _, percent
from model_zoo import MODELS, ModelEntry
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
                st.image(
                    raster.picture_thumbnail(upload.pixels, 160) if upload else compute.face(picture),
                    width="stretch",
                    alt=title,
                )
                _choose(picture, title, picture == subject.picture)


def _fashion(subject: Subject) -> None:
    """Browse a class of the test pictures; the class is chosen in the sidebar."""
    position = int(subject.picture.split("/")[1]) if subject.picture.startswith("fashion/") else 0
    label = int(fashion_labels()[position])
    members = subjects.fashion_of_class(label)
    st.caption(_("{name}: {count:,} test pictures").format(name=subject.entry.labels()[label], count=len(members)))
    page = st.pagination(-(-len(members) // A_PAGE), key=f"fashion_page_{label}")
    with st.grid("auto", min_column_width=84):
        for at in members[(page - 1) * A_PAGE : page * A_PAGE]:
            with st.container(gap="xsmall"):
                st.image(compute.face(f"fashion/{at}", 84), width="stretch", alt=_("Test picture {n}").format(n=at))
                _choose(f"fashion/{at}", str(at), at == position)


def _choose(picture: str, title: str, chosen: bool) -> None:
    st.button(
        title,
        key=f"card_{picture}",
        type="primary" if chosen else "secondary",
        width="stretch",
        on_click=sidebar.open_picture,
        args=(picture,),
    )


def models(subject: Subject) -> None:
    """Offer the models as cards: name, classes, accuracy, trained or random."""
    with st.grid("auto", min_column_width=220):
        for key, entry in MODELS.items():
            with st.container(border=True):
                st.markdown(f"**{entry.title}**")
                st.caption(facts(entry))
                st.button(
                    _("Open") if key != subject.model else _("Open now"),
                    key=f"model_{key}",
                    disabled=key == subject.model,
                    on_click=sidebar.open_model,
                    args=(key,),
                )


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
