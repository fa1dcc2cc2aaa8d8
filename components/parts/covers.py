"""Cover a square of the picture and see what the answer loses: computed last, drawn while it is computed."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import compute, figures, jobs, sentences, show
from components.figures import Words
from components.glances import Glance
from components.parts import overview
from components.pointing import Pointed
from components.subjects import Subject
from components.text import _, percent
from explain.cover import Cover


def cover(subject: Subject, glance: Glance, here: Pointed) -> None:
    """Cover each of 7×7 squares in turn and show what the answer loses; drawn while it is computed."""
    if glance.probabilities is None or glance.top is None:
        return
    if glance.precomputed:
        st.markdown(f"**{_('Cover a square')}**")
        st.skeleton(320)
        return
    if glance.output_kind == "linear":
        st.markdown(f"**{_('Cover a square')}**")
        st.info(
            _(
                "This model ends in plain scores, and what a cover costs is told here in points of a probability. "
                "Occlusion on the Attribution page covers patches and tells what the score loses."
            ),
            icon=":material/info:",
        )
        return
    target = overview.target_of(glance, here)
    name = subject.entry.labels()[target.index]
    status, slot = st.empty(), st.empty()
    picture = compute.shown_input(subject)

    def draw(covers: Cover) -> None:
        change = covers.score if covers.probability is None else covers.probability
        words = Words(
            sentences.cover_title(change, name),
            _(
                "Change of the probability of {name} (now {base}) when one of {n} squares is covered with the "
                "picture's mean colour. Rows and columns count from 0. {framed}"
            ).format(name=name, base=percent(covers.base_probability or 0.0), n=change.size, framed=_framed(change)),
            _("what happens when two squares are covered together, or with something else."),
        )
        before = covers.base_probability or 0.0
        drawn = figures.cover_grid(change, picture, words, name=name, before=before, width=overview.WIDTH)
        show.figure(drawn, f"cover_{covers.done}", into=slot)

    jobs.run("cover", ("cover", subject, target), lambda: compute.cover(subject, target), draw, status)


def _framed(change: NDArray[np.float32]) -> str:
    """Say which squares are framed: those whose cover lowers and raises the probability most."""
    change = np.nan_to_num(change)
    lowers, raises = bool(change.min() <= -sentences.A_POINT), bool(change.max() >= sentences.A_POINT)
    if lowers and raises:
        return _("Framed: the cover that lowers it most, and the one that raises it most.")
    if lowers:
        return _("Framed: the cover that lowers it most.")
    return _("Framed: the cover that raises it most.") if raises else ""
