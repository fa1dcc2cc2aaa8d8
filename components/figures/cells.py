"""Cells with numbers over the picture: the answer as a sum, and what covering a square does."""

from __future__ import annotations

import numpy as np

from components import raster, tokens
from components.figures import base, maps
from components.figures.base import Values
from components.figures.contract import Drawn, Words, finish
from components.raster import Pixels, natural_limits
from components.text import _, number, percent, short

NARROWEST = 36


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
    figure = base.canvas(rows, columns, width, cap=width, below=base.BAR_ROOM + 18)
    base.place_picture(figure, raster.grey(picture), rows, columns)
    quantity = _("logit per cell") if other is None else _("logit difference per cell")
    ends = (_("against"), _("for")) if other is None else (short(other, 16), short(name, 16))
    maps.draw_map(figure, cells, kind, limits, quantity, (rows, columns), over=True, hover=False, **_ends(limits, ends))
    if width / cells.shape[1] >= NARROWEST:
        figure.add_trace(maps.cell_words(cells, rows, columns))
    figure.add_trace(maps.cell_markers(cells, rows, columns, quantity))
    if cell is not None:
        base.frame(figure, *maps.cell_box(cell, cells.shape, rows, columns))
    note = _("{n} cells {cells} + bias {bias} = {total}.").format(
        n=cells.size, cells=number(total - bias), bias=number(bias), total=number(total)
    )
    alt = _("{n} cells from {span}; {note}").format(n=cells.size, span=base.span(cells), note=note)
    return finish(figure, words, alt, note)


def _ends(limits: base.Limits, names: tuple[str, str]) -> dict[str, list[str]]:
    places, labels = base.ticks(limits)
    said = [f"{labels[0]}<br>{names[0]}", *labels[1:-1], f"{labels[-1]}<br>{names[1]}"]
    return {"tickvals": places, "ticktext": said}  # type: ignore[dict-item]


def cover_grid(change: Values, picture: Pixels, words: Words, *, name: str, before: float, width: int = 420) -> Drawn:
    """Draw how a class's probability falls when each square is covered, (h, w), NaN where not tried yet.

    Orange: covering lowers it, so the square was for the answer. `before` is the probability of the whole picture;
    `change` is after minus before. Clicks report ("cell", row, column).
    """
    fall = -np.asarray(change, dtype=np.float32)
    limits = natural_limits(fall, "attribution_signed")
    rows, columns = picture.shape[:2]
    figure = base.canvas(rows, columns, width, cap=width, below=base.BAR_ROOM + 18)
    base.place_picture(figure, raster.grey(picture), rows, columns)
    quantity = _("fall of the probability")
    ends = _ends(limits, (_("rises"), _("falls")))
    maps.draw_map(figure, fall, "attribution_signed", limits, quantity, (rows, columns), over=True, hover=False, **ends)
    markers = maps.cell_markers(fall, rows, columns, quantity)
    hover = [_covered(float(one), name, before) for one in np.ravel(change)]
    figure.add_trace(markers.update(hovertext=hover, hovertemplate="%{hovertext}<extra></extra>"))
    tried = int(np.isfinite(fall).sum())
    waiting = [(x, y) for x, y, one in zip(markers.x, markers.y, fall.ravel(), strict=True) if not np.isfinite(one)]
    if waiting:
        dots = ["\u2026"] * len(waiting)
        font = {"color": tokens.INK, "size": 20}
        figure.add_trace(base.words_at([x for x, _y in waiting], [y for _x, y in waiting], dots, textfont=font))
    note = _("{tried} of {n} squares covered so far.").format(tried=tried, n=fall.size) if waiting else ""
    alt = _("{tried} of {n} covers tried; the probability falls by {span}.").format(
        tried=tried, n=fall.size, span=base.span(fall)
    )
    return finish(figure, words, alt, note)


def _covered(change: float, name: str, before: float) -> str:
    if not np.isfinite(change):
        return _("not covered yet")
    return _("covered: {name} {before} to {after}").format(
        name=name, before=percent(before), after=percent(min(max(before + change, 0.0), 1.0))
    )
