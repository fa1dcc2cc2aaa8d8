"""A picture that grows sharp where a map is high, scrubbed inside the figure, over the curve of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from components import raster, tokens
from components.figures import base
from components.figures.base import Values
from components.figures.contract import Drawn, Words, finish
from components.text import _, number, percent, short

CURVE = 190
SLIDER = 84
GAP = 14
SIDES = 46
LEAST = 224
"""Small pictures are enlarged in whole steps up to this, since a browser would blur them."""
BAND = "rgba(123,140,162,0.35)"


def reveal(
    levels: Values,
    scores: Values,
    low: Values,
    middle: Values,
    high: Values,
    frames: Values,
    words: Words,
    *,
    quantity: str,
    share: bool = True,
    start: int = 0,
    width: int = 420,
) -> Drawn:
    """Draw the picture at one level over the curve, with a slider over `levels` (L,) that needs no server.

    `scores` (L,) is the map's curve, `low`, `middle`, `high` (L,) the random orders' (NaN while there are none);
    `frames` (L, h, w, 3) uint8. `share` for curves from 0 to 1.
    """
    figure = _ground(frames.shape[1:3], width, share)
    addresses = [_address(frame) for frame in frames]
    figure.add_trace(go.Image(source=addresses[start], hoverinfo="skip", x0=0, y0=0, xaxis="x", yaxis="y"))
    figure.add_trace(_mark(levels, scores, start, quantity))
    _curves(figure, levels, scores, (low, middle, high), quantity)
    _name(figure, quantity)
    figure.frames = [
        {
            "name": f"{at}",
            "data": [{"type": "image", "source": addresses[at]}, {"x": [levels[at]], "y": [scores[at]]}],
            "traces": [0, 1],
        }
        for at in range(len(levels))
    ]
    figure.update_layout(sliders=[_slider(levels, scores, start, share)])
    alt = _("{quantity} at {levels}: {scores}.").format(
        quantity=quantity,
        levels=", ".join(percent(float(level)) for level in levels),
        scores=", ".join(number(float(score), 2) for score in scores),
    )
    return finish(figure, words, alt)


def _address(frame: Values) -> str:
    times = max(1, LEAST // max(frame.shape[:2]))
    return raster.data_uri(frame.repeat(times, axis=0).repeat(times, axis=1))


QUARTERS: dict[str, Any] = {"tickmode": "array", "tickvals": [0, 0.25, 0.5, 0.75, 1]}
QUARTERS["ticktext"] = [percent(share) for share in QUARTERS["tickvals"]]


def _ground(size: Sequence[int], width: int, share: bool) -> go.Figure:
    """Two pairs of axes: the picture above, the curve below, the slider under both."""
    times = max(1, LEAST // max(size))
    rows, columns = (side * times for side in size)
    tall = round(min(width, 300) * rows / columns)
    height = base.MARGIN + tall + GAP + CURVE + SLIDER
    free = height - base.MARGIN - SLIDER
    figure = base.blank(width, height, **base.HOVER)
    figure.update_layout(margin={"l": SIDES, "r": 24, "t": base.MARGIN, "b": SLIDER})
    picture = {"visible": False, "fixedrange": True, "constrain": "domain"}
    quiet = {"showgrid": False, "zeroline": False, "ticks": "outside", "ticklen": 3, "linecolor": tokens.LINE}
    font = {"tickfont": {"size": 12, "color": tokens.TEXT}, "title_font": {"size": 12, "color": tokens.TEXT}}
    figure.update_layout(
        xaxis={"range": [-0.5, columns - 0.5], **picture},
        yaxis={"range": [rows - 0.5, -0.5], "domain": [1 - tall / free, 1], "scaleanchor": "x", **picture},
        xaxis2={
            "anchor": "y2",
            "range": [-0.01, 1.01],
            **QUARTERS,
            "fixedrange": True,
            **quiet,
            **font,
        },
        yaxis2={"anchor": "x2", "domain": [0, CURVE / free], "fixedrange": True, **quiet, **font},
    )
    if share:
        figure.update_layout(yaxis2={"range": [-0.02, 1.04], **QUARTERS})
    return figure


def _name(figure: go.Figure, quantity: str) -> None:
    """Write what the curve is inside its own axes: a title beside them would cost a phone a third of the width."""
    font = {"size": 12, "color": tokens.TEXT}
    inside = {"xref": "x2 domain", "yref": "y2 domain", "x": 0.99, "y": 0.02}
    figure.add_annotation(
        text=short(quantity, 40), xanchor="right", yanchor="bottom", showarrow=False, font=font, **inside
    )


def _mark(levels: Values, scores: Values, at: int, quantity: str) -> go.Scatter:
    marker = {"size": 13, "color": tokens.FOR, "line": {"color": tokens.WHITE, "width": 2}}
    mark = go.Scatter(x=[levels[at]], y=[scores[at]], mode="markers", marker=marker, xaxis="x2", yaxis="y2")
    return mark.update(hovertemplate=f"{quantity} %{{y:.3g}}<extra></extra>", name="")


def _curves(
    figure: go.Figure, levels: Values, scores: Values, band: tuple[Values, Values, Values], quantity: str
) -> None:
    """The band of random orders with its median dashed, and the map's own curve over it."""
    below: dict[str, Any] = {"xaxis": "x2", "yaxis": "y2", "name": ""}
    low, middle, high = band
    if np.isfinite(middle).all():
        xs, ys = np.concatenate([levels, levels[::-1]]), np.concatenate([high, low[::-1]])
        none = {"width": 0}
        figure.add_trace(go.Scatter(x=xs, y=ys, fill="toself", fillcolor=BAND, line=none, hoverinfo="skip", **below))
        dash = {"color": tokens.LINE, "width": 2, "dash": "dash"}
        said = _("random orders, median") + " %{y:.3g}<extra></extra>"
        figure.add_trace(go.Scatter(x=levels, y=middle, mode="lines", line=dash, hovertemplate=said, **below))
    said = f"%{{x:.0%}} · {quantity} %{{y:.3g}}<extra></extra>"
    line = {"color": tokens.FOR, "width": 3}
    figure.add_trace(go.Scatter(x=levels, y=scores, mode="lines", line=line, hovertemplate=said, **below))


def _slider(levels: Values, scores: Values, start: int, share: bool) -> dict[str, Any]:
    jump = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}, "transition": {"duration": 0}}
    written = [percent(float(score)) if share else number(float(score)) for score in scores]
    return {
        "active": start,
        "steps": [
            {"label": f"{percent(float(level))}: {said}", "method": "animate", "args": [[f"{at}"], jump]}
            for at, (level, said) in enumerate(zip(levels, written, strict=True))
        ],
        "currentvalue": {"prefix": _("sharp") + " ", "font": {"size": 14, "color": tokens.TEXT}, "xanchor": "left"},
        "x": 0,
        "len": 1,
        "y": 0,
        "yanchor": "top",
        "pad": {"t": 24, "b": 0, "l": 0, "r": 0},
        "font": {"size": 1, "color": tokens.CLEAR},
        "ticklen": 0,
        "minorticklen": 0,
        "transition": {"duration": 0},
    }
