"""Trainings as processes: one that dies, one that is deaf, who waits for whom, and what is let go."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from test_training_run import DIGITS
from weights_server import until

from components.training_outcome import kept_epoch
from explain.errors import ConvScopeError
from model_zoo.training import process, run
from model_zoo.training.orders import PREFIX
from model_zoo.training.places import Places
from model_zoo.training.run import Trainings

# Small processes in Python stand in for a training's.

TELLS = (
    "import json, pathlib, sys, time; out = (pathlib.Path(sys.argv[1]) / 'events.jsonl').open('a', buffering=1); "
    "tell = lambda kind, **more: print(json.dumps({'kind': kind, **more}), file=out); "
)
EPOCH = "tell('epoch', epoch=1, best=True, seconds=2.0); "
DIES = TELLS + EPOCH + "sys.exit(9)"
DEAF = TELLS + EPOCH + "time.sleep(60)"
OBEYS = TELLS + (
    "\nfor line in sys.stdin:\n"
    "    word = line.strip()\n"
    "    if word == 'stop': break\n"
    "    tell({'pause': 'paused', 'resume': 'resumed'}[word])\n"
    "tell('ended', why='stopped', best_epoch=0, message='')"
)


def one_of(code, at_once=2):
    return Trainings(at_once, [sys.executable, "-c", code])


@pytest.fixture
def registry():
    made = []

    def make(code, at_once=2):
        made.append(one_of(code, at_once))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_process_that_dies_says_so(registry):
    training = registry(DIES).begin(DIGITS)
    until(lambda: training.settled)
    assert training.state == "ended"
    assert training.ended == {
        "kind": "ended",
        "why": "failed",
        "best_epoch": 1,
        "kept_epoch": 0,
        "message": "Its process ended on its own (code 9). Begin it again; no epoch is kept. It wrote no reason.",
    }


def test_a_process_that_dies_has_kept_what_it_wrote_last(registry):
    training = registry(TELLS + EPOCH + "tell('written', epoch=1); tell('epoch', epoch=2, best=True); sys.exit(9)")
    training = training.begin(DIGITS)
    until(lambda: training.settled)
    assert (training.ended["best_epoch"], training.ended["kept_epoch"]) == (2, 1)
    assert kept_epoch(training) == 1


def test_a_process_that_cant_be_started_says_so():
    trainings = Trainings(1, ["/no/such/program"])
    training = trainings.begin(DIGITS)
    until(lambda: training.settled)
    assert training.ended["why"] == "failed"
    assert training.ended["message"].startswith("Its process could not be started (No such file or directory).")
    trainings.close()


def test_a_stop_that_isnt_answered_ends_the_process(registry, monkeypatch):
    monkeypatch.setattr(process, "STOP_SECONDS", 0.3)
    training = registry(DEAF).begin(DIGITS)
    until(lambda: training.epochs)
    assert training.seconds == 2.0
    training.pause()
    assert training.pending == "pause"
    training.stop()
    assert training.pending == "stop"
    until(lambda: training.settled)
    assert (training.ended["why"], training.ended["best_epoch"]) == ("stopped", 1)
    assert training.ended["message"].startswith("It didn't answer, and its process was ended")


def test_others_wait_in_order_and_a_pause_gives_the_place_away(registry):
    trainings = registry(OBEYS, at_once=1)
    one, two, three = (trainings.begin(DIGITS) for _ in range(3))
    until(lambda: one.state == "running")
    until(lambda: (two.before, three.before) == (0, 1))
    assert (two.state, three.state) == ("waiting", "waiting")
    one.pause()
    until(lambda: two.state == "running")
    assert (one.state, one.pending) == ("paused", "")
    one.resume()
    assert one.pending == "resume", "until the other gives the place back"
    three.stop()
    until(lambda: three.settled)
    assert three.ended["message"] == "It was stopped before it had begun."
    assert three.best is three.scores is three.recording is None
    time.sleep(0.3)
    assert one.state == "paused"
    two.stop()
    until(lambda: one.state == "running")
    assert one.pending == ""
    one.stop()
    until(lambda: one.settled and two.settled)


def test_too_many_are_refused(registry, monkeypatch):
    monkeypatch.setattr(run, "MOST_OPEN", 2)
    trainings = registry(OBEYS)
    for _ in range(2):
        trainings.begin(DIGITS)
    with pytest.raises(ConvScopeError, match="2 are open on this server already; try again when one has ended"):
        trainings.begin(DIGITS)


def test_what_nobody_looks_at_is_let_go_and_only_the_token_finds_it(registry):
    trainings = registry(OBEYS)
    training = trainings.begin(DIGITS)
    assert trainings.get(training.token) is training
    assert trainings.get("x" * len(training.token)) is None
    until(lambda: training.state == "running")
    now = time.monotonic()
    trainings.sweep(now + run.ALONE_RUNNING_SECONDS - 60)
    assert training.state == "running"
    trainings.sweep(now + run.ALONE_RUNNING_SECONDS + 60)
    until(lambda: training.settled)
    trainings.sweep(now + run.ALONE_SECONDS - 60)
    assert training.folder.exists()
    trainings.sweep(now + run.ALONE_SECONDS + 60)
    assert not training.folder.exists()
    assert trainings.get(training.token) is None


def test_closing_ends_every_process_and_leaves_no_folder(registry):
    trainings = registry(DEAF)
    training = trainings.begin(DIGITS)
    until(lambda: training.epochs)
    trainings.close()
    until(lambda: training.settled)
    assert not training.folder.exists()


def test_a_process_whose_server_is_gone_removes_its_folder_and_ends(tmp_path):
    folder = tmp_path / f"{PREFIX}x"
    folder.mkdir()
    other = tmp_path / "other"
    other.mkdir()
    code = (
        "import pathlib, sys, time; from model_zoo.training.orders import Orders; "
        "Orders(0, pathlib.Path(sys.argv[1])).listen(); time.sleep(60)"
    )
    for path, kept in ((folder, False), (other, True)):
        child = subprocess.Popen([sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, cwd=process.ROOT)
        child.stdin.close()
        assert child.wait(30) == 3
        assert path.exists() == kept


def test_places_are_given_in_the_order_of_asking():
    places = Places(1)
    assert places.ask("a")
    assert not places.ask("b")
    assert not places.ask("c")
    assert (places.before("b"), places.before("c")) == (0, 1)
    places.leave("a")
    assert not places.ask("c")
    assert places.ask("b")
    places.leave("b")
    places.leave("b")
    assert places.ask("c")
