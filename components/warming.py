"""Make a model ready in the background: TensorFlow's import takes seconds and holds up Python meanwhile."""

from __future__ import annotations

import logging
import threading
import time

from components import logs, models
from components.subjects import Subject

FIRST_PAINT_SECONDS = 0.4


class Warming:
    """Which models are being made ready in the background, and how long it took."""

    def __init__(self) -> None:
        self.threads: dict[str, threading.Thread] = {}
        self.seconds: dict[str, float] = {}


_WARMING = Warming()


def threads() -> list[threading.Thread]:
    """Return the threads that make models ready, ended ones too."""
    return list(_WARMING.threads.values())


def _key(subject: Subject) -> str:
    return f"{subject.model}|{subject.state}"


def ready(subject: Subject) -> bool:
    """Whether the subject's model has been built and its first pass made in this server."""
    if subject.model.startswith(models.OWN):
        return models.built(subject.model, subject.state)
    thread = _WARMING.threads.get(_key(subject))
    return thread is not None and not thread.is_alive()


def seconds_to_ready(subject: Subject) -> float | None:
    """Return how long the subject's model took from the start of its loading to its first picture."""
    return _WARMING.seconds.get(_key(subject))


def warm_soon(subject: Subject) -> None:
    """Begin to load a model in the background once the first paint is out."""
    if not (subject.picture.startswith("upload/") or subject.model.startswith(models.OWN)):  # its session has these
        threading.Timer(FIRST_PAINT_SECONDS, warm, (subject,)).start()


def warm(subject: Subject) -> None:
    """Begin to load TensorFlow and a model in the background, after the first paint: the import holds up Python."""
    if _key(subject) in _WARMING.threads:
        return

    def work() -> None:
        from components import compute, memory  # heavy, and not needed to ask what is ready

        began = time.monotonic()
        try:
            compute.glance(subject)
        except Exception as error:  # the page that asks for it meets it too, and says it to whoever is there
            logs.event("not_warmed", level=logging.WARNING, model=subject.model, error=type(error).__name__)
            return
        _WARMING.seconds[_key(subject)] = time.monotonic() - began
        memory.collect()

    thread = threading.Thread(target=work, name=f"warm {_key(subject)}", daemon=True)
    _WARMING.threads[_key(subject)] = thread
    thread.start()
