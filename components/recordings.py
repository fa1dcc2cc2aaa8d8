"""Which open model has a recording of its training: a bundled one by its entry, a session's own where it was given."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import streamlit as st
from cachetools import LRUCache, cached

from components import models
from components.subjects import Subject
from model_zoo.training.recorded import Recording, load

KEPT = "recordings"


def of(subject: Subject) -> Recording | None:
    """Return the recording of the open model's training, None where it has none, or where its file has gone.

    Raises ValueError for a file that is no whole recording.
    """
    given = _given().get(subject.model)
    if given is not None:
        return given
    path = subject.entry.recording
    return None if path is None or not path.exists() else _read(path, path.stat().st_mtime_ns)


def register(model: str, recording: Recording | Path) -> None:
    """Give a model of this session, by its key, the recording of its training, for as long as the session keeps it.

    A file is read at once, so that it may go. Raises FileNotFoundError or ValueError for one that can't be read.
    """
    kept, mine = _given(), models.own()
    kept[model] = load(recording) if isinstance(recording, Path) else recording
    for key in [key for key in kept if key not in mine and key != model]:
        del kept[key]


def _given() -> dict[str, Recording]:
    kept: dict[str, Recording] = st.session_state.setdefault(KEPT, {})
    return kept


@cached(LRUCache(4), lock=Lock())
def _read(path: Path, changed: int) -> Recording:
    """Read a file once, and again once it has changed."""
    return load(path)
