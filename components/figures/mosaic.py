"""Many small maps as one heatmap: feature maps of a layer, or kernels of an input channel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from components import tokens
from components.colour import text_on
from components.figures import base
from components.figures.base import Limits, Values
from components.figures.contract import Drawn, Words, finish
from components.raster import natural_limits
from components.text import _, column, number

LabelPlace = Literal["tile", "row", "none"]
LABEL_PIXELS, ROW_LABEL_PIXELS = 16, 34
CELL_CAP = 32.0


@dataclass(frozen=True)
class Grid:
    """Where the tiles lie, in cells: `lead` cells of label over each row of tiles, `side` cells left of all."""

    count: int
    height: int
    width: int
    columns: int
    lead: int = 1
    side: int = 0

    @property
    def tile_rows(self) -> int:
        """How many rows of tiles there are."""
        return math.ceil(self.count / self.columns)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of cells, gutters included."""
        return self.tile_rows * (self.height + self.lead) + 1, self.side + self.columns * (self.width + 1) + 1

    def corner(self, index: int) -> tuple[int, int]:
        """The first row and column of a tile."""
        row, column = divmod(index, self.columns)
        return self.lead + row * (self.height + self.lead), 1 + self.side + column * (self.width + 1)

    def box(self, index: int) -> tuple[float, float, float, float]:
        """Left, top, right and bottom edge of a tile."""
        row, column = self.corner(index)
        return column - 0.5, row - 0.5, column + self.width - 0.5, row + self.height - 0.5

    def centre(self, index: int) -> tuple[float, float]:
        """The middle of a tile, (x, y)."""
        left, top, right, bottom = self.box(index)
        return (left + right) / 2, (top + bottom) / 2


def even_columns(count: int, aspect: float = 1.0) -> int:
    """Columns for `count` tiles in a picture `aspect` times as wide as high."""
    return max(1, min(count, math.ceil(math.sqrt(count * aspect))))


