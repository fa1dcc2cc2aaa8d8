"""The operator's page: sessions, the line, times, memory, what caches save, what was refused. Nobody's data."""

from __future__ import annotations

import logging
import time

import streamlit as st

from components import compute, frame, journal, logs, memory, operating
from components.admission import AT_ONCE, JOBS
from components.flights import FLIGHTS
from components.sessions import SESSIONS
from components.text import _, bytes_text, ngettext, number, percent
from explain.memo import SHARED

EVERY = 2.0
PAUSE = 1.0
"""Seconds that a wrong token costs."""


def let_in() -> bool:
    """Ask for the operator's token where there is one; returns whether this visitor may see the page."""
    if operating.let_in():
        return True
    if not operating.token():
        st.info(_("This page is for the machine that the app runs on, and you came through a proxy."))
        return False
    typed = st.text_input(_("Operator's token"), type="password", key="operator_token")
    if typed and operating.offer(typed):
        st.rerun()
    if typed:
        time.sleep(PAUSE)
        logs.event("operator_refused", level=logging.WARNING)
        st.error(_("That is not the token."), icon=":material/key_off:")
    return False


@st.fragment(run_every=EVERY)
def now() -> None:
    """Draw what changes by the second: who is here, who computes, who waits, how much memory is left."""
    here = list(SESSIONS.here.values())
    connected = sum(one.left is None for one in here)
    computing, waiting = JOBS.inside(), JOBS.waiting()
    frame.answer(
        ngettext("{n} session is open", "{n} sessions are open", connected).format(n=connected)
        + ", "
        + _("{computing} of {most} long computations run, {waiting} wait.").format(
            computing=computing, most=AT_ONCE, waiting=waiting
        )
    )
    free, budget = memory.free(), memory.budget()
    kept = [one.kept for one in here]
    facts = {
        _("Sessions open"): number(connected),
        _("Sessions kept without a tab"): number(len(here) - connected),
        _("A session keeps at most"): bytes_text(max(kept, default=0)),
        _("Waiting in line"): f"{waiting} / {JOBS.most}",
        _("Turned away so far"): number(JOBS.refused),
        _("Left the line"): number(JOBS.left),
        _("Shared while computing"): number(FLIGHTS.shared),
        _("Memory held"): bytes_text(memory.held()),
        _("Memory free"): bytes_text(max(free, 0)) if free is not None else "?",
        _("Budget"): bytes_text(budget) if budget else _("none"),
        _("Passes remembered"): bytes_text(SHARED.bytes),
        _("Results remembered"): bytes_text(int(compute._results()[0].currsize)),
        _("Results known already"): _hits(),
        _("Files refused"): number(logs.counts["file_refused"]),
    }
    with st.grid(4, min_column_width=180, gap="small"):
        for label, value in facts.items():
            st.metric(label, value)


def _hits() -> str:
    known, new = logs.counts["results_known"], logs.counts["results_new"]
    return percent(known / (known + new)) if known + new else "-"


def times() -> None:
    """Draw a table of what was computed lately: how often, how long, how long it waited."""
    rows = [
        {
            _("what"): kind,
            _("times"): count,
            _("median, s"): number(median, 2),
            _("longest, s"): number(longest, 2),
            _("longest wait, s"): number(waited, 2),
        }
        for kind, count, median, longest, waited in journal.summary()
    ]
    st.dataframe(rows, hide_index=True) if rows else st.caption(_("Nothing was computed yet."))


def lately() -> None:
    """Draw the last warnings and failures with the codes that users were shown; the log has more of each."""
    rows = [
        {
            _("time"): one["time"],
            _("what"): one["event"],
            _("code"): one["id"],
            _("session"): one["session"],
            _("why"): str(one.get("why") or one.get("error") or one.get("where") or ""),
        }
        for one in reversed(logs.recent)
    ]
    st.dataframe(rows, hide_index=True) if rows else st.caption(_("Nothing so far."))
