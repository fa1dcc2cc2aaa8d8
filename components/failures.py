"""Failures become messages: what happened, what is unharmed, what to do; the log has more under the same code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from components import logs, memory, notices, state
from components.text import _
from explain.errors import ConvScopeError

OUT_OF_MEMORY = ("MemoryError", "ResourceExhaustedError", "_ArrayMemoryError")
"""Python's, TensorFlow's and NumPy's names for it; TensorFlow may not be loaded."""


@contextmanager
def caught(what: str) -> Iterator[None]:
    """Turn a failure into a message: a stranger must never see a traceback."""
    try:
        yield
    except ConvScopeError as error:
        st.error(str(error), icon=":material/error:")
    except Exception as error:
        st.error(said(what, error), icon=":material/error:")
        st.button(_("Start again here"), on_click=state.reset, key=f"again_{what}")


def said(what: str, error: Exception) -> str:
    """Log a failure, and return the message about it with the code of its line. Short memory is mended first."""
    code = logs.failure(what, error)
    if type(error).__name__ in OUT_OF_MEMORY:
        memory.let_go()
        return notices.out_of_memory(code)
    return notices.broken(code) if what.startswith("job ") else notices.failed(code)
