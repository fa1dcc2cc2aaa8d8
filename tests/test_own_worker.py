"""The process that rebuilds users' models: watched, ended where it overdoes, and the next model opens again."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import replace

import pytest
from corpus import CASES, good

from model_zoo.own import opening, worker
from model_zoo.own.opening import open_model
from model_zoo.own.types import Limits, Refused

WAITS = "import sys, time; print('ready', flush=True); sys.stdin.readline(); time.sleep(60)"
EATS = "import sys, time; print('ready', flush=True); sys.stdin.readline(); held = bytearray(200 << 20); time.sleep(60)"
LIES = "import sys; print('ready', flush=True); sys.stdin.readline(); print('/etc/passwd', flush=True)"
ENDS = "import sys; print('ready', flush=True); sys.stdin.readline()"
NEVER = "pass"


@pytest.fixture(scope="module", autouse=True)
def one_worker():
    yield
    worker.WORKER.stop()


def child(code):
    return worker.Worker([sys.executable, "-c", code])


@pytest.mark.parametrize(
    ("code", "refusal", "text"),
    [
        (WAITS, "build_time", "Rebuilding the model took more than 1 s, and was stopped."),
        (EATS, "build_memory", "Rebuilding the model took more than 100 MB of memory, and was stopped."),
        (LIES, "worker_gone", "The process that tries out models ended while it had this one."),
        (ENDS, "worker_gone", "The process that tries out models ended while it had this one."),
        (NEVER, "worker_gone", "The process that tries out models ended while it had this one."),
    ],
)
def test_a_process_that_overdoes_is_ended(code, refusal, text, tmp_path):
    one = child(code)
    with pytest.raises(Refused) as error:
        one.run(tmp_path, Limits(build_seconds=1, build_memory_bytes=100 << 20))
    assert (error.value.code, error.value.cause) == (refusal, text)
    assert error.value.mend.startswith("Try again")
    assert one.pid is None


def test_whoever_waits_can_leave(tmp_path):
    class LeftError(Exception):
        pass

    def step(said):
        if said == "building":
            raise LeftError

    one = child(WAITS)
    with pytest.raises(LeftError):
        one.run(tmp_path, Limits(), step)
    assert one.pid is None


def test_56_a_killed_worker_is_a_message_and_the_next_model_opens():
    deep = next(case for case in CASES if case.number == 54).data()
    told = []

    def step(said):
        told.append(said)
        if said == "building":
            os.kill(worker.WORKER.pid, 9)

    with pytest.raises(Refused, match="The process that tries out models ended while it had this one") as error:
        open_model(deep, "deep.keras", step=step)
    assert error.value.code == "worker_gone"
    assert told[:2] == ["inspecting", "reading"]
    assert open_model(good.keras(), "fine.keras").card.classes == 3


def test_the_worker_is_warmed_once_and_kept_for_the_next():
    open_model(good.keras(), "one.keras")
    pid = worker.WORKER.pid
    assert open_model(good.branching(), "two.keras").card.layers == 5
    assert worker.WORKER.pid == pid
    assert worker.resident(pid) > 0


def test_the_child_gets_no_secrets(monkeypatch):
    monkeypatch.setenv("CONVSCOPE_TOKEN", "secret")
    passed = worker.environment({"CONVSCOPE_TOKEN": "secret", "PATH": "/bin", "KERAS_BACKEND": "tensorflow"})
    assert passed == {
        "PATH": "/bin",
        "KERAS_BACKEND": "tensorflow",
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "OMP_NUM_THREADS": "2",
    }


def test_weights_lie_in_a_folder_that_goes_with_the_model(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = open_model(good.keras(), "net.keras")
    (folder,) = tmp_path.iterdir()
    assert [path.name for path in folder.iterdir()] == ["weights.npz"]
    assert folder.stat().st_mode & 0o077 == 0
    assert found.entry.build().count_params() == 127
    del found
    assert not list(tmp_path.iterdir())


def test_nothing_is_left_of_a_refused_model(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(Refused, match="Give one name a line"):
        open_model(good.keras(), "net.keras", class_names=["one"])
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_said(monkeypatch):
    def full(*_args, **_more):
        raise OSError(28, "No space left on device", "/srv/secret")

    monkeypatch.setattr(opening.arrays, "extract", full)
    with pytest.raises(Refused) as error:
        open_model(good.keras(), "net.keras")
    assert error.value.code == "storage"
    assert "secret" not in str(error.value)


def test_more_layers_get_more_time():
    limits = Limits(build_seconds=3)
    asked = []

    class Asked(worker.Worker):
        def run(self, folder, limits, step=worker.quiet):
            asked.append(limits.build_seconds)
            raise Refused("stop", "Stopped.", "")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "WORKER", Asked())
        for data in (good.keras(), next(case for case in CASES if case.number == 54).data()):
            with pytest.raises(Refused, match="Stopped"):
                open_model(data, "net.keras", limits=replace(limits))
    assert asked == [3, 43]
