"""Where many arrive at once all are told their answer before any page goes on; nobody waits where nobody else does."""

from __future__ import annotations

import threading
import time

import pytest

from components import arrivals
from components.arrivals import AT_ONCE, Arrivals


@pytest.fixture
def crowd():
    """Pages that stand before their answer, one thread each: `come(name)` starts one, its event lets it answer."""
    there, told, ended, threads = Arrivals(), [], [], []

    def come(name: str) -> threading.Event:
        speak = threading.Event()

        def page() -> None:
            with there.turn():
                assert speak.wait(20)
                told.append(name)
                there.others_first()
            ended.append(name)

        threads.append(threading.Thread(target=page))
        threads[-1].start()
        return speak

    yield there, come, told, ended
    for thread in threads:
        thread.join(20)


def until(true):
    end = time.monotonic() + 10
    while not true() and time.monotonic() < end:
        time.sleep(0.005)
    assert true()


def test_pages_begin_in_turn_and_go_on_when_all_have_begun(crowd):
    there, come, told, ended = crowd
    first = [come(f"first {n}") for n in range(AT_ONCE)]
    until(lambda: there.speaking == AT_ONCE)
    late, later = come("late"), come("later")
    until(lambda: there.waiting == 2)
    assert there.crowded()
    first[0].set()
    until(lambda: told == ["first 0"] and there.waiting == 1)
    assert not ended, "one still waits to begin"
    first[1].set()
    until(lambda: set(ended) == {"first 0", "first 1"} and there.waiting == 0)
    late.set()
    later.set()


def test_nobody_waits_where_nobody_else_does(crowd):
    there, come, _told, ended = crowd
    come("alone").set()
    until(lambda: ended == ["alone"])
    with there.turn():
        assert not there.crowded()
        there.others_first()
        assert there.speaking == 0
    assert there.speaking == there.waiting == 0


def test_a_page_that_fails_gives_its_turn_back():
    there = Arrivals()
    with pytest.raises(RuntimeError), there.turn():
        raise RuntimeError
    assert there.speaking == 0


def test_patience_ends(crowd, monkeypatch):
    there, come, _told, ended = crowd
    monkeypatch.setattr(arrivals, "PATIENCE", 0.1)
    speaking = [come(f"slow {n}") for n in range(AT_ONCE)]
    until(lambda: there.speaking == AT_ONCE)
    come("impatient").set()
    until(lambda: ended == ["impatient"])
    for one in speaking:
        one.set()
