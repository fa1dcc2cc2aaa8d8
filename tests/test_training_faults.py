"""Trainings that go wrong outside of the network: full disks, damaged lines, processes and folders that vanish."""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_training_processes import DEAF, DIES, EPOCH, TELLS, one_of
from test_training_run import DIGITS
from weights_server import until

from model_zoo.training import gone, process
from model_zoo.training.orders import PREFIX, Events, written
from model_zoo.training.pictures import Pictures
from model_zoo.training.run import Trainings
from model_zoo.training.tail import Tail
from model_zoo.training.temporary import LOCK, PICTURES, Folder, clear_left

FINISHED = EPOCH + "tell('ended', why='finished', best_epoch=1, kept_epoch=1, message='All epochs are done.'); "
KEPT = "(pathlib.Path(sys.argv[1]) / 'best.keras').write_text('x'); "
SAYS_WHY = "print('a remark', flush=True); print('OSError: no space', file=sys.stderr); sys.exit(1)"


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def began():
    made = []

    def begin(code):
        made.append(one_of(code))
        return made[-1].begin(DIGITS)

    yield begin
    for one in made:
        one.close()


def came(training):
    until(lambda: training.settled)
    return training.ended


# What comes after the end


def test_a_scoring_that_fails_is_said_and_the_end_stays(began):
    ended = came(began(TELLS + FINISHED + "tell('ended', why='failed', best_epoch=0, message='OSError: no space')"))
    assert (ended["why"], ended["kept_epoch"], ended["message"]) == ("finished", 1, "All epochs are done.")
    assert ended["unscored"] == "OSError: no space"


def test_a_process_that_dies_while_it_scores_is_said(began):
    killed = came(began(TELLS + FINISHED + "import os; os.kill(os.getpid(), 9)"))
    assert (killed["why"], killed["unscored"]) == (
        "finished",
        "Its process was ended from outside (code -9), often for want of memory. Try again when less is going on here.",
    )
    own = came(began(TELLS + FINISHED + SAYS_WHY))
    assert own["unscored"] == "Its process ended on its own (code 1). The last line it wrote: OSError: no space"


def test_a_scoring_that_takes_too_long_is_said(began, monkeypatch):
    monkeypatch.setattr(process, "SCORE_SECONDS", 0.3)
    ended = came(began(TELLS + FINISHED + "time.sleep(60)"))
    assert (ended["why"], ended["unscored"]) == ("finished", "It took more than 0.005 minutes and was ended.")


def test_what_ended_well_or_had_failed_before_says_nothing_more(began):
    scored = "(pathlib.Path(sys.argv[1]) / 'scores.npz').write_text('x'); "
    assert "unscored" not in came(began(TELLS + FINISHED + scored))
    failed = came(began(TELLS + "tell('ended', why='failed', best_epoch=0, message='no'); sys.exit(1)"))
    assert (failed["message"], "unscored" in failed) == ("no", False)


def test_half_of_a_file_does_not_stay(tmp_path):
    def full(part):
        part.write_bytes(b"half of it")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        written(tmp_path / "scores.npz", full)
    assert list(tmp_path.iterdir()) == []


# Lines that are damaged


def test_a_damaged_line_is_left_out_and_logged(tmp_path, caplog):
    path = tmp_path / "events.jsonl"
    good = json.dumps({"kind": "epoch", "epoch": 1, "best": True, "seconds": 2.0})
    damaged = ['{"kind": "batch{"kind": "ended"}', "\ufffd", "[1]", '{"kind": 3}', "[" * 100_000]
    path.write_text("\n".join([*damaged, "", good, ""]), encoding="utf-8")
    with path.open("ab") as stream:
        stream.write(b"\xff\xfe\n")
    tail = Tail(path, 3)
    tail.read()
    assert [one["epoch"] for one in tail.epochs] == [1]
    assert len([one for one in caplog.records if "damaged line" in one.message]) == len(damaged) + 1


def test_a_training_goes_on_over_a_damaged_line(began):
    ended = came(began(TELLS + 'out.write(\'{"kind": "batch{\\n\'); ' + FINISHED))
    assert ended["why"] == "finished"


def test_a_line_that_a_full_disk_cut_is_closed_before_the_next(tmp_path):
    path = tmp_path / "events.jsonl"
    events = Events(path)
    events.tell("batch", loss=1.0)
    full = path.stat().st_size + 10
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (full, before[1]))
        with pytest.raises(OSError, match="too large"):
            events.tell("batch", loss=2.0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.stat().st_size == full
    events.tell("ended", why="failed", message="no space")
    events.tell("ended", why="failed", message="again")
    tail = Tail(path, 3)
    tail.read()
    assert ([one["loss"] for one in tail.batches], tail.ended["message"]) == ([1.0], "no space")
    assert path.read_text().endswith("}\n")
    assert "\n\n" not in path.read_text()


def test_whatever_goes_wrong_in_following_ends_the_training_and_its_process(began, monkeypatch, caplog):
    training = began(DEAF)
    until(lambda: training.epochs)
    pid = training._process.pid

    def broken(self):
        raise ValueError("nobody thought of this")

    monkeypatch.setattr(Tail, "read", broken)
    ended = came(training)
    assert (training.state, ended["why"], ended["best_epoch"]) == ("ended", "failed", 1)
    assert ended["message"] == (
        "The server could not go on following its process, and ended it (ValueError: nobody thought of this). "
        "Begin it again."
    )
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert [one.exc_info[0] for one in caplog.records if one.exc_info] == [ValueError]


# Why a process has gone


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (-9, "Its process was ended from outside (code -9), often for want of memory. Try a smaller batch or fewer "
         "pictures; the best network that it had written is kept."),
        (137, "Its process was ended from outside (code 137), often for want of memory. Try a smaller batch or fewer "
         "pictures; the best network that it had written is kept."),
        (1, "Its process ended on its own (code 1). Begin it again; the best network that it had written is kept. "
         "The last line it wrote: OSError"),
        (-11, "Its process ended on its own (code -11). Begin it again; the best network that it had written is kept. "
         "The last line it wrote: OSError"),
    ],
)  # fmt: skip
def test_want_of_memory_is_said_only_of_what_was_killed(code, said, tmp_path):
    assert gone.while_training(code, "OSError", tmp_path, kept=True) == said


