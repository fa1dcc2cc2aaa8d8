"""A model that can't be opened beforehand is noted, and whoever asks for it next meets the reason on the page."""

from __future__ import annotations

from screen import subject

from components import compute, logs, warming
from components.memory import MemoryShort


def test_a_model_that_cannot_be_opened_beforehand_is_noted(monkeypatch):
    noted = []

    def short(_subject):
        raise MemoryShort(1, 2)

    monkeypatch.setattr(compute, "glance", short)
    monkeypatch.setattr(logs, "event", lambda name, **said: noted.append((name, said["model"], said["error"])))
    monkeypatch.setattr(warming, "_WARMING", warming.Warming())
    one = subject("fashion_cnn")
    warming.warm(one)
    for thread in warming.threads():
        thread.join()
    assert noted == [("not_warmed", "fashion_cnn", "MemoryShort")]
    assert warming.ready(one), "the page asks for it, and says why"
    assert warming.seconds_to_ready(one) is None
