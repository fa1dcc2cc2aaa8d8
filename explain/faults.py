"""Where a map went wrong: the step from which on nothing, or nothing finite, comes through."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explain.errors import ArgumentError
from explain.layers import default_layer
from explain.tracing import final_activation
from explain.types import Images, Target

if TYPE_CHECKING:
    from explain.engine import Engine

FEW_CELLS = 16
"""Below 4 x 4 cells a map can't tell neighbouring parts of a picture apart."""


def check_large_enough(engine: Engine, x: Images) -> None:
    """Refuse an image (1, H, W, C) of which a model of free size has a layer without a cell. Costs a trace a size."""
    if 0 not in engine.input_shape[:2]:
        return
    known = engine.memo.get(("large_enough", x.shape))
    if known is None:
        known = engine.memo.put(("large_enough", x.shape), (np.array([_has_cells(engine, x)]),))
    if not known[0][0]:
        size = f"{x.shape[1]} x {x.shape[2]}"
        raise ArgumentError(f"x: an image of {size} is too small for this model; give a larger one")


def _has_cells(engine: Engine, x: Images) -> bool:
    """By the shapes that TensorFlow infers: when it runs, a layer without a cell may give anything."""
    try:
        return all(0 not in shape for shape in engine.compiled.shapes(x.shape))
    except ValueError:
        return False


def first_silent(engine: Engine, x: Images, layer: str) -> str:
    """Return the step from which on a silent layer is silent: its own inputs, or none of them, are all zero.

    The layer itself where what feeds it is not silent. Costs a pass.
    """
    values, steps = engine.activations(x), engine.graph.steps
    here = steps[engine.position(layer)]
    while True:
        silent = [steps[i] for i in here.inputs if i and not values[steps[i].name].any()]
        if not silent:
            return here.name
        here = silent[0]


def last_with_gradient(
    engine: Engine, x: Images, target: Target, start: int = 0, *, finite: bool = False
) -> str | None:
    """Return the step nearest the image, behind position `start`, that a target's gradient still reaches.

    With `finite` the one where it is still finite. None where it fails from the scores on. A search by halves: a trace
    and a pass for each of a few steps.
    """

    def reached(position: int) -> bool:
        gradient = engine.layer_gradients(x, engine.layers[position].name, [target])[1]
        return bool(np.isfinite(gradient).all() and (finite or gradient.any()))

    way = _way_back(engine, start)
    if not way or not reached(way[-1]):
        return None
    return engine.layers[way[_first(reached, way)]].name


def _first(reached: Callable[[int], bool], way: list[int]) -> int:
    """Return the first index for which a condition holds that holds for the last."""
    low, high = -1, len(way) - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(way[middle]) else (middle, high)
    return high


def _way_back(engine: Engine, start: int) -> list[int]:
    """Return the positions on the way from `start` to the scores, both left out, in graph order."""
    steps, end = engine.graph.steps, final_activation(engine.graph)[0]
    scores = engine.graph.output if end is None else end.index
    behind = {start}
    for step in steps:
        if behind.intersection(step.inputs):
            behind.add(step.index)
    before = {scores}
    for step in reversed(steps):
        if step.index in before:
            before.update(step.inputs)
    return sorted((behind & before) - {start, scores})


def origin_of_nan(engine: Engine, x: Images, target: Target) -> dict[str, Any]:
    """Return where values that are not finite arise: `cause`, and the `step`, None for none.

    Causes: "weights" (the step's own are not finite), "overflow" (the first step that gives such values), "gradient"
    (the way forward is finite, the way back not; the step is the last where it is), "method" (its own arithmetic).
    """
    for name, values in engine.activations(x).items():
        if not np.isfinite(values).all():
            own = getattr(engine.keras_layer(name), "weights", None) or ()
            broken = any(not np.isfinite(np.asarray(weight)).all() for weight in own)
            return {"cause": "weights" if broken else "overflow", "step": name}
    if engine.classes and not np.isfinite(engine.input_gradients(x, [target])).all():
        return {"cause": "gradient", "step": last_with_gradient(engine, x, target, finite=True)}
    return {"cause": "method", "step": None}


def finer_layer(engine: Engine, cells: int) -> str | None:
    """Return the layer to read instead of one with so few cells: the last activation with 16 or more, None without."""
    fine = [info for info in engine.layers if info.spatial and _cells(info.output_shape) >= max(FEW_CELLS, cells + 1)]
    return default_layer(fine)


def _cells(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape[:2]))


def saturated(engine: Engine, x: Images, target: Target) -> bool:
    """Whether only the last activation is to blame for a gradient of zero: that of the logit is none."""
    if target.kind == "logit":
        return False
    return bool(_gradient(engine, x, target).any())


def _gradient(engine: Engine, x: Images, target: Target) -> NDArray[np.float32]:
    return engine.input_gradients(x, [Target(target.index, sign=target.sign)])
