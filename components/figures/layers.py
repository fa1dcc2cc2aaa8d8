"""The network as a drawing: a bar a layer, as high as its maps and as wide as its channels, both in logarithms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from components import tokens
from components.figures import base
from components.figures.contract import Drawn, Words, finish
from components.text import _

HEIGHT = 260
MERGES = ("add", "concat")
EDGE = 2
"""Room at both ends for the frame and the caret of the first and the last layer."""


@dataclass(frozen=True)
class Bar:
    """One layer: `size` the rows of its maps (1 behind the last), `channels` its channels or units."""

    name: str
    kind: str
    size: int
    channels: int
    detail: str = ""


def layer_drawing(layers: Sequence[Bar], words: Words, *, current: str | None = None, width: int = 960) -> Drawn:
    """Draw the layers in graph order, coloured by kind; where branches meet, a cross. Clicks report ("layer", name).

    Raises ValueError without layers.
    """
    if not layers:
        raise ValueError("layers: expected at least one layer, got none; open a model first")
    figure = base.blank(width, HEIGHT, **base.HOVER)
    figure.update_layout(barmode="overlay", margin={"l": 6, "r": 6, "t": 30, "b": 8}, showlegend=True, legend=_legend())
    places = _places(layers)
    figure.update_xaxes(range=[-EDGE, places[-1][0] + places[-1][1] / 2 + EDGE], visible=False, fixedrange=True)
    figure.update_yaxes(range=[-5.4, 5.0], visible=False, fixedrange=True)
    for kind in dict.fromkeys(layer.kind for layer in layers):
        chosen = [index for index, layer in enumerate(layers) if layer.kind == kind]
        figure.add_trace(_kind(kind, [layers[i] for i in chosen], [places[i] for i in chosen]))
    merged = [index for index, layer in enumerate(layers) if layer.kind in MERGES]
    if merged:
        marks = go.Scatter(x=[places[i][0] for i in merged], y=[_height(layers[i].size) / 2 + 0.45 for i in merged])
        marks.update(mode="markers", marker={"symbol": "cross", "size": 8, "color": tokens.KIND_INK["add"]})
        figure.add_trace(marks.update(hoverinfo="skip", showlegend=False, name=""))
    _point(figure, layers, places, current)
    kinds = ", ".join(dict.fromkeys(layer.kind for layer in layers))
    alt = _("{n} layers in order; kinds: {kinds}.").format(n=len(layers), kinds=kinds)
    return finish(figure, words, alt, _("Height: rows of the maps; width: channels; both in logarithms."))


def _height(size: int) -> float:
    return 0.8 + math.log2(max(size, 1))


def _wide(channels: int) -> float:
    return 1 + 0.35 * math.log2(max(channels, 1))


def _places(layers: Sequence[Bar]) -> list[tuple[float, float]]:
    """Middle and width of each bar, side by side."""
    places, at = [], 0.0
    for layer in layers:
        wide = _wide(layer.channels)
        places.append((at + wide / 2, wide))
        at += wide + 0.5
    return places


def _kind(kind: str, layers: Sequence[Bar], places: Sequence[tuple[float, float]]) -> go.Bar:
    heights = [_height(layer.size) for layer in layers]
    seen = {"marker": {"opacity": 1}}
    bar = go.Bar(x=[x for x, _w in places], width=[w for _x, w in places], y=heights, base=[-h / 2 for h in heights])
    return bar.update(
        marker={"color": tokens.KIND_INK.get(kind, tokens.LINE), "line": {"width": 0}},
        customdata=[["layer", layer.name] for layer in layers],
        hovertext=[f"<b>{layer.name}</b> · {layer.kind}<br>{layer.detail}" for layer in layers],
        hovertemplate="%{hovertext}<extra></extra>",
        selected=seen,
        unselected=seen,
        name=kind,
    )


def _legend() -> dict[str, object]:
    return {
        "orientation": "h",
        "x": 0,
        "y": 1,
        "yanchor": "bottom",
        "font": {"size": 12},
        "itemclick": False,
        "itemdoubleclick": False,
        "bgcolor": tokens.CLEAR,
    }


def _point(
    figure: go.Figure, layers: Sequence[Bar], places: Sequence[tuple[float, float]], current: str | None
) -> None:
    for layer, (x, wide) in zip(layers, places, strict=True):
        if layer.name == current:
            half = _height(layer.size) / 2
            base.frame(figure, x - wide / 2 - 0.2, half + 0.1, x + wide / 2 + 0.2, -half - 0.1)
            caret = {"symbol": "triangle-up", "size": 11, "color": tokens.ACCENT}
            mark = go.Scatter(x=[x], y=[-half - 0.55], mode="markers", marker=caret, hoverinfo="skip", showlegend=False)
            mark.cliponaxis = False
            figure.add_trace(mark)
