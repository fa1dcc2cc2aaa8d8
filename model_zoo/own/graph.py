"""Shapes of a checked config, worked out without Keras: what each layer's weights and output must measure.

A height or width that the model leaves open is counted as `Limits.side`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from model_zoo.own import refusals
from model_zoo.own.settings import Shape
from model_zoo.own.shapes import arithmetic, layer_shapes, open_sides
from model_zoo.own.types import Limits, Refused, shown
from model_zoo.own.wiring import Tensor, input_shapes, node_tensors, tensors


@dataclass
class Measured:
    """One layer: its class, its name, the shapes of its weights, what is inside it, the sizes of its outputs."""

    kind: str
    name: str
    weights: list[Shape] = field(default_factory=list)
    inside: list[Measured] = field(default_factory=list)
    outputs: list[Shape] = field(default_factory=list)
    work: int = 0

    def all(self) -> Iterator[Measured]:
        """Yield this layer and all inside it."""
        todo = [self]
        while todo:
            one = todo.pop()
            yield one
            todo.extend(one.inside)


@dataclass
class Calls:
    """How many layers were called: models that call each other many times multiply, level by level."""

    most: int
    made: int = 0

    def count(self) -> None:
        """Count one more. Raises Refused above the most."""
        self.made += 1
        if self.made > self.most:
            raise Refused(
                "calls",
                f"The model calls its layers more than {self.most:,} times.",
                "Save the part of it that is to be looked into.",
            )


def measure(config: Mapping[str, Any], limits: Limits) -> Measured:
    """Return the measured model. Raises Refused where its shapes don't fit, or where it isn't for images."""
    name = config["config"]["name"]
    shapes = input_shapes(config)
    if not shapes:
        raise Refused(
            "unbuilt",
            f"The model “{shown(name)}” was saved before it was built: it doesn't say what it takes in.",
            "Call it once on a picture or give it keras.Input((height, width, channels)), then save it again.",
        )
    if not any(len(shape) == 4 for shape in shapes):
        sizes = ", ".join("×".join("?" if side is None else str(side) for side in shape[1:]) for shape in shapes)
        raise Refused(
            "no_images",
            f"The model takes in {shown(sizes) or 'single numbers'}, not pictures (height × width × channels).",
            "Pictures in grey need a third side: begin the model with keras.Input((height, width, 1)).",
        )
    made = Measured(config["class_name"], name)
    run(config, made, [open_sides(shape, limits.side) for shape in shapes], Calls(limits.max_calls))
    return made


def run(config: Mapping[str, Any], made: Measured, shapes: list[Shape], calls: Calls) -> list[Shape]:
    """Fill `made` with the layers of a model that is given `shapes`; returns the shapes of its outputs."""
    if config["class_name"] == "Sequential":
        now = shapes
        for layer in config["config"]["layers"]:
            part = Measured(layer["class_name"], layer["config"]["name"])
            made.inside.append(part)
            now = call(layer, part, now, calls)
        return now
    return _Wiring(config["config"], made, calls).run(shapes)


def call(layer: Mapping[str, Any], part: Measured, shapes: list[Shape], calls: Calls) -> list[Shape]:
    """Call one layer on inputs of these shapes: notes its weights at the first call, its output at each."""
    calls.count()
    kind = layer["class_name"]
    if kind == "InputLayer":
        out = shapes
    elif kind in ("Sequential", "Functional"):
        if not part.inside:
            return run(layer, part, shapes, calls)
        again = Measured(kind, part.name)
        out = run(layer, again, shapes, calls)
        part.outputs.extend(shape for one in again.all() for shape in one.outputs)
        part.work += sum(one.work for one in again.all())
        return out
    elif kind == "TimeDistributed":
        inner = layer["config"]["layer"]
        within = Measured(inner["class_name"], inner["config"]["name"])
        if len(shapes[0]) < 3:
            raise refusals.graph(part.name, "it needs a series of inputs")
        one = call(inner, within, [(1, *shapes[0][2:])], calls)
        out = [(1, shapes[0][1], *one[0][1:])]
        part.inside = part.inside or [within]
        part.work += shapes[0][1] * sum(deep.work for deep in within.all())
    else:
        shape, weights = layer_shapes(layer, shapes)
        part.weights = part.weights or weights
        out = [shape]
        part.work += arithmetic(kind, weights, shape, layer["config"])
    part.outputs.extend(out)
    return out


class _Wiring:
    """The calls of a functional model, made as soon as their inputs are there."""

    def __init__(self, config: Mapping[str, Any], made: Measured, calls: Calls) -> None:
        self.config, self.made, self.calls = config, made, calls
        self.layers = {layer["config"]["name"]: layer for layer in config["layers"]}
        self.parts = {name: Measured(layer["class_name"], name) for name, layer in self.layers.items()}
        made.inside.extend(self.parts.values())
        self.results: dict[str, dict[int, list[Shape]]] = {name: {} for name in self.layers}

    def run(self, shapes: list[Shape]) -> list[Shape]:
        inputs = [name for name, _, _ in tensors(self.config["input_layers"], self.config["name"])]
        if len(inputs) != len(shapes):
            raise refusals.graph(self.config["name"], f"it takes {len(inputs)} inputs and gets {len(shapes)}")
        for name, shape in zip(inputs, shapes, strict=True):
            if name not in self.layers:
                raise refusals.graph(self.config["name"], f"its input “{name}” is missing")
            self.results[name][0] = [shape]
            self.parts[name].outputs.append(shape)
        self._calls()
        ends = tensors(self.config["output_layers"], self.config["name"])
        found = [self._result(tensor) for tensor in ends]
        if not ends or any(shape is None for shape in found):
            raise refusals.graph(self.config["name"], "an output is missing")
        return [shape for shape in found if shape is not None]

    def _calls(self) -> None:
        waiting: dict[str, list[tuple[str, int]]] = {}
        todo: deque[tuple[str, int]] = deque()
        made: dict[tuple[str, int], list[Tensor]] = {}
        for name, layer in self.layers.items():
            for index, node in enumerate(layer.get("inbound_nodes", [])):
                made[name, index] = node_tensors(node, name)
                todo.append((name, index))
        while todo:
            key = todo.popleft()
            missing = next((tensor for tensor in made[key] if self._result(tensor) is None), None)
            if missing is not None:
                waiting.setdefault(missing[0], []).append(key)
                continue
            self._call(key, [shape for tensor in made[key] if (shape := self._result(tensor)) is not None])
            todo.extend(waiting.pop(key[0], []))
        if waiting:
            raise refusals.graph(self.config["name"], f"“{min(waiting)}” is missing, or waits for itself")

    def _call(self, key: tuple[str, int], shapes: list[Shape]) -> None:
        name, index = key
        if index in self.results[name] or not shapes:
            return
        self.results[name][index] = call(self.layers[name], self.parts[name], shapes, self.calls)

    def _result(self, tensor: Tensor) -> Shape | None:
        name, index, which = tensor
        found = self.results.get(name, {})
        # A nested model counts its own first call, in some versions; so the nearest call stands for it.
        outputs = found.get(index) or (found.get(index - 1) if index and self._nested(name) else None)
        return outputs[which] if outputs and which < len(outputs) else None

    def _nested(self, name: str) -> bool:
        return name in self.layers and self.layers[name]["class_name"] in ("Sequential", "Functional")
