"""How many bytes a value holds."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from components.models import Network


def size(value: Any, seen: set[int] | None = None) -> int:
    """Return about how many bytes a value holds with everything in it; what is held twice counts once.

    Classes, functions and models are not the session's own, and count nothing.
    """
    seen = set() if seen is None else seen
    if id(value) in seen or value is None or isinstance(value, (bool, int, float, type)) or callable(value):
        return 0
    seen.add(id(value))
    if isinstance(value, (UploadedFile, DeltaGenerator, Network)):
        return (
            0  # a file is counted where it lies, a place on the page is Streamlit's, a network remembers for everybody
        )
    if isinstance(value, (str, bytes, bytearray)):
        return sys.getsizeof(value)
    if isinstance(own := getattr(value, "nbytes", None), int):
        return 100 + own
    if isinstance(value, Mapping):
        return 100 + sum(size(key, seen) + size(one, seen) for key, one in value.items())
    if isinstance(value, (list, tuple, set, frozenset)):
        return 60 + sum(size(one, seen) for one in value)
    return 60 + sum(size(one, seen) for one in getattr(value, "__dict__", {}).values())
