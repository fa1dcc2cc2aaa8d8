"""The short form of the evidence beside a map: one line, and the way to the page that tests it."""

from __future__ import annotations

import streamlit as st

from components import frame, sentences, show, sidebar, trials
from components.parts import targets
from components.parts.targets import Explained
from components.parts.variants import Variant
from components.text import _
from explain.types import Attribution

PAGE = "put_to_the_test"


def line(one: Explained, variant: Variant, result: Attribution, name: str) -> None:
    """Write what a free check says of a finished map, and offer to put the map to the test."""
    if result.partial:
        return
    found = trials.summary(one.subject, result)
    if found is not None:
        word = sentences.outcome(found)
        said = sentences.line_said(found, about(one, variant))
        # The word alone would read as a verdict on the map, and there is none.
        row = _(trials.rows()[found.row].label)
        show.small(f"{row[:1].upper()}{row[1:]}: :{word.colour}[:material/{word.icon}: **{word.said}**] · {said}")
    if st.button(_("Put it to the test"), key=f"test_{name}", icon=":material/science:", type="tertiary"):
        go(one, variant)


def about(one: Explained, variant: Variant) -> sentences.About:
    """Return the names that sentences about a map need."""
    labels = one.subject.entry.labels()
    other = None if one.target.minus is None else labels[one.target.minus]
    quantity = "score" if one.glance.output_kind == "linear" else "log-odds"
    return sentences.About(_(variant.title), labels[one.target.index], other, quantity)


def go(one: Explained, variant: Variant) -> None:
    """Open the page of evidence on this very map: picture, target and method come along."""
    if one.at:
        sidebar.open_picture(one.subject.picture)
        targets.pin(one)
    frame.go(PAGE, method=variant.key)
