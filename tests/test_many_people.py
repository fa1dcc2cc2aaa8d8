"""The running app with people on it: they leave, stop, click ten times, lose the connection, meet a new server."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from benchmarks.visitor import Visitor

ROOT = Path(__file__).parent.parent
LONG = {"picture": "rocket", "methods": "smoothgrad", "smooth_samples": 200}


class Server:
    """The app as a user would start it, on a port of this machine, with its log."""

    def __init__(self, folder: Path, *options: str, **environment: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = folder / "log"
        self.address = f"http://127.0.0.1:{self.port}"
        self.options = options
        self.environment = {**os.environ, "CONVSCOPE_VGG16": str(folder / "none.h5"), **environment}
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.port", str(self.port)]
        command += ["--server.address", "127.0.0.1", *self.options]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"the app did not start: {self.log.read_text()}")

    def stop(self, how: int = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(20)

    def events(self, name: str = "") -> list[dict]:
        """The lines of the log that are events, of one name if asked."""
        lines = [line for line in self.log.read_text().splitlines() if line.startswith('{"time"')]
        return [one for line in lines if name in ("", (one := json.loads(line))["event"])]

    def wait_for(self, name: str, count: int, seconds: float = 30) -> list[dict]:
        end = time.monotonic() + seconds
        while len(found := self.events(name)) < count:
            assert time.monotonic() < end, f"no {count} times {name} in {self.events()}"
            time.sleep(0.05)
        return found


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    one = Server(tmp_path_factory.mktemp("server"), CONVSCOPE_OPERATOR="on")
    yield one
    one.stop()
    assert not one.events("failed")
    assert "Traceback" not in one.log.read_text()


@pytest.fixture
def visit():
    there = []

    def come(server, page="", existing="", **view):
        there.append(Visitor(server.address, page, existing, **view))
        return there[-1]

    yield come
    for one in there:
        one.close()
        assert not one.problems


def progress(visitor):
    """The line that says how far the long map is, "" if there is none."""
    return next((text for text in visitor.texts() if re.match(r"\d+ of 200 · ", text)), "")


def under_way(visitor):
    """Wait until the long map has been begun, also where it waits for a click, and say how far it is."""
    visitor.wait(lambda: progress(visitor) or visitor.has("Compute (about"), 120)
    if visitor.has("Compute (about"):
        visitor.click("Compute (about")
    return int(visitor.wait(lambda: progress(visitor), 120).split()[0])


def test_case_91_stop_frees_the_place_at_the_next_pass(server, visit):
    before = len(server.events("job"))
    one = visit(server, "attribution", **LONG)
    under_way(one)
    one.click("Stop")
    said = one.wait(lambda: one.says("**Partial: "))
    (job, *_) = server.wait_for("job", before + 1)[before:]
    assert (job["kind"], job["outcome"], job["long"]) == ("smoothgrad", "left", True)
    time.sleep(1)
    assert one.says("**Partial: ") == said, "no further pass"


def test_case_90_a_closed_tab_ends_its_computation(server, visit):
    before = len(server.events("job"))
    one = visit(server, "attribution", **{**LONG, "seed": 90})
    under_way(one)
    one.close()
    job = server.wait_for("job", before + 1)[-1]
    assert (job["outcome"], job["long"]) == ("left", True)
    time.sleep(1)
    assert len(server.events("job")) == before + 1


def test_case_95_a_cut_connection_costs_nothing(server, visit):
    before = len(server.events("job"))
    one = visit(server, "attribution", **{**LONG, "seed": 95})
    reached = under_way(one)
    one.cut()
    server.wait_for("job", before + 1)
    again = visit(server, "attribution", existing=one.session)
    assert under_way(again) >= reached, "it goes on from where it was"
    assert again.session == one.session
    assert not again.says("this is a new")


def test_case_92_ten_fast_clicks_leave_one_computation(server, visit):
    one = visit(server, "attribution", **{**LONG, "smooth_samples": 40})
    one.wait_finished(120)
    before, runs = len(server.events("job")), one.runs
    for seed in range(920, 930):
        one.change("Seed", seed)
        time.sleep(0.1)
    one.wait(lambda: one.runs > runs, 120)
    jobs = server.events("job")[before:]
    assert [job["outcome"] for job in jobs].count("done") == 1
    assert jobs[-1]["outcome"] == "done"


def test_the_operator_sees_how_it_goes_and_nobody_s_data(server, visit):
    visit(server, picture="rocket").wait_finished(120)
    page = visit(server, "operator")
    page.wait_finished()
    said = page.wait(lambda: page.says("long computations run"))
    assert "of 2 long computations run, 0 wait." in said
    assert "rocket" not in server.log.read_text().lower()


@pytest.fixture(scope="module")
def brief(tmp_path_factory):
    """A server that soon forgets who is gone, on a machine where nothing can be kept."""
    nowhere = {"HOME": "/proc/none", "XDG_CACHE_HOME": "/proc/none/cache", "XDG_CONFIG_HOME": "/proc/none/config"}
    one = Server(tmp_path_factory.mktemp("brief"), "--server.disconnectedSessionTTL", "2", **nowhere)
    yield one
    one.stop()
    assert not one.events("failed")


def test_case_102_a_home_that_cannot_be_written_is_said_once(brief, visit):
    for seed in (1, 2):
        one = visit(brief, "attribution", **LONG, seed=seed)
        under_way(one)
        one.close()
    remarks = [one for one in brief.events() if one["event"].startswith("remark explain.speeds")]
    assert [one["about"] for one in remarks] == ["_write"]


def test_case_99_an_expired_session_is_told_and_its_memory_is_given_back(brief, visit):
    one = visit(brief, "kernels", model="fashion_cnn")
    one.wait_finished(120)
    one.close()
    brief.wait_for("session_ended", len(brief.events("session_began")))
    again = visit(brief, "kernels", existing=one.session, model="fashion_cnn")
    again.wait_finished()
    assert again.session != one.session
    said = again.says("this is a new one")
    assert said == (
        "Your connection was gone for longer than a session is kept here, so this is a new one. Page, model, place and "
        "settings are back from the address. Lost are your uploaded pictures and models, and maps that were not "
        "finished. Files you saved are complete."
    )
    again.click("I see")
    again.wait(lambda: again.runs == 2)
    assert not again.shows("this is a new one")


def test_case_94_a_server_that_was_restarted_says_so(brief, visit):
    one = visit(brief, "attribution", **LONG, seed=94)
    under_way(one)
    brief.stop(signal.SIGKILL)
    brief.start()
    again = visit(brief, "attribution", existing=one.session, **LONG, seed=94)
    said = again.wait(lambda: again.says("was restarted"), 120)
    assert said.startswith("The server was restarted meanwhile, so this is a new session. Page, model, place and ")
    assert under_way(again), "and it can be computed again"
