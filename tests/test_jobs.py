"""Long computations: what is drawn while they run, once they are done, and after Stop."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from components import admission, jobs, journal, logs
from explain.queueing import LineFull


def script():
    from dataclasses import dataclass

    import streamlit as st

    from components import jobs

    @dataclass
    class Step:
        done: int
        total: int = 3

    drawn = st.session_state.setdefault("drawn", [])
    begun = st.session_state.setdefault("begun", [])
    status = st.empty()

    def steps():
        begun.append(True)
        for done in (1, 2, 3):
            yield Step(done)

    jobs.run(
        "job",
        ("test_jobs", st.session_state["name"]),
        steps,
        lambda step: drawn.append(("whole", step.done)),
        status,
        lambda step: drawn.append(("sketch", step.done)),
    )


def opened(name: str, **state: object) -> AppTest:
    at = AppTest.from_function(script)
    at.session_state["name"] = name
    for key, value in state.items():
        at.session_state[key] = value
    return at.run()


def test_steps_are_sketched_the_last_is_drawn_and_nobody_computes_it_again(monkeypatch):
    monkeypatch.setattr(jobs, "DRAW_EVERY", 0)
    at = opened("one")
    assert not at.exception
    assert at.session_state["drawn"] == [("sketch", 1), ("sketch", 2), ("whole", 3)]
    assert not at.button, "Stop goes with the last step"
    other = opened("one")
    assert other.session_state["drawn"] == [("whole", 3)]
    assert other.session_state["begun"] == []


@pytest.mark.parametrize("reached", [None, 2])
def test_after_stop_no_step_begins_until_asked_for(reached):
    from types import SimpleNamespace

    key, left = ("test_jobs", f"stopped {reached}"), SimpleNamespace(done=2, total=3)
    state = {} if reached is None else {"partial_job": (key, left)}
    at = opened(key[1], halt=True, **state)
    assert at.session_state["begun"] == []
    said = " ".join(str(one.value) for one in at.markdown)
    assert ("Partial: 2 of 3" if reached else "Stopped before the first step") in said
    assert at.session_state["drawn"] == ([("whole", 2)] if reached else [])
    (again,) = at.button
    del at.session_state["halt"]
    again.click().run()
    assert at.session_state["drawn"][-1] == ("whole", 3)


def test_a_result_that_can_be_added_to_goes_on():
    from types import SimpleNamespace

    key = ("test_jobs", "goes on")
    at = opened(key[1], halt=True, partial_job=(key, SimpleNamespace(done=2, total=3, sums=object())))
    assert [one.label for one in at.button] == ["Go on"]


def test_what_it_will_cost_is_said_until_there_is_a_step(monkeypatch):
    said = []
    spinner = jobs.st.spinner
    monkeypatch.setattr(jobs.st, "spinner", lambda text, **more: said.append(text) or spinner(text, **more))
    steps = (step for step in (1, 2))
    assert list(jobs._begun(steps, jobs.st.empty, "at most 40 passes, about 3 s on this machine")) == [1, 2]
    assert said == ["Computing the first step: at most 40 passes, about 3 s on this machine"]


def test_whoever_is_turned_away_keeps_what_was_reached_and_may_try_again(monkeypatch):
    from types import SimpleNamespace

    def full(*_, **__):
        raise LineFull(32, 40.0)
        yield

    monkeypatch.setattr(admission, "admitted", full)
    key = ("test_jobs", "turned away")
    at = opened(key[1], partial_job=(key, SimpleNamespace(done=2, total=3)))
    assert not at.exception
    (said,) = (one.value for one in at.warning)
    assert said.startswith(
        "Many people compute here just now: 32 wait already. Nothing was begun. Try again in about 40 s. Code "
    )
    assert said.split()[-1].strip(".") in {one["id"] for one in logs.recent}
    assert at.session_state["drawn"] == [("whole", 2)]
    monkeypatch.undo()
    next(one for one in at.button if one.label == "Try again").click().run()
    assert at.session_state["drawn"][-1] == ("whole", 3)


def charts():
    from types import SimpleNamespace

    import streamlit as st

    from components import jobs

    def steps():
        yield SimpleNamespace(done=1, total=3)
        if st.session_state["fails"]:
            raise RuntimeError
        yield SimpleNamespace(done=2, total=3)

    place = st.empty()
    draw = lambda step: place.button("drawn", key=f"chart_{step.done}")  # noqa: E731
    jobs.run("chart", ("test_jobs", "charts"), steps, draw)


@pytest.mark.parametrize("seconds", [0, 1800])
def test_case_93_what_was_drawn_last_stays_where_a_computation_is_ended(seconds, monkeypatch):
    """It is not drawn a second time: Streamlit takes no two charts of one name."""
    monkeypatch.setattr(admission, "JOB_SECONDS", seconds)
    at = AppTest.from_function(charts)
    at.session_state["fails"] = bool(seconds)
    at.run()
    assert not at.exception
    said = [one.value for one in (*at.warning, *at.error)]
    assert len(said) == 1
    assert said[0].startswith("This computation failed." if seconds else "Ended after 0 s, the most")
    assert [one.label for one in at.button].count("drawn") == 1


def test_a_computation_that_crashes_says_so_in_place_and_the_next_one_works(monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("/home/somebody/secret.h5")
        yield

    monkeypatch.setattr(admission, "admitted", broken)
    at = opened("crashes")
    assert not at.exception
    (said,) = (one.value for one in at.error)
    assert said.startswith("This computation failed.")
    assert "secret" not in said
    assert journal.records[-1].outcome == "RuntimeError"
    monkeypatch.undo()
    assert opened("works").session_state["drawn"][-1] == ("whole", 3)
