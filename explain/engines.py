"""One engine per model: repeated calls neither build nor trace."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explain.engine import Engine

KEPT_ENTRIES = 2
_ATTRIBUTE = "_convscope_engine"
_entries: OrderedDict[tuple[str, str], Any] = OrderedDict()
_lock = threading.RLock()


def engine_for(model: Any) -> Engine:
    """Return the engine of a model: an Engine itself, a Keras model, or a declared entry.

    A Keras model's engine lives as long as the model. Of entries the last two are kept built.
    """
    from explain.engine import Engine

    if isinstance(model, Engine):
        return model
    with _lock:
        if hasattr(model, "build") and hasattr(model, "labels"):
            return _of_entry(model)
        made = vars(model).get(_ATTRIBUTE) if hasattr(model, "__dict__") else None
        if made is None:
            made = Engine(model)
            # Kept on the model, past Keras's attribute tracking, so that both are freed together.
            object.__setattr__(model, _ATTRIBUTE, made)
        return made


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
