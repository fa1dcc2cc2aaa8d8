"""Cover squares of the picture and measure the score (occlusion: Zeiler and Fergus, 2013, arXiv:1311.2901)."""

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

AT_ONCE = 8


@dataclass(frozen=True, eq=False)
class Cover:
    """How a score changes as each square is covered: covered minus uncovered, NaN where not done yet.

    `score` (grid, grid) in units of the target's score; `probability` (grid, grid) of the target's class, 0..1, None
    for a model that ends in plain scores; `base_score` and `base_probability` are those of the whole picture; `done`
    of `total` squares.
    """

    score: Map
    probability: Map | None
    base_score: float
    base_probability: float | None
    done: int
    total: int


def cover_squares(
    engine: Engine, x: Any, target: int | Target, *, grid: int = 7, fill: NDArray[np.float32] | None = None
) -> Iterator[Cover]:
    """Yield the changes after every 8 covered squares of one image, (H, W, C) or (1, H, W, C).

    The picture is cut into grid x grid squares, covered one at a time with `fill` (C,), by default the picture's mean
    colour. Raises ValueError for a grid finer than the picture.
    """
    image = one_image(x)
    goal = engine.target(target)
    boxes = squares(image.shape[1], image.shape[2], whole("grid", grid, 1, min(image.shape[1:3])))
    colour = image.mean(axis=(0, 1, 2)) if fill is None else np.asarray(fill, np.float32)
    return _changes(engine, image, goal, boxes, colour)


def squares(height: int, width: int, grid: int) -> list[tuple[int, int, int, int]]:
    """Return the grid x grid boxes (top, left, bottom, right) of a picture, row by row, of nearly equal size."""
    rows = np.rint(np.linspace(0, height, grid + 1)).astype(int).tolist()
    columns = np.rint(np.linspace(0, width, grid + 1)).astype(int).tolist()
    return [(rows[i], columns[j], rows[i + 1], columns[j + 1]) for i in range(grid) for j in range(grid)]


def _changes(
    engine: Engine, image: Images, goal: Target, boxes: list[tuple[int, int, int, int]], colour: NDArray[np.float32]
) -> Iterator[Cover]:
    base, grid = _values(engine, image, goal)[:, 0], round(len(boxes) ** 0.5)
    changes = np.full((len(base), len(boxes)), np.nan, np.float32)
    for start in range(0, len(boxes), AT_ONCE):
        some = boxes[start : start + AT_ONCE]
        covered = np.repeat(image, len(some), axis=0)
        for copy, (top, left, bottom, right) in zip(covered, some, strict=True):
            copy[top:bottom, left:right] = colour
        changes[:, start : start + len(some)] = _values(engine, covered, goal) - base[:, None]
        maps = changes.reshape(len(base), grid, grid).copy()
        yield Cover(
            score=maps[0],
            probability=maps[1] if len(base) > 1 else None,
            base_score=float(base[0]),
            base_probability=float(base[1]) if len(base) > 1 else None,
            done=start + len(some),
            total=len(boxes),
        )


def _values(engine: Engine, images: Images, goal: Target) -> NDArray[np.float32]:
    """Return the scores, and the class's probabilities where there are any, (1 or 2, N)."""
    scores = engine.scores(images, [goal] * len(images))
    if engine.output_kind == "linear":
        return scores[None]
    chance = Target(goal.index, kind="probability", sign=goal.sign if engine.output_kind == "sigmoid" else 1)
    return np.stack([scores, engine.scores(images, [chance] * len(images))])
