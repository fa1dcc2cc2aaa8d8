"""The answer as a sum: a network that ends in an average and one dense layer adds up its logit cell by cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explain.checks import one_image
from explain.graph import Step
from explain.tracing import final_activation
from explain.types import Map, Target

if TYPE_CHECKING:
    from explain.engine import Engine


@dataclass(frozen=True, eq=False)
class Sum:
    """A logit taken apart: `cells` (h, w), each cell's signed share in logit units, and the `bias`.

    `total` = the cells and the bias added in float64; `logit` the model's own; `difference` = total - logit. `layer` is
    the one whose cells these are.
    """

    cells: Map
    bias: float
    total: float
    logit: float
    difference: float
    layer: str
    target: Target


def answer_as_sum(engine: Engine, x: Any, target: int | Target) -> Sum | None:
    """Take a class's logit, or one class minus another, apart into the cells of the last feature map.

    x is one image, (H, W, C) or (1, H, W, C). c_ij = 1/n sum_k w_k A_ijk over the n cells, in float64. None for a
    network that does not end in a global average and one dense layer. Raises ValueError for a target that is no logit.
    """
    x, goal = one_image(x), engine.target(target)
    if goal.kind != "logit":
        raise ValueError(f"target: the cells add up to a logit, got kind={goal.kind!r}; use kind='logit'")
    parts = ending(engine)
    if parts is None:
        return None
    source, dense = parts
    weights, bias = of_target(dense, goal)
    values = engine.activation(x, source.name)[0].astype(np.float64)
    cells = values @ weights / (values.shape[0] * values.shape[1])
    total, logit = float(cells.sum() + bias), float(engine.scores(x, [goal])[0])
    return Sum(cells.astype(np.float32), bias, total, logit, total - logit, source.name, goal)


def ending(engine: Engine) -> tuple[Step, Any] | None:
    """Return the step that is averaged and the dense layer, None if the network ends otherwise."""
    steps = engine.graph.steps
    end, _ = final_activation(engine.graph)
    last = _before(engine, steps[engine.graph.output], {"Dropout"})
    if end is last and last.type != "Dense":
        last = _before(engine, steps[last.inputs[0]], {"Dropout"})
    if last.type != "Dense" or (end is not last and getattr(last.op.activation, "__name__", "") != "linear"):
        return None
    pool = _before(engine, steps[last.inputs[0]], {"Dropout", "Flatten"})
    if pool.type != "GlobalAveragePooling2D":
        return None
    return steps[pool.inputs[0]], last.op


def _before(engine: Engine, step: Step, skipped: set[str]) -> Step:
    while step.type in skipped:
        step = engine.graph.steps[step.inputs[0]]
    return step


def of_target(dense: Any, target: Target) -> tuple[NDArray[np.float64], float]:
    """Return the target's weight on each channel, (C,), and its bias."""
    kernel = np.asarray(dense.kernel.numpy(), np.float64)
    bias = np.asarray(dense.bias.numpy(), np.float64) if dense.use_bias else np.zeros(kernel.shape[1])
    weights, constant = kernel[:, target.index], bias[target.index]
    if target.minus is not None:
        weights, constant = weights - kernel[:, target.minus], constant - bias[target.minus]
    return target.sign * weights, float(target.sign * constant)
