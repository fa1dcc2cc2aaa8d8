"""What switching off other channels, drawn at random, does: what a change must be held against."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explain.checks import whole
from explain.switches import Replacement, switched_off
from explain.types import Images

if TYPE_CHECKING:
    from explain.engine import Engine

MOST_DRAWS = 1000


@dataclass(frozen=True, eq=False)
class Chance:
    """The logits (done, K) behind `done` of `total` random choices of as many channels, from `among` live ones."""

    logits: NDArray[np.float32]
    among: int
    done: int
    total: int


def random_switches(
    engine: Engine,
    x: Images,
    layer: str,
    off: Collection[int],
    replace_by: Replacement = 0.0,
    *,
    draws: int = 10,
    seed: int = 0,
) -> Iterator[Chance]:
    """Yield the logits of one image x (1, H, W, C) after each of `draws` random choices of other channels.

    Each choice has as many channels as `off`, none of them, and only such as are not silent on this image; draw i is
    made from (seed, i). Yields nothing where too few channels are left to choose from.
    """
    whole("draws", draws, 1, MOST_DRAWS)
    values = engine.activation(x, layer)[0]
    live = [int(k) for k in np.flatnonzero(values.reshape(-1, values.shape[-1]).any(axis=0)) if int(k) not in set(off)]
    if not off or len(live) <= len(off):
        return
    found: list[NDArray[np.float32]] = []
    for i in range(draws):
        chosen = np.random.default_rng((seed, i)).choice(live, size=len(off), replace=False)
        found.append(switched_off(engine, x, layer, [int(k) for k in chosen], replace_by)[0])
        yield Chance(np.stack(found), len(live), i + 1, draws)
