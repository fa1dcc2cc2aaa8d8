"""Long computations: two at once, one a session, the others in line; the same one once; ended when nobody wants it."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest
from test_queueing import until

from components import admission, flights, memory
from components.admission import OverBudget
from components.journal import Record
from components.memory import MB, MemoryShort
from explain.queueing import Line, LineFull, Replaced


@dataclass(frozen=True)
class Step:
    done: int
    total: int = 3


class Gone(BaseException):
    """What Streamlit raises to end a run is no Exception either."""


class Person:
    """A session with a thread of its own, whose computation is stepped by the test."""

    def __init__(self, name, make, key=None, seconds=9.0):
        self.name, self.said, self.seen, self.ended = name, [], [], None
        self.wanted, self.record = True, Record("test")
        self.key, self.make, self.seconds = key or name, make, seconds
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def work(self):
        people[threading.get_ident()] = self
        try:
            for step in flights.steps(self.key, self.admitted, self.said.append):
                self.seen.append(step.done)
        except BaseException as end:
            self.ended = end

    def admitted(self):
        return admission.admitted(self.make, self.seconds, self.said.append, self.record)

    def join(self):
        self.thread.join(20)
        assert not self.thread.is_alive()


people: dict[int, Person] = {}


class Work:
    """Steps that wait for the test to allow them; counts how many are under way."""

    def __init__(self, total=3):
        self.allowed, self.total = threading.Semaphore(0), total
        self.began = self.closed = 0

    def __call__(self):
        self.began += 1
        try:
            for done in range(1, self.total + 1):
                assert self.allowed.acquire(timeout=20)
                yield Step(done, self.total)
        finally:
            self.closed += 1

    def allow(self, steps=100):
        self.allowed.release(steps)


@pytest.fixture(autouse=True)
def jobs(monkeypatch):
    def wanted():
        if not people[threading.get_ident()].wanted:
            raise Gone

    line = Line(2, most=3)
    monkeypatch.setattr(admission, "JOBS", line)
    monkeypatch.setattr(admission, "session", lambda: people[threading.get_ident()].name)
    for module in (admission, flights):
        monkeypatch.setattr(module, "still_wanted", wanted)
    monkeypatch.setattr(memory, "free", lambda: None)
    yield line
    assert (line.inside(), line.waiting()) == (0, 0), "every place is free again, however it ended"
    assert not flights.FLIGHTS.under_way
    people.clear()


def test_two_compute_and_the_third_hears_its_place_and_about_how_long(jobs):
    works = [Work() for _ in range(3)]
    crowd = [Person("a", works[0], seconds=30.0), Person("b", works[1], seconds=10.0)]
    until(lambda: jobs.inside() == 2)
    crowd.append(Person("c", works[2]))
    until(lambda: crowd[2].said)
    assert crowd[2].said[0] == "Number 1 in line; two are computed at once. About 20 s until its turn."
    assert works[2].began == 0
    for work in works:
        work.allow()
    for one in crowd:
        one.join()
        assert one.seen == [1, 2, 3]
    assert crowd[2].said[-1] == "It is this one's turn."
    assert crowd[2].record.waited > 0
    assert all(one.record.long for one in crowd)


def test_case_90_whoever_leaves_the_line_or_the_work_frees_the_place(jobs):
    works = [Work() for _ in range(4)]
    crowd = [Person(name, work) for name, work in zip("ab", works, strict=False)]
    until(lambda: jobs.inside() == 2)
    crowd += [Person("c", works[2])]
    until(lambda: jobs.waiting() == 1)
    crowd += [Person("d", works[3])]
    until(lambda: jobs.waiting() == 2)
    crowd[2].wanted = False
    crowd[2].join()
    assert isinstance(crowd[2].ended, Gone)
    assert jobs.waiting() == 1
    crowd[0].wanted = False
    works[0].allow(1)  # one step more, and it is noticed
    crowd[0].join()
    assert (crowd[0].seen, works[0].closed) == ([1], 1)
    until(lambda: jobs.place(crowd[3].thread.ident) == 0 and works[3].began)
    for work in works:
        work.allow()
    for one in crowd:
        one.join()


def test_case_92_ten_clicks_of_one_session_are_one_computation(jobs):
    work, others = Work(), [Work(), Work()]
    crowd = [Person(f"other {n}", other) for n, other in enumerate(others)]
    until(lambda: jobs.inside() == 2)
    clicks = []
    for n in range(10):
        clicks.append(Person("me", work, key=("me", n)))
        until(lambda: jobs.place(clicks[-1].thread.ident) == 1)
    for old in clicks[:-1]:
        old.join()
        assert isinstance(old.ended, Replaced)
    assert jobs.waiting() == 1
    for one in (work, *others):
        one.allow()
    for one in (*crowd, clicks[-1]):
        one.join()
    assert work.began == 1
    assert clicks[-1].seen == [1, 2, 3]


def test_a_session_that_still_makes_its_last_pass_does_not_get_a_second_place(jobs):
    first, second, other = Work(), Work(), Work()
    crowd = [Person("me", first), Person("me", second, key="second")]
    until(lambda: jobs.inside() == 1 and jobs.waiting() == 1)
    crowd.append(Person("other", other))
    until(lambda: jobs.inside() == 2)
    assert [work.began for work in (first, second, other)] == [1, 0, 1], "whoever comes behind may go first"
    for work in (first, second, other):
        work.allow()
    for one in crowd:
        one.join()


def test_case_98_a_full_line_says_when_to_come_back(jobs):
    works = [Work() for _ in range(6)]
    crowd = []
    for n, work in enumerate(works):
        crowd.append(Person(n, work, seconds=40.0))
        until(lambda n=n: jobs.inside() + jobs.waiting() == min(n + 1, 5))
    crowd[5].join()
    assert isinstance(crowd[5].ended, LineFull)
    assert (crowd[5].ended.waiting, crowd[5].ended.seconds) == (3, 40.0)
    assert str(crowd[5].ended) == "line: 3 wait already, which is the most; try again in about 40 s"
    assert jobs.refused == 1
    for work in works:
        work.allow()
    for one in crowd:
        one.join()


def test_a_short_computation_stands_in_no_line(jobs):
    works = [Work() for _ in range(2)]
    crowd = [Person(name, work) for name, work in zip("ab", works, strict=True)]
    until(lambda: jobs.inside() == 2)
    brief = Work()
    brief.allow()
    quick = Person("quick", brief, seconds=0.0)
    quick.join()
    assert quick.seen == [1, 2, 3]
    assert not quick.record.long
    for work in works:
        work.allow()
    for one in crowd:
        one.join()


def test_who_computed_for_a_while_lets_the_others_go_first(jobs, monkeypatch):
    monkeypatch.setattr(admission, "SPELL", 0.0)
    works = [Work(4) for _ in range(3)]
    crowd = [Person(name, work) for name, work in zip("ab", works, strict=False)]
    until(lambda: jobs.inside() == 2)
    crowd.append(Person("c", works[2]))
    until(lambda: jobs.waiting() == 1)
    works[0].allow(1)
    until(lambda: works[2].began == 1)
    until(lambda: jobs.place(crowd[0].thread.ident) == 1)
    for work in works:
        work.allow()
    for one in crowd:
        one.join()
        assert one.seen == [1, 2, 3, 4]


def test_the_same_is_computed_once_and_shown_to_both(jobs):
    work = Work()
    crowd = [Person("a", work, key="same")]
    until(lambda: work.began == 1)
    crowd.append(Person("b", work, key="same"))
    until(lambda: flights.FLIGHTS.under_way["same"].others == 1)
    for done in (1, 2, 3):
        work.allow(1)
        until(lambda done=done: all(one.seen[-1:] == [done] for one in crowd))
    for one in crowd:
        one.join()
    assert work.began == 1
    assert jobs.served == 1, "who only looks on takes no place"


def test_when_the_first_one_leaves_the_second_takes_over(jobs):
    first, second = Work(), Work()
    crowd = [Person("a", first, key="same")]
    until(lambda: first.began == 1)
    crowd.append(Person("b", second, key="same"))
    until(lambda: flights.FLIGHTS.under_way["same"].others == 1)
    first.allow(1)
    until(lambda: crowd[1].seen == [1])
    crowd[0].wanted = False
    first.allow(1)
    crowd[0].join()
    second.allow()
    crowd[1].join()
    assert (first.closed, second.began) == (1, 1)
    assert crowd[1].seen[-1] == 3


def test_what_fails_fails_for_all_who_asked(jobs):
    held = threading.Event()

    def broken():
        held.wait(20)
        raise RuntimeError("in the middle")
        yield

    crowd = [Person("a", broken, key="same")]
    until(lambda: "same" in flights.FLIGHTS.under_way)
    crowd.append(Person("b", broken, key="same"))
    until(lambda: flights.FLIGHTS.under_way["same"].others == 1)
    held.set()
    for one in crowd:
        one.join()
        assert isinstance(one.ended, RuntimeError)


def test_case_93_over_its_seconds(jobs, monkeypatch):
    monkeypatch.setattr(admission, "JOB_SECONDS", 0)
    work = Work()
    work.allow()
    one = Person("a", work)
    one.join()
    assert isinstance(one.ended, OverBudget)
    assert str(one.ended) == (
        "Ended after 0 s, the most that one computation may take on this server. What was reached is kept. "
        "Ask for fewer samples, or a smaller model."
    )
    assert one.seen == [1]
    monkeypatch.undo()


def test_case_93_over_its_memory(jobs, monkeypatch):
    let_go = []
    monkeypatch.setattr(memory, "let_go", lambda: let_go.append(True))
    work, free = Work(), [900 * MB]
    monkeypatch.setattr(memory, "free", lambda: free[0])
    one = Person("a", work)
    until(lambda: work.began)
    free[0] = 20 * MB
    work.allow()
    one.join()
    assert str(one.ended) == (
        "Ended, because memory became short on this server. What was reached is kept. "
        "Try again in a minute, ask for fewer samples, or choose a smaller model."
    )
    assert (one.seen, let_go) == ([1], [True]), "caches go first"
    refused = Person("b", Work())
    refused.join()
    assert isinstance(refused.ended, MemoryShort)
    assert str(refused.ended) == (
        "Memory is short on this server: this needs about 157\N{NO-BREAK SPACE}MB, and 0\N{NO-BREAK SPACE}B are free. "
        "Nothing was begun, and what you have is kept. Try again in a minute, or choose a smaller model."
    )
    free[0] = 900 * MB
    again = Work()
    again.allow()
    well = Person("c", again)
    well.join()
    assert well.seen == [1, 2, 3], "the next one works"
