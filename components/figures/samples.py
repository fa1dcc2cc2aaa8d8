"""A data set at a glance: samples of each class in a row, and the mean of all its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from components import tokens
from components.figures import base
from components.figures.contract import Drawn, Words, finish
from components.raster import Pixels
from components.text import _, short

MOST_SIDE, LEAST_SIDE = 64, 40
GUTTER = 0.12
"""Of a tile, between two of them."""


@dataclass(frozen=True, eq=False)
class Row:
    """One class: its name, how many pictures it has, some of them, (n, H, W, 3) uint8, and their mean (H, W, 3)."""

    name: str
    count: int
    pictures: NDArray[np.uint8]
    mean: NDArray[np.uint8]


def samples(rows: Sequence[Row], words: Words, *, width: int = 720, names: float = 3.4) -> Drawn:
    """Draw a row for each class: name and count, its samples, and the mean of all its pictures, set apart.

    `names` is the room for the names in tiles. Raises ValueError without classes.
    """
    if not rows:
        raise ValueError("rows: expected at least one class, got none; choose a data set first")
    most = max(len(row.pictures) for row in rows)
    columns = names + most + 1.4
    figure = base.canvas(len(rows) + 0.7, columns, width, bar=False, cap=52)
    tile = figure.layout.width / columns
    sheet = np.concatenate([_line(row, most) for row in rows])
    place = {"x": names - 0.5, "y": 0.2}
    base.place_picture(figure, sheet, len(rows), most + 1.4)
    figure.layout.images[-1].update(place)
    letters = max(6, int((names * tile - 46) / 7))
    middles = [at + 0.7 for at in range(len(rows))]
    said = [short(row.name, letters) for row in rows]
    counts = [f"{row.count:,}" for row in rows]
    font = {"size": 12}
    figure.add_trace(base.words_at([-0.4] * len(rows), middles, said, textposition="middle right", textfont=font))
    figure.add_trace(
        base.words_at([names - 0.65] * len(rows), middles, counts, textposition="middle left", textfont=font)
    )
    heads = [_("class"), _("pictures"), _("mean")]
    places = [-0.4, names - 0.65, names + most + 0.4]
    sides = ["middle right", "middle left", "middle center"]
    figure.add_trace(
        base.words_at(places, [-0.15] * 3, heads, textposition=sides, textfont={"size": 12, "color": tokens.LINE})
    )
    alt = "; ".join(f"{row.name}: {row.count:,}" for row in rows) + "."
    return finish(figure, words, _("Pictures of each class: {counts}").format(counts=alt))


def _line(row: Row, most: int) -> Pixels:
    """Lay a class's samples and their mean side by side, clear between them, (tile, tiles, 4) uint8."""
    tiles = [_tile(picture) for picture in row.pictures]
    side = _tile(row.mean).shape[0]
    blank = np.zeros((side, side, 4), np.uint8)
    tiles += [blank] * (most - len(tiles))
    gap = np.zeros((side, round(0.4 * side), 4), np.uint8)
    return np.concatenate([*tiles, gap, _tile(row.mean)], axis=1)


def _tile(picture: NDArray[np.uint8]) -> Pixels:
    """Return a picture as a square tile with a clear rim: enlarged by whole steps, or made smaller."""
    height, width = picture.shape[:2]
    longest = max(height, width)
    side = longest * -(-LEAST_SIDE // longest) if longest < LEAST_SIDE else min(longest, MOST_SIDE)
    scale = side / longest
    how = Image.Resampling.NEAREST if scale >= 1 else Image.Resampling.LANCZOS
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(Image.fromarray(picture).resize(size, how))
    rim = max(1, round(GUTTER * side / 2))
    whole = np.zeros((side + 2 * rim, side + 2 * rim, 4), np.uint8)
    top, left = rim + (side - size[1]) // 2, rim + (side - size[0]) // 2
    whole[top : top + size[1], left : left + size[0], :3] = small
    whole[top : top + size[1], left : left + size[0], 3] = 255
    return whole