def test_the_last_words_are_the_last_line_that_is_one():
    assert gone.last_words(None) == gone.last_words(io.BytesIO(b"")) == gone.last_words(io.BytesIO(b" \n\n")) == ""
    assert gone.last_words(io.BytesIO(b"Traceback\n" * 9999 + b"  OSError: \xff no space\n\n")) == (
        "OSError: \N{REPLACEMENT CHARACTER} no space"
    )
    assert len(gone.last_words(io.BytesIO(b"x" * 9999))) == gone.MOST_SAID


def test_a_process_that_fails_is_quoted(began):
    assert came(began(TELLS + EPOCH + KEPT + SAYS_WHY))["message"] == (
        "Its process ended on its own (code 1). Begin it again; the best network that it had written is kept. "
        "The last line it wrote: OSError: no space"
    )


def test_a_folder_that_was_removed_is_named_as_the_cause(began):
    ended = came(began(TELLS + EPOCH + "import shutil; shutil.rmtree(sys.argv[1]); sys.exit(1)"))
    assert ended["message"] == (
        "Its folder was removed while it trained, and what it had learned with it. Begin it again."
    )
    after = came(began(TELLS + FINISHED + "time.sleep(0.3); import shutil; shutil.rmtree(sys.argv[1]); sys.exit(1)"))
    assert (after["why"], after["unscored"]) == ("finished", "Its folder was removed meanwhile.")


# Folders that stay


def some():
    images = np.zeros((100, 8, 8, 1), np.uint8)
    labels = np.arange(100) % 10
    return Pictures(images, labels, images, labels, tuple("abcdefghij"), "")


def test_a_beginning_that_fails_leaves_no_folder(temporary, monkeypatch):
    trainings = Trainings()

    def full(self, path):
        path.with_name(f"{path.name}.part").write_bytes(b"half of it")
        raise OSError(28, "No space left on device")

    def none(self):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(Pictures, "save", full)
        with pytest.raises(OSError, match="No space"):
            trainings.begin(replace(DIGITS, batch=4), some())
        assert list(temporary.iterdir()) == []
    with monkeypatch.context() as patch:
        patch.setattr(process.Training, "start", none)
        with pytest.raises(RuntimeError, match="new thread"):
            trainings.begin(replace(DIGITS, batch=4), some())
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", lambda *_: full(None, temporary / "other"))
        with pytest.raises(OSError, match="No space"):
            trainings.begin(DIGITS)
    assert [path.name for path in temporary.iterdir()] == ["other.part"]


SERVER = """
import sys, time
from model_zoo.training.temporary import Folder
folder = Folder(sys.argv[1])
(folder.path / "pictures.npz").write_text("private")
print(folder.path, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("prefix", [PREFIX, PICTURES])
def test_what_a_killed_server_left_is_removed_and_nothing_else(prefix, temporary):
    env = {**os.environ, "TMPDIR": str(temporary)}
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, prefix], cwd=process.ROOT, env=env, stdout=subprocess.PIPE, text=True
    )
    theirs = Path(server.stdout.readline().strip())
    mine = Folder(prefix)
    without = temporary / f"{prefix}new"
    without.mkdir()
    other = temporary / "other"
    other.mkdir()
    (other / LOCK).touch()
    link = temporary / f"{prefix}link"
    link.symlink_to(other)
    inside = temporary / f"{prefix}inside"
    inside.mkdir()
    (inside / LOCK).symlink_to(other / LOCK)
    stay = {mine.path, without, other, link, inside}

    Trainings()
    assert set(temporary.iterdir()) == {theirs, *stay}, "a server that lives keeps its folder"
    server.kill()
    server.communicate()
    Trainings()
    assert set(temporary.iterdir()) == stay
    assert (other / LOCK).exists()
    mine.remove()
    mine.remove()
    assert not mine.path.exists()


def test_another_users_folder_is_left_alone(temporary, monkeypatch):
    folder = Folder(PREFIX)
    os.close(folder._lock)
    with monkeypatch.context() as patch:
        patch.setattr(os, "geteuid", lambda: folder.path.stat().st_uid + 1)
        clear_left(PREFIX)
    assert folder.path.exists()
    clear_left(PREFIX)
    assert not folder.path.exists()


def test_a_temporary_folder_that_cant_be_read_is_logged(monkeypatch, caplog):
    monkeypatch.setattr(tempfile, "tempdir", "/no/such/folder")
    clear_left(PREFIX)
    assert "was not looked for" in caplog.text


def test_a_training_that_is_let_go_lets_its_lock_go(began, temporary):
    training = began(DIES)
    came(training)
    assert (training.folder / LOCK).exists()
    lock = training._held._lock
    assert os.fstat(lock).st_ino == (training.folder / LOCK).stat().st_ino
    training.close()
    assert list(temporary.iterdir()) == []
    assert training._held._lock is None
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(lock)
