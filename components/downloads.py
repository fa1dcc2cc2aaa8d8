"""Files that are made when they are asked for, and stay until they have been fetched."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx


def button(label: str, make: Callable[[], bytes], name: str, mime: str, **drawn: Any) -> None:
    """Draw a download button; `make` is called on the click, and the page doesn't run again."""
    st.download_button(
        label, _held(make, name, mime), name, mime, on_click="ignore", icon=":material/download:", **drawn
    )


def _held(make: Callable[[], bytes], name: str, mime: str) -> Callable[[], bytes]:
    """Keep what is made for the session: Streamlit alone drops it once two runs have ended, anybody's runs."""
    context = get_script_run_ctx(suppress_warning=True)

    def made() -> bytes:
        data = make()
        if context is not None and runtime.exists():
            files = runtime.get_instance().media_file_mgr
            keeper = Thread(target=files.add, args=(data, mime, f"download {name}", name, True))
            add_script_run_ctx(keeper, context)
            keeper.start()
            keeper.join()
        return data

    return made
