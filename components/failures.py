"""Failures become messages: what happened, what is unharmed, what to do; the details go to the log."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from components import notices, state
from components.text import _
from explain.errors import ConvScopeError

log = logging.getLogger("convscope")


@contextmanager
def caught(what: str) -> Iterator[None]:
    """Turn a failure into a message: a stranger must never see a traceback."""
    try:
        yield
    except ConvScopeError as error:
        st.error(str(error), icon=":material/error:")
    except Exception:
        code = uuid.uuid4().hex[:8]
        log.exception("%s failed, code %s", what, code)
        st.error(notices.failed(code), icon=":material/error:")
        st.button(_("Start again here"), on_click=state.reset, key=f"again_{what}")
