"""One engine per model: repeated calls neither build nor trace."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from explain.engine import Engine

KEPT_ENTRIES = 2
WATCHED, WATCHED_CELLS = 16, 1 << 18
_ATTRIBUTE = "_convscope_engine"
_entries: OrderedDict[tuple[str, str], Any] = OrderedDict()
_lock = threading.RLock()


def engine_for(model: Any) -> Engine:
    """Return the engine of a model: an Engine itself, a Keras model, or a declared entry.

    A Keras model's engine lives as long as the model, and is made anew once its weights have changed, as training
    changes them: what an engine remembers is of the weights it met. A change by hand of a large kernel in the middle
    may go unnoticed; `Engine(model)` is always new. Of entries the last two are kept built.
    """
    from explain.engine import Engine

    if isinstance(model, Engine):
        return model
    with _lock:
        if hasattr(model, "build") and hasattr(model, "labels") and not hasattr(model, "call"):
            return _of_entry(model)
        made, seen = vars(model).get(_ATTRIBUTE, (None, b"")) if hasattr(model, "__dict__") else (None, b"")
        now = _glimpse(model)
        if made is None or seen != now:
            made = Engine(model)
            # Kept on the model, past Keras's attribute tracking, so that both are freed together.
            object.__setattr__(model, _ATTRIBUTE, (made, now))
        return made


def _glimpse(model: Any) -> bytes:
    """Return a few weights' bytes: those of the head and some of all the others, none of them large.

    Reading all of EfficientNet-Lite0's takes as long as a map; a step of training changes nearly every one.
    """
    small = [weight for weight in getattr(model, "weights", []) if np.prod(weight.shape) <= WATCHED_CELLS]
    chosen = small if len(small) <= WATCHED else [*small[:: -(-len(small) // (WATCHED - 4))], *small[-4:]]
    return b"".join(np.asarray(weight.value).tobytes() for weight in chosen)


def _of_entry(entry: Any) -> Engine:
    key = (entry.key, entry.state() if hasattr(entry, "state") else "")
    if key not in _entries:
        from explain.engine import Engine

        _entries[key] = Engine(entry.build())
    _entries.move_to_end(key)
    while len(_entries) > KEPT_ENTRIES:
        _entries.popitem(last=False)
    engine: Engine = _entries[key]
    return engine
