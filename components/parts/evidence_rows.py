"""One row of what was checked: its question, its outcome as icon and word, a sentence, a figure, its cost, a mend."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from components import sentences, show, trials
from components.parts import evidence_figures, evidence_line, evidence_mends
from components.parts.targets import Explained
from components.parts.variants import Variant
from components.text import _, ngettext, number
from explain.evidence import Checked, Row
from explain.types import Attribution


@dataclass(frozen=True)
class Trial:
    """A map that is put to the test, the seed of the checks, and the options of each row."""

    one: Explained
    variant: Variant
    result: Attribution
    seed: int
    options: Mapping[str, Mapping[str, Any]]

    @property
    def about(self) -> sentences.About:
        """The names that sentences need."""
        return evidence_line.about(self.one, self.variant)

    def key(self, row: str) -> Hashable:
        """The key of a row's result."""
        return trials.key_of(row, self.one.subject, self.result, self.seed, self.options[row])

    def passes(self, row: str) -> int:
        """The passes a row costs at most."""
        return trials.passes(row, self.one.subject, self.result, self.options[row])

    def seconds(self, row: str, passes: int) -> float:
        """About how many seconds a row of so many passes takes here."""
        one = self.one.subject
        return trials.seconds(one, passes) + trials.solving(row, one, self.result, self.options[row])

    def check(self, row: str) -> Iterator[Checked]:
        """Check a row."""
        return trials.check(row, self.one.subject, self.result, self.seed, self.options[row])


def draw(trial: Trial, row: Row, checked: Checked, name: str) -> None:
    """Draw a row, under its heading, as far as it came."""
    st.markdown(sentences.row_said(checked, trial.about))
    figures: Mapping[str, Callable[[Trial, Checked, str], None]] = evidence_figures.FIGURES
    if row.key in figures and checked.values:
        figures[row.key](trial, checked, name)
    if checked.finished:
        evidence_mends.buttons(trial.one, trial.variant, trial.result, checked)
    show.small(_small_print(row, checked))


def waiting(trial: Trial, row: Row, head: Any, body: Any) -> None:
    """Draw a row that has not been begun: what would be done."""
    heading(row, sentences.outcome(Checked(row.key, "not_tested")), head)
    with body.container(gap="xsmall"):
        st.markdown(sentences.row_plan(row.key, trial.options[row.key]))
        show.small(_hidden(row))


def heading(row: Row, word: sentences.Word, head: Any) -> None:
    """Write a row's question and its outcome into an empty place."""
    with head.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{_(row.title)}**", width="content")
        st.badge(word.said, icon=f":material/{word.icon}:", color=word.colour)  # type: ignore[arg-type]


def _small_print(row: Row, checked: Checked) -> str:
    passes = int(checked.passes)
    if not passes:
        return _hidden(row)
    return ngettext("Cost: {n} pass.", "Cost: {n} passes.", passes).format(n=number(passes)) + " " + _hidden(row)


def _hidden(row: Row) -> str:
    words = _(row.doesnt_show)
    return f":material/visibility_off: {_('Does not show')}: {words[:1].lower()}{words[1:]}"
