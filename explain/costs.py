"""What a map will cost before it is computed: passes, and seconds on this machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explain.api import passes
from explain.cams import cam_layer
from explain.checks import checked_images
from explain.memo import digest
from explain.resume import share_after
from explain.settings import method_called, own_params
from explain.speeds import Speed, noted, speed_of
from explain.types import Attribution, Images, Method, Target

if TYPE_CHECKING:
    from explain.engine import Engine

ENOUGH_PASSES = 30
"""Passes of a map that tell more about the pace than a batch that was timed."""


@dataclass(frozen=True)
class Estimate:
    """What a map will cost at most: `passes` (forward 1, forward and back 2) and `seconds`, without first tracing.

    `first`: the seconds where a method's first samples are enough, None where it has no others.
    """

    passes: float
    seconds: float
    first: float | None = None


def estimate(
    engine: Engine,
    method: str,
    x: Images | None = None,
    target: Target | None = None,
    *,
    layer: str | None = None,
    smooth_samples: int = 0,
    after: Attribution | None = None,
    folder: Path | None = None,
    **settings: Any,
) -> Estimate:
    """Return what `api.stream` with these settings will cost.

    With the image x (1, H, W, C) and its target, passes that are remembered are left out; so are those of a result to
    go on from (`after`). Skipped channels are not foreseen: it is the most that it will cost. Raises ValueError for an
    unknown method or a layer without rows and columns.
    """
    chosen, speed = method_called(method), speed_of(engine, folder)
    own = settings | ({"layer": layer} if chosen.uses_layer else {})
    count = float(passes(method, engine, smooth_samples=smooth_samples, **own))
    if after is not None:
        count = max(0.0, count - after.passes)
        return Estimate(count, count * _unit(engine, chosen, speed, layer, batched=True))
    if x is None or smooth_samples:
        batched = bool(smooth_samples) or chosen.sampled
        found = Estimate(count, count * _unit(engine, chosen, speed, layer, batched=batched))
    else:
        found = _remembered(engine, chosen, speed, x, target, layer, count)
    if chosen.first_passes is None or smooth_samples:
        return found
    return replace(found, first=chosen.first_passes(engine, **own_params(chosen, own)) * found.seconds / found.passes)


def to_come(engine: Engine, x: Images, target: Target, layer: str | None = None) -> float:
    """Return the passes that a gradient at a layer (the image for None) would cost now, from what is remembered."""
    x, weights = engine.weighted(x, [target])
    of_x, of_weights = digest(x), digest(weights)
    if layer is None:
        return 2.0 * (engine.memo.get(("input", of_x, of_weights)) is None)
    position = engine.position(layer)
    if engine.memo.get(("output", position, of_x)) is None:
        return 2.0
    return 2 * share_after(engine, layer) * (engine.memo.get(("at", position, of_x, of_weights)) is None)


def _remembered(
    engine: Engine, method: Method, speed: Speed, x: Images, target: Target | None, layer: str | None, count: float
) -> Estimate:
    reads = cam_layer(engine, layer) if method.uses_layer else None
    unit = _unit(engine, method, speed, layer, batched=method.sampled)
    if method.forward_only:
        of_x = digest(checked_images(x, engine.input_shape))
        saved = reads is not None and engine.memo.get(("output", engine.position(reads), of_x)) is not None
        return Estimate(max(0.0, count - saved), max(0.0, count - saved) * unit)
    if method.sampled or target is None:
        return Estimate(count, count * unit)
    left = to_come(engine, x, target, reads)
    if left == 2:
        return Estimate(count, count * unit)
    count = max(0.0, count - 2 + left)
    return Estimate(count, count * speed.gradient / 2)


def _unit(engine: Engine, method: Method, speed: Speed, layer: str | None, *, batched: bool) -> float:
    """Return the seconds of one pass: the way back to a layer is shorter than to the image, by what precedes it."""
    forward = speed.forward_batched if batched else speed.forward
    if method.forward_only:
        return forward
    gradient = speed.gradient_batched if batched else speed.gradient
    share = share_after(engine, cam_layer(engine, layer)) if method.uses_layer else 1.0
    return (forward + max(0.0, gradient - forward) * share) / 2


def learn(engine: Engine, result: Attribution, folder: Path | None = None) -> None:
    """Take what a finished map over samples took for the pace of its passes, where that is quicker (`noted`).

    Of maps that only go forward, and of smoothed gradients at the image: others mix passes of several kinds.
    """
    method = method_called(result.method)
    if result.partial or result.passes < ENOUGH_PASSES:
        return
    seconds, smooth = result.seconds / result.passes, bool(result.settings.get("smooth_samples"))
    if method.forward_only:
        noted(engine, folder, forward_batched=seconds)
    elif smooth and not method.sampled and not method.uses_layer:
        noted(engine, folder, gradient_batched=2 * seconds)
