"""A visitor of a running app without a browser: the websocket that a tab would open, and what is on its page."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from socket import SHUT_RDWR
from typing import Any
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

TEXTS = {"markdown": "body", "alert": "body", "heading": "body", "progress": "text", "spinner": "text"}


class Visitor:
    """One tab. `existing` is the session that it had before, named as a browser names it when it connects again."""

    def __init__(self, address: str, page: str = "", existing: str = "", **view: object) -> None:
        self.page, self.query = page, urlencode(view)
        self.began = time.monotonic()
        self.session = self.script = ""
        self.runs = self.charts = 0
        self.first = self.headline = self.finished = 0.0
        self.items: dict[tuple[int, ...], tuple[str, str, str]] = {}
        self.drawn: set[tuple[int, ...]] = set()
        self.last: list[tuple[str, str, str]] = []
        self.problems: list[str] = []
        protocols = [Subprotocol("streamlit"), Subprotocol("no-token"), *([Subprotocol(existing)] if existing else [])]
        where = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
        self.open = ExitStack()
        self.socket = self.open.enter_context(connect(where, subprotocols=protocols, max_size=None, open_timeout=60))
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()
        self.run()

    def run(self, widgets: Callable[[Any], object] = lambda states: None) -> None:
        """Ask for a run of the page, with values of widgets if any."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name = self.query, "" if self.script else self.page
        state.page_script_hash = self.script
        widgets(state.widget_states.widgets)
        self.socket.send(message.SerializeToString())

    def click(self, label: str) -> None:
        """Press the button that begins with a label, once it is there."""
        ident = self._wait_for("button", lambda said: said.startswith(label))
        self.run(lambda states: _set(states.add(), ident, "trigger_value", True))

    def change(self, label: str, value: float) -> None:
        """Give a number field of a label another value, once it is there."""
        ident = self._wait_for("number_input", lambda said: said == label)
        self.run(lambda states: _set(states.add(), ident, "double_value", value))

    def texts(self) -> list[str]:
        """Return what the page says now."""
        return [said for kind, said, _ in self._all() if kind in TEXTS]

    def says(self, text: str) -> str:
        """Return the first thing on the page that holds a text, "" if nothing does."""
        return next((said for said in self.texts() if text in said), "")

    def has(self, label: str) -> bool:
        """Whether there is a button whose label begins so."""
        return any(kind == "button" and said.startswith(label) for kind, said, _ in self._all())

    def shows(self, text: str) -> bool:
        """Whether the last finished run drew something that holds a text; what it did not draw again is gone."""
        return any(text in said for kind, said, _ in self.last if kind in TEXTS)

    def pictures(self) -> tuple[str, ...]:
        """Return what names every value and colour of the maps that the last finished run drew, from above.

        Maps and no curves: one that went on from fewer samples has its points at other numbers of them.
        """
        return tuple(said for kind, said, _ in self.last if kind == "plotly_chart")

    def wait(self, true: Callable[[], Any], seconds: float = 60) -> Any:
        """Wait until something holds and return it; raises AssertionError with what the page says if it never does."""
        end = time.monotonic() + seconds
        with self.changed:
            while not (found := true()):
                if time.monotonic() > end:
                    raise AssertionError(f"waited {seconds} s in vain; the page says: {self.texts()}")
                self.changed.wait(0.1)
        return found

    def wait_finished(self, seconds: float = 60) -> None:
        """Wait until the page's first run has ended."""
        self.wait(lambda: self.runs, seconds)

    def cut(self) -> None:
        """Lose the connection without a word."""
        self.socket.socket.shutdown(SHUT_RDWR)
        self.thread.join(10)

    def close(self) -> None:
        """Close the tab."""
        self.open.close()
        self.thread.join(10)

    def _wait_for(self, wanted: str, called: Callable[[str], bool]) -> str:
        def found() -> str:
            return next((ident for kind, said, ident in self._all() if kind == wanted and called(said)), "")

        return str(self.wait(found))

    def _all(self) -> list[tuple[str, str, str]]:
        return list(dict(self.items).values())

    def _listen(self) -> None:
        try:
            for data in self.socket:
                message = ForwardMsg()
                message.ParseFromString(data if isinstance(data, bytes) else data.encode())
                with self.changed:
                    self._take(message)
                    self.changed.notify_all()
        except ConnectionClosed:
            pass  # the server went: what came before stands

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.session = message.new_session.initialize.session_id
            self.drawn = set()
        elif kind == "navigation":
            self.script = message.navigation.page_script_hash
        elif kind == "script_finished":
            if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                self.items = {path: item for path, item in self.items.items() if path in self.drawn}
                self.last = [self.items[path] for path in sorted(self.items)]
                self.runs += 1
            self.finished = self.finished or time.monotonic() - self.began
        elif kind == "delta":
            self._draw(tuple(message.metadata.delta_path), message.delta)

    def _draw(self, path: tuple[int, ...], delta: Any) -> None:
        if delta.WhichOneof("type") == "add_block":
            return  # as in a browser, a block in the place of another keeps what is in it: it may come after that
        for under in [one for one in self.items if one[: len(path)] == path]:
            del self.items[under]
        self.drawn.add(path)
        element = delta.new_element
        kind = element.WhichOneof("type")
        shown = getattr(element, kind) if kind else None
        self.items[path] = (kind or "", "", "")
        if kind in TEXTS:
            self.items[path] = (kind, getattr(shown, TEXTS[kind]), "")
            self.first = self.first or time.monotonic() - self.began
            if not self.headline and self.items[path][1].startswith("#### "):
                self.headline = time.monotonic() - self.began
        elif kind in ("button", "number_input"):
            self.items[path] = (kind, shown.label, shown.id)
        elif kind == "plotly_chart":
            self.charts += 1
            if '"heatmap"' in shown.spec:
                self.items[path] = (kind, hashlib.sha256(shown.spec.encode()).hexdigest(), "")
        elif kind == "exception":
            self.problems.append(shown.message)


def _set(state: Any, ident: str, kind: str, value: Any) -> None:
    state.id = ident
    setattr(state, kind, value)
