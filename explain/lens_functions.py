"""Activations in float64, by the names that Keras gives them, with Keras's own parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import erf, expit, softmax

from explain.lens_types import Array

Function = Callable[[Array], Array]
TOGETHER = {"softmax": softmax}
"""Activations that need all channels at a place."""

SELU = 1.6732632423543772, 1.0507009873554805
ELEMENTWISE: dict[str, Function] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "sigmoid": expit,
    "tanh": np.tanh,
    "silu": lambda x: x * expit(x),
    "gelu": lambda x: x * (1 + erf(x / np.sqrt(2))) / 2,
    "softplus": lambda x: np.logaddexp(0, x),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "exponential": np.exp,
    "hard_sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "hard_silu": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "mish": lambda x: x * np.tanh(np.logaddexp(0, x)),
    "leaky_relu": lambda x: leaky(x, 0.2),
    "elu": lambda x: elu(x, 1.0),
    "selu": lambda x: SELU[1] * elu(x, SELU[0]),
}


def leaky(x: Array, slope: float) -> Array:
    """Return x where it is positive, else `slope` times x."""
    return np.where(x >= 0, x, slope * x)


def elu(x: Array, alpha: float) -> Array:
    """Return x where it is positive, else alpha (e^x - 1)."""
    return np.where(x >= 0, x, alpha * np.expm1(np.minimum(x, 0)))


def name_of(function: Any) -> str | None:
    """Return the name of one of Keras's own activations, "linear" for none, None for any other function."""
    from keras import activations

    if function is None:
        return "linear"
    name = getattr(function, "__name__", "")
    known = name in ELEMENTWISE or name in TOGETHER
    return name if known and getattr(activations, name, None) is function else None


def of_layer(op: Any) -> tuple[str, Function] | None:
    """Return the name and the function of a layer that is an activation with parameters, None for any other."""
    kind = type(op).__name__
    if kind == "ReLU":
        return "relu", lambda x: _relu(x, op)
    if kind == "LeakyReLU":
        return "leaky_relu", lambda x: leaky(x, float(op.negative_slope))
    if kind == "ELU":
        return "elu", lambda x: elu(x, float(op.alpha))
    bare = kind.lower()
    if bare == "gelu":
        return None if op.approximate else (bare, ELEMENTWISE[bare])
    return (bare, ELEMENTWISE[bare]) if bare in BARE else None


BARE = ("relu", "relu6", "sigmoid", "tanh", "silu", "softplus")
"""Keras operations that stand in a graph without a layer."""


def _relu(x: Array, op: Any) -> Array:
    threshold, most = float(op.threshold), op.max_value
    given = np.where(x >= threshold, x, float(op.negative_slope) * (x - threshold))
    return given if most is None else np.minimum(given, float(most))
