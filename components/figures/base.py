"""What all figures share: the quiet frame, picture axes, the colour bar, markers that take clicks, images."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from components import raster, tokens
from components.raster import Pixels
from components.text import _, number, percent

Limits = tuple[float, float]
Values = NDArray[Any]

MARGIN = 8
BAR_ROOM = 58
SHARP, SHARPER = 64, 12
CHARACTER = 6.4
LINE_HEIGHT = 16
HOVER = {"hovermode": "closest", "hoverdistance": 400}

_TEMPLATE = go.layout.Template(layout={"hoverlabel": {"font": {"family": tokens.MONO, "size": 13}}})

_AXIS = {"tickfont": {"size": 12, "color": tokens.TEXT}, "title": {"font": {"size": 12, "color": tokens.TEXT}}}


@cache
def _ground(picture: bool) -> go.Layout:
    """What all figures share, built once: Plotly checks a layout for 20 ms, but copies a checked one in 2."""
    figure = go.Figure()
    figure.update_layout(
        template=_TEMPLATE,
        paper_bgcolor=tokens.CLEAR,
        plot_bgcolor=tokens.CLEAR,
        margin={"l": 0, "r": 0, "t": MARGIN, "b": MARGIN, "pad": 0},
        hoverlabel={"font": {"family": tokens.MONO, "size": 13}},
        modebar={"bgcolor": tokens.CLEAR, "color": tokens.LINE, "activecolor": tokens.ACCENT},
        dragmode=False,
        showlegend=False,
        font={"size": 12, "color": tokens.TEXT},
        xaxis=_AXIS,
        yaxis=_AXIS,
    )
    if picture:
        common = {"visible": False, "showgrid": False, "zeroline": False, "constrain": "domain"}
        figure.update_xaxes(**common)
        figure.update_yaxes(scaleanchor="x", constraintoward="bottom", **common)
        figure.update_layout(**HOVER)
    return figure.layout


def blank(width: int, height: int, **layout: Any) -> go.Figure:
    """A figure with a transparent ground and no furniture, `width` by `height` pixels."""
    figure = go.Figure(layout=_ground(False))
    figure.update_layout(width=width, height=height, **layout)
    return figure


def canvas(
    rows: float,
    columns: float,
    width: int,
    *,
    bar: bool = True,
    mat: bool = False,
    cap: float = 32,
    below: int = BAR_ROOM,
) -> go.Figure:
    """A figure cut to fit a picture of `rows` by `columns` cells: no blank bands.

    `cap` is the largest cell in pixels; `below` the room for a colour bar.
    """
    width = round(min(width, columns * cap))
    below = below if bar else MARGIN
    figure = go.Figure(layout=_ground(True))
    layout = figure.layout
    layout.width, layout.height = max(width, 160), math.ceil(width * rows / columns) + MARGIN + below
    layout.margin.b = below
    layout.xaxis.range, layout.yaxis.range = [-0.5, columns - 0.5], [rows - 0.5, -0.5]
    if mat:
        layout.plot_bgcolor = tokens.MAT_VEIL
    return figure


def place_picture(figure: go.Figure, picture: Pixels | bytes, rows: float, columns: float, **more: Any) -> None:
    """Lay a picture under the traces so that it fills cells 0 to `rows` - 1 and 0 to `columns` - 1 exactly.

    A picture of few pixels is enlarged first: a browser would blur them, and its pixels are the point.
    """
    if not isinstance(picture, bytes) and max(picture.shape[:2]) <= SHARP:
        picture = picture.repeat(SHARPER, axis=0).repeat(SHARPER, axis=1)
    figure.add_layout_image(
        source=raster.data_uri(picture),
        xref="x",
        yref="y",
        x=-0.5,
        y=-0.5,
        xanchor="left",
        yanchor="top",
        sizex=columns,
        sizey=rows,
        sizing="stretch",
        layer="below",
        **more,
    )


def ticks(limits: Limits) -> tuple[list[float], list[str]]:
    """Places and labels of a colour bar: both ends, and zero where it lies between them."""
    low, high = limits
    places = [low, 0.0, high] if low < 0 < high else [low, high]
    return places, [number(float(place), strip=True) for place in places]


def colour_bar(title: str, limits: Limits, **more: Any) -> dict[str, Any]:
    """One colour bar, horizontal under the picture; ends and zero labelled. `title` is quantity and unit."""
    places, labels = ticks(limits)
    return {
        "orientation": "h",
        "x": 0.5,
        "xanchor": "center",
        "y": 0,
        "yanchor": "top",
        "len": 0.86,
        "thickness": 10,
        "ypad": 8,
        "outlinewidth": 0,
        "tickmode": "array",
        "tickvals": places,
        "ticktext": labels,
        "ticks": "outside",
        "ticklen": 3,
        "tickfont": {"size": 12, "color": tokens.TEXT},
        "title": {"text": title, "side": "top", "font": {"size": 12, "color": tokens.TEXT}},
        **more,
    }


def wrapped(figure: go.Figure, title: str) -> str:
    """Break a colour bar's title where the figure is too narrow for it, and make room for the lines."""
    lines = textwrap.wrap(title, max(20, round(figure.layout.width / CHARACTER)))
    more = LINE_HEIGHT * (len(lines) - 1)
    figure.update_layout(height=figure.layout.height + more, margin_b=figure.layout.margin.b + more)
    return "<br>".join(lines)


