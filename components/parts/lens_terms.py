"""How a number adds up: its terms, those that add most first, its formula, and how far it is from the model's own."""

from __future__ import annotations

import numpy as np
import streamlit as st

from components import controls, figures, show, state
from components.figures import Terms, Words
from components.parts import lens_words
from components.parts.lens import PAGE, SHOWN, Taken, kind_of, shown
from components.text import _, number
from explain.lens_types import Made

A_PAGE, A_PHONE_PAGE = 8, 4


def equal(made: Made) -> None:
    """Say that the number is the model's own, or by how much it is not."""
    if lens_words.agrees(made):
        st.badge(_("Equal to the model's own value"), icon=":material/check:", color="green")
        show.small(lens_words.compared(made))
    else:
        st.error(lens_words.compared(made), icon=":material/error:")


def terms(taken: Taken) -> None:
    """Draw what each input channel adds, those that add most first; only a sum of products has such terms."""
    made = taken.made
    if made.kind == "sum":
        some = _page(made)
        st.subheader(_("How it adds up"), anchor=False)
        noun = _("channel") if taken.values[made.window.source].ndim == 3 else _("unit")
        drawn = figures.terms(
            _given(taken, some, noun), _term_words(made, some), chosen=_chosen(made), width=show.fit(960)
        )
        show.figure(drawn, "lens_terms", lambda mark: state.put(**{SHOWN: int(mark[1])}))
        _pager(made)


def formula(taken: Taken) -> None:
    """Write how the number is made with its own numbers, and hold it against the model's."""
    made = taken.made
    with st.container(border=True):
        for line in lens_words.formula(made, _page(made) if made.kind == "sum" else []):
            st.markdown(line)
        equal(made)


def _given(taken: Taken, some: list[int], noun: str) -> Terms:
    made, weights = taken.made, taken.made.parts.weights
    assert weights is not None
    kind = kind_of(made.window.values.astype(np.float32))
    return Terms(
        numbers=made.window.channels[some].tolist(),
        patches=np.moveaxis(made.window.values, -1, 0)[some],
        kernels=np.moveaxis(weights, -1, 0)[some],
        sums=made.sums[some],
        shares=figures.share_of(made.sums)[some],
        noun=noun,
        kind=kind,
        limits=figures.limits_of(made.window.values, weights, kind),
        inside=made.window.inside,
    )


def _chosen(made: Made) -> int:
    return int(made.window.channels[shown(made)])


def _term_words(made: Made, some: list[int]) -> Words:
    count = len(made.sums)
    first = int(made.window.channels[made.ranked[0]])
    return Words(
        _("Input {n} adds most: {value}").format(n=first, value=number(float(made.sums[made.ranked[0]]))),
        _(
            "{shown} of {count} inputs of {source}, by the size of what they add; the percentage is of the sizes of "
            "all. Numbers are rounded, on hover they are whole. Cells without colour are padding: zeros."
        ).format(shown=number(len(some)), count=number(count), source=made.window.source),
        _("how much the answer depends on this channel: later layers decide that."),
    )


def _size() -> int:
    return A_PHONE_PAGE if show.on_phone() else A_PAGE


def _pages(made: Made) -> int:
    return -(-len(made.sums) // _size())


def _page(made: Made) -> list[int]:
    """Return the terms of the open page, as positions among the channels read."""
    page = min(max(state.number(PAGE) or 1, 1), _pages(made))
    return list(made.ranked[(page - 1) * _size() : page * _size()])


def _pager(made: Made) -> None:
    pages = _pages(made)
    if pages > 1:
        key = controls.keep(PAGE, 1, lambda text: int(text) if state.whole(text) and 0 < int(text) <= pages else None)
        st.pagination(pages, key=key, on_change=controls.store(PAGE, 1))
