"""A small picture moved, turned, sized, painted on, covered and given noise; and what follows it through a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explain.errors import ArgumentError

if TYPE_CHECKING:
    from explain.layers import LayerInfo
    from explain.receptive import Span

Picture = NDArray[np.float32]
FURTHEST = 8
MOST_STROKES = 200


@dataclass(frozen=True)
class Stroke:
    """A square painted on the picture: its first row and column, its side in pixels, and the value it is given."""

    row: int
    column: int
    side: int
    value: float


@dataclass(frozen=True)
class Change:
    """What is done to a picture, in this order: paint, size and turn about the centre, move, cover, noise.

    `right` and `down` are whole pixels; `degrees` turn clockwise; `scale` 1 leaves the size; `cover` (row, column,
    side) is set to 0, None for none; `noise` the standard deviation of normal noise, values kept in 0..1.
    """

    right: int = 0
    down: int = 0
    degrees: float = 0.0
    scale: float = 1.0
    strokes: tuple[Stroke, ...] = ()
    cover: tuple[int, int, int] | None = None
    noise: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what can't be. Raises ArgumentError naming the argument."""
        if not 0.1 <= self.scale <= 10:
            raise ArgumentError(f"scale: expected 0.1 to 10, got {self.scale}; 1 leaves the size as it is")
        if not 0 <= self.noise <= 1:
            raise ArgumentError(f"noise: expected 0 to 1, got {self.noise}; 0 leaves it away")
        if len(self.strokes) > MOST_STROKES:
            raise ArgumentError(f"strokes: expected {MOST_STROKES} at most, got {len(self.strokes)}; wipe some away")

    @property
    def only_moves(self) -> bool:
        """Whether a move is all that is done, so that a map can be expected to move with it."""
        return self == Change(right=self.right, down=self.down)


def changed(picture: NDArray[Any], change: Change) -> Picture:
    """Return a picture (H, W, C) in 0..1 after a change, (H, W, C) float32; what comes in from outside is 0."""
    values = np.array(picture, np.float32)
    for stroke in change.strokes:
        values[stroke.row : stroke.row + stroke.side, stroke.column : stroke.column + stroke.side] = stroke.value
    if change.degrees or change.scale != 1:
        values = turned(values, change.degrees, change.scale)
    values = moved(values, change.down, change.right)
    if change.cover is not None:
        row, column, side = change.cover
        values[row : row + side, column : column + side] = 0
    if change.noise:
        drawn = np.random.default_rng(change.seed).normal(0, change.noise, values.shape)
        values = np.clip(values + drawn, 0, 1).astype(np.float32)
    return values


def moved(values: NDArray[Any], down: int, right: int) -> NDArray[Any]:
    """Return an array (H, W, C) moved by whole cells, 0 where nothing comes from."""
    result = np.zeros_like(values)
    height, width = values.shape[:2]
    rows, columns = slice(max(down, 0), height + min(down, 0)), slice(max(right, 0), width + min(right, 0))
    source = slice(max(-down, 0), height - max(down, 0)), slice(max(-right, 0), width - max(right, 0))
    if abs(down) < height and abs(right) < width:
        result[rows, columns] = values[source]
    return result


def turned(values: Picture, degrees: float, scale: float) -> Picture:
    """Return a picture (H, W, C) sized and turned clockwise about its centre, bilinear, 0 from outside."""
    down, across = np.mgrid[: values.shape[0], : values.shape[1]].astype(np.float64)
    return _sampled(values, *_sources(down, across, values.shape[:2], degrees, scale))


