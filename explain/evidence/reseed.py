"""A copy of a model whose weights are drawn anew, from the head backwards. The model itself is never touched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from explain.engine import Engine
from explain.graph import Step


class Scrambled:
    """One copy of an engine's model, scrambled further and further; only one is ever held.

    Raises NotImplementedError for a model with a layer of its own that can't be copied.
    """

    def __init__(self, engine: Engine, seed: int) -> None:
        self.seed = seed
        self._first = Engine(_copied(engine.model))
        self._steps = weighted(self._first.graph.steps)
        spatial = [info.spatial for info in engine.layers]
        self._head = max((i for i, step in enumerate(self._steps) if spatial[step.index]), default=-1) + 1

    def stages(self) -> Iterator[tuple[str, int, Engine]]:
        """Yield stage, layers drawn anew and an engine: "head", "half", "all", and "again", all with other draws.

        The head is what follows the last layer with rows and columns, or the last layer; the half never less than it.
        Each engine is good until the next stage is asked for.
        """
        count = len(self._steps)
        head = min(self._head, count - 1)
        starts = {"head": head, "half": min(head, count // 2), "all": 0, "again": 0}
        for number, (stage, start) in enumerate(starts.items()):
            for step in self._steps[start:]:
                redraw(step.op, (self.seed, number, step.index))
            yield stage, count - start, self._renewed()

    def _renewed(self) -> Engine:
        """An engine that remembers no pass of the weights before, on the functions that are already traced."""
        made = Engine(self._first.model)
        made.compiled = self._first.compiled
        return made


def weighted(steps: Sequence[Step]) -> list[Step]:
    """Return the first call of each layer that has weights to draw, in graph order."""
    found: dict[int, Step] = {}
    for step in steps:
        if getattr(step.op, "weights", None) and not isinstance(step.op, keras.layers.Normalization):
            found.setdefault(id(step.op), step)
    return list(found.values())


def redraw(op: Any, seed: Sequence[int]) -> None:
    """Give a layer's weights new values: kernels normal with variance 1 / fan-in, the rest as when first made.

    Smaller than what training leaves, so that ReLU6 does not saturate; the other layers' scale follows.
    """
    draw = np.random.default_rng(tuple(seed))
    for weight in op.weights:
        shape = tuple(int(size) for size in weight.shape)
        if any(word in weight.name for word in ("gamma", "variance")):
            weight.assign(np.ones(shape, np.float32))
        elif len(shape) < 2:
            weight.assign(np.zeros(shape, np.float32))
        else:
            fan_in = int(np.prod(shape[:2] if "Depthwise" in type(op).__name__ else shape[:-1]))
            values: NDArray[np.float32] = draw.standard_normal(shape, np.float32)
            values /= np.float32(np.sqrt(max(1, fan_in)))  # in place: VGG16's largest matrix is 411 MB
            weight.assign(values)


def _copied(model: Any) -> Any:
    copy = keras.models.clone_model(model)
    for own, other in zip(model.weights, copy.weights, strict=True):
        other.assign(own)
    return copy
