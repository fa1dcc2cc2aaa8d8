"""The compiled functions of one model: forward and backward passes that share its weights and never change it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import keras
import tensorflow as tf
import threadpoolctl

from explain.graph import Graph
from explain.queueing import LINE
from explain.targets import FORMS, OutputKind
from explain.tracing import TRACING, Handler, bare_logits, tapped

if keras.backend.backend() != "tensorflow":
    raise RuntimeError(f'keras: expected the "tensorflow" backend, got "{keras.backend.backend()}"; set KERAS_BACKEND')

# Grappler's rewrites reorder float32 sums: through ReLU6's kinks a compiled gradient then differs from the eager one by
# more than a hundredth. Without them the two are equal, and no slower.
tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})

# After each product NumPy's BLAS threads go on turning for some 20 ms, on the cores that the next pass needs: of 20
# passes, each followed by a small product, all took half as long again.
BLAS = threadpoolctl.ThreadpoolController().limit(limits=1, user_api="blas")


class Compiled:
    """Traces each pass of a model once, on first use. All take float32 images (N, H, W, C) with N free.

    `traces` counts them; `connected` tells by position in `graph.steps` whether a gradient had a path there.
    """

    def __init__(self, model: Any, graph: Graph, end: Any, kind: OutputKind, classes: int) -> None:
        self.model, self.graph, self.kind, self.classes = model, graph, kind, classes
        self.traces = 0
        self.connected: dict[int, bool] = {}
        self._end = end
        self._made: dict[Hashable, Any] = {}
        self._images = tf.TensorSpec([None, *(size or None for size in graph.steps[0].output_shape)], tf.float32)
        self._weights = tf.TensorSpec([None, len(FORMS), classes], tf.float32)

    def logits(self) -> Any:
        """Images -> logits (N, K)."""
        return self._function("logits", lambda x: self._logits(x), self._images)

    def input_gradients(self, rule: str = "", handlers: dict[int, Handler] | None = None) -> Any:
        """Images, target weights (N, 3, K) -> gradient of the scores at the images, and the logits.

        `handlers` may change the way back, by position in `graph.steps`; `rule` names what they do.
        """

        def run(x: Any, weights: Any) -> tuple[Any, Any]:
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(x)
                logits = self._logits(x, handlers)
                total = self._scores(logits, weights)
            return self._gradient(tape, total, x, 0), logits

        return self._function(("input_gradients", rule), run, self._images, self._weights)

    def everything(self) -> Any:
        """Images -> the output of every step, float32, softmax and all."""
        return self._function("everything", self._everything, self._images)

    def shapes(self, shape: tuple[int, ...]) -> list[tuple[int, ...]]:
        """Return the shape of every step's output for images of a shape, without running anything.

        Raises ValueError where a layer would have less than no cell.
        """
        with TRACING:
            function = tf.function(
                self._everything, input_signature=[tf.TensorSpec(shape, tf.float32)], autograph=False
            )
            return [tuple(output.shape or ()) for output in function.get_concrete_function().outputs]

    def _everything(self, x: Any) -> list[Any]:
        seen: dict[int, Any] = {0: x}
        self._call(x, {step.index: _keep(seen, step.index) for step in self.graph.steps[1:]})
        return [tf.cast(seen[i], tf.float32) for i in range(len(self.graph.steps))]

    def output_of(self, position: int) -> Any:
        """Images -> the output of one step."""

        def run(x: Any) -> Any:
            seen: dict[int, Any] = {0: x}
            self._call(x, {position: _keep(seen, position)} if position else {})
            return tf.cast(seen[position], tf.float32)

        return self._function(("output", position), run, self._images)

    def output_and_logits(self, position: int) -> Any:
        """Images -> the output of one step, and the logits."""

        def run(x: Any) -> tuple[Any, Any]:
            seen: dict[int, Any] = {0: x}
            logits = self._logits(x, {position: _keep(seen, position)} if position else {})
            return tf.cast(seen[position], tf.float32), logits

        return self._function(("output_and_logits", position), run, self._images)

    def gradients_at(self, position: int) -> Any:
        """Images, target weights -> a step's output, the gradient of the scores there and the logits, in one pass."""

        def run(x: Any, weights: Any) -> tuple[Any, Any, Any]:
            seen: dict[int, Any] = {0: x}
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                if not position:
                    tape.watch(x)
                logits = self._logits(x, {position: _keep(seen, position, tape)})
                total = self._scores(logits, weights)
            gradient = self._gradient(tape, total, seen[position], position)
            return tf.cast(seen[position], tf.float32), gradient, logits

        return self._function(("at", position), run, self._images, self._weights)

    def gradients_from(self, position: int) -> Any:
        """Images, a step's known output, target weights -> the gradient there.

        TensorFlow leaves out whatever only leads up to the step, so a chain is resumed and only a skip
        connection round the step is computed again.
        """

        def run(x: Any, values: Any, weights: Any) -> Any:
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(values)
                total = self._scores(self._logits_with(x, position, values), weights)
            return self._gradient(tape, total, values, position)

        return self._function(("from", position), run, self._images, self._values(position), self._weights)

    def logits_from(self, position: int) -> Any:
        """Images, a step's values (for each image as many) -> the logits that follow, (N, K)."""

        def run(x: Any, values: Any) -> Any:
            x = tf.repeat(x, tf.shape(values)[0] // tf.shape(x)[0], axis=0)
            return self._logits_with(x, position, values)

        return self._function(("logits_from", position), run, self._images, self._values(position))

    def unit_gradients(self, position: int) -> Any:
        """Images, weights on a step's units -> gradient of the weighted units at the images."""

        def run(x: Any, units: Any) -> Any:
            seen: dict[int, Any] = {0: x}
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(x)
                self._call(x, {position: _keep(seen, position)})
                total = tf.reduce_sum(tf.cast(seen[position], tf.float32) * units)
            return tf.cast(tape.gradient(total, x, unconnected_gradients="zero"), tf.float32)

        return self._function(("unit", position), run, self._images, self._values(position))

    def _values(self, position: int) -> Any:
        shape = self.graph.steps[position].output_shape
        return tf.TensorSpec([None, *(size or None for size in shape)], tf.float32)

    def _function(self, key: Hashable, run: Callable[..., Any], *signature: Any) -> Any:
        if key not in self._made:
            with TRACING:
                if key not in self._made:
                    traced = tf.function(run, input_signature=signature, autograph=False).get_concrete_function()
                    self._made[key] = traced
                    self.traces += 1
        return self._made[key]

    def _call(self, x: Any, handlers: dict[int, Handler]) -> Any:
        with tapped(self.graph.steps, handlers):
            return self.model(x, training=False)

    def _logits(self, x: Any, handlers: dict[int, Handler] | None = None) -> Any:
        with bare_logits(self._end):
            return tf.cast(self._call(x, handlers or {}), tf.float32)

    def _logits_with(self, x: Any, position: int, values: Any) -> Any:
        """The logits where a step gives other values. No call makes the input: there the values are the images."""
        if not position:
            return self._logits(values)
        given = tf.cast(values, _dtype(self.graph.steps[position].op))
        return self._logits(x, {position: lambda own: given})

    def _scores(self, logits: Any, weights: Any) -> Any:
        """The total of the scores, without their constants. Images don't mix, so its gradient is each one's own."""
        if self.kind == "softmax":
            forms = [logits, tf.nn.softmax(logits), tf.nn.log_softmax(logits)]
        elif self.kind == "sigmoid":
            forms = [logits, tf.sigmoid(logits), tf.math.log_sigmoid(logits)]
        else:
            forms = [logits]
        return tf.reduce_sum(tf.stack(forms, axis=1) * weights[:, : len(forms)])

    def _gradient(self, tape: Any, total: Any, source: Any, position: int) -> Any:
        gradient = tape.gradient(total, source)
        self.connected[position] = gradient is not None
        return tf.zeros_like(source, tf.float32) if gradient is None else tf.cast(gradient, tf.float32)


def run(function: Any, arrays: Sequence[Any]) -> list[Any]:
    """Run a compiled pass on NumPy arrays, in turn with every other engine's; returns NumPy arrays."""
    given = [tf.constant(array) for array in arrays]
    with LINE.turn():
        out = function(*given)
        return [part.numpy() for part in (out if isinstance(out, (list, tuple)) else [out])]


def _keep(seen: dict[int, Any], position: int, tape: Any = None) -> Handler:
    """Handle a call by noting (and watching) what it gives."""

    def handle(own: Callable[[], Any]) -> Any:
        output = own()
        seen[position] = output[0] if isinstance(output, (list, tuple)) else output
        if tape is not None:
            tape.watch(seen[position])
        return output

    return handle


def _dtype(op: Any) -> str:
    return str(getattr(op, "compute_dtype", None) or "float32")


def one_output(model: Any) -> Any:
    """Return the model itself, or a view of its first output that shares the layers."""
    outputs = getattr(model, "outputs", None) or []
    if len(outputs) <= 1:
        return model
    return keras.Model(model.inputs[0] if len(model.inputs) == 1 else model.inputs, outputs[0])
