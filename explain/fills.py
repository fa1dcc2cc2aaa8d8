"""What stands in for a picture, or for a part of it, when it is taken away: baselines and the insides of patches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from explain.checks import one_of
from explain.types import Entry, Fill, Images, MakeFill, Method

BLUR = 0.1
"""Standard deviation of the blur as a share of the picture's shorter side: 22 of 224 pixels, 2.8 of 28."""

LABELS = {
    "average": "black, white and blurred, averaged",
    "black": "black",
    "white": "white",
    "mean": "mean colour of the picture",
    "blurred": "blurred picture",
    "random": "random colours",
}
PARTS = {"average": ("black", "white", "blurred")}
"""Fills that are several at once; every other is itself."""


def fill_choice(name: str, label: str, default: str, help: str = "") -> Fill:
    """Return the parameter that offers every fill."""
    return Fill(name, label, default, tuple(LABELS), tuple(LABELS.values()), help)


@dataclass(frozen=True, eq=False)
class StandIns:
    """A fill of one kind, ready to be given images; without an entry black and white are each picture's own ends."""

    kind: str
    entry: Entry | None = None
    seed: int = 0

    def __call__(self, x: Images) -> tuple[Images, ...]:
        """Return the stand-ins of images (N, H, W, C), each of that shape."""
        return stand_ins(self.kind, x, self.entry, self.seed)


def stand_ins(kind: str, x: Images, entry: Entry | None = None, seed: int = 0) -> tuple[Images, ...]:
    """Return what stands in for preprocessed images (N, H, W, C), one array or several of that shape, float32.

    "black" and "white" are such pictures as the entry preprocesses them; without an entry nothing says what black is,
    and each picture's own lowest and highest value are taken. "mean" is the picture's mean colour, "blurred" a Gaussian
    blur over a tenth of its shorter side, "random" one colour a pixel drawn evenly between black and white from `seed`,
    "average" black, white and blurred together. Raises ValueError for another kind.
    """
    one_of("fill", kind, tuple(LABELS))
    return tuple(_MAKERS[part](x, entry, seed) for part in PARTS.get(kind, (kind,)))


def count_of(kind: str | MakeFill) -> int:
    """Return how many stand-ins a fill makes of each picture."""
    name = kind.kind if isinstance(kind, StandIns) else str(kind)
    return len(PARTS.get(name, (name,)))


def resolved(method: Method, params: Mapping[str, Any], entry: Entry | None = None, seed: int = 0) -> dict[str, Any]:
    """Return a method's checked parameters as its `compute` takes them.

    Each chosen fill becomes a MakeFill that knows the entry, and a method that draws at random gets its `seed`.
    """
    fills = {param.name for param in method.params if isinstance(param, Fill)}
    own = {name: StandIns(value, entry, seed) if name in fills else value for name, value in params.items()}
    return own | {"seed": seed} if method.seeded else own


def _plain(x: Images, entry: Entry | None, level: int) -> Images:
    """Return pictures of one level, 0 black to 255 white, as the network would get them."""
    if entry is None:
        ends = x.max(axis=(1, 2, 3), keepdims=True) if level else x.min(axis=(1, 2, 3), keepdims=True)
        return np.broadcast_to(ends, x.shape)
    made = np.asarray(entry.preprocess(np.full((8, 8, 3), level, np.uint8)), np.float32)
    return np.broadcast_to(made[made.shape[0] // 2, made.shape[1] // 2], x.shape)


def _black(x: Images, entry: Entry | None, seed: int) -> Images:
    return _plain(x, entry, 0)


def _white(x: Images, entry: Entry | None, seed: int) -> Images:
    return _plain(x, entry, 255)


def _mean(x: Images, entry: Entry | None, seed: int) -> Images:
    return np.broadcast_to(x.mean(axis=(1, 2), keepdims=True), x.shape)


def _blurred(x: Images, entry: Entry | None, seed: int) -> Images:
    from scipy.ndimage import gaussian_filter

    sigma = BLUR * min(x.shape[1:3])
    return np.asarray(gaussian_filter(x, (0, sigma, sigma, 0), mode="nearest"), np.float32)


def _random(x: Images, entry: Entry | None, seed: int) -> Images:
    low, high = _plain(x, entry, 0), _plain(x, entry, 255)
    share = np.random.default_rng((seed, 0)).random(x.shape[1:])
    return np.asarray(low + share * (high - low), np.float32)


_MAKERS: dict[str, Callable[[Images, Entry | None, int], Images]] = {
    "black": _black,
    "white": _white,
    "mean": _mean,
    "blurred": _blurred,
    "random": _random,
}
