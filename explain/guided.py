"""The gradient with negative parts held back at every ReLU on its way down (guided backpropagation)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from explain.graph import Step
from explain.tracing import Handler
from explain.types import Images, Target

if TYPE_CHECKING:
    from explain.engine import Engine

RECTIFIERS = {"relu", "relu6"}


def guided_gradients(engine: Engine, x: Images, targets: Sequence[Target]) -> Images:
    """Return the guided gradient of each image's target score at the image, (N, H, W, C).

    At every ReLU and ReLU6, a layer of its own or the activation of another, the gradient passes only where it is
    positive and the ReLU is open. Other activations keep their gradient. (Springenberg et al., 2014, arXiv:1412.6806.)
    """
    x, weights = engine.weighted(x, targets)
    gates: dict[int, Handler] = {step.index: _gated for step in engine.graph.steps if rectifies(step)}
    function = engine.compiled.input_gradients("guided", gates)
    return engine.batches(function, engine.at_once(x, back=True), 2, x, weights)[0]


def rectifies(step: Step) -> bool:
    """Whether a call ends in a plain ReLU or ReLU6; a ReLU with a slope or a threshold below does not count."""
    if step.type == "ReLU":
        return not step.op.negative_slope and not step.op.threshold
    name = getattr(getattr(step.op, "activation", None), "__name__", step.type.lower())
    return name in RECTIFIERS


def _gated(own: Callable[[], Any]) -> Any:
    """Handle a call by letting only positive gradients back into it; its own ReLU sees to the closed units."""
    import tensorflow as tf

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def gate(values: Any) -> Any:
        return tf.identity(values), lambda gradient: tf.nn.relu(gradient)

    return gate(own())
