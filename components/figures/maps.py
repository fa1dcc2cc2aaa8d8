"""One map large: on its own, or over the picture it belongs to, with each cell over its own part of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from components import raster, tokens
from components.figures import base
from components.figures.base import Limits, Values
from components.figures.contract import Drawn, Words, finish
from components.raster import Pixels, natural_limits
from components.text import _, column

NDBool = NDArray[np.bool_]
Segments = list[list[tuple[float, float]]]
MOST_MARKERS = 1024
MOST_STROKES = 1500
TOP_SHARE = 0.1


def cell_places(count: int, extent: float) -> Values:
    """Centres of `count` cells spread over `extent` pixels by half pixels: 7 over 224 gives 15.5, 47.5, ..."""
    return (np.arange(count) + 0.5) * extent / count - 0.5


def one_map(
    values: Values,
    kind: str,
    words: Words,
    *,
    quantity: str,
    limits: Limits | None = None,
    picture: Pixels | None = None,
    clickable: bool = False,
    cell: tuple[int, int] | None = None,
    box: tuple[float, float, float, float] | None = None,
    window: tuple[float, float, float, float] | None = None,
    width: int = 480,
) -> Drawn:
    """Draw a map (h, w) of a quantity; over `picture` (H, W, 3) in grey when given.

    `cell` (row, column) is framed, and `box` (left, top, right, bottom) in pixels; `window`, likewise, is the part to
    zoom to. With `clickable` a click reports ("cell", row, column).
    """
    values = np.asarray(values, dtype=np.float32)
    limits = limits or natural_limits(values, kind)
    rows, columns = values.shape if picture is None else picture.shape[:2]
    figure = base.canvas(rows, columns, width, mat=True, cap=width)
    if picture is not None:
        base.place_picture(figure, raster.grey(picture), rows, columns)
    draw_map(figure, values, kind, limits, quantity, (rows, columns), over=picture is not None, hover=not clickable)
    if clickable:
        figure.add_trace(cell_markers(values, rows, columns, quantity))
    if cell is not None:
        base.frame(figure, *cell_box(cell, values.shape, rows, columns))
    if box is not None:
        base.frame(figure, *(edge - 0.5 for edge in box))
    if window is not None:
        left, top, right, bottom = window
        figure.update_xaxes(range=[left - 0.5, right - 0.5]).update_yaxes(range=[bottom - 0.5, top - 0.5])
    alt = _("A map of {h} by {w} cells; {quantity} from {span}.").format(
        h=values.shape[0], w=values.shape[1], quantity=quantity, span=base.span(values)
    )
    return finish(figure, words, alt, base.clipped_note(values, limits))


def draw_map(
    figure: go.Figure,
    values: Values,
    kind: str,
    limits: Limits,
    quantity: str,
    size: tuple[float, float],
    *,
    over: bool,
    hover: bool = True,
    measure: str = "",
    **bar: Any,
) -> None:
    """Add a map over `size` (rows, columns) of pixels with its colour bar; `over` a picture it is drawn in one ink.

    `quantity` names a value on hover, and on the colour bar too unless `measure` does.
    """
    inked = over and kind in tokens.INKS
    trace = map_trace(values, kind, limits, quantity, size)
    quantity = base.wrapped(figure, measure or quantity)
    trace.opacity = 0.5 if over and not inked else 1.0
    if not hover:
        trace.update(hoverinfo="skip", hovertemplate=None)
    if inked:
        ink_over(figure, trace, kind, quantity, limits, **bar)
    else:
        trace.update(colorbar=base.colour_bar(quantity, limits, **bar), showscale=True)
        figure.add_trace(trace)
    say_empty(figure, values, *size)


def ink_over(figure: go.Figure, trace: go.Heatmap, kind: str, quantity: str, limits: Limits, **bar: Any) -> None:
    """Add a map in the ink of its quantity, with a colour bar that shows the ink on a paled picture."""
    figure.add_trace(trace.update(colorscale=tokens.overlay_scale(kind), showscale=False))
    figure.add_trace(base.bar_only(tokens.overlay_bar(kind), quantity, limits, **bar))


def map_trace(values: Values, kind: str, limits: Limits, quantity: str, size: tuple[float, float]) -> go.Heatmap:
    """The heatmap of a map placed by half pixels over `size` (rows, columns); raw values on hover."""
    height, width = values.shape
    trace = base.heatmap(values, kind, limits, name=quantity, showscale=False, hoverongaps=True)
    trace.update(x=cell_places(width, size[1]), y=cell_places(height, size[0]))
    where = _("row %{y:.0f}, column %{x:.0f}")
    if (height, width) != tuple(size):
        where = _("cell row %{customdata[0]}, column %{customdata[1]}")
        trace.customdata = np.moveaxis(np.indices((height, width)), 0, -1)
    trace.hovertemplate = f"{where}<br>{quantity} %{{z:.3g}}<extra></extra>"
    return trace


def cell_markers(values: Values, rows: float, columns: float, quantity: str) -> go.Scatter:
    """Markers over the cells of a map; on a fine map one stands for a block, and reports its strongest cell."""
    height, width = values.shape
    step = 1
    while -(-height // step) * -(-width // step) > MOST_MARKERS:
        step += 1
    row, column = strongest_of_blocks(values, step)
    top, left = np.mgrid[0:height:step, 0:width:step]
    tall, wide = np.minimum(step, height - top), np.minimum(step, width - left)
    xs = (left + wide / 2) * columns / width - 0.5
    ys = (top + tall / 2) * rows / height - 0.5
    said = zip(row.ravel().tolist(), column.ravel().tolist(), values[row, column].ravel().tolist(), strict=True)
    markers = base.click_markers(xs.ravel().tolist(), ys.ravel().tolist(), [("cell", *one) for one in said], [])
    where = _("row {row}, column {column}").format(row="%{customdata[1]}", column="%{customdata[2]}")
    markers.hovertemplate = f"{where}<br>{quantity} %{{customdata[3]:.3g}}<extra></extra>"
    return markers


def strongest_of_blocks(values: Values, step: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row and column of the greatest |value| in each block of `step` by `step` cells; NaN counts as 0."""
    height, width = values.shape
    down, across = -(-height // step), -(-width // step)
    size = np.full((down * step, across * step), -1.0)
    size[:height, :width] = np.abs(np.nan_to_num(values))
    blocks = size.reshape(down, step, across, step).transpose(0, 2, 1, 3).reshape(down, across, step * step)
    inside = blocks.argmax(axis=-1)
    top, left = np.mgrid[0:height:step, 0:width:step]
    return top + inside // step, left + inside % step


def cell_box(cell: tuple[int, int], shape: tuple[int, ...], rows: float, columns: float) -> tuple[float, ...]:
    """Left, top, right, bottom of a cell of a (h, w) map over `rows` by `columns` pixels."""
    row, column = cell
    tall, wide = rows / shape[0], columns / shape[1]
    return column * wide - 0.5, row * tall - 0.5, (column + 1) * wide - 0.5, (row + 1) * tall - 0.5


def say_empty(figure: go.Figure, values: Values, rows: float, columns: float) -> None:
    """Say it in words where colour would leave a blank: a map of NaN, or of zeros."""
    if np.isfinite(values).any() and np.nan_to_num(values).any():
        return
    right, bottom = columns - 0.5, rows - 0.5
    word = _("0 everywhere") if np.isfinite(values).any() else "NaN"
    if word == "NaN":
        strokes = [[(-0.5, -0.5), (right, bottom)], [(-0.5, bottom), (right, -0.5)]]
        figure.add_trace(base.lines(strokes, tokens.LINE, 1))
    figure.add_annotation(
        x=(columns - 1) / 2,
        y=(rows - 1) / 2,
        text=word,
        showarrow=False,
        font={"color": tokens.INK, "size": 14},
        bgcolor=tokens.MAT,
        borderpad=6,
    )


def top_mask(values: Values, share: float = TOP_SHARE) -> NDBool:
    """The strongest `share` of the cells by |value|, zeros never among them; (h, w) bool."""
    size = np.abs(np.nan_to_num(np.asarray(values, dtype=np.float64)))
    keep = max(1, round(share * size.size))
    threshold = np.sort(size, axis=None)[-keep]
    mask: NDBool = (size >= threshold) & (size > 0)
    return mask


def outline(mask: NDBool) -> Segments:
    """The border of a mask along cell edges, straight runs joined, in cell coordinates."""
    horizontal = np.diff(np.pad(mask, ((1, 1), (0, 0))).astype(np.int8), axis=0) != 0
    vertical = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1) != 0
    strokes = [[(start - 0.5, y - 0.5), (stop - 0.5, y - 0.5)] for y, start, stop in _runs(horizontal)]
    return strokes + [[(x - 0.5, start - 0.5), (x - 0.5, stop - 0.5)] for x, start, stop in _runs(vertical.T)]


