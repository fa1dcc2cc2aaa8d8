"""Guess first: before something is shown the page asks what it will be, and then says whether that could be known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from components import controls
from components.text import _

GUESSED = "guessed"
SHOWN = -1
"""What is kept for a question that was passed over."""


@dataclass(frozen=True)
class Question:
    """A question before a reveal.

    `key` tells it from every other, its settings included: another key is another question. `right` is the position
    of the right one among `options`; `known` whether it could be known from what was on the screen, `why` by what, or
    why not.
    """

    key: str
    ask: str
    options: tuple[str, ...]
    right: int
    known: bool
    why: str


def on() -> bool:
    """Draw the switch; the address keeps it. Off, nothing is asked."""
    return controls.toggle("guess", _("Guess first"), help=_("Asks before it shows, and says what could be known."))


def ask(question: Question) -> bool:
    """Ask, or say how the guess was; returns whether the answer may be shown."""
    given = _kept().get(question.key)
    if given is None:
        with st.container(border=True):
            st.markdown(f"**{question.ask}**")
            with st.container(horizontal=True):
                for at, option in enumerate(question.options):
                    st.button(option, key=f"guess_{question.key}_{at}", on_click=_keep, args=(question.key, at))
                st.button(
                    _("Just show it"),
                    key=f"guess_{question.key}_show",
                    type="tertiary",
                    on_click=_keep,
                    args=(question.key, SHOWN),
                )
        return False
    (st.success if given == question.right else st.info)(told(question, given), icon=_icon(question, given))
    return True


def told(question: Question, given: int) -> str:
    """Say whether a guess was right, what is, and whether it could be known."""
    right = question.options[question.right]
    if given == SHOWN:
        first = _("The answer is “{right}”.").format(right=right)
    elif given == question.right:
        first = _("Right: {right}.").format(right=right)
    else:
        first = _("You said “{given}”; the answer is “{right}”.").format(given=question.options[given], right=right)
    known = _("It could be known:") if question.known else _("Nothing that was measured here could tell:")
    return f"{first} {known} {question.why}"


def shuffled(options: Sequence[str], seed: int) -> tuple[tuple[str, ...], int]:
    """Return options in an order drawn from a seed, and where the first of them, the right one, has come to lie."""
    order = np.random.default_rng(seed).permutation(len(options))
    return tuple(options[at] for at in order), int(np.flatnonzero(order == 0)[0])


def _icon(question: Question, given: int) -> str:
    return ":material/check:" if given == question.right else ":material/info:"


def _keep(key: str, given: int) -> None:
    _kept()[key] = given


def _kept() -> dict[str, int]:
    kept: dict[str, int] = st.session_state.setdefault(GUESSED, {})
    return kept
