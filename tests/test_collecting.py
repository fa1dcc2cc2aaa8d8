"""What is no longer used is freed although what is loaded is left out of the collection after each run."""

from __future__ import annotations

import gc
import weakref

import pytest

from components import memory


class Ring:
    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def _as_before():
    yield
    gc.unfreeze()


def test_what_is_there_is_spared_and_freed_once_nobody_uses_it():
    there = Ring()
    gone = weakref.ref(there)
    memory.collect()
    assert gc.get_freeze_count() > 1000
    del there
    gc.collect()
    assert gone() is not None, "left out of an ordinary collection: that is what makes it short"
    memory.collect()
    assert gone() is None


def test_what_was_made_since_is_freed_by_an_ordinary_collection():
    memory.collect()
    gone = weakref.ref(Ring())
    gc.collect()
    assert gone() is None
