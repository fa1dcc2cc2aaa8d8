"""The same picture fed in six ways, side by side."""

from __future__ import annotations

import streamlit as st

from components import frame, interventions, sentences, show
from components.figures import Words, conventions
from components.interventions import Fed
from components.sentences import what_if as said
from components.subjects import Subject
from components.text import _, number, percent
from explain.types import Finding

WIDTH = 310


def side_by_side(subject: Subject) -> None:
    """Draw what the model answers to each convention, the declared one first, and what is found about them."""
    answers = interventions.conventions(subject)
    if not answers.rows[0].shares:
        st.info(_("This model ends in one plain score, so there are no shares to compare."), icon=":material/info:")
        return
    labels = subject.entry.labels()
    st.markdown(f"**{said.conventions_title([labels[row.classes[0]] for row in answers.rows])}**")
    show.small(
        _(
            "Each small picture is the one that the declared preprocessing would have needed to make the same numbers, "
            "as far as 0 to 255 allow. Declared: {preprocessing}."
        ).format(preprocessing=subject.entry.preprocessing)
    )
    for finding in answers.findings:
        values = {**finding.values, "class": labels[finding.values["class"]]}
        st.info(sentences.said(Finding(finding.code, finding.severity, values)), icon=":material/info:")
        if st.button(sentences.mend_label(finding), key=f"mend_{finding.code}"):
            frame.go("overview")
    with st.grid(3, min_column_width=290, gap="medium"):
        for row in answers.rows:
            with st.container():
                _card(subject, row, labels)


def _card(subject: Subject, row: Fed, labels: list[str]) -> None:
    names = [labels[k] for k in row.classes]
    low, high = row.span
    caption = _("Values from {low} to {high}, as the model gets them.").format(low=number(low), high=number(high))
    if row.outside:
        caption += " " + _("{share} of them lie outside what the declared preprocessing can make.").format(
            share=percent(row.outside)
        )
    words = Words(
        f"{names[0]}, {percent(row.shares[0])}"[:90],
        caption,
        _("whether it is the right way: only the model's training decides that."),
    )
    kicker = said.way(row.key) + (" · " + _("as declared") if row.declared else "")
    drawn = conventions.fed(row.picture, names, list(row.shares), words, width=WIDTH)
    show.figure(drawn, f"fed_{row.key}", kicker=kicker)
