"""Tap a model while it is traced: read, watch or replace the output of any call, and leave its logits bare.

Layers are changed only inside these context managers, only for the tracing thread, and are put back whatever happens.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial, wraps
from typing import Any

from explain.graph import Graph, Step

TRACING = threading.RLock()
"""Held while any model is traced: two engines may share layers."""

Handler = Callable[[Callable[[], Any]], Any]
"""Gets a function that makes the call's own output, and returns what the rest of the model is given."""

ENDS = {"softmax": "softmax", "sigmoid": "sigmoid"}
PASSES_ON = {"Flatten", "Reshape", "Dropout", "Identity"}


def final_activation(graph: Graph) -> tuple[Step | None, str]:
    """Return the step that turns logits into the model's output, and which way: "softmax", "sigmoid" or "linear"."""
    step = graph.steps[graph.output]
    while step.type in PASSES_ON and len(step.inputs) == 1:
        step = graph.steps[step.inputs[0]]
    if step.type.lower() in ENDS:
        return step, ENDS[step.type.lower()]
    name = getattr(getattr(step.op, "activation", None), "__name__", "linear")
    return (step, ENDS[name]) if name in ENDS else (None, "linear")


@contextmanager
def bare_logits(end: Step | None) -> Iterator[None]:
    """Let the model give logits: its last activation changes nothing inside this block."""
    with ExitStack() as stack:
        if end is not None and getattr(end.op, "activation", None) is not None:
            stack.enter_context(_replaced(end.op, "activation", lambda old: _only_here(lambda z: z, old)))
        elif end is not None:
            stack.enter_context(_replaced(end.op, "call", lambda old: _only_here(lambda z, **_: z, old)))
        yield


@contextmanager
def tapped(steps: Sequence[Step], handlers: Mapping[int, Handler]) -> Iterator[None]:
    """Route the calls at the given positions through their handlers inside this block."""
    by_op: dict[int, tuple[Any, dict[int, Handler]]] = {}
    for position, handler in handlers.items():
        step = steps[position]
        by_op.setdefault(id(step.op), (step.op, {}))[1][step.call] = handler
    with ExitStack() as stack:
        for op, calls in by_op.values():
            stack.enter_context(_replaced(op, "call", partial(_tap, calls)))
        yield


def _tap(calls: Mapping[int, Handler], original: Callable[..., Any]) -> Callable[..., Any]:
    return _only_here(_routed(original, calls), original)


def _routed(original: Callable[..., Any], calls: Mapping[int, Handler]) -> Callable[..., Any]:
    seen = 0

    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal seen
        handler, seen = calls.get(seen), seen + 1
        if handler is None:
            return original(*args, **kwargs)
        return handler(lambda: original(*args, **kwargs))

    return call


def _only_here(changed: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    """Use `changed` in this thread and `original` in every other: they may share the model at this moment."""
    owner = threading.get_ident()

    @wraps(original)  # its name stays: another thread may ask meanwhile what the last activation is
    def call(*args: Any, **kwargs: Any) -> Any:
        chosen = changed if threading.get_ident() == owner else original
        return chosen(*args, **kwargs)

    return call


@contextmanager
def _replaced(owner: Any, name: str, change: Callable[[Any], Any]) -> Iterator[None]:
    """Replace an attribute of one object. Keras's own __setattr__ is passed by: it would track what it is given."""
    had, kept = name in vars(owner), vars(owner).get(name)
    object.__setattr__(owner, name, change(getattr(owner, name)))
    try:
        yield
    finally:
        if had:
            object.__setattr__(owner, name, kept)
        else:
            object.__delattr__(owner, name)
