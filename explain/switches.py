"""Switch channels of a layer off, or put other values in their place, and run only what follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explain.checks import checked_images
from explain.resume import logits_from, share_after
from explain.targets import probabilities_of
from explain.tracing import final_activation
from explain.types import Images, Map, Target

if TYPE_CHECKING:
    from explain.engine import Engine

Array = NDArray[np.float32]
Replacement = float | NDArray[Any]
"""What a channel is replaced by: a number, (C,) means over data, or values that fit the layer's output (N, h, w, C)."""


def switched_off(
    engine: Engine, x: Images, layer: str, channels: Sequence[int], replace_by: Replacement = 0.0
) -> Array:
    """Return the logits (N, K) of images (N, H, W, C) with some channels of a layer replaced everywhere.

    Only what follows the layer runs again. `explain.targets.probabilities_of(logits, engine.output_kind)` gives
    probabilities. Raises ValueError for channels the layer doesn't have, and for the layer of the scores itself.
    """
    x = checked_images(x, engine.input_shape)
    values = replaced(engine.activation(x, before_scores(engine, layer)), channels, replace_by)
    return logits_from(engine, x, layer, values)


def switched_probabilities(
    engine: Engine, x: Images, layer: str, channels: Sequence[int], replace_by: Replacement = 0.0
) -> Array:
    """Return probabilities (N, K) instead of logits. Raises ValueError for a model that ends in plain scores."""
    if engine.output_kind == "linear":
        raise ValueError("model: it ends in plain scores, which are not probabilities; use switched_off")
    return probabilities_of(switched_off(engine, x, layer, channels, replace_by), engine.output_kind)


def switched_map(
    engine: Engine,
    x: Images,
    layer: str,
    target: int | Target,
    channels: Sequence[int] = (),
    replace_by: Replacement = 0.0,
) -> Map:
    """Return sum over channels of gradient x activation at each place, (h, w), signed, with some channels replaced.

    Both factors are those of the changed network. x is one image. No channels: the map as it was (HiResCAM, signed).
    """
    x, weights = engine.weighted(x, [engine.target(target)])
    values = replaced(engine.activation(x, before_scores(engine, layer)), channels, replace_by)
    function = engine.compiled.gradients_from(engine.position(layer))
    share = 2 * share_after(engine, layer)
    gradients = engine.batches(function, engine.at_once(x, back=True), share, x, values, weights)[0]
    return np.asarray((values[0] * gradients[0]).sum(axis=-1), np.float32)


def replaced(values: Array, channels: Sequence[int], replace_by: Replacement) -> Array:
    """Return a copy of a layer's values (N, ..., C) with some channels replaced everywhere.

    Raises ValueError for a channel that isn't there, or a replacement that doesn't fit (N, ..., C).
    """
    count = values.shape[-1]
    wrong = [channel for channel in channels if not 0 <= channel < count]
    if wrong:
        raise ValueError(f"channels: expected numbers from 0 to {count - 1}, got {wrong[0]}; choose those of the layer")
    try:
        given = np.broadcast_to(np.asarray(replace_by, np.float32), values.shape)
    except ValueError as error:
        raise ValueError(
            f"replace_by: expected a number or an array that fits {values.shape}, such as means ({count},), "
            f"got one of shape {np.shape(replace_by)}; take channel_means of the same layer"
        ) from error
    copy, chosen = values.copy(), list(channels)
    copy[..., chosen] = given[..., chosen]
    return copy


def before_scores(engine: Engine, layer: str) -> str:
    """Return the layer. Raises ValueError where it is the one that gives the scores: its units are no channels."""
    end, _ = final_activation(engine.graph)
    if engine.position(layer) >= (engine.graph.output if end is None else end.index):
        raise ValueError(f"layer: {layer} gives the scores themselves; choose one before it")
    return layer
