"""Small grids of numbers side by side in one figure: a patch, a kernel, their products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from components import tokens
from components.colour import text_on
from components.figures import base
from components.figures.base import Limits, Values
from components.text import column

BLANK = ""


@dataclass(frozen=True)
class Spot:
    """Where a grid lies: its left and top edge and the sides of one cell, in units of the figure."""

    left: float
    top: float
    rows: int
    columns: int
    wide: float = 1.0
    high: float = 1.0

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.columns * self.wide

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.top + self.rows * self.high

    @property
    def middle(self) -> tuple[float, float]:
        """The centre, (x, y)."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def xs(self) -> Values:
        """The centres of the columns."""
        return self.left + (np.arange(self.columns) + 0.5) * self.wide

    @property
    def ys(self) -> Values:
        """The centres of the rows."""
        return self.top + (np.arange(self.rows) + 0.5) * self.high

    def box(self, row: float, column: float, rows: float = 1, columns: float = 1) -> list[tuple[float, float]]:
        """The outline of some of its cells."""
        left, top = self.left + column * self.wide, self.top + row * self.high
        return base.corners(left, top, left + columns * self.wide, top + rows * self.high)


def board(wide: float, high: float, width: int, cap: float, below: int = base.MARGIN) -> go.Figure:
    """A figure of so many units, each at most `cap` pixels."""
    figure = base.canvas(high, wide, width, bar=True, cap=cap, below=below)
    figure.update_layout(hoverdistance=20)  # beyond it the grids tell their own numbers
    figure.update_xaxes(range=[0, wide])
    figure.update_yaxes(range=[high, 0])
    return figure


def grid(spot: Spot, values: Values, kind: str, limits: Limits, said: str, **more: Any) -> go.Heatmap:
    """The colours of one grid, with every value in full on hover; NaN cells stay open."""
    hover = f"{said} %{{z}}<extra></extra>"
    trace = base.heatmap(values, kind, limits, showscale=False, hovertemplate=hover, name=said, **more)
    across = spot.left + np.arange(spot.columns + 1) * spot.wide  # edges, since one column alone has no spacing
    down = spot.top + np.arange(spot.rows + 1) * spot.high
    return trace.update(x=across, y=down, z=np.asarray(values, np.float64), xgap=1, ygap=1)


def inks(values: Values, kind: str, limits: Limits) -> list[str]:
    """Black or white for each number, by the colour under it; on an open cell the ink of the mat."""
    scale = tokens.SCALE[kind]
    return [text_on(scale.colour(float(one), limits)) if np.isfinite(one) else tokens.INK for one in np.ravel(values)]


def written(values: Values, digits: int = 3) -> list[str]:
    """The numbers of a grid with the same decimals, no more than they need; an open cell has none."""
    flat = np.ravel(np.asarray(values, np.float64))
    known = flat[np.isfinite(flat)]
    exact = next((d for d in range(3) if np.allclose(known, np.round(known, d), rtol=0, atol=1e-9)), None)
    if exact is not None and np.abs(known).max(initial=0) < 1e4:
        said = [f"{one:.{exact}f}".replace("-", "\u2212") if np.isfinite(one) and one else "0" for one in flat]
    else:
        said = column(np.where(np.isfinite(flat), flat, 0), digits)
    return [one if np.isfinite(value) else BLANK for one, value in zip(said, flat, strict=True)]


def numbers(spot: Spot, said: Sequence[str], colours: Sequence[str] | str) -> go.Scatter:
    """The numbers of one grid in its cells."""
    ys, xs = np.meshgrid(spot.ys, spot.xs, indexing="ij")
    return base.words_at(xs.ravel().tolist(), ys.ravel().tolist(), said, textfont={"color": colours, "size": 12})


def signs(places: Sequence[tuple[float, float]], words: Sequence[str], size: int = 16) -> go.Scatter:
    """Signs and names between the grids."""
    xs, ys = [x for x, _y in places], [y for _x, y in places]
    return base.words_at(xs, ys, words, textfont={"size": size})
