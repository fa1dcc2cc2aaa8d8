"""Opening a user's model in a thread of its own: how far it is, Cancel, and what came of it. One a session."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import logs, memory, models, notices
from components.memory import MemoryShort
from components.text import _, plain
from model_zoo.own.types import Limits, Refused

if TYPE_CHECKING:
    from model_zoo.entry import ModelEntry
    from model_zoo.own.opening import Opened

Dress = Callable[["ModelEntry"], "ModelEntry"]
Arrived = Callable[[str], None]
JOB, OUTCOME, OPEN, SCROLL = "own_opening", "own_outcome", "own_open", "own_scroll"
ROUND = "own_round"
"""Counts the files: a new round empties the uploader, so that the server keeps no file that is dealt with."""
POLL = 0.5


class _Cancelled(Exception):  # noqa: N818 - no error
    """The user wants nothing of it any more."""


class Opening:
    """One file being checked, rebuilt and opened. `problem` is what to tell the user if it can't be."""

    def __init__(
        self, name: str, work: Callable[[Callable[[str], None]], Opened], dress: Dress | None, arrived: Arrived | None
    ) -> None:
        self.name = name
        self.arrived = arrived
        self._dress = dress
        self.began = time.monotonic()
        self.cancelled = False
        self.stage = ""
        self.problem = ""
        self.held: models.Held | None = None
        self._work = work
        self.thread = threading.Thread(target=self._run, daemon=True, name="open a model")

    def _run(self) -> None:
        try:
            opened = self._work(self._step)
            held = models.hold(opened, None if self._dress is None else self._dress(opened.entry))
            self._step("ready")
            if not held.network.built:
                memory.make_room(memory.FOR_A_JOB + 3 * held.network.bytes)
                held.network.engine()
                memory.collect()
            self.held = held
        except _Cancelled:
            return
        except Refused as refused:
            logs.event("file_refused", code=refused.code)
            self.problem = str(refused)
        except MemoryShort as short:
            self.problem = str(short)
        except Exception as error:
            self.problem = notices.model_failed(logs.failure("opening a model", error))

    def _step(self, stage: str) -> None:
        """Note how far it is; ends the work where nobody wants it any more."""
        self.stage = stage
        if self.cancelled:
            raise _Cancelled

    @property
    def running(self) -> bool:
        """Whether its outcome is still to come."""
        return self.thread.is_alive() and not self.cancelled

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self.began

    def cancel(self) -> None:
        """Want nothing of it any more: the work ends at its next step, and whatever comes of it is dropped."""
        self.cancelled = True


def warm() -> None:
    """Start the process that tries models while the user still chooses."""
    from model_zoo.own import worker

    worker.warm()


def ask() -> None:
    """Want the panel in view where a model is opened."""
    st.session_state[OPEN] = st.session_state[SCROLL] = True


def asked() -> bool:
    """Whether the panel is to come into view."""
    return bool(st.session_state.get(SCROLL))


def job() -> Opening | None:
    """Return what this session is opening, or has opened and not yet been told of."""
    found: Opening | None = st.session_state.get(JOB)
    return found


def start(
    name: str, data: bytes | Path, *, dress: Dress | None = None, arrived: Arrived | None = None, **chosen: Any
) -> None:
    """Begin to open a file, unless another one of this session is under way.

    `dress` gives its entry what the app knows of it; `arrived` is told its key in the session, once it is open.
    """
    from model_zoo.own.opening import open_model

    now = job()
    if now is not None and now.running:
        return
    limits = Limits.from_environment()
    st.session_state.pop(OUTCOME, None)
    st.session_state[JOB] = begun = Opening(
        name, lambda step: open_model(data, name, limits=limits, step=step, **chosen), dress, arrived
    )
    begun.thread.start()


def settle() -> str | None:
    """Take in what came of the opening, once it has ended; returns the key of the model that was opened."""
    ended = job()
    if ended is None or ended.running:
        return None
    del st.session_state[JOB]
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    if ended.held is None:
        said = _("Cancelled. Nothing was kept.") if ended.cancelled else ended.problem
        st.session_state[OUTCOME] = (ended.name, said, ended.cancelled)
        return None
    gone = models.keep(ended.held)
    if ended.arrived is not None:
        ended.arrived(ended.held.entry.key)
    st.session_state[OPEN] = False
    if gone:
        st.toast(_("Let go, to make room: {titles}").format(titles=", ".join(gone)), icon=":material/delete:")
    return ended.held.entry.key


def outcome() -> tuple[str, str, bool] | None:
    """Return the last file that was not opened, why not, and whether the user wanted it so."""
    found: tuple[str, str, bool] | None = st.session_state.get(OUTCOME)
    return found


def _stage(stage: str) -> str:
    """Say what is being done, in the words of model_zoo.own.opening's steps."""
    said = {
        "reading": _("reading its weights"),
        "waiting": _("waiting for the process that tries models, which has another one"),
        "starting": _("starting the process that tries models"),
        "building": _("building and trying it in a process of its own"),
        "ready": _("making it ready"),
    }
    return said.get(stage, _("checking the file"))


@st.fragment(run_every=POLL)
def progress() -> None:
    """Draw how far the opening is, with Cancel; the page runs again when it has ended."""
    now = job()
    if now is None or not now.running:
        st.rerun()
    st.markdown(
        ":material/hourglass_top: "
        + _("**{name}**: {stage}, {n} s").format(name=plain(now.name), stage=_stage(now.stage), n=int(now.seconds))
    )
    st.button(_("Cancel"), icon=":material/stop_circle:", key="own_cancel", on_click=now.cancel)
