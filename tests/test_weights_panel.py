"""Fetching VGG16's file on request, on the screen: size first, progress, cancel, a failure in words. No network."""

from __future__ import annotations

import threading

import pytest
from screen import make_ready, notes, opened, texts

from components import compute, weights
from model_zoo.download import DownloadCancelled, DownloadError


class SlowServer:
    """Stands in for the download: gives half of the bytes, then waits for what the test decides."""

    def __init__(self):
        self.go_on = threading.Event()
        self.half = threading.Event()
        self.asked = 0
        self.ending = None

    def __call__(self, file, progress):
        self.asked += 1
        progress(file.bytes // 2, file.bytes)
        self.half.set()
        assert self.go_on.wait(60)
        if not progress(file.bytes // 2, file.bytes):
            raise DownloadCancelled("cancelled", "cancelled")
        if self.ending is not None:
            raise self.ending


@pytest.fixture
def server(monkeypatch):
    make_ready("vgg16")
    made = SlowServer()
    monkeypatch.setattr(weights, "download", made)
    yield made
    made.go_on.set()
    fetch = compute.shared(weights.Fetch)
    if fetch.thread:
        fetch.thread.join()
    fetch.__init__()


def press(at, word):
    next(button for button in at.button if button.label.startswith(word)).click()
    return at.run()


def ended(at, server):
    server.go_on.set()
    compute.shared(weights.Fetch).thread.join()
    return at.run()


def test_nothing_is_fetched_before_the_button_and_its_size_is_on_it(server):
    at = opened("overview", model="vgg16")
    assert any("Fetch 553" in button.label for button in at.button)
    assert server.asked == 0


def test_a_fetch_under_way_shows_its_progress_to_every_session_and_can_be_cancelled(server):
    at = press(opened("overview", model="vgg16"), "Fetch")
    assert server.half.wait(60)
    for session in (at.run(), opened("attribution", model="vgg16")):
        assert any(button.label == "Cancel" for button in session.button)
        assert not any(button.label.startswith("Fetch") for button in session.button)
    assert server.asked == 1
    press(at, "Cancel")
    at = ended(at, server)
    assert "Cancelled. Nothing was kept." in notes(at)
    assert any(button.label.startswith("Fetch") for button in at.button)


def test_a_failure_is_said_with_what_to_do_and_leaves_the_model_as_it_was(server):
    server.ending = DownloadError("no_network", "No network. Copy the file by hand.")
    at = ended(press(opened("overview", model="vgg16"), "Fetch"), server)
    assert str(server.ending) in notes(at)
    assert any("What is missing" in text for text in texts(at))
