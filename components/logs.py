"""What happens, as one JSON line an event on standard error: with an id, without names of people, files or paths.

A session is named by a salted hash that is new with each start of the server. What the operator's page counts is
counted here.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import sys
import threading
import time
import traceback
import uuid
from collections import Counter, deque
from pathlib import Path
from typing import Any

from streamlit.runtime.scriptrunner import get_script_run_ctx

LOGGER = logging.getLogger("convscope")
LIBRARIES = ("explain", "model_zoo")
"""Loggers whose remarks are written too, each place in the code once, and without its words: they may name paths."""

SERVER = "uvicorn.error"
"""The logger of the server below Streamlit."""

ROOT = Path(__file__).resolve().parent.parent
RECENT = 50
FRAMES = 6
_SALT = secrets.token_bytes(16)

counts: Counter[str] = Counter()
"""Events since the start, by name; refusals of files also by their code."""

recent: deque[dict[str, Any]] = deque(maxlen=RECENT)
"""The last events that somebody may have to look into: what failed, ended early, or was turned away."""

_once: set[str] = set()
_lock = threading.Lock()


class _Line(logging.Formatter):
    """Writes a record as one JSON line."""

    def format(self, record: logging.LogRecord) -> str:
        said = {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)), "level": record.levelname}
        return json.dumps(said | getattr(record, "said", {"event": record.getMessage()}))


class _StandardError(logging.StreamHandler[Any]):
    """Standard error as it is now: a test, or a server that becomes a service, may have put another in its place."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(_Line())

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def event(name: str, *, level: int = logging.INFO, **values: Any) -> str:
    """Write that something happened, with numbers and codes; returns the id of its line, 8 hex digits."""
    ident = uuid.uuid4().hex[:8]
    said = {"event": name, "id": ident, "session": who(), **values}
    with _lock:
        counts[name] += 1
        if level >= logging.WARNING:
            recent.append({"time": time.strftime("%H:%M:%S"), **said})
    LOGGER.log(level, "%s %s", name, ident, extra={"said": said})
    return ident


def once(name: str, **values: Any) -> None:
    """Write a warning that would only repeat itself, the first time."""
    with _lock:
        known = name in _once
        _once.add(name)
    if not known:
        event(name, level=logging.WARNING, **values)


def failure(where: str, error: BaseException) -> str:
    """Write that something went wrong, with the kind of error and the lines it went through; returns the id.

    The error's own words are left out: they may hold what somebody typed, or the name of a file.
    """
    through = [_frame(frame) for frame in traceback.extract_tb(error.__traceback__)]
    own = [line for line in through if line][-FRAMES:]
    return event("failed", level=logging.ERROR, where=where, error=type(error).__name__, through=own)


def who(session: str | None = None) -> str:
    """Return a short name for a session (the one that runs now for None), "" outside of all."""
    if session is None:
        context = get_script_run_ctx(suppress_warning=True)
        session = context.session_id if context else ""
    return hashlib.blake2b(session.encode(), key=_SALT, digest_size=4).hexdigest() if session else ""


class _Remark(logging.Handler):
    """Turns a remark of the numerics into an event, the first time that it is made."""

    def emit(self, record: logging.LogRecord) -> None:
        once(f"remark {record.name}:{record.lineno}", about=record.funcName)


class _Gone(logging.Filter):
    """Makes one line of the server's complaint that a visitor had left before it answered: nothing went wrong."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if not type(error).__name__.startswith("WebSocketDisconnect"):
            return True
        event("visitor_gone")
        return False


def _frame(frame: traceback.FrameSummary) -> str:
    """Write a line of ours as "components/jobs.py:12 run", one of a package by its module's name alone."""
    path = Path(frame.filename)
    if path.is_relative_to(ROOT) and "site-packages" not in path.parts:
        return f"{path.relative_to(ROOT).as_posix()}:{frame.lineno} {frame.name}"
    return f"{path.parent.name}/{path.name}:{frame.lineno}"


def _begin() -> None:
    LOGGER.addHandler(_StandardError())
    LOGGER.setLevel(logging.INFO)
    logging.getLogger(SERVER).addFilter(_Gone())
    for name in LIBRARIES:
        logging.getLogger(name).addHandler(_Remark())
        logging.getLogger(name).setLevel(logging.INFO)


_begin()
