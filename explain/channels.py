"""Which channels of a layer made the score, and what becomes of it when some are switched off."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from explain.cams import same_formula
from explain.checks import checked_images
from explain.memo import Memo, digest
from explain.resume import logits_from
from explain.sums import ending, of_target
from explain.switches import (
    Replacement,
    before_scores,
    replaced,
    switched_map,
    switched_off,
    switched_probabilities,
)
from explain.types import Images, Target

if TYPE_CHECKING:
    from explain.engine import Engine

__all__ = [
    "ChannelSum",
    "Means",
    "Paired",
    "channel_means",
    "channel_scores",
    "channel_sum",
    "paired_counts",
    "replaced",
    "sign_test",
    "switched_map",
    "switched_off",
    "switched_probabilities",
]

Array = NDArray[np.float32]
KEEP_BYTES = 64 << 20
AT_ONCE = 50

_kept: WeakKeyDictionary[Engine, Memo] = WeakKeyDictionary()
_lock = threading.Lock()


@dataclass(frozen=True, eq=False)
class ChannelSum:
    """A score and what each channel of a layer adds to it, to first order.

    `scores` (C,) in units of the score; `ranked` all channels by falling |score|; `shares` (C,) of the total |score|,
    0..1; `total` their sum; `score` the model's own. Where the layer is averaged and goes into one dense layer, and the
    target is a logit, `bias` is the rest and `difference` = total + bias - score; elsewhere both are None.
    """

    scores: Array
    ranked: tuple[int, ...]
    shares: Array
    total: float
    score: float
    bias: float | None
    difference: float | None


@dataclass(frozen=True)
class Paired:
    """What switching channels off did to the answers on `done` = `n` of `total` pictures with known classes.

    `broken` were right before and wrong after, `mended` the other way round; `p_value` is that of the exact two-sided
    test that both are as likely (McNemar, 1947, doi:10.1007/BF02295996), 1 where no answer changed sides.
    """

    broken: int
    mended: int
    right_before: int
    right_after: int
    n: int
    p_value: float
    done: int
    total: int


@dataclass(frozen=True, eq=False)
class Means:
    """Each channel's mean over places and over `done` of `total` pictures, `values` (C,)."""

    values: Array
    done: int
    total: int


def channel_scores(engine: Engine, x: Images, layer: str, target: int | Target) -> Array:
    """Return what each channel adds to a target's score, (C,): gradient x activation, summed over places.

    x is one image (1, H, W, C); the layer may be (h, w, C) or (units,). Exact where the score is linear in the layer
    without a constant, else to first order. Costs nothing where a CAM of that layer was just made.
    """
    values, gradients = engine.layer_gradients(x, layer, [engine.target(target)])
    products = values[0].astype(np.float64) * gradients[0]
    return np.asarray(products.reshape(-1, products.shape[-1]).sum(axis=0), np.float32)


def channel_sum(engine: Engine, x: Images, layer: str, target: int | Target) -> ChannelSum:
    """Return the same numbers ranked, with their shares, and held against the score where they must add up to it."""
    goal = engine.target(target)
    scores = channel_scores(engine, x, layer, goal).astype(np.float64)
    size = np.abs(scores)
    total, score = float(scores.sum()), float(engine.scores(x, [goal])[0])
    bias = _bias(engine, layer, goal)
    return ChannelSum(
        scores=scores.astype(np.float32),
        ranked=tuple(np.argsort(-size, kind="stable").tolist()),
        shares=np.asarray(size / (size.sum() or 1), np.float32),
        total=total,
        score=score,
        bias=bias,
        difference=None if bias is None else total + bias - score,
    )


def channel_means(engine: Engine, images: Images, layer: str) -> Iterator[Means]:
    """Yield each channel's mean over places and pictures after every 50 of the images (N, H, W, C)."""
    total: NDArray[np.float64] | float = 0.0
    for stop, _, values in _in_batches(engine, images, layer):
        some = values.reshape(-1, values.shape[-1]).astype(np.float64)
        total = total + some.sum(axis=0) * (len(values) / len(some))
        yield Means(np.asarray(total / stop, np.float32), stop, len(images))


def paired_counts(
    engine: Engine,
    images: Images,
    labels: Sequence[int] | NDArray[Any],
    layer: str,
    channels: Sequence[int],
    replace_by: Replacement = 0.0,
) -> Iterator[Paired]:
    """Return an iterator of how many answers replacing some channels broke and mended, after every 50 pictures.

    images (N, H, W, C) preprocessed, labels their N classes (0 or 1 for a single unit). The layer's values are kept
    while they fit 64 MiB, so that other channels of it cost only what follows. Raises ValueError as `switched_off`.
    """
    if len(labels) != len(images):
        raise ValueError(f"labels: expected one for each of the {len(images)} images, got {len(labels)}")
    return _counted(engine, images, np.asarray(labels), before_scores(engine, layer), channels, replace_by)


def _counted(
    engine: Engine,
    images: Images,
    labels: NDArray[Any],
    layer: str,
    channels: Sequence[int],
    replace_by: Replacement,
) -> Iterator[Paired]:
    broken = mended = right_before = right_after = start = 0
    for stop, x, values in _in_batches(engine, images, layer):
        before = _right(logits_from(engine, x, layer, values), labels[start:stop])
        after = _right(logits_from(engine, x, layer, replaced(values, channels, replace_by)), labels[start:stop])
        broken, mended = broken + int((before & ~after).sum()), mended + int((~before & after).sum())
        right_before, right_after = right_before + int(before.sum()), right_after + int(after.sum())
        yield Paired(broken, mended, right_before, right_after, stop, sign_test(broken, mended), stop, len(images))
        start = stop


def sign_test(broken: int, mended: int) -> float:
    """Return the p value, 0..1, of the exact two-sided test that an answer is as likely broken as mended."""
    changed = broken + mended
    ways = sum(math.comb(changed, fewer) for fewer in range(min(broken, mended) + 1))
    return min(1.0, 2 * ways / (1 << changed))


def _right(logits: Array, labels: NDArray[Any]) -> NDArray[np.bool_]:
    answers = logits[:, 0] >= 0 if logits.shape[1] == 1 else logits.argmax(axis=-1)
    return np.asarray(answers == labels, np.bool_)


def _in_batches(engine: Engine, images: Images, layer: str) -> Iterator[tuple[int, Images, Array]]:
    """Yield batches of images with the layer's values: (how many are done, images, values)."""
    images, position = checked_images(images, engine.input_shape), engine.position(layer)
    function, size = engine.compiled.output_of(position), min(AT_ONCE, engine.at_once(images))
    with _lock:
        memo = _kept.setdefault(engine, Memo(KEEP_BYTES))
    cells = int(np.prod(engine.layer(layer).output_shape))
    fits = 0 < len(images) * cells * 4 <= KEEP_BYTES
    for start in range(0, len(images), size):
        x = images[start : start + size]
        key = (position, digest(x))
        known = memo.get(key)
        if known is None:
            known = engine.batches(function, size, 1, x)
            known = memo.put(key, known) if fits else known
        yield start + len(x), x, known[0]


def _bias(engine: Engine, layer: str, target: Target) -> float | None:
    parts = ending(engine)
    if parts is None or target.kind != "logit" or not same_formula(engine, layer):
        return None
    return of_target(parts[1], target)[1]
