"""The pictures behind the numbers: those of a cell, the surest mistakes, and the first ten, as in notebook 003."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import frame, raster, show
from components.labelled import Scored
from components.sentences import mistakes as said
from components.text import _, percent, plain
from explain.mistakes import in_cell, surest_mistakes

A_PAGE = 20
ROW = 10
NARROWEST = 90
Positions = Sequence[int] | NDArray[np.int64]


def of_cell(found: Scored, cell: tuple[int, int]) -> None:
    """Show the pictures of a cell, page by page, those with the surest answers first."""
    st.subheader(said.cell_title(found.matrix, found.names, cell), anchor=False)
    positions = in_cell(found.probabilities, found.labels, *cell)
    if not len(positions):
        st.caption(_("No test picture of that class got that answer. Choose another cell."))
        return
    pages = -(-len(positions) // A_PAGE)
    page = st.pagination(pages, key=f"mistake_page_{cell[0]}_{cell[1]}") if pages > 1 else 1
    _gallery(found, positions[(page - 1) * A_PAGE : page * A_PAGE], "cell", lambda _at: "")
    show.small(
        _(
            "The number is the probability of the answer, highest first; a click on it opens the picture on the "
            "Attribution page, its answer held against its true class."
        )
    )


def surest(found: Scored) -> None:
    """Show the mistakes with the highest probability of the wrong answer."""
    positions = surest_mistakes(found.probabilities, found.labels)[:ROW]
    if not len(positions):
        return
    st.subheader(_("Most confident mistakes"), anchor=False)
    _gallery(found, positions, "surest", lambda at: _told(found, at))


def first_ten(found: Scored) -> None:
    """Show the first ten test pictures with their true class and the answer."""
    count = min(ROW, found.done)
    right = int((found.labels[:count] == found.answers[:count]).sum())
    st.subheader(
        _("The first {n} test pictures: {right} right").format(n=count, right=right),
        anchor=False,
        help=_("As they stand in the file, as notebook 003 shows them: not chosen for what they show."),
    )
    _gallery(found, range(count), "first", lambda at: _told(found, at))


def _told(found: Scored, at: int) -> str:
    """Say a picture's true class and, where it is another one, its answer."""
    true, answer = int(found.labels[at]), int(found.answers[at])
    if true == answer:
        return f":material/check: {plain(found.names[true])}"
    return f":material/close: {plain(found.names[true])} \u2192 **{plain(found.names[answer])}**"


def _gallery(found: Scored, positions: Positions, name: str, told: Callable[[int], str]) -> None:
    """Draw pictures in rows, each with a line of words, if any, and the button that asks why."""
    named = any(told(int(at)) for at in positions[:1])
    with st.grid("auto", min_column_width=NARROWEST, gap="xsmall"):
        for at in map(int, positions):
            with st.container(gap="xsmall"):
                _picture(found, at)
                if named:
                    st.caption(told(at))
                _why(found, at, name)


def _picture(found: Scored, at: int) -> None:
    true, answer = found.names[int(found.labels[at])], found.names[int(found.answers[at])]
    alt = _("Test picture {at}: true class {true}, answer {answer}").format(at=at, true=true, answer=answer)
    show.image(found.labelled.face(at), alt)


def _why(found: Scored, at: int, name: str) -> None:
    """Offer to ask of one picture why its answer, and not its true class."""
    true, answer = int(found.labels[at]), int(found.answers[at])
    ask = _("Why {answer} and not {true}?") if true != answer else _("Why {answer}?")
    pressed = st.button(
        percent(float(found.shares[at])),
        key=f"why_{name}_{at}",
        width="stretch",
        help=ask.format(answer=plain(found.names[answer]), true=plain(found.names[true])),
    )
    if pressed:
        frame.go(
            "attribution",
            picture=found.labelled.opened(at),
            target=answer,
            minus=None if true == answer else true,
            cell=None,
            also=None,
            titles=None,
            targets=None,
        )


def mean_picture(found: Scored, positions: Positions) -> NDArray[np.uint8]:
    """Return the mean of some pictures as pixels to draw, (H, W, 3) uint8."""
    chosen = found.labelled.images[np.asarray(positions)]
    mean = np.rint(chosen.mean(axis=0)).astype(np.uint8)
    return raster.as_rgb(255 - mean if found.labelled.inverted else mean)