def _runs(lines: NDBool) -> list[tuple[int, int, int]]:
    edges = np.diff(np.pad(lines, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    starts, stops = np.argwhere(edges == 1), np.argwhere(edges == -1)
    return [(int(line), int(start), int(stop)) for (line, start), (_line, stop) in zip(starts, stops, strict=True)]


def stretch(segments: Segments, shape: tuple[int, ...], rows: float, columns: float) -> Segments:
    """Move lines from the cells of a (h, w) map to the `rows` by `columns` pixels it covers."""
    tall, wide = rows / shape[0], columns / shape[1]
    return [[((x + 0.5) * wide - 0.5, (y + 0.5) * tall - 0.5) for x, y in segment] for segment in segments]


HALO = ", ".join(["0 0 3px white"] * 3)


def cell_words(values: Values, rows: float, columns: float) -> go.Scatter:
    """Each cell's number in it, all with the same decimals, with a halo that keeps it readable on a photo."""
    height, width = values.shape
    ys, xs = np.meshgrid(cell_places(height, rows), cell_places(width, columns), indexing="ij")
    written = column(values.ravel(), 3 if np.abs(np.nan_to_num(values)).max(initial=0.0) >= 1 else 2)
    font = {"color": tokens.INK, "size": 12, "shadow": HALO}
    return base.words_at(xs.ravel().tolist(), ys.ravel().tolist(), written, textfont=font)
