"""What the operator allows: whether users may upload models, and the folder of models that the server offers."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path

import streamlit as st

from components import operating

UPLOADS, FOLDER = "CONVSCOPE_MODEL_UPLOADS", "CONVSCOPE_MODELS"
ENDINGS = (".keras", ".h5", ".hdf5")
MOST_LISTED = 200


def uploads_allowed() -> bool:
    """Whether users may upload models: as the operator says, else only where nobody comes from another machine."""
    said = os.environ.get(UPLOADS, "").strip().lower()
    if said:
        return said == "on"
    return _loopback(str(st.get_option("server.address") or "")) and not operating.behind_a_proxy()


def _loopback(address: str) -> bool:
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def folder() -> dict[str, Path]:
    """Return the model files of the operator's folder by name, without those of its own folders."""
    configured = os.environ.get(FOLDER, "").strip()
    if not configured:
        return {}
    try:
        found = sorted(path for path in Path(configured).iterdir() if path.suffix.lower() in ENDINGS and path.is_file())
    except OSError:
        return {}
    return {path.name: path for path in found[:MOST_LISTED]}
