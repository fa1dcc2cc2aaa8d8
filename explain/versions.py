"""The versions that a result depends on."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from types import MappingProxyType

CONVSCOPE = "0.1.0"
LIBRARIES = {"tensorflow": ("tensorflow", "tensorflow-cpu"), "keras": ("keras",), "numpy": ("numpy",)}


@cache
def versions() -> Mapping[str, str]:
    """Return the versions of ConvScope, Python, TensorFlow, Keras and NumPy. Reads metadata; imports nothing heavy."""
    found = {"convscope": CONVSCOPE, "python": platform.python_version()}
    return MappingProxyType(found | {name: _first(names) for name, names in LIBRARIES.items()})


def _first(names: tuple[str, ...]) -> str:
    for name in names[:-1]:
        try:
            return version(name)
        except ModuleNotFoundError:
            continue
    return version(names[-1])
