"""Targets as numbers: which combination of logits, probabilities and log-probabilities a score is."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from explain.errors import ArgumentError
from explain.types import Target

OutputKind = Literal["softmax", "sigmoid", "linear", "none"]
FORMS = ("logit", "probability", "log_probability")


def as_target(value: Any, classes: int, kind: OutputKind) -> Target:
    """Return a class number or Target as a checked Target.

    Raises ValueError for anything but a whole number from 0 to classes - 1, and for the probability of an output that
    is not one.
    """
    target = value if isinstance(value, Target) else Target(_whole(value))
    for name, index in (("target", target.index), ("minus", target.minus)):
        if index is not None and not 0 <= _whole(index, name) < classes:
            raise ArgumentError(
                f"{name}: expected a class from 0 to {classes - 1}, got {index}; choose one the model has"
            )
    if not isinstance(target.kind, str) or target.kind not in FORMS:
        raise ArgumentError(f"target: expected kind to be one of {', '.join(FORMS)}, got {target.kind!r}")
    if target.sign not in (1, -1):
        raise ArgumentError(f"target: expected sign to be 1 or -1, got {target.sign!r}")
    if target.kind != "logit" and kind == "linear":
        raise ArgumentError(
            f"target: the model ends in plain scores, not probabilities, so kind={target.kind!r} can't be explained; "
            'use kind="logit"'
        )
    return target


def _whole(value: Any, name: str = "target") -> int:
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        return int(value)
    raise ArgumentError(f"{name}: expected a whole class number or a Target, got {value!r}; give a class's number")


def coefficients(
    targets: Sequence[Target], classes: int, kind: OutputKind
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return weights (N, 3, K) on (logit, probability, log-probability) and constants (N,) that make the scores.

    With sign -1 a sigmoid unit is turned the other way: -z, 1 - p, log(1 - p) = log p - z. Any other score is negated.
    """
    weights = np.zeros((len(targets), len(FORMS), classes), np.float32)
    constants = np.zeros(len(targets), np.float32)
    for i, target in enumerate(targets):
        form = FORMS.index(target.kind)
        weights[i, form, target.index] = target.sign
        if target.minus is not None:
            weights[i, form, target.minus] = -target.sign
        if kind == "sigmoid" and target.sign == -1:
            constants[i] = float(target.kind == "probability")
            if target.kind == "log_probability":
                weights[i, form, target.index] = 1
                weights[i, 0, target.index] = -1
    return weights, constants


def scores_of(logits: NDArray[np.float32], targets: Sequence[Target], kind: OutputKind) -> NDArray[np.float32]:
    """Return the scores (N,) of N checked targets from logits (N, K), in float64 inside."""
    weights, constants = coefficients(targets, logits.shape[1], kind)
    total = (weights[:, 0] * logits.astype(np.float64)).sum(axis=-1)
    if kind != "linear":
        logs = log_probabilities_of(logits, kind)
        total += (weights[:, 1] * np.exp(logs) + weights[:, 2] * logs).sum(axis=-1)
    return np.asarray(total + constants, np.float32)


def probabilities_of(logits: NDArray[np.float32], kind: OutputKind) -> NDArray[np.float32]:
    """Return softmax over classes, or the sigmoid of each unit, of logits (N, K), in float64 inside."""
    return np.asarray(np.exp(log_probabilities_of(logits, kind)), np.float32)


def log_probabilities_of(logits: NDArray[np.float32], kind: OutputKind) -> NDArray[np.float64]:
    """Return the logarithm of `probabilities_of`, exact where the probability itself underflows."""
    z = np.asarray(logits, np.float64)
    if kind == "sigmoid":
        return np.asarray(-np.logaddexp(0.0, -z), np.float64)
    top = z.max(axis=-1, keepdims=True)
    return np.asarray(z - top - np.log(np.exp(z - top).sum(axis=-1, keepdims=True)), np.float64)
