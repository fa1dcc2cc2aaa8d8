"""The parts of "Put to the test": the map under test at the left, and what was checked about it, row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from typing import Any

import streamlit as st

from components import controls, frame, jobs, sentences, show, state, trials
from components.parts import board, evidence_line, evidence_rows, maps
from components.parts.board import Asked
from components.parts.evidence_rows import Trial
from components.parts.targets import Explained
from components.parts.variants import DEFAULT, VARIANTS, Variant, why_not
from components.text import _, ngettext, number
from explain.evidence import Checked, Row
from explain.evidence.rows.health import UNDECIDED
from explain.types import Attribution

Retitle = Callable[[str], None]
MAP_WIDTH = 270
BY_ITSELF_SECONDS = 8.0
"""A row that costs less than this starts by itself."""

__all__ = ["Trial", "method", "more", "no_check_shows", "standing", "under_test", "what_we_checked"]


def method() -> Variant:
    """Draw the picker of the map under test: the one asked for, else the first that Attribution shows."""
    by_group = sorted(VARIANTS, key=lambda key: list(_groups()).index(_group(key)))
    shown = [key for key in state.view().get("methods", "").split(",") if key in VARIANTS]
    chosen = controls.choose("method", _("Map under test"), by_group, (shown or DEFAULT)[-1], _titled)
    return VARIANTS[chosen]


def _groups() -> Mapping[str, str]:
    known = {"gradient": _("gradient"), "cam": _("CAM"), "removal": _("removal"), "museum": _("museum")}
    own = {variant.method.group: variant.method.group for variant in VARIANTS.values()}
    return own | {group: known[group] for group in own if group in known}


def _group(key: str) -> str:
    return VARIANTS[key].method.group


def _titled(key: str) -> str:
    return f"{_(VARIANTS[key].title)} · {_groups()[_group(key)]}"


def more() -> tuple[int, Mapping[str, Mapping[str, Any]]]:
    """Draw the seed and the options that rows declare; returns both, options by row."""
    seed = controls.number("test_seed", _("Seed of the checks"), 0, 2**31, 0, 1)
    options = {
        row.key: {option.name: controls.parameter(option, row.key) for option in row.options}
        for row in trials.rows().values()
    }
    return seed, options


def standing(one: Explained, variant: Variant) -> str:
    """Answer the page before anything is tested; that the model itself is undecided comes before everything."""
    undecided = _undecided(one)
    return undecided or sentences.evidence_headline(None, evidence_line.about(one, variant))


def _undecided(one: Explained) -> str:
    logits = one.glance.logits
    if logits is None:
        return ""
    if len(logits) == 1:
        margin = abs(float(logits[0]))
        return sentences.unit_undecided(margin) if margin < UNDECIDED else ""
    second, first = (int(i) for i in logits.argsort()[-2:])
    margin = float(logits[first] - logits[second])
    labels = one.subject.entry.labels()
    return sentences.model_undecided(labels[first], labels[second], margin) if margin < UNDECIDED else ""


def under_test(one: Explained, variant: Variant, asked: Asked) -> tuple[Attribution | None, Retitle]:
    """Compute the map under test and draw it small, None where the method can't explain the target.

    The second draws it again under a title that a check calls for.
    """
    refusal = why_not(variant, one.subject, one.glance, one.target)
    if refusal:
        st.info(refusal, icon=":material/block:")
        return None, lambda _title: None
    slot, turns = st.empty(), count()

    def draw(result: Attribution, title: str = "") -> None:
        drawn = maps.drawn(one, variant, result, asked.look, MAP_WIDTH)
        drawn = replace(drawn, title=title) if title else drawn
        show.figure(drawn, f"tested_{variant.key}_{next(turns)}", into=slot, kicker=_(variant.title))

    result = board.computed(one, variant, asked, f"tested_{variant.key}", draw)
    return result, lambda title: None if result is None else draw(result, title)


def what_we_checked(trial: Trial, retitle: Retitle) -> None:
    """Draw every row: first what can go against the map, then its form. Free rows are there before any pass is made.

    A map that would look the same for an untrained network says so in its own title.
    """
    st.subheader(_("What we checked"), anchor=False)
    st.caption(_("Each row stands alone. There is no total, and agreement with other methods is no evidence."))
    glance = Glance(st.empty())
    rows = sorted(trials.rows().values(), key=lambda row: not row.needs)
    places = {row.key: st.container(border=True, gap="xsmall") for row in rows}
    costs = {key: trial.passes(key) for key in places}
    for key in sorted(places, key=lambda key: costs[key] > 0):
        with places[key]:
            _row(trial, trials.rows()[key], costs[key], glance)
            found = glance.found[key]
            if "weights" in trials.rows()[key].needs and found.outcome == "contradicted":
                retitle(sentences.weights_title(found))


class Glance:
    """The outcomes of all rows in a few lines over them, as they become known."""

    def __init__(self, place: Any) -> None:
        self.place = place
        self.found: dict[str, Checked] = {}
        self.halted: set[str] = set()
        self.said = ""

    def note(self, checked: Checked, halted: bool = False) -> None:
        """Take in a row's result so far, and write the lines anew where they changed."""
        self.found[checked.row] = checked
        self.halted = (self.halted - {checked.row}) | ({checked.row} if halted else set())
        known = [(_(row.label), self.found[key]) for key, row in trials.rows().items() if key in self.found]
        said = sentences.at_a_glance(known, self.halted)
        if said != self.said:
            self.said = said
            self.place.markdown(said)


