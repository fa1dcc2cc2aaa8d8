"""Moments of a training, walked inside the figure: one frame a moment, with a play button, no round trip."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import plotly.graph_objects as go

from components import raster, tokens
from components.figures import base, maps
from components.figures.base import Limits, Values
from components.figures.contract import Drawn, Words, finish
from components.figures.mosaic import CELL_CAP, Grid, LabelPlace, assemble, even_columns, label, plan
from components.figures.playing import play, slider
from components.figures.scrubber import MOST_PIXELS
from components.raster import Pixels
from components.text import _
from explain.activations import pool_strongest

BUTTONS, SLIDER = 40, 62
PACE = 400
"""Milliseconds that playing stays at a moment."""


@dataclass(frozen=True, eq=False)
class Film:
    """What is walked: `tiles` (T, n, h, w) with the `numbers` of the n tiles, and what is said of each moment.

    `limits` are the ends of the colours at each moment, the same T times where all are on one scale. Over `picture`
    (H, W, 3) one tile is drawn in the ink of its quantity. `noun` names a tile on hover.
    """

    tiles: Values
    numbers: Sequence[int]
    kind: str
    limits: Sequence[Limits]
    said: Sequence[str]
    quantity: str
    noun: str = ""
    picture: Pixels | None = None
    columns: int | None = None
    labels: LabelPlace = "none"  # each text is laid out anew at every step
    notes: Sequence[str] = field(default=())

    def __post_init__(self) -> None:
        """Refuse a film whose parts don't agree. Raises ValueError."""
        shape, moments = np.shape(self.tiles), len(self.said)
        if len(shape) != 4 or shape[:2] != (moments, len(self.numbers)) or not moments or not shape[1]:
            raise ValueError(
                f"tiles: expected ({moments}, {len(self.numbers)}, h, w) and at least one of each, got {shape}; "
                "give every moment its words and every tile its number"
            )
        if len(self.limits) != moments:
            raise ValueError(f"limits: expected {moments}, one for each moment, got {len(self.limits)}")

    def grid(self, width: int) -> Grid:
        """Lay the tiles out for a figure so wide."""
        tall, wide = self.tiles.shape[2:]
        return plan(
            (tall, wide), len(self.numbers), self.columns or even_columns(len(self.numbers)), width, self.labels
        )


def film(shown: Film, words: Words, *, start: int = 0, cap: float = CELL_CAP, width: int = 640) -> Drawn:
    """Draw the moment `start` with a slider over all of them and a button that plays them."""
    shown, factor = _small(shown)
    figure = _over_picture(shown, start, width) if shown.picture is not None else _mosaic(shown, start, cap, width)
    walk(figure, [[_frame(shown, at, width)] for at in range(len(shown.said))], shown.said, start)
    alt = _("{n} moments, one at a time; shown first: {first}; values from {span}.").format(
        n=len(shown.said), first=shown.said[start], span=base.span(shown.tiles)
    )
    pooled = _("While walking, each cell shows the strongest of {k}\u00d7{k} values.").format(k=factor)
    return finish(figure, words, alt, pooled if factor > 1 else "", *shown.notes)


def walk(
    figure: go.Figure,
    frames: Sequence[Sequence[dict[str, Any]]],
    said: Sequence[str],
    start: int,
    traces: Sequence[int] = (0,),
) -> None:
    """Give a figure moments, what is said of each, a slider over them and the play button.

    Each moment has what changes of every one of `traces`.
    """
    below = figure.layout.margin.b
    figure.update_layout(height=figure.layout.height + SLIDER + BUTTONS, margin_b=below + SLIDER + BUTTONS)
    figure.frames = [{"name": f"{at}", "data": list(data), "traces": list(traces)} for at, data in enumerate(frames)]
    figure.update_layout(sliders=[slider(said, start, below - 4)], updatemenus=[play(below + SLIDER - 6, PACE)])


def _small(shown: Film) -> tuple[Film, int]:
    """Pool the tiles until a moment has at most as many cells as a scrubbed channel, which is what a step costs."""
    side, cells = max(shown.tiles.shape[2:]), int(np.prod(shown.tiles.shape[1:]))
    factor = math.ceil(math.sqrt(cells / MOST_PIXELS**2))
    if factor <= 1:
        return shown, 1
    pooled = [pool_strongest(np.moveaxis(one, 0, -1), -(-side // factor))[0] for one in shown.tiles]
    return replace(shown, tiles=np.moveaxis(np.stack(pooled), -1, 1)), factor


def _mosaic(shown: Film, start: int, cap: float, width: int) -> go.Figure:
    grid = shown.grid(width)
    figure = base.canvas(grid.shape[0], grid.shape[1], width, mat=True, cap=cap)
    names = assemble(np.broadcast_to(np.array(shown.numbers)[:, None, None], shown.tiles.shape[1:]), grid)
    figure.add_trace(
        base.heatmap(
            assemble(shown.tiles[start], grid),
            shown.kind,
            shown.limits[start],
            colorbar=base.colour_bar(shown.quantity, shown.limits[start]),
            customdata=names,
            hovertemplate=f"{shown.noun} %{{customdata}}<br>{shown.quantity} %{{z:.3g}}<extra></extra>",
            hoverongaps=False,
        )
    )
    label(figure, grid, list(shown.numbers), shown.labels)
    return figure


def _over_picture(shown: Film, start: int, width: int) -> go.Figure:
    assert shown.picture is not None
    size = (shown.picture.shape[0], shown.picture.shape[1])
    figure = base.canvas(size[0], size[1], width, mat=True, cap=width)
    base.place_picture(figure, raster.grey(shown.picture), *size)
    trace = maps.map_trace(shown.tiles[start, 0], shown.kind, shown.limits[start], shown.quantity, size)
    figure.add_trace(trace.update(colorscale=tokens.overlay_scale(shown.kind), showscale=False))
    ends = {"tickvals": [0, 1], "ticktext": ["0", _("largest")]}
    figure.add_trace(
        base.bar_only(tokens.overlay_bar(shown.kind), base.wrapped(figure, shown.quantity), (0, 1), **ends)
    )
    return figure


def _frame(shown: Film, at: int, width: int) -> dict[str, Any]:
    """Only what differs from the first moment: the values, and their range where each has its own."""
    values = shown.tiles[at, 0] if shown.picture is not None else assemble(shown.tiles[at], shown.grid(width))
    low, high = shown.limits[at]
    return {"type": "heatmap", "z": np.asarray(values, np.float32), "zmin": low, "zmax": high}
