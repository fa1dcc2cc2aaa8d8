"""The ways to attribute a score to pixels: one file each, ending in `METHOD = Method(...)`, found from this folder."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from types import MappingProxyType, ModuleType

from explain.types import Method


def discover(modules: Iterable[ModuleType]) -> Mapping[str, Method]:
    """Return the methods of some modules by key, in their order on screen.

    Raises ValueError for a module without METHOD and for two with one key; import errors are let through.
    """
    found: dict[str, tuple[Method, str]] = {}
    for module in modules:
        method = getattr(module, "METHOD", None)
        if not isinstance(method, Method):
            raise ValueError(f"{module.__name__}: expected the file to end in METHOD = Method(...)")
        if method.key in found:
            raise ValueError(
                f"{module.__name__}: the key {method.key!r} is taken by {found[method.key][1]}; choose another"
            )
        found[method.key] = method, module.__name__
    ordered = sorted((method for method, _ in found.values()), key=lambda method: (method.order, method.key))
    return MappingProxyType({method.key: method for method in ordered})


METHODS = discover(importlib.import_module(f"{__name__}.{entry.name}") for entry in pkgutil.iter_modules(__path__))
"""Every method by key."""