def _sources(
    down: NDArray[np.float64], across: NDArray[np.float64], size: Sequence[int], degrees: float, scale: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where pixels of a turned and sized picture come from."""
    angle = np.deg2rad(degrees)
    middle = (size[0] - 1) / 2, (size[1] - 1) / 2
    down, across = (down - middle[0]) / scale, (across - middle[1]) / scale
    rows = np.cos(angle) * down - np.sin(angle) * across + middle[0]
    return rows, np.sin(angle) * down + np.cos(angle) * across + middle[1]


def origin(change: Change, row: int, column: int, size: tuple[int, int]) -> tuple[int, int] | None:
    """Return the pixel (row, column) of a picture of `size` (H, W) that is seen at a pixel after a change, the nearest.

    None where nothing of the picture is seen: what came in from outside, and what is covered.
    """
    if change.cover is not None:
        top, left, side = change.cover
        if top <= row < top + side and left <= column < left + side:
            return None
    before_move = np.array([[[row - change.down, column - change.right]]], np.float64)
    if not _within(before_move[0, 0], size):
        return None
    rows, columns = _sources(before_move[..., 0], before_move[..., 1], size, change.degrees, change.scale)
    found = round(float(rows[0, 0])), round(float(columns[0, 0]))
    return found if _within(found, size) else None


def _within(at: Sequence[float] | NDArray[np.float64], size: tuple[int, int]) -> bool:
    return 0 <= at[0] < size[0] and 0 <= at[1] < size[1]


def _sampled(values: Picture, rows: NDArray[np.float64], columns: NDArray[np.float64]) -> Picture:
    padded = np.pad(values, ((1, 1), (1, 1), (0, 0)))
    rows = np.clip(rows + 1, 0, padded.shape[0] - 1.000001)
    columns = np.clip(columns + 1, 0, padded.shape[1] - 1.000001)
    top, left = rows.astype(int), columns.astype(int)
    low, near = (rows - top)[..., None], (columns - left)[..., None]
    upper = (1 - near) * padded[top, left] + near * padded[top, left + 1]
    lower = (1 - near) * padded[top + 1, left] + near * padded[top + 1, left + 1]
    result: Picture = ((1 - low) * upper + low * lower).astype(np.float32)
    return result


def centre_of_mass(values: NDArray[Any], size: tuple[int, int]) -> tuple[float, float] | None:
    """Return (row, column) in pixels of the centre of a map's positive part, None where there is none.

    A map (h, w) lies over `size` (H, W) pixels, each cell over its own part.
    """
    mass = np.maximum(np.nan_to_num(np.asarray(values, np.float64)), 0)
    total = mass.sum()
    if total <= 0:
        return None
    down = (np.arange(mass.shape[0]) + 0.5) * size[0] / mass.shape[0] - 0.5
    across = (np.arange(mass.shape[1]) + 0.5) * size[1] / mass.shape[1] - 0.5
    return float(mass.sum(axis=1) @ down / total), float(mass.sum(axis=0) @ across / total)


def likenesses(before: NDArray[Any], after: NDArray[Any], furthest: int) -> Mapping[tuple[int, int], float]:
    """Return by (down, right) how alike a map (h, w) moved by so many cells is to another: their correlation, -1..1.

    Over the cells that both have; 0 where one of them is even there. Moves up to `furthest` cells each way. Raises
    ArgumentError where a move would leave less than two cells a side.
    """
    if not 0 <= furthest <= min(before.shape) - 2:
        raise ArgumentError(f"furthest: expected 0 to {min(before.shape) - 2} for this map, got {furthest}; take fewer")
    reach = range(-furthest, furthest + 1)
    return {(down, right): _correlation(before, after, down, right) for down in reach for right in reach}


def _correlation(before: NDArray[Any], after: NDArray[Any], down: int, right: int) -> float:
    height, width = before.shape
    one = before[max(-down, 0) : height - max(down, 0), max(-right, 0) : width - max(right, 0)]
    other = after[max(down, 0) : height - max(-down, 0), max(right, 0) : width - max(-right, 0)]
    first, second = (np.asarray(part, np.float64) - np.mean(part, dtype=np.float64) for part in (one, other))
    size = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float((first * second).sum() / size) if size > 0 else 0.0


@dataclass(frozen=True)
class Equivariance:
    """How far the map of the moved picture is from the moved map of the picture, as a share of the latter's size.

    `interior` over the `cells` whose fields lie inside both pictures, None where there are none or the map is 0 there;
    `everywhere` over all cells that have a partner; `down` and `right` are the move in cells; `whole` tells whether the
    picture's move is a whole number of cells, else the nearest was taken.
    """

    down: int
    right: int
    whole: bool
    interior: float | None
    everywhere: float | None
    cells: int


def equivariance(
    layer: LayerInfo, before: NDArray[Any], after: NDArray[Any], down: int, right: int, size: tuple[int, int]
) -> Equivariance | None:
    """Compare a layer's map (h, w, C) of a picture with that of the picture moved by whole pixels.

    For a cell in the interior both units see the same pixels, so a difference there is the layer's own: its strides or
    poolings fall on other pixels. At the border it is the zeros of the padding, or pixels that left the picture. None
    for a layer whose units have no field of their own.
    """
    field = layer.receptive_field
    if field is None or len(layer.output_shape) != 3:
        return None
    step, turn = field.stride, (field.rows.turn, field.columns.turn)
    turns = round(down / step[0]), round(right / step[1])
    cells = turns[0] * turn[0], turns[1] * turn[1]  # behind an enlargement only whole turns see the same
    whole = (turns[0] * step[0], turns[1] * step[1]) == (down, right)
    rows = _inside(field.rows, before.shape[0], size[0])
    inside = rows[:, None] & _inside(field.columns, before.shape[1], size[1])[None, :]
    partner = moved(np.ones((*before.shape[:2], 1)), *cells)[..., 0] > 0
    both = inside & (moved(inside[..., None].astype(np.float64), *cells)[..., 0] > 0)
    expected = moved(np.asarray(before, np.float64), *cells)
    apart = np.asarray(after, np.float64) - expected
    return Equivariance(
        *cells, whole, _share(apart[both], expected[both]), _share(apart[partner], expected[partner]), int(both.sum())
    )


def _inside(span: Span, count: int, size: int) -> NDArray[np.bool_]:
    parts = [span.unit(at) or (0, 0) for at in range(count)]
    return np.array([first >= 0 and behind <= size for first, behind in parts], bool)


def _share(apart: NDArray[np.float64], expected: NDArray[np.float64]) -> float | None:
    size = float(np.linalg.norm(expected))
    return float(np.linalg.norm(apart)) / size if size > 0 else None
