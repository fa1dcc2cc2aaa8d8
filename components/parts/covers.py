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
from components.text import _, number, percent
from explain.cover import Cover
from explain.types import Target

SATURATED = 0.005
"""A share this near to 0 or 1 hardly moves, whatever is covered: its logit does."""


def _waits(glance: Glance, headed: bool) -> bool:
    """Say why there are no covers, or not yet; returns whether that is so."""
    if glance.precomputed:
        if not headed:
            st.markdown(f"**{_('Cover a square')}**")
        st.skeleton(320)
        return True
    if glance.output_kind == "linear":
        st.markdown(f"**{_('Cover a square')}**")
        st.info(
            _(
                "This model ends in plain scores, and what a cover costs is told here in points of a probability. "
                "Occlusion on the Attribution page covers patches and tells what the score loses."
            ),
            icon=":material/info:",
        )
        return True
    return False


def cover(subject: Subject, glance: Glance, here: Pointed, *, headed: bool = False) -> None:
    """Cover each of 7×7 squares in turn and show what the answer loses; drawn while it is computed.

    `headed`: the page has written a heading over it.
    """
    if glance.probabilities is None or glance.top is None:
        return
    if _waits(glance, headed):
        return
    target = overview.target_of(glance, here)
    name = subject.entry.labels()[target.index]
    status, slot = st.empty(), st.empty()
    picture = compute.shown_input(subject)

    def draw(covers: Cover) -> None:
        share = covers.base_probability
        logits = share is None or not SATURATED < share < 1 - SATURATED
        change = covers.score if logits or covers.probability is None else covers.probability
        before = covers.base_score if logits or share is None else share
        shown = _over(subject, target) if logits else name
        words = Words(
            sentences.cover_title(change, shown, logits=logits),
            _("Change of {score} when one of {n} squares is covered with the picture's mean colour. {framed}").format(
                score=_score(subject, target, covers, logits=logits),
                n=change.size,
                framed=_framed(change, logits=logits),
            ),
            _("what happens when two squares are covered together, or with something else."),
        )
        drawn = figures.cover_grid(
            change, picture, words, name=name, before=before, logits=logits, width=overview.WIDTH
        )
        show.figure(drawn, f"cover_{covers.done}", into=slot)

    jobs.run("cover", ("cover", subject, target), lambda: compute.cover(subject, target), draw, status)


def _over(subject: Subject, target: Target) -> str:
    labels = subject.entry.labels()
    if target.minus is None:
        return labels[target.index]
    return _("{a} over {b}").format(a=labels[target.index], b=labels[target.minus])


def _score(subject: Subject, target: Target, covers: Cover, *, logits: bool) -> str:
    """Name the score that the covers change, with its value for the whole picture."""
    labels, share = subject.entry.labels(), percent(covers.base_probability or 0.0)
    if not logits:
        return _("the probability of {name} (now {share})").format(name=labels[target.index], share=share)
    said = _("the {score} (now {value})").format(
        score=sentences.target_words(target, labels), value=number(covers.base_score)
    )
    if covers.base_probability is None:
        return said
    return _("{said}, since a share of {share} hardly moves,").format(said=said, share=share)


def _framed(change: NDArray[np.float32], *, logits: bool) -> str:
    """Say which squares are framed: those whose cover lowers and raises the score most."""
    change, least = np.nan_to_num(change), 0.0 if logits else sentences.A_POINT
    lowers, raises = (bool(size > 0 and size >= least) for size in (-change.min(), change.max()))
    counted = _("Rows and columns count from 0.")
    if lowers and raises:
        return _("{counted} Framed: the cover that lowers it most, and the one that raises it most.").format(
            counted=counted
        )
    if lowers:
        return _("{counted} Framed: the cover that lowers it most.").format(counted=counted)
    return _("{counted} Framed: the cover that raises it most.").format(counted=counted) if raises else counted
