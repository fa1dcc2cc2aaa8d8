"""Deletion and insertion as published (Petsiuk et al., 2018, RISE, arXiv:1806.07421): areas under the probability.

Both depend on the fill and reward blurred maps; only differences on one picture say anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explain.checks import one_image, whole
from explain.types import Images, Map, Target

if TYPE_CHECKING:
    from explain.engine import Engine

SIGMA = 5.0
TRUNCATE = 1.0


@dataclass(frozen=True, eq=False)
class Classic:
    """The target's probability as pixels are deleted from the picture, and inserted into a blurred copy.

    `shares` (steps + 1,) of the pixels, 0 to 1; `deletion`, `insertion` (steps + 1,), NaN where not done; their areas
    are NaN until they are. `done` of `total` pictures; `passes` spent.
    """

    shares: NDArray[np.float64]
    deletion: NDArray[np.float64]
    insertion: NDArray[np.float64]
    done: int
    total: int
    passes: int

    @property
    def deletion_area(self) -> float:
        """Area under the deletion curve, 0..1: lower where the map's first pixels matter."""
        return float(np.trapezoid(self.deletion, self.shares))

    @property
    def insertion_area(self) -> float:
        """Area under the insertion curve, 0..1: higher where the map's first pixels are enough."""
        return float(np.trapezoid(self.insertion, self.shares))


def deletion_and_insertion(
    engine: Engine, x: Any, target: int | Target, values: Map, *, steps: int = 28, fill: float = 0.0, seed: int = 0
) -> Iterator[Classic]:
    """Yield both curves of a map (H, W) of one image, (H, W, C) or (1, H, W, C), after each batch.

    Pixels go by falling value, ties by the seed: deleted ones become `fill` (preprocessed value; the paper's is 0),
    inserted ones replace a copy under an 11 x 11 Gaussian of standard deviation 5. A score that is no probability is
    measured by its class's one. Raises ValueError for a map of another size and for a model of plain scores.
    """
    image, goal = one_image(x), engine.target(target)
    if engine.output_kind == "linear":
        raise ValueError("model: it ends in plain scores, and these curves are of probabilities; use the removal row")
    ranks = np.asarray(values)
    if ranks.shape != image.shape[1:3] or not np.isfinite(ranks).all():
        raise ValueError(f"values: expected a finite map of size {image.shape[1:3]}, got {ranks.shape}; use result.map")
    whole("steps", steps, 1, ranks.size)
    chance = np.random.default_rng(seed).random(ranks.size)
    order = np.lexsort((chance, -ranks.ravel()))
    turned = goal.sign if engine.output_kind == "sigmoid" else 1
    return _curves(engine, image, Target(goal.index, kind="probability", sign=turned), order, steps, fill)


def _curves(
    engine: Engine, x: Images, goal: Target, order: NDArray[np.int64], steps: int, fill: float
) -> Iterator[Classic]:
    before = engine.passes
    counts = np.rint(np.linspace(0, len(order), steps + 1)).astype(int)
    whole_picture, black, soft = x.reshape(-1, x.shape[-1]), np.float32(fill), _soft(x).reshape(-1, x.shape[-1])
    scores = np.full((2, steps + 1), np.nan)
    places = [(which, step) for which in range(2) for step in range(steps + 1)]
    batch = engine.at_once(x)
    for start in range(0, len(places), batch):
        some = places[start : start + batch]
        images = np.empty((len(some), *whole_picture.shape), np.float32)
        for picture, (which, step) in zip(images, some, strict=True):
            first = order[: counts[step]]
            picture[:] = soft if which else whole_picture
            picture[first] = whole_picture[first] if which else black
        found = engine.scores(images.reshape(-1, *x.shape[1:]), [goal] * len(some))
        for (which, step), score in zip(some, found, strict=True):
            scores[which, step] = score
        deletion, insertion = scores.copy()
        done = start + len(some)
        yield Classic(counts / len(order), deletion, insertion, done, len(places), engine.passes - before)


def _soft(x: Images) -> Images:
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(x, (0, SIGMA, SIGMA, 0), truncate=TRUNCATE, mode="nearest"), np.float32)
