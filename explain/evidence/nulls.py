"""Maps to hold a map against: shifted and flipped copies of itself, edges, the centre, class-blind activation."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from explain.evidence.blocks import Values
from explain.resize import resize
from explain.types import Images, Map

if TYPE_CHECKING:
    from explain.engine import Engine

TOP = 0.2
MOST_SHARED = 0.5
CENTRE_WIDTH = 0.25


@dataclass(frozen=True)
class Move:
    """A map moved as a whole: turned over, then shifted round its edges by whole blocks."""

    flip_rows: bool
    flip_cols: bool
    down: int
    right: int

    def apply(self, values: Values) -> Values:
        """Return the moved map, (rows, cols): the same values, the same blobs, elsewhere."""
        moved = values[:: -1 if self.flip_rows else 1, :: -1 if self.flip_cols else 1]
        return np.roll(moved, (self.down, self.right), axis=(0, 1))


def moves(values: Values, count: int, seed: int) -> list[Move]:
    """Return up to `count` moves of a map (rows, cols) that make different maps, in an order drawn from the seed.

    A move that leaves more than half of the map's top or bottom fifth in its place is none: it would be the map itself.
    A small count gives the first of a larger one. Fewer come back for a map that hardly has another place (stripes).
    As moves form a group, a map without structure is as likely as each of its nulls to score best.
    """
    rows, cols = values.shape
    top = max(1, round(TOP * values.size))
    ends = [_top(values, top, seed), _top(-values, top, seed)]
    everywhere = (Move(*made) for made in product((False, True), (False, True), range(rows), range(cols)))
    elsewhere = (move for move in everywhere if all(_shared(move, marks) <= MOST_SHARED * top for marks in ends))
    kept = list({move.apply(values).tobytes(): move for move in elsewhere}.values())
    order = np.random.default_rng((seed, values.size)).permutation(len(kept))
    return [kept[i] for i in order[:count]]


def _top(values: Values, top: int, seed: int) -> Values:
    flat = np.zeros(values.size)
    flat[np.lexsort((np.random.default_rng(seed).random(values.size), -values.ravel()))[:top]] = 1
    return flat.reshape(values.shape)


def _shared(move: Move, marks: Values) -> float:
    return float((move.apply(marks) * marks).sum())


def edges(x: Images) -> Map:
    """Return the Sobel magnitude of one image (1, H, W, C), the mean over its channels, (H, W): knows no model."""
    from scipy.ndimage import sobel

    image = x[0].astype(np.float64)
    magnitude = np.hypot(sobel(image, axis=0), sobel(image, axis=1)).mean(axis=-1)
    return np.asarray(magnitude, np.float32)


def centre(height: int, width: int) -> Map:
    """Return a Gaussian round the middle, (H, W), a quarter of each side wide: knows neither model nor picture."""
    rows, cols = ((np.arange(size) + 0.5) / size - 0.5 for size in (height, width))
    return np.exp(-(rows[:, None] ** 2 + cols[None, :] ** 2) / (2 * CENTRE_WIDTH**2)).astype(np.float32)


def class_blind(engine: Engine, x: Images, layer: str | None = None) -> Map | None:
    """Return the mean |activation| of a layer (the default one for None) at the image's size, (H, W).

    The same whatever the target. None for a model without a layer that has rows and columns.
    """
    name = layer or engine.default_layer()
    if name is None or not engine.layer(name).spatial:
        return None
    return resize(np.abs(engine.activation(x, name)[0]).mean(axis=-1), (x.shape[1], x.shape[2]))


def knowing_nothing(engine: Engine, x: Images, layer: str | None = None) -> dict[str, Map]:
    """Return the maps that know no target by id: "edges", "centre", and "class_blind" where there is one."""
    found = {"edges": edges(x), "centre": centre(x.shape[1], x.shape[2]), "class_blind": class_blind(engine, x, layer)}
    return {name: made for name, made in found.items() if made is not None}
