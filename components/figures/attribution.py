"""An attribution: over its picture, on its own, or in the notebook's jet."""

from __future__ import annotations

from typing import Literal

import numpy as np
import plotly.graph_objects as go

from components import raster, tokens
from components.figures import base, cells, maps
from components.figures.base import Limits, Values
from components.figures.contract import Drawn, Words, finish
from components.raster import Pixels, natural_limits
from components.text import _, percent

Mode = Literal["overlay", "map", "jet"]
MOST_SINGLE = 6
"""With more cells that stand alone a contour is a scatter of little boxes, which hides the map and shows no part."""


def attribution(
    result_map: Values,
    native: Values,
    picture: Pixels,
    words: Words,
    *,
    mode: Mode = "overlay",
    signed: bool = False,
    smooth: bool = False,
    quantity: str,
    measure: str = "",
    ends: tuple[str, str] | None = None,
    partial: str = "",
    kind: str | None = None,
    limits: Limits | None = None,
    contour: bool = True,
    width: int = 420,
) -> Drawn:
    """Draw a map over `picture` (H, W, 3), as native cells (h, w) or smooth (the map at the image's size).

    `mode` is "overlay" (grey picture under one ink), "map" (no picture) or "jet" (the notebook's, opacity 0.5);
    `kind` changes the colours of "map" ("grey", "viridis", "jet"). Raw values on hover. `quantity` names a value
    there, `measure` on the colour bar; `ends` name the ends of a signed map's colours; a `partial` map says so in a
    dashed frame.
    """
    values = np.asarray(result_map if smooth else native, dtype=np.float32)
    own = "attribution_signed" if signed else "attribution"
    shown = "jet" if mode == "jet" else (kind or own if mode == "map" else own)
    limits = limits or natural_limits(values, shown)
    figure = _ground(picture, mode, width)
    maps.draw_map(figure, values, shown, limits, quantity, picture.shape[:2], over=mode != "map", measure=measure)
    if ends is not None and tokens.SCALE[shown].signed:
        cells.name_ends(figure, ends)
    note = _contour(figure, values, *picture.shape[:2]) if contour and mode == "overlay" else ""
    if partial:
        cells.dashed(figure, partial, *picture.shape[:2])
    alt = _("Map over a picture of {w} by {h} pixels; {quantity} from {span}; strongest at {where}.").format(
        w=picture.shape[1], h=picture.shape[0], quantity=quantity, span=base.span(values), where=_where(values)
    )
    return finish(figure, words, alt, note, base.clipped_note(values, limits))


def _ground(picture: Pixels, mode: Mode, width: int) -> go.Figure:
    rows, columns = picture.shape[:2]
    figure = base.canvas(rows, columns, width, mat=True, cap=width)
    if mode != "map":
        ground = raster.as_rgb(picture) if mode == "jet" else raster.grey(picture)
        base.place_picture(figure, ground, rows, columns)
    return figure


def _contour(figure: go.Figure, values: Values, rows: float, columns: float) -> str:
    """Draw the border of the strongest tenth, unless it is scattered; return what the caption says of it."""
    mask = maps.top_mask(values)
    if not mask.any():
        return ""
    strokes = maps.outline(mask)
    if len(strokes) > maps.MOST_STROKES or _single(mask) > MOST_SINGLE:
        return _("No contour: the strongest tenth is scattered over the picture.")
    strokes = maps.stretch(strokes, values.shape, rows, columns)
    figure.add_trace(base.lines(strokes, tokens.WHITE, 3.5))
    figure.add_trace(base.lines(strokes, tokens.INK, 1.5))
    said = _("The contour holds the strongest {share} of the map.").format(share=percent(float(mask.mean())))
    return said if not (values < 0).any() else said + " " + _("It takes both signs.")


def _single(mask: maps.NDBool) -> int:
    """Count the cells that stand alone, without a marked neighbour on any side."""
    padded = np.pad(mask, 1)
    beside = padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]
    return int((mask & ~beside).sum())


def _where(values: Values) -> str:
    size = np.abs(np.nan_to_num(values))
    row, column = np.unravel_index(int(size.argmax()), size.shape)
    return _("row {row} of {rows}, column {column} of {columns}").format(
        row=int(row), rows=size.shape[0], column=int(column), columns=size.shape[1]
    )
