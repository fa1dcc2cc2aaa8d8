"""How a checked config names the inputs of a model and of each call of a layer; see `graph`."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from model_zoo.own import refusals
from model_zoo.own.types import Refused, shown

Tensor = tuple[str, int, int]


def input_shapes(config: Mapping[str, Any]) -> list[list[int | None]]:
    """Return the declared shapes of a model's inputs with the batch, none for an unbuilt Sequential."""
    inner = config["config"]
    if config["class_name"] == "Sequential":
        first = inner["layers"][0] if inner["layers"] else {"class_name": "", "config": {}}
        if first["class_name"] in ("Sequential", "Functional"):
            return input_shapes(first)
        shape = declared(first) or inner.get("build_input_shape")
        return [shape] if shape else []
    by_name = {layer["config"]["name"]: layer for layer in inner["layers"]}
    shapes = []
    for name, _, _ in tensors(inner["input_layers"], inner["name"]):
        if name not in by_name:
            raise refusals.graph(inner["name"], f"its input “{name}” is missing")
        shape = declared(by_name[name])
        if shape is None:
            raise refusals.graph(inner["name"], f"its input “{name}” has no shape")
        shapes.append(shape)
    return shapes


def declared(layer: Mapping[str, Any]) -> list[int | None] | None:
    """Return the input shape that a layer declares, with the batch."""
    config = layer["config"]
    shape = config.get("batch_shape") or config.get("input_shape")
    if shape is None and config.get("shape") is not None:
        shape = [config.get("batch_size"), *config["shape"]]
    if shape is None:
        return None
    if not isinstance(shape, list) or not all(side is None or (type(side) is int and side > 0) for side in shape):
        raise Refused(
            "input_shape",
            f"“{shown(config.get('name'))}” takes in {shown(shape)}; expected sides of at least 1, or open ones.",
            "Save the model again with its input's shape.",
        )
    return shape


def tensors(value: Any, name: str) -> list[Tensor]:
    """Return the tensors named by an `input_layers` or `output_layers` entry."""
    found, todo = [], deque([value])
    while todo:
        one = todo.popleft()
        if isinstance(one, dict):
            todo.extend(one.values())
        elif isinstance(one, list) and len(one) == 3 and isinstance(one[0], str):
            found.append(_tensor(one, name))
        elif isinstance(one, list):
            todo.extend(one)
        else:
            raise refusals.graph(name, "an input or output isn't named")
    return found


def _tensor(value: list[Any], name: str) -> Tensor:
    if len(value) < 3 or not isinstance(value[0], str) or not all(type(at) is int and at >= 0 for at in value[1:3]):
        raise refusals.graph(name, "a call's input isn't named")
    return value[0], value[1], value[2]


def node_tensors(node: Any, name: str) -> list[Tensor]:
    """Return the tensors that one call of a layer takes, in either form that Keras writes."""
    if isinstance(node, list):
        if not all(isinstance(one, list) for one in node):
            raise refusals.graph(name, "a call isn't as Keras writes it")
        return [_tensor(one, name) for one in node]
    found, todo = [], deque([node])
    while todo:
        one = todo.popleft()
        if isinstance(one, dict) and one.get("class_name") == "__keras_tensor__":
            history = one["config"]["keras_history"]
            found.append(_tensor(history if isinstance(history, list) else [], name))
        elif isinstance(one, dict):
            todo.extend(one.values())
        elif isinstance(one, list):
            todo.extend(one)
    return found
