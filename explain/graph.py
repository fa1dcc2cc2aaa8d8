"""A Keras model flattened to the calls it makes: nested backbones, branches, shared layers and Sequential alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from explain.errors import ArgumentError


@dataclass(frozen=True, eq=False)
class Step:
    """One call of one layer (or of one bare Keras operation), in the order the model makes them.

    `name` is unique: "backbone/conv1" in a nested model, "conv1@2" for the second call of a shared layer. `inputs` are
    positions of the steps that feed it; `call` counts the calls of the same layer, from 0; shapes have no batch axis.
    """

    index: int
    name: str
    op: Any
    call: int
    inputs: tuple[int, ...]
    output_shape: tuple[int, ...]

    @property
    def type(self) -> str:
        """The Keras class name."""
        return type(self.op).__name__


@dataclass(frozen=True, eq=False)
class Graph:
    """A flattened model: its calls in order, the input first, and the position of the one that makes its output."""

    steps: tuple[Step, ...]
    output: int


def flatten(model: Any) -> Graph:
    """Flatten a built Sequential or functional model with one input; of several outputs the first is taken.

    Raises ValueError for a model that is not built, is subclassed, has several inputs, or takes channels first.
    """
    graph = graph_of(model)
    if graph is None:
        raise ArgumentError(
            f"model: expected a built Sequential or functional Keras model, got {type(model).__name__} without a "
            "graph; call it once on an input (Sequential), or rebuild it with keras.Model(inputs, outputs)"
        )
    if len(graph.inputs) != 1:
        raise ArgumentError(
            f"model: expected one input, got {len(graph.inputs)}; fix the others and wrap it in a new model"
        )
    source = graph.inputs[0]
    steps = [Step(0, source._keras_history[0].name, source._keras_history[0], 0, (), shape_of(source))]
    outputs = _walk(graph, "", [0], steps)
    turned = next((step.name for step in steps if getattr(step.op, "data_format", "") == "channels_first"), None)
    if turned is not None:
        raise ArgumentError(
            f"model: expected images with their channels last (H, W, C), but layer {turned} has them first; "
            'rebuild it with data_format="channels_last"'
        )
    return Graph(tuple(steps), outputs[0])


def graph_of(op: Any) -> Any:
    """Return the functional graph behind a model, None for a plain layer or a subclassed model."""
    if hasattr(op, "_nodes_by_depth"):
        return op
    return getattr(op, "_functional", None)


def shape_of(tensor: Any) -> tuple[int, ...]:
    """Return a tensor's shape without the batch axis; 0 stands for a free size."""
    return tuple(int(size or 0) for size in tensor.shape[1:])


def _walk(graph: Any, prefix: str, inputs: Sequence[int], steps: list[Step]) -> list[int]:
    """Append the steps of one graph and return the positions that make its outputs."""
    made = {id(tensor): position for tensor, position in zip(graph.inputs, inputs, strict=True)}
    order = {id(op): position for position, op in enumerate(graph.operations)}
    for depth in sorted(graph._nodes_by_depth, reverse=True):
        for node in sorted(graph._nodes_by_depth[depth], key=lambda node: order[id(node.operation)]):
            if node.is_input:
                continue
            feeds = [made[id(tensor)] for tensor in node.input_tensors]
            inner = graph_of(node.operation)
            if inner is None:
                outputs = [_append(node, prefix, feeds, steps)] * len(node.outputs)
            else:
                outputs = _walk(inner, f"{prefix}{node.operation.name}/", feeds, steps)
            made.update((id(tensor), position) for tensor, position in zip(node.outputs, outputs, strict=True))
    return [made[id(tensor)] for tensor in graph.outputs]


def _append(node: Any, prefix: str, feeds: Sequence[int], steps: list[Step]) -> int:
    op = node.operation
    call = sum(step.op is op for step in steps)
    name = f"{prefix}{op.name}" + (f"@{call + 1}" if call else "")
    steps.append(Step(len(steps), name, op, call, tuple(feeds), shape_of(node.outputs[0])))
    return len(steps) - 1
