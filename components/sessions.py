"""The sessions of this server: which there are, which have ended, and what their ending took along.

Streamlit keeps a session whose tab is gone for `server.disconnectedSessionTTL` seconds, so that a cut connection costs
nothing. After that it lets it go only when the next tab closes: here somebody looks.
"""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections import OrderedDict, deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import get_script_run_ctx

from components import logs, memory

LOST = "session_lost"
MOST_REMEMBERED = 2000
PROTOCOL = "Sec-WebSocket-Protocol"
SLOWEST = 20.0


@dataclass
class Known:
    """A session as far as the operator may know it."""

    began: float = field(default_factory=time.monotonic)
    left: float | None = None
    runs: int = 0
    kept: int = 0
    state: Any = None

    def let_go(self) -> None:
        """Empty what the session kept: nobody can come back to it."""
        for key in list(self.state.filtered_state) if self.state is not None else ():
            with suppress(KeyError):  # a widget's value that went with its widget
                del self.state[key]


class Sessions:
    """Sessions that are there, sessions that were, and whoever looks after both."""

    def __init__(self) -> None:
        self.here: dict[str, Known] = {}
        self.were: OrderedDict[str, None] = OrderedDict()
        self.lock = threading.Lock()
        self.released: deque[str] = deque()
        self.keeper: threading.Thread | None = None

    def note(self, session: str, state: Any = None) -> Known:
        """Count a run of a session; a new one is announced, and looked after."""
        with self.lock:
            known = self.here.get(session)
            if known is None:
                known = self.here[session] = Known()
                self.were[session] = None
                while len(self.were) > MOST_REMEMBERED:
                    self.were.popitem(last=False)
                self._watch(session)
            known.runs += 1
            known.state = state
        if known.runs == 1:
            logs.event("session_began", sessions=len(self.here))
        return known

    def sweep(self) -> dict[str, Known]:
        """Notice who has left, and forget those that can't come back; returns these."""
        now, gone = time.monotonic(), {}
        with self.lock:
            for session, known in list(self.here.items()):
                if runtime.get_instance().is_active_session(session):
                    known.left = None
                elif known.left is None:
                    known.left = now
                elif now - known.left > lifetime():
                    gone[session] = self.here.pop(session)
        return gone

    def _watch(self, session: str) -> None:
        """Hear of the end of a session's last object, and have somebody look after those that nobody asks for."""
        there = runtime.get_instance().get_app_session(session) if runtime.exists() else None
        if not isinstance(there, AppSession):
            return  # a test without a server
        weakref.finalize(there, self.released.append, session).atexit = False
        if self.keeper is None:
            self.keeper = threading.Thread(target=self._keep, name="sessions", daemon=True)
            self.keeper.start()

    def _keep(self) -> None:
        while runtime.exists():
            time.sleep(min(SLOWEST, max(0.5, lifetime() / 4)))
            gone = self.sweep()
            for session, known in gone.items():
                known.let_go()
                runtime.get_instance().uploaded_file_mgr.remove_session_files(session)
                logs.event("session_ended", of=logs.who(session), kept=known.kept, sessions=len(self.here))
            if gone:
                _expire()
                time.sleep(0.5)
                memory.collect()
            while self.released:
                logs.event("session_released", of=logs.who(self.released.popleft()), sessions=len(self.here))


SESSIONS = Sessions()


def note() -> None:
    """Count a run of this session. Found out in its first run: whether it stands in for one that has ended."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return
    known = SESSIONS.note(context.session_id, context.session_state)
    if known.runs == 1:
        before = _before(context.session_id)
        if before:
            st.session_state[LOST] = "expired" if before in SESSIONS.were else "restarted"
            logs.event("session_lost", level=logging.WARNING, why=st.session_state[LOST])


def lost() -> str:
    """Return "expired" or "restarted" where this session stands in for one that has ended, else ""."""
    return str(st.session_state.get(LOST, ""))


def understood() -> None:
    """Stop saying it."""
    st.session_state.pop(LOST, None)


def kept(size: int) -> None:
    """Note for the operator how many bytes this session keeps."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is not None and context.session_id in SESSIONS.here:
        SESSIONS.here[context.session_id].kept = size


def lifetime() -> float:
    """Return the seconds for which a session without a tab is kept."""
    return float(st.get_option("server.disconnectedSessionTTL") or 0)


def _before(session: str) -> str:
    """Return the session that this browser tab had before and could not get back, "" if there is none.

    The tab names it when it connects, behind the protocol and a token.
    """
    said = [part.strip() for part in str(st.context.headers.get(PROTOCOL) or "").split(",")]
    return said[2] if len(said) > 2 and said[2] not in ("", session) else ""


def _expire() -> None:
    """Let go of sessions that are past their time, on the thread that owns them.

    There is no public way: Streamlit's store drops them only when it next saves one.
    """
    server: Any = runtime.get_instance()
    store = server._session_mgr._session_storage._cache
    server._get_async_objs().eventloop.call_soon_threadsafe(store.expire)
