"""A Keras model made ready to be looked into. Imports TensorFlow: import it only when a model is needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explain.checks import checked_images
from explain.compiled import Compiled, one_output, run
from explain.errors import ArgumentError, NoClassOutput
from explain.graph import flatten
from explain.layers import LayerInfo, default_layer, describe, spatial_layers
from explain.memo import SHARED, Arrays, digest, hash_of
from explain.resume import share_after
from explain.targets import OutputKind, as_target, coefficients, probabilities_of, scores_of
from explain.tracing import final_activation
from explain.types import Images, Target

FORWARD_CELLS, BACKWARD_CELLS = 8 * 224 * 224 * 3, 4 * 224 * 224 * 3

Array = NDArray[np.float32]


class Engine:
    """Forward and backward passes of one model, compiled once each, thread-safe, sharing its weights.

    `input_shape` (H, W, C), 0 for a free size; `classes` the number of scores, 0 without a class output;
    `output_kind` how they become probabilities; `layers` every layer in graph order, the input first; `graph` the calls
    behind them; `memo` what was computed before. The model is never changed, and its weights have to stay as they are
    for as long as the engine is used. Arrays that come back are read-only.

    Raises ValueError for a model that is not a built Sequential or functional one with one image input.
    """

    def __init__(self, model: Any) -> None:
        self.model = one_output(model)
        self.graph = graph = flatten(self.model)
        shape = graph.steps[0].output_shape
        if len(shape) != 3:
            raise ArgumentError(f"model: expected an image input (H, W, C), got one of shape {shape}")
        self.input_shape: tuple[int, int, int] = shape
        self.layers: tuple[LayerInfo, ...] = describe(graph.steps)
        self._default = default_layer(self.layers)
        end, kind = final_activation(graph)
        self._why_none = getattr(model, "no_classes_because", None)
        scores = graph.steps[graph.output].output_shape
        self.classes = scores[0] if len(scores) == 1 and self._why_none is None else 0
        self.output_kind: OutputKind = kind if self.classes else "none"  # type: ignore[assignment]
        self._positions = {info.name: info.index for info in self.layers}
        self.compiled = Compiled(self.model, graph, end, self.output_kind, self.classes)
        self.memo = SHARED.room(self)
        self._spent = threading.local()

    @cached_property
    def model_hash(self) -> str:
        """The first 12 hex digits of sha256 over the weights' shapes and values."""
        return hash_of(self.model.weights)

    @property
    def traces(self) -> int:
        """Functions traced so far."""
        return self.compiled.traces

    @property
    def passes(self) -> int:
        """Passes made by the calling thread, an image each: 1 forward, 2 forward and back; whole ones."""
        return round(self.spent)

    @property
    def spent(self) -> float:
        """The same, with the share of those that ran only what follows a layer."""
        return float(getattr(self._spent, "passes", 0.0))

    def at_once(self, x: Images, back: bool = False) -> int:
        """Return how many images like these (N, H, W, C) a pass takes at once: 8 of 224 x 224 x 3, 4 with a way back.

        Of others as many as have as many cells.
        """
        return max(1, (BACKWARD_CELLS if back else FORWARD_CELLS) // max(1, int(np.prod(x.shape[1:]))))

    def logits(self, x: Images) -> Array:
        """Return the scores before the last activation, (N, K). Raises NoClassOutput without a class output."""
        self._need_classes()
        x = checked_images(x, self.input_shape)
        return self.memo.rows(
            "logits", x, lambda some: self.batches(self.compiled.logits(), self.at_once(x), 1, some)[0]
        )

    def probabilities(self, x: Images) -> Array:
        """Return the share of the softmax, or each unit's sigmoid, (N, K).

        Raises NoClassOutput without a class output, ValueError for a model that ends in plain scores.
        """
        logits = self.logits(x)
        if self.output_kind == "linear":
            raise ArgumentError("model: it ends in plain scores, which are not probabilities; use logits(x)")
        return probabilities_of(logits, self.output_kind)

    def scores(self, x: Images, targets: Sequence[Target]) -> Array:
        """Return the score of each image's target, (N,)."""
        x, checked = checked_images(x, self.input_shape), self._targets(targets, len(x))
        return scores_of(self.logits(x), checked, self.output_kind)

    def input_gradients(self, x: Images, targets: Sequence[Target]) -> Images:
        """Return the gradient of each image's target score at the image, (N, H, W, C)."""
        x, weights = self.weighted(x, targets)
        key = None if len(x) > 1 else ("input", digest(x), digest(weights))
        known = self.memo.get(key)
        if known is None:
            function = self.compiled.input_gradients()
            gradient, logits = self.batches(function, self.at_once(x, back=True), 2, x, weights)
            if key is None:
                return gradient
            self.memo.put(("logits", key[1]), (logits,))
            known = self.memo.put(key, (gradient,))
        return known[0]

    def layer_gradients(self, x: Images, layer: str, targets: Sequence[Target]) -> tuple[Array, Array]:
        """Return a layer's activations and the gradient of the target scores there, both (N, ...).

        Remembered, so that several CAMs cost one pass; another target on known activations reruns only what follows.
        """
        x, weights = self.weighted(x, targets)
        position, of_x = self.position(layer), digest(x)
        at, key = ("output", position, of_x), ("at", position, of_x, digest(weights))
        before, known = self.memo.get(at), self.memo.get(key)
        if before is None:
            function = self.compiled.gradients_at(position)
            values, gradient, logits = self.batches(function, self.at_once(x, back=True), 2, x, weights)
            self._keep(x, ("logits", of_x), logits)
            before, known = self._keep(x, at, values), self._keep(x, key, gradient)
        elif known is None:
            function, share = self.compiled.gradients_from(position), share_after(self, layer)
            gradient, *_ = self.batches(function, self.at_once(x, back=True), 2 * share, x, before[0], weights)
            known = self._keep(x, key, gradient)
        return before[0], known[0]

    def activations(self, x: Images) -> Mapping[str, Array]:
        """Return every layer's output by name, (N, ...) each, from one compiled pass; the last layer's as it is."""
        x = checked_images(x, self.input_shape)
        values, of_x = self.batches(self.compiled.everything(), self.at_once(x), 1, x), digest(x)
        for info, value in zip(self.layers, values, strict=True):
            self._keep(x, ("output", info.index, of_x), value)
        return {info.name: value for info, value in zip(self.layers, values, strict=True)}

    def activation(self, x: Images, layer: str) -> Array:
        """Return one layer's output, (N, ...)."""
        x, position = checked_images(x, self.input_shape), self.position(layer)
        key = ("output", position, digest(x))
        known = self.memo.get(key)
        if known is None:
            known = self._keep(x, key, self._output(x, position))
        return known[0]

    def unit_gradients(self, x: Images, layer: str, row: int, col: int, channel: int | None = None) -> Images:
        """Return the gradient of one unit of a layer (all channels of the place for None) at the images.

        Raises ValueError for a layer without rows and columns, or a unit that it doesn't have.
        """
        x, position = checked_images(x, self.input_shape), self.position(layer)
        shape = self.activation(x[:1], layer).shape[1:]
        if len(shape) != 3:
            raise ArgumentError(f"layer: expected one with rows and columns, got {layer} of shape {shape}")
        for name, value, count in zip(("row", "col", "channel"), (row, col, channel), shape, strict=True):
            if value is not None and not 0 <= value < count:
                raise ArgumentError(f"{name}: {layer} has {count}, numbered from 0, got {value}")
        units = np.zeros((len(x), *shape), np.float32)
        units[:, row, col, slice(None) if channel is None else channel] = 1
        return self.batches(self.compiled.unit_gradients(position), self.at_once(x, back=True), 2, x, units)[0]

    def layer(self, name: str) -> LayerInfo:
        """Return a layer by name. Raises ValueError naming those that exist."""
        return self.layers[self.position(name)]

    def keras_layer(self, name: str) -> Any:
        """Return the Keras layer behind a name, to be read and never changed."""
        return self.graph.steps[self.position(name)].op

    def default_layer(self) -> str | None:
        """Return the layer a CAM reads by default: the activation behind the last convolution; None without one."""
        return self._default

    def spatial_layers(self) -> tuple[str, ...]:
        """Return the layers that have rows and columns, in graph order, without the input."""
        return spatial_layers(self.layers)

    def reaches_output(self, layer: str | None = None) -> bool:
        """Whether a gradient has a path from the scores to a layer (to the image for None); True if untried."""
        return self.compiled.connected.get(0 if layer is None else self.position(layer), True)

    def target(self, value: Any) -> Target:
        """Return a class number or Target as a checked Target. Raises ValueError, or NoClassOutput."""
        self._need_classes()
        return as_target(value, self.classes, self.output_kind)

    def top_target(self, x: Images) -> Target:
        """Return the class with the highest score of one image (1, H, W, C); for a single unit, the way it points."""
        logits = self.logits(x)[0]
        return Target(0, sign=1 if logits[0] >= 0 else -1) if self.classes == 1 else Target(int(np.argmax(logits)))

    def position(self, layer: str) -> int:
        """Return a layer's position in `graph.steps`. Raises ValueError naming the layers that exist."""
        if not isinstance(layer, str) or layer not in self._positions:
            raise ArgumentError(
                f"layer: the model has none called {layer!r}; choose one of {', '.join(self._positions)}"
            )
        return self._positions[layer]

    def weighted(self, x: Images, targets: Sequence[Target]) -> tuple[Images, Array]:
        """Return checked images and their targets as weights (N, 3, K) on logit, probability and log-probability."""
        x = checked_images(x, self.input_shape)
        return x, coefficients(self._targets(targets, len(x)), self.classes, self.output_kind)[0]

    def batches(self, function: Callable[..., Any], batch: int, passes: float, *arrays: Array) -> tuple[Array, ...]:
        """Run a compiled function over arrays (N, ...) in batches, counting `passes` an image; joins what it gives."""
        parts: list[list[Array]] = []
        if len(arrays[0]) <= batch + batch // 4:
            batch = max(1, len(arrays[0]))
        for start in range(0, len(arrays[0]), batch):
            some = [array[start : start + batch] for array in arrays]
            parts.append(run(function, some))
            self._spent.passes = self.spent + passes * len(some[0])
        return tuple(parts[0] if len(parts) == 1 else [np.concatenate(same) for same in zip(*parts, strict=True)])

    def _output(self, x: Images, position: int) -> Array:
        """Return a step's output; the logits, which most who ask for it need next, come with it."""
        if not self.classes or not self.layers[position].spatial:
            return self.batches(self.compiled.output_of(position), self.at_once(x), 1, x)[0]
        values, logits = self.batches(self.compiled.output_and_logits(position), self.at_once(x), 1, x)
        self._keep(x, ("logits", digest(x)), logits)
        return values

    def _keep(self, x: Images, key: Hashable, array: Array) -> Arrays:
        """Remember what belongs to one image. A batch is of noisy or masked copies, which nobody asks for twice."""
        return self.memo.put(key, (array,)) if len(x) == 1 else (array,)

    def _need_classes(self) -> None:
        if not self.classes:
            raise self._why_none or NoClassOutput()

    def _targets(self, targets: Sequence[Target], count: int) -> list[Target]:
        if len(targets) != count:
            raise ArgumentError(f"targets: expected one for each of the {count} images, got {len(targets)}")
        return [self.target(target) for target in targets]
