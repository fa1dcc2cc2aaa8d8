"""The values inside a config: numbers, texts, lists of them, operations on tensors; see `config_check`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from model_zoo.own import allowed, refusals


def is_operation(raw: Mapping[str, Any]) -> bool:
    """Say whether a config is one of the allowed operations on tensors, as Keras writes them."""
    kind = raw["class_name"]
    return kind in allowed.OPERATIONS and raw.get("module") == allowed.OPERATIONS[kind]


def operation(raw: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a checked operation on tensors; of settings it may have an axis."""
    kind, config = raw["class_name"], raw.get("config")
    axis = config.get("axis") if isinstance(config, dict) else None
    unknown = set(config or {}) - {"name", "axis"} if isinstance(config, dict) else {"config"}
    if unknown:
        raise refusals.setting(kind, min(unknown), name)
    settings = {"name": name} | ({} if axis is None else {"axis": plain(axis, name)})
    return {"module": allowed.OPERATIONS[kind], "class_name": kind, "registered_name": kind, "config": settings}


def plain(value: Any, name: str, *, tensors: bool = False) -> Any:
    """Return a copy of numbers, texts and lists of them. Dicts only where they stand for a tensor or hold such."""
    if isinstance(value, list):
        return [plain(one, name, tensors=tensors) for one in value]
    if not isinstance(value, dict):
        return value
    refusals.check_lambda(value, name)
    if value.get("class_name") == "__numpy__" and isinstance(value.get("config"), dict):
        return plain(value["config"].get("value"), name)
    if "class_name" not in value:
        return {str(key): plain(one, name, tensors=tensors) for key, one in value.items()}
    config = value.get("config")
    if tensors and value["class_name"] == "__keras_tensor__" and isinstance(config, dict):
        kept = {key: plain(config.get(key), name) for key in ("shape", "dtype", "keras_history")}
        return {"class_name": "__keras_tensor__", "config": kept}
    raise refusals.object_in(value, name)


def holds_code(value: Any) -> bool:
    """Say whether anything in a compile entry isn't Keras's own."""
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            module = one.get("module", "keras")
            if one.get("class_name") == "__lambda__" or not refusals.is_keras(module):
                return True
            todo.extend(one.values())
        elif isinstance(one, list):
            todo.extend(one)
    return False
