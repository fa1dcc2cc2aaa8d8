"""The data sets there are to train on: every module of `sets`, each ending in one `SET`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache

from explain.errors import ArgumentError
from model_zoo.training import sets
from model_zoo.training.pictures import DataSet as DataSet
from model_zoo.training.pictures import Pictures as Pictures
from model_zoo.training.pictures import split as split


def discover() -> dict[str, DataSet]:
    """Return key -> data set, sorted by `order`, then by key. An import error goes through."""
    found = [importlib.import_module(one.name).SET for one in pkgutil.iter_modules(sets.__path__, f"{sets.__name__}.")]
    return {one.key: one for one in sorted(found, key=lambda one: (one.order, one.key))}


DATASETS: dict[str, DataSet] = discover()


@lru_cache(maxsize=2)
def pictures(key: str) -> Pictures:
    """Return a data set's pictures, read once and shared: not writable.

    Raises ArgumentError for a key that is none, FileNotFoundError where it isn't on this machine, ValueError where its
    files are damaged.
    """
    if key not in DATASETS:
        raise ArgumentError(f"data: expected one of {', '.join(DATASETS)}, got {key[:40]!r}; choose one of those")
    loaded = DATASETS[key].load()
    for part in (loaded.images, loaded.labels, loaded.test_images, loaded.test_labels):
        part.setflags(write=False)
    return loaded