def heatmap(values: Values, kind: str, limits: Limits, **more: Any) -> go.Heatmap:
    """A heatmap with explicit colours, unsmoothed; NaN cells stay open."""
    return go.Heatmap(
        z=np.asarray(values, dtype=np.float32),
        colorscale=tokens.SCALE[kind].colorscale,
        zmin=limits[0],
        zmax=limits[1],
        zsmooth=False,
        **more,
    )


def bar_only(colorscale: Any, title: str, limits: Limits, **more: Any) -> go.Scatter:
    """A colour bar without a picture of its own: for overlays, whose clear end would show the page's ground."""
    marker = {"color": [limits[0]], "colorscale": colorscale, "cmin": limits[0], "cmax": limits[1], "opacity": 0}
    bar = go.Scatter(x=[None], y=[None], mode="markers", marker=marker, hoverinfo="skip", showlegend=False, name="")
    bar.marker.update(showscale=True, colorbar=colour_bar(title, limits, **more))
    return bar


def clipped_note(values: Values, limits: Limits) -> str:
    """Say what share of the values lies outside the colours, "" if none does."""
    finite = np.asarray(values)[np.isfinite(values)]
    slack = 1e-6 * (limits[1] - limits[0])
    share = float(((finite < limits[0] - slack) | (finite > limits[1] + slack)).mean()) if finite.size else 0.0
    return _("{share} of the values lie outside the colour range.").format(share=percent(share)) if share else ""


def click_markers(
    xs: Sequence[float], ys: Sequence[float], data: Sequence[Sequence[Any]], hover: Sequence[str]
) -> go.Scatter:
    """Invisible markers that take hover and clicks: a heatmap reports no click to Python.

    They are small on purpose: the chart takes the nearest centre, so a tile answers on its whole area at any width.
    """
    unseen = {"marker": {"opacity": 0}}
    return go.Scatter(
        x=list(xs),
        y=list(ys),
        mode="markers",
        marker={"symbol": "square", "size": 8, "opacity": 0, "color": tokens.ACCENT},
        selected=unseen,
        unselected=unseen,
        customdata=[list(item) for item in data],
        hovertext=list(hover),
        hovertemplate="%{hovertext}<extra></extra>",
        name="click",
        showlegend=False,
        cliponaxis=False,
    )


def lines(segments: Sequence[Sequence[tuple[float, float]]], colour: str, width: float, **more: Any) -> go.Scatter:
    """Many polylines, (x, y) each, as one trace."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for segment in segments:
        for x, y in segment:
            xs.append(x)
            ys.append(y)
        xs.append(None)
        ys.append(None)
    line = {"color": colour, "width": width, **more}
    return go.Scatter(x=xs, y=ys, mode="lines", line=line, hoverinfo="skip", showlegend=False, name="")


def words_at(xs: Sequence[float], ys: Sequence[float], words: Sequence[str], **more: Any) -> go.Scatter:
    """Many short texts as one trace; `more` sets textposition and, on data only, textfont."""
    return go.Scatter(x=list(xs), y=list(ys), text=list(words), mode="text", hoverinfo="skip", name="", **more)


def frame(figure: go.Figure, left: float, top: float, right: float, bottom: float) -> None:
    """Mark a tile or a box in two tones, white under ink, so that it stands out on any colour."""
    box = {"type": "rect", "x0": left, "y0": top, "x1": right, "y1": bottom, "fillcolor": tokens.CLEAR}
    figure.add_shape(**box, line={"color": tokens.WHITE, "width": 4})
    figure.add_shape(**box, line={"color": tokens.INK, "width": 2})


def corners(left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
    """The outline of a rectangle as one closed line."""
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]


def span(values: Values) -> str:
    """The range of a map in words, for a text alternative."""
    finite = np.asarray(values)[np.isfinite(values)]
    if not finite.size:
        return "no finite value"
    return f"{number(float(finite.min()))} to {number(float(finite.max()))}"
