"""Cells with numbers over the picture: the answer as a sum, and what covering a square does."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from components import raster, tokens
from components.figures import base, maps
from components.figures.base import Values
from components.figures.contract import Drawn, Words, finish
from components.raster import Pixels, natural_limits
from components.text import _, number, percent, short

NARROWEST = 36
END_ROOM = 18


def sum_cells(
    cells: Values,
    picture: Pixels,
    words: Words,
    *,
    bias: float,
    total: float,
    names: tuple[str, str | None],
    cell: tuple[int, int] | None = None,
    width: int = 420,
) -> Drawn:
    """Draw signed contributions (h, w) to a logit, or to the difference of two, over the picture.

    `names` are the class and, for a difference, the other one. Clicks report ("cell", row, column).
    """
    cells = np.asarray(cells, dtype=np.float32)
    name, other = names
    kind = "attribution_signed" if other is None else "difference"
    limits = natural_limits(cells, kind)
    rows, columns = picture.shape[:2]
    figure = base.canvas(rows, columns, width, cap=width)
    base.place_picture(figure, raster.grey(picture), rows, columns)
    quantity = _("logit per cell") if other is None else _("logit difference per cell")
    maps.draw_map(figure, cells, kind, limits, quantity, (rows, columns), over=True, hover=False)
    name_ends(figure, (_("against"), _("for")) if other is None else (other, name))
    if width / cells.shape[1] >= NARROWEST:
        figure.add_trace(maps.cell_words(cells, rows, columns))
    figure.add_trace(maps.cell_markers(cells, rows, columns, quantity))
    top = int(cells.argmax()) // cells.shape[1], int(cells.argmax()) % cells.shape[1]
    base.frame(figure, *maps.cell_box(top if cell is None else cell, cells.shape, rows, columns))
    marked = _("Framed: the cell that adds most.") if cell in (None, top) else _("Framed: the pinned cell.")
    note = _("{n} cells {cells} + bias {bias} = {total}.").format(
        n=cells.size, cells=number(total - bias), bias=number(bias), total=number(total)
    )
    alt = _("{n} cells from {span}; {note}").format(n=cells.size, span=base.span(cells), note=note)
    return finish(figure, words, alt, note, marked)


def name_ends(figure: go.Figure, names: tuple[str, str]) -> None:
    """Write what the two ends of the colours stand for under the bar, each from its own edge: long names have room."""
    below = figure.layout.margin.b + END_ROOM
    figure.update_layout(height=figure.layout.height + END_ROOM, margin_b=below)
    room = max(8, round(figure.layout.width / 2 / base.CHARACTER) - 1)
    for x, side, name in zip((0, 1), ("left", "right"), names, strict=True):
        figure.add_annotation(
            text=short(name, room),
            x=x,
            y=0,
            xref="paper",
            yref="paper",
            xanchor=side,
            yanchor="bottom",
            yshift=-below,
            showarrow=False,
            font={"size": 12, "color": tokens.TEXT},
        )


def dashed(figure: go.Figure, words: str, rows: float, columns: float) -> None:
    """Frame a picture that is not finished with dashes, and say how far it is."""
    edge = [base.corners(-0.5, -0.5, columns - 0.5, rows - 0.5)]
    figure.add_trace(base.lines(edge, tokens.WHITE, 4))
    figure.add_trace(base.lines(edge, tokens.INK, 2, dash="8px,6px"))
    figure.add_annotation(
        text=words,
        x=-0.5,
        y=-0.5,
        xanchor="left",
        yanchor="top",
        showarrow=False,
        font={"size": 12, "color": tokens.INK},
        bgcolor=tokens.MAT,
        borderpad=4,
    )


def cover_grid(
    change: Values,
    picture: Pixels,
    words: Words,
    *,
    name: str,
    before: float,
    logits: bool = False,
    width: int = 420,
) -> Drawn:
    """Draw by how many points a class's probability falls when each square is covered, (h, w), NaN where not tried.

    Orange: covering lowers it, so the square was for the answer. `before` is the probability of the whole picture;
    `change` is after minus before, as shares of 1; both are logits with `logits`. The covers that lower and raise it
    most are framed; colours span at least a point either way, so that next to nothing stays pale. Clicks report
    ("cell", row, column).
    """
    fall = (-1 if logits else -100) * np.asarray(change, dtype=np.float32)
    most = max(0.0 if logits else 1.0, natural_limits(fall, "attribution_signed")[1])
    limits = (-most, most)
    rows, columns = picture.shape[:2]
    figure = base.canvas(rows, columns, width, cap=width)
    base.place_picture(figure, raster.grey(picture), rows, columns)
    quantity = _("fall of the logit") if logits else _("fall of the probability, points")
    maps.draw_map(figure, fall, "attribution_signed", limits, quantity, (rows, columns), over=True, hover=False)
    name_ends(figure, (_("rises when covered"), _("falls when covered")))
    for at in extremes(fall, 0.0 if logits else 1.0):
        base.frame(figure, *maps.cell_box(at, fall.shape, rows, columns))
    markers = maps.cell_markers(fall, rows, columns, quantity)
    hover = [_covered(float(one), name, before, logits=logits) for one in np.ravel(change)]
    figure.add_trace(markers.update(hovertext=hover, hovertemplate="%{hovertext}<extra></extra>"))
    tried = int(np.isfinite(fall).sum())
    waiting = [(x, y) for x, y, one in zip(markers.x, markers.y, fall.ravel(), strict=True) if not np.isfinite(one)]
    if waiting:
        dots = ["\u2026"] * len(waiting)
        font = {"color": tokens.INK, "size": 20}
        figure.add_trace(base.words_at([x for x, _y in waiting], [y for _x, y in waiting], dots, textfont=font))
        dashed(figure, _("partial: {done} of {total}").format(done=tried, total=fall.size), rows, columns)
    note = _("{tried} of {n} squares covered so far.").format(tried=tried, n=fall.size) if waiting else ""
    alt = _("{tried} of {n} covers tried; {quantity}: {span}.").format(
        tried=tried, n=fall.size, quantity=quantity, span=base.span(fall)
    )
    return finish(figure, words, alt, note)


def extremes(fall: Values, least: float = 1.0) -> list[tuple[int, int]]:
    """The cells with the greatest fall and the greatest rise, (row, column), those of `least` at least, never of 0."""
    points = np.nan_to_num(fall)
    ends = ((int(points.argmax()), 1), (int(points.argmin()), -1))
    found = [at for at, sign in ends if sign * points.flat[at] > 0 and sign * points.flat[at] >= least]
    return [(at // points.shape[1], at % points.shape[1]) for at in found]


def _covered(change: float, name: str, before: float, *, logits: bool) -> str:
    if not np.isfinite(change):
        return _("not covered yet")
    if logits:
        return _("covered: logit {before} to {after}").format(before=number(before), after=number(before + change))
    return _("covered: {name} {before} to {after}").format(
        name=name, before=percent(before), after=percent(min(max(before + change, 0.0), 1.0))
    )
