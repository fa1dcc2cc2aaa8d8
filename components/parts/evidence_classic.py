"""Deletion and insertion, as published: for those who know them from papers. They settle no row."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import streamlit as st

from components import controls, figures, jobs, sentences, show, trials
from components.figures import Words
from components.parts.evidence_figures import WIDTH
from components.parts.evidence_rows import Trial
from components.text import _

if TYPE_CHECKING:
    from explain.evidence.classic import Classic


def toggle() -> bool:
    """Draw the switch of the published curves."""
    return controls.toggle(
        "classic",
        _("Deletion and insertion, as published"),
        help=_(
            "Two curves from the literature. They depend on the fill and reward smooth maps, so they settle no row."
        ),
    )


def draw(trial: Trial) -> None:
    """Compute and draw the published curves of a map, below the rows and outside them."""
    st.subheader(_("Deletion and insertion, as published"), anchor=False)
    one = trial.one
    if one.glance.output_kind == "linear":
        st.info(_("These curves are of probabilities, and this model ends in plain scores."), icon=":material/info:")
        return
    slot, turns = st.empty(), count()

    def show_curves(curves: Classic) -> None:
        words = Words(
            sentences.classic_title(curves.deletion_area, curves.insertion_area),
            _(
                "Probability of {name} as single pixels are set to 0 (deletion) and put back into a blurred copy "
                "(insertion), highest first. As published (arXiv:1806.07421)."
            ).format(name=one.subject.entry.labels()[one.target.index]),
            _("anything on its own: both areas depend on the fill, and smooth maps score well on both."),
        )
        drawn = figures.classic_curves(curves.shares, curves.deletion, curves.insertion, words, width=show.fit(WIDTH))
        show.figure(drawn, f"classic_{next(turns)}", into=slot)

    key = ("classic", trials.name_of(one.subject, trial.result), trial.seed)
    jobs.run("classic", key, lambda: trials.published(one.subject, trial.result, trial.seed), show_curves)
