"""Find the declared models: every module of a package, each ending in one `MODEL`."""

from __future__ import annotations

import importlib
import pkgutil

from model_zoo.entry import ModelEntry


def discover(package: str) -> dict[str, ModelEntry]:
    """Return key -> entry for every module of `package`, sorted by `order`, then by key.

    Raises ValueError for a key declared twice and AttributeError for a module without `MODEL`; an import error goes
    through, so that nothing is skipped in silence.
    """
    found: dict[str, ModelEntry] = {}
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
        entry = importlib.import_module(module.name).MODEL
        if entry.key in found:
            raise ValueError(f"{module.name}: key {entry.key!r} is declared twice in {package}; rename one")
        found[entry.key] = entry
    return dict(sorted(found.items(), key=lambda item: (item[1].order, item[0])))
