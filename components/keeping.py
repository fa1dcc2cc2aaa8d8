"""What one session keeps in memory, and what it gives up first when that is too much."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from components import logs, sessions, state, subjects
from components.sizes import size

MOST = 40 << 20
"""Bytes that a session may keep: its pictures, its maps that are not finished, the files behind them."""

PARTIAL = "partial_"
TOUCHED = "kept_since"
GAVE_UP = "gave_up"

_more: list[Callable[[], int]] = []


def gives_up(let_go: Callable[[], int]) -> Callable[[], int]:
    """Register what lets go of the oldest thing of its kind that is not on the screen; returns its bytes, 0 if none."""
    _more.append(let_go)
    return let_go


def touch(name: str) -> None:
    """Note that something was made or used just now, so that it is given up last."""
    order: dict[str, None] = st.session_state.setdefault(TOUCHED, {})
    order.pop(name, None)
    order[name] = None


def held() -> int:
    """Return the bytes that this session keeps: its state, and the files that it uploaded."""
    known: dict[Any, Any] = st.session_state.to_dict()
    return size(list(known.values())) + sum(map(len, _files().values()))


def trim() -> int:
    """Give up the oldest things until no more is kept than `MOST`; returns what is kept then.

    First files whose pictures are opened, then unfinished maps, then pictures that are not on the screen.
    """
    kept = held()
    given = 0
    for let_go in (_a_file, _a_partial, _a_picture, *_more):
        while kept > MOST and let_go():
            given += 1
            kept = held()
    if given:
        st.session_state[GAVE_UP] = True
        logs.event("session_trimmed", given=given, kept=kept)
    sessions.kept(kept)
    return kept


def gave_up() -> bool:
    """Whether something was given up since this was last asked."""
    return bool(st.session_state.pop(GAVE_UP, False))


def _files() -> dict[str, bytes]:
    """Return the files as this session uploaded them, by id, the oldest first."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return {}
    store = getattr(context.uploaded_file_mgr, "file_storage", {})
    return {ident: record.data for ident, record in dict(store.get(context.session_id, {})).items()}


def _a_file() -> int:
    """A file is not needed once its picture is open; Streamlit keeps it for as long as its name is on the screen."""
    context = get_script_run_ctx(suppress_warning=True)
    for ident, data in _files().items():
        if context is not None and ident in st.session_state.get("opened", ()):
            store: Any = context.uploaded_file_mgr
            store.remove_file(context.session_id, ident)
            return len(data)
    return 0


def _a_partial() -> int:
    names = [str(key) for key in st.session_state if str(key).startswith(PARTIAL)]
    order = list(st.session_state.get(TOUCHED, ()))
    names.sort(key=lambda name: order.index(name) if name in order else -1)
    return size(st.session_state.pop(names[0])) if names else 0


def _a_picture() -> int:
    shown = {state.view().get("picture", ""), *state.view().get("also", "").split(",")}
    kept = subjects.uploads()
    oldest = next((picture for picture in kept if picture not in shown), None)
    return size(kept.pop(oldest)) if oldest else 0
