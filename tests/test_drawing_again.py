"""A chart may be drawn again in the same run, and what an ended run left behind is not drawn by the next one."""

from __future__ import annotations

import pytest
from screen import assert_fine, make_ready, opened
from streamlit.testing.v1 import AppTest

from components import flights, frame, jobs


def twice():
    from types import SimpleNamespace

    import plotly.graph_objects as go
    import streamlit as st

    from components import show, state

    state.turn_to("overview")
    slot = st.empty()
    for _ in range(2):
        with slot.container():
            show.chart(SimpleNamespace(figure=go.Figure(), alt="nothing"), "same", lambda mark: None)


def test_a_chart_is_drawn_again_in_one_run_and_in_the_next():
    at = AppTest.from_function(twice).run()
    assert not at.exception
    assert not at.run().exception


def test_covers_are_taken_over_from_a_session_that_left_early(monkeypatch):
    """The first step is seen twice: from the one that left, and from one's own beginning."""
    make_ready("fashion_cnn")
    seen = []

    def steps(key, make, said):
        made = make()
        yield next(made)
        made.close()
        for step in make():
            seen.append(step.done)
            yield step

    monkeypatch.setattr(jobs, "DRAW_EVERY", 0)
    monkeypatch.setattr(flights, "steps", steps)
    at = opened(model="fashion_cnn", picture="fashion/4711")  # nobody has computed its covers
    assert_fine(at)
    assert len(seen) > 1, "the covers were computed, and drawn as they came"


@pytest.mark.parametrize("page", ["overview", "kernels"])
def test_a_strip_that_an_ended_run_left_due_is_not_drawn(page):
    make_ready("fashion_cnn")
    at = opened(page, model="fashion_cnn")
    at.session_state[frame.STRIP_DUE] = lambda: pytest.fail("of another run")
    assert_fine(at.run())
