"""Reveal a picture from a blurred copy, the most important blocks first (after RISE's insertion: arXiv:1806.07421)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from explain.checks import one_image, whole
from explain.evidence.blocks import Grid, Order, block_means, blurred, grid_of, mixed, numbering, ranked
from explain.evidence.nulls import moves
from explain.types import Images, Map, Target

if TYPE_CHECKING:
    from explain.engine import Engine

Quantity = Literal["probability", "score"]
MOST_STEPS, MOST_ORDERS = 100, 100


@dataclass(frozen=True, eq=False)
class Reveal:
    """How a target's score grows as a blurred picture is made sharp, the map's highest blocks first.

    `levels` (L,) is the share kept sharp, 0 to 1; `scores` (L,) the curve of the map; `low`, `middle`, `high` (L,) the
    lowest, median and highest curve of the `orders` random orders done so far (shifts and flips of this very map), NaN
    before the first. `quantity` says what they are: "probability" 0..1, or "score" for a difference of classes and for
    a model that ends in plain scores. `frames` (L, h, w, 3) uint8 are the pictures behind the curve. `area` is the mean
    height of the curve, `areas` (orders,) those of the random orders. `done` of `total` curves; `passes` spent.
    """

    levels: NDArray[np.float64]
    scores: NDArray[np.float64]
    low: NDArray[np.float64]
    middle: NDArray[np.float64]
    high: NDArray[np.float64]
    orders: int
    quantity: Quantity
    frames: NDArray[np.uint8]
    area: float
    areas: NDArray[np.float64]
    grid: Grid
    done: int
    total: int
    passes: int


def reveal(
    engine: Engine,
    x: Any,
    target: int | Target,
    values: Map,
    *,
    picture: NDArray[np.uint8] | None = None,
    steps: int = 20,
    orders: int = 10,
    seed: int = 0,
    side: int = 160,
) -> Iterator[Reveal]:
    """Yield the curve and frames of a map (H, W) of one image, then the band as each random order is done.

    x is the preprocessed image, (H, W, C) or (1, H, W, C); `picture` its pixels as drawn, (H, W, 1 or 3) uint8, by
    default x itself stretched to 0..255. `steps` levels after the blurred one (fewer where there are fewer blocks);
    frames are at most `side` pixels a side. A map that has too few other places gets a band of fewer orders. Costs at
    most 2 + (steps - 1) x (orders + 1) passes.

    Raises ValueError for a map or picture of another size, and for a map that is not finite.
    """
    image, goal = one_image(x), engine.target(target)
    size = image.shape[1:3]
    ranks = np.asarray(values)
    if ranks.shape != size or not np.isfinite(ranks).all():
        raise ValueError(f"values: expected a finite map of the image's size {size}, got {ranks.shape}; use result.map")
    drawn = _stretched(image[0]) if picture is None else np.asarray(picture)
    if drawn.dtype != np.uint8 or drawn.shape not in ((*size, 1), (*size, 3)):
        raise ValueError(
            f"picture: expected uint8 pixels (H, W, 1 or 3) of the size {size}, got {drawn.dtype} {drawn.shape}"
        )
    whole("steps", steps, 1, MOST_STEPS)
    whole("orders", orders, 0, MOST_ORDERS)
    whole("side", side, 1, 4096)
    return _curves(_Job(engine, image, goal, drawn, grid_of(*size), steps, side), ranks, orders, seed)


def passes(height: int, width: int, steps: int = 20, orders: int = 10) -> int:
    """Return the passes that `reveal` costs at most for a picture of this size."""
    return 2 + (len(_counts(grid_of(height, width), steps)) - 2) * (orders + 1)


def _counts(grid: Grid, steps: int) -> NDArray[np.int64]:
    """Return how many blocks are sharp at each level."""
    return np.unique(np.rint(np.linspace(0, grid[0] * grid[1], steps + 1)).astype(np.int64))


@dataclass(frozen=True)
class _Job:
    """One picture being revealed: its blurred copy is made once."""

    engine: Engine
    x: Images
    target: Target
    picture: NDArray[np.uint8]
    grid: Grid
    steps: int
    side: int

    @property
    def quantity(self) -> Quantity:
        plain = self.target.minus is not None or self.engine.output_kind == "linear"
        return "score" if plain else "probability"

    @property
    def counts(self) -> NDArray[np.int64]:
        return _counts(self.grid, self.steps)


def _curves(job: _Job, values: Map, orders: int, seed: int) -> Iterator[Reveal]:
    before, soft = job.engine.passes, blurred(job.x, job.grid)
    means = block_means(values, job.grid)
    ends = _scores(job, np.concatenate([soft, job.x]))
    chosen = moves(means, orders, seed)
    curves: list[NDArray[np.float64]] = []
    order = ranked(means, seed)
    frames = _frames(job, order)
    for number, moved in enumerate([means, *(move.apply(means) for move in chosen)]):
        order = ranked(moved, seed, number)
        numbers = numbering(job.x.shape[1], job.x.shape[2], job.grid)
        middle = [mixed(soft, job.x, numbers, order[:count]) for count in job.counts[1:-1]]
        inner = _scores(job, np.stack(middle)) if middle else np.zeros(0)
        curves.append(np.concatenate([ends[:1], inner, ends[1:]]))
        yield _reveal(job, curves, frames, 1 + len(chosen), job.engine.passes - before)


def _reveal(job: _Job, curves: list[NDArray[np.float64]], frames: NDArray[np.uint8], total: int, passes: int) -> Reveal:
    levels = job.counts / job.counts[-1]
    others = np.stack(curves[1:]) if len(curves) > 1 else np.full((1, len(levels)), np.nan)
    areas = [float(np.trapezoid(curve, levels)) for curve in curves]
    return Reveal(
        levels=levels,
        scores=curves[0],
        low=others.min(axis=0),
        middle=np.median(others, axis=0),
        high=others.max(axis=0),
        orders=len(curves) - 1,
        quantity=job.quantity,
        frames=frames,
        area=areas[0],
        areas=np.asarray(areas[1:]),
        grid=job.grid,
        done=len(curves),
        total=total,
        passes=passes,
    )


def _scores(job: _Job, images: Images) -> NDArray[np.float64]:
    goal = Target(job.target.index, job.target.minus, "logit", job.target.sign)
    if job.quantity == "probability":
        turned = job.target.sign if job.engine.output_kind == "sigmoid" else 1
        goal = Target(job.target.index, kind="probability", sign=turned)
    return job.engine.scores(images, [goal] * len(images)).astype(np.float64)


def _frames(job: _Job, order: Order) -> NDArray[np.uint8]:
    """Return the pictures of the map's own order, (L, h, w, 3), no larger than asked."""
    height, width = job.picture.shape[:2]
    sharp = np.broadcast_to(job.picture, (height, width, 3))[None]
    soft = np.rint(blurred(sharp, job.grid)).astype(np.uint8)
    numbers = numbering(height, width, job.grid)
    scale = min(1.0, job.side / max(height, width))
    small = (max(1, round(width * scale)), max(1, round(height * scale)))
    made = [Image.fromarray(mixed(soft, sharp, numbers, order[:count])) for count in job.counts]
    return np.stack([np.asarray(frame.resize(small, Image.Resampling.BOX), np.uint8) for frame in made])


def _stretched(image: Map) -> NDArray[np.uint8]:
    image = image if image.shape[-1] in (1, 3) else image.mean(axis=-1, keepdims=True)
    low, high = float(image.min()), float(image.max())
    return np.asarray(np.rint((image - low) * (255 / max(high - low, 1e-12))), np.uint8)
