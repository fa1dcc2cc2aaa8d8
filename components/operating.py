"""Whether the operator's page is there, and for whom: this machine, or whoever knows the operator's token."""

from __future__ import annotations

import hmac
import os

import streamlit as st

OPERATOR = "CONVSCOPE_OPERATOR"
"""Environment variable: "on" shows the page to this machine alone; 16 characters or more are a token that is asked."""

LEAST_TOKEN = 16
LOCAL = ("localhost", "127.0.0.1", "::1")
PROXY = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via")
PASSED = "operator_passed"


def switched_on() -> bool:
    """Whether the page is there at all."""
    return bool(token()) or (os.environ.get(OPERATOR, "").strip().lower() == "on" and on_loopback())


def token() -> str:
    """Return what has to be typed to see the page, "" if the operator has set no token."""
    said = os.environ.get(OPERATOR, "").strip()
    return said if len(said) >= LEAST_TOKEN else ""


def on_loopback() -> bool:
    """Whether the app listens on this machine only."""
    return str(st.get_option("server.address") or "") in LOCAL


def behind_a_proxy() -> bool:
    """Whether this visit came through a proxy: then listening on this machine only says nothing about who it is."""
    return any(st.context.headers.get(name) for name in PROXY)


def let_in() -> bool:
    """Whether this visitor may see the page."""
    if token():
        return bool(st.session_state.get(PASSED))
    return switched_on() and not behind_a_proxy()


def offer(typed: str) -> bool:
    """Take what a visitor typed for the token; returns whether it is."""
    st.session_state[PASSED] = bool(token()) and hmac.compare_digest(typed.encode(), token().encode())
    return bool(st.session_state[PASSED])