def fitting_columns(count: int, tile_width: int, width: int = 640, cell: float = 8) -> int:
    """As many columns as fit with cells of at least `cell` pixels: for kernels, which stay countable."""
    most = max(1, int((width / cell - 1) // (tile_width + 1)))
    rows = math.ceil(count / min(count, most))
    return math.ceil(count / rows)


def plan(tile: tuple[int, int], count: int, columns: int, width: int, labels: LabelPlace) -> Grid:
    """Lay out `count` tiles of (h, w) cells, with as many gutter cells as a label of 12 px needs."""
    height, tile_width = tile
    cell = min(CELL_CAP, width / (columns * (tile_width + 1) + 1))
    lead = max(1, math.ceil(LABEL_PIXELS / cell)) if labels == "tile" else 1
    side = math.ceil(ROW_LABEL_PIXELS / cell) if labels == "row" else 0
    return Grid(count, height, tile_width, columns, lead, side)


def assemble(tiles: Values, grid: Grid) -> Values:
    """Put the tiles into one array with open (NaN) gutters."""
    whole = np.full(grid.shape, np.nan, dtype=np.float32)
    for index, tile in enumerate(tiles):
        row, column = grid.corner(index)
        whole[row : row + grid.height, column : column + grid.width] = tile
    return whole


def own_scale(tiles: Values, kind: str) -> Values:
    """Each tile as a share of its own range: -1 to 1 for signed kinds, else 0 to 1."""
    shares = np.zeros_like(tiles, dtype=np.float32)
    for index, tile in enumerate(tiles):
        low, high = natural_limits(tile, kind)
        shares[index] = tile / high if tokens.SCALE[kind].signed else (tile - low) / (high - low)
    return shares


def mosaic(
    tiles: Values,
    numbers: Sequence[int],
    kind: str,
    words: Words,
    *,
    quantity: str,
    limits: Limits | None = None,
    per_tile: bool = False,
    raw: Values | None = None,
    factor: int = 1,
    columns: int | None = None,
    pinned: int | None = None,
    labels: LabelPlace = "tile",
    silent: bool = True,
    noun: str = "channel",
    written: int = 0,
    cap: float = CELL_CAP,
    width: int = 640,
) -> Drawn:
    """Draw `tiles` (n, h, w), numbered by `numbers`, on one scale or (`per_tile`) each on its own.

    `raw` (n, H, W) are the values before pooling by `factor`, for the hover; `pinned` the number of the framed tile;
    `written` puts values with so many digits into the cells. A click reports (`noun`, number).
    Raises ValueError if tiles and numbers disagree.
    """
    tiles = _checked(tiles, numbers)
    raw = tiles if raw is None else np.asarray(raw)
    limits = limits or natural_limits(tiles, kind)
    grid = plan((tiles.shape[1], tiles.shape[2]), len(tiles), columns or even_columns(len(tiles)), width, labels)
    figure = paint(tiles, grid, kind, limits, quantity, per_tile=per_tile, width=width, cap=cap)
    if silent:
        mark(figure, tiles, grid, kind, limits)
    if written:
        _write(figure, tiles, grid, kind, limits, written)
    label(figure, grid, numbers, labels)
    figure.add_trace(markers(grid, numbers, raw, quantity, noun))
    if pinned in list(numbers):
        base.frame(figure, *grid.box(list(numbers).index(int(pinned or 0))))
    said = _("{n} tiles of {h} by {w} cells; values from {span}.")
    alt = said.format(n=len(tiles), h=raw.shape[1], w=raw.shape[2], span=base.span(raw))
    return finish(figure, words, alt, *_notes(raw, limits, factor, per_tile))


def _checked(tiles: Values, numbers: Sequence[int]) -> Values:
    tiles = np.asarray(tiles, dtype=np.float32)
    if tiles.ndim != 3 or len(tiles) != len(numbers) or not len(tiles):
        raise ValueError(f"tiles: expected ({len(numbers)}, h, w) and at least one, got {tiles.shape}")
    return tiles


def paint(
    tiles: Values, grid: Grid, kind: str, limits: Limits, quantity: str, *, per_tile: bool, width: int, cap: float
) -> go.Figure:
    """Draw the tiles as one heatmap on the mat, with its colour bar."""
    figure = base.canvas(*grid.shape, width, mat=True, cap=cap)
    title = quantity
    if per_tile:
        tiles, limits = own_scale(tiles, kind), natural_limits(np.zeros(1), kind)
        title = _("{quantity}, share of each one's own range").format(quantity=quantity)
    bar = base.colour_bar(title, limits)
    figure.add_trace(base.heatmap(assemble(tiles, grid), kind, limits, colorbar=bar, hoverinfo="skip", name=quantity))
    return figure


def markers(grid: Grid, numbers: Sequence[int], raw: Values, quantity: str, noun: str) -> go.Scatter:
    """The layer that takes hover and clicks, one marker a tile."""
    places = [grid.centre(index) for index in range(grid.count)]
    hover = [_hover(noun, n, one, quantity) for n, one in zip(numbers, raw, strict=True)]
    data = [(noun, int(n)) for n in numbers]
    return base.click_markers([x for x, _y in places], [y for _x, y in places], data, hover)


def _notes(raw: Values, limits: Limits, factor: int, per_tile: bool) -> list[str]:
    notes = [_("Each cell shows the strongest of {k}\u00d7{k} values.").format(k=factor)] if factor > 1 else []
    if per_tile:
        return [*notes, _("Each tile has its own colour range: compare shapes, not strengths.")]
    return [*notes, base.clipped_note(raw, limits)]


def _write(figure: go.Figure, tiles: Values, grid: Grid, kind: str, limits: Limits, digits: int) -> None:
    """Put each value into its cell, black or white by the luminance under it."""
    xs, ys, inks = [], [], []
    said = column(tiles.ravel(), digits)
    for index, tile in enumerate(tiles):
        top, left = grid.corner(index)
        for (down, across), value in np.ndenumerate(tile):
            xs.append(left + across)
            ys.append(top + down)
            inks.append(text_on(tokens.SCALE[kind].colour(float(value) if np.isfinite(value) else limits[0], limits)))
    figure.add_trace(base.words_at(xs, ys, said, textfont={"color": inks, "size": 12}))


def _hover(noun: str, n: int, one: Values, quantity: str) -> str:
    if not np.isfinite(one).all():
        return f"<b>{noun} {n}</b><br>NaN"
    row, column = np.unravel_index(int(np.abs(one).argmax()), one.shape)
    strongest = _("strongest {value} at row {row}, column {column}").format(
        value=number(float(one[row, column])), row=int(row), column=int(column)
    )
    mean = _("mean {value}").format(value=number(float(one.mean())))
    return f"<b>{noun} {n}</b> · {quantity}<br>{strongest}<br>{mean}"


def mark(figure: go.Figure, tiles: Values, grid: Grid, kind: str, limits: Limits) -> None:
    """Say in ink what colour can't: tiles that are zero everywhere, and tiles that are no numbers."""
    broken = [i for i, tile in enumerate(tiles) if not np.isfinite(tile).all()]
    quiet = [i for i, tile in enumerate(tiles) if not tile.any()]
    if broken:
        _cross(figure, grid, broken)
    if quiet:
        _zero(figure, grid, quiet, text_on(tokens.SCALE[kind].colour(0.0, limits)))


def _cross(figure: go.Figure, grid: Grid, broken: Sequence[int]) -> None:
    boxes = [grid.box(index) for index in broken]
    strokes = [[(left, top), (right, bottom)] for left, top, right, bottom in boxes]
    strokes += [[(left, bottom), (right, top)] for left, top, right, bottom in boxes]
    figure.add_trace(base.lines(strokes, tokens.LINE, 1))
    places = [grid.centre(index) for index in broken]
    figure.add_trace(base.words_at([x for x, _y in places], [y for _x, y in places], ["NaN"] * len(broken)))


def _zero(figure: go.Figure, grid: Grid, quiet: Sequence[int], ink: str) -> None:
    inset = min(grid.width, grid.height) * 0.08
    boxes = []
    for index in quiet:
        left, top, right, bottom = grid.box(index)
        boxes.append(base.corners(left + inset, top + inset, right - inset, bottom - inset))
    figure.add_trace(base.lines(boxes, tokens.MAT, 3))
    places = [grid.centre(index) for index in quiet]
    zero = base.words_at([x for x, _y in places], [y for _x, y in places], ["0"] * len(quiet))
    figure.add_trace(zero.update(textfont={"color": ink, "size": 12}))


def label(figure: go.Figure, grid: Grid, numbers: Sequence[int], labels: LabelPlace) -> None:
    """Number the tiles: each over its corner, or the first of each row at its left."""
    if labels == "none":
        return
    chosen = range(0, grid.count, grid.columns if labels == "row" else 1)
    words = [str(numbers[index]) for index in chosen]
    boxes = [grid.box(index) for index in chosen]
    if labels == "row":
        xs, ys = [left - 0.3 for left, *_rest in boxes], [(top + bottom) / 2 for _l, top, _r, bottom in boxes]
        figure.add_trace(base.words_at(xs, ys, words, textposition="middle left", textfont={"size": 12}))
        return
    xs, ys = [left for left, *_rest in boxes], [top - grid.lead / 2 for _left, top, *_rest in boxes]
    figure.add_trace(base.words_at(xs, ys, words, textposition="middle right", textfont={"size": 12}))
