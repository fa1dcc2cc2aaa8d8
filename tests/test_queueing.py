"""The line before the engine: two at once, first come first served, each knowing its place."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from seeds import pictures

from explain import attribute
from explain.engine import Engine
from explain.queueing import LINE, Line


class Visitor:
    """A thread that takes a turn, and holds it until it is let go."""

    def __init__(self, line, name, served):
        self.inside, self.leave, self.places = threading.Event(), threading.Event(), []
        self.name, self.line, self.served = name, line, served
        self.thread = threading.Thread(target=self.visit)
        self.thread.start()

    def visit(self):
        with self.line.telling(self.places.append), self.line.turn():
            self.served.append(self.name)
            self.inside.set()
            self.leave.wait(20)

    def go(self):
        self.leave.set()
        self.thread.join(20)


def until(true):
    """Wait until something holds; a test that waits in vain fails."""
    pause = threading.Event()
    for _ in range(2000):
        if true():
            return
        pause.wait(0.005)
    raise AssertionError("waited in vain")


@pytest.fixture
def line():
    return Line(2)


def queue_up(line, count, served):
    visitors = []
    for i in range(count):
        visitors.append(Visitor(line, i, served))
        until(visitors[-1].inside.is_set if i < 2 else lambda: line.waiting() == len(visitors) - 2)
    return visitors


def test_two_are_let_in_and_the_others_know_their_place(line):
    served = []
    visitors = queue_up(line, 5, served)
    assert [line.place(visitor.thread.ident) for visitor in visitors] == [0, 0, 1, 2, 3]
    assert (line.place(), line.waiting()) == (0, 3)
    visitors[1].go()
    until(visitors[2].inside.is_set)
    assert [line.place(visitor.thread.ident) for visitor in visitors[2:]] == [0, 1, 2]
    for visitor in (visitors[0], *visitors[2:]):
        visitor.go()
    assert served == [0, 1, 2, 3, 4], "first come, first served"


def test_whoever_waits_hears_of_each_step_forward(line):
    visitors = queue_up(line, 4, [])
    until(lambda: visitors[3].places == [2])
    visitors[0].go()
    until(lambda: visitors[3].places == [2, 1])
    visitors[1].go()
    until(visitors[3].inside.is_set)
    assert visitors[3].places == [2, 1, 0]
    assert visitors[2].places[-1] == 0
    assert visitors[0].places == [], "who did not wait hears nothing"
    for visitor in visitors:
        visitor.go()


def test_whoever_leaves_the_line_frees_the_place(line):
    class LeftError(Exception):
        pass

    def leaving(place):
        raise LeftError

    visitors, caught = queue_up(line, 3, []), []

    def impatient():
        try:
            with line.telling(leaving), line.turn():
                caught.append("let in")
        except LeftError:
            caught.append("left")

    thread = threading.Thread(target=impatient)
    thread.start()
    thread.join(20)
    assert caught == ["left"]
    assert line.waiting() == 1
    for visitor in visitors:
        visitor.go()
    assert line.waiting() == 0
    again = queue_up(line, 2, [])
    for visitor in again:
        visitor.go()


def test_an_error_at_work_gives_the_turn_back(line):
    for _ in range(3):
        with pytest.raises(RuntimeError), line.turn():
            raise RuntimeError("in the middle")
    with line.turn(), line.telling(print):
        assert line.place() == 0


def test_many_visits_never_let_three_in(line):
    inside, most, lock = 0, 0, threading.Lock()

    def visit():
        nonlocal inside, most
        for _ in range(60):
            with line.turn():
                with lock:
                    inside += 1
                    most = max(most, inside)
                with lock:
                    inside -= 1

    threads = [threading.Thread(target=visit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert most <= 2
    assert line.waiting() == 0


@pytest.mark.parametrize(("key", "more"), [("saliency", {"smooth_samples": 9}), ("score_cam", {}), ("grad_cam", {})])
def test_eight_threads_get_what_one_gets(skip_model, key, more):
    images = pictures(8, (10, 10, 3))
    alone = [attribute(Engine(skip_model), x, key, 1, **more) for x in images]
    engine, found = Engine(skip_model), {}

    def work(i):
        found[i] = attribute(engine, images[i], key, 1, **more)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i, one in enumerate(alone):
        np.testing.assert_array_equal(found[i].raw, one.raw)
        assert found[i].passes == one.passes
        assert found[i].reliability == one.reliability
    assert LINE.place() == LINE.waiting() == 0