def _row(trial: Trial, row: Row, cost: int, glance: Glance) -> None:
    head, status, body = st.empty(), st.container(), st.empty()
    if cost and not _begun(trial, row, cost):
        glance.note(Checked(row.key, "not_tested"))
        evidence_rows.waiting(trial, row, head, body)
        _offer(trial, row, cost)
        return
    name, key, turns = f"check_{row.key}", trial.key(row.key), count()

    def draw(checked: Checked) -> None:
        halted = st.session_state.get("stopped", {}).get(name) == key
        glance.note(checked, halted)
        evidence_rows.heading(row, sentences.outcome(checked, halted), head)
        with body.container(gap="xsmall"):
            evidence_rows.draw(trial, row, checked, f"{row.key}_{next(turns)}")

    with status:  # over the figure, so that Stop and progress are in sight while it grows
        found = jobs.run(name, key, lambda: trial.check(row.key), draw)
    if found is not None and found.finished and "drop" in found.values and not _undecided(trial.one):
        frame.answer(sentences.evidence_headline(found, trial.about))


def _begun(trial: Trial, row: Row, cost: int) -> bool:
    """Whether a row that costs passes is computed now: asked for, known from before, or cheap on this machine."""
    key = trial.key(row.key)
    if key in st.session_state.get("checks_asked", ()) or trials.known(key):
        return True
    return "weights" not in row.needs and trial.seconds(row.key, cost) <= BY_ITSELF_SECONDS


def _offer(trial: Trial, row: Row, cost: int) -> None:
    """Say what a row costs, and offer to spend it."""
    about = trial.seconds(row.key, cost)
    passes = ngettext("at most {n} pass", "at most {n} passes", cost).format(n=number(cost))
    said = _("{passes}, about {s} s").format(passes=passes, s=number(max(about, 1.0), 2 if about >= 10 else 1))
    if "weights" in row.needs:
        said += ", " + _("and some for a copy of the network")
    asked: set[Any] = st.session_state.setdefault("checks_asked", set())
    st.button(
        _("Test it ({cost})").format(cost=said),
        key=f"test_{row.key}",
        icon=":material/science:",
        on_click=asked.add,
        args=(trial.key(row.key),),
    )


def no_check_shows() -> None:
    """Say what holds for every row on the page."""
    show.small(
        _(
            ":material/visibility_off: Does not show: why the model does so, whether it is right, what happens on "
            "other pictures."
        )
    )
