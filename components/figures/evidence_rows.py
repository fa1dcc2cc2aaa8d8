"""Likeness under scrambled weights, and the record of a method: points and intervals on one line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from components import tokens
from components.figures import base
from components.figures.contract import Drawn, Words, finish
from components.text import _, number

ROW = 42
PHONE = 480
NAMES = 220
ZONE = "rgba(123,140,162,0.22)"
RANK, SSIM = 0, 1


def likeness(
    stages: Sequence[tuple[str, float, float]], words: Words, *, same: float, changed: float, width: int = 720
) -> Drawn:
    """Draw for each stage (name, |rank correlation|, SSIM) how alike its map is to this one, from 0 to 1.

    From `same` on it would be the same map, below `changed` another one: the zone between is shaded.
    """
    figure = _lines(len(stages), width, _("likeness to this map, 0 to 1"))
    figure.update_xaxes(range=[-0.03, 1.03], tickvals=[0, changed, same, 1])
    figure.add_vrect(x0=changed, x1=same, fillcolor=ZONE, line_width=0, layer="below")
    for row, (name, rank, ssim) in enumerate(stages):
        _name(figure, row, name)
        figure.add_trace(_track(row, (0, 1)))
        open_mark = {"symbol": "circle-open", "size": 11, "color": tokens.SERIES[1], "line": {"width": 2}}
        figure.add_trace(_mark(ssim, row, _("SSIM"), open_mark))
        figure.add_trace(_mark(rank, row, _("rank correlation"), {"size": 13, "color": tokens.SERIES[0]}))
    _key(figure, [(_("rank correlation"), "\u25cf", RANK), (_("SSIM"), "\u25cb", SSIM)])
    alt = "; ".join(f"{name}: {number(rank)}" for name, rank, _ssim in stages) + "."
    return finish(figure, words, alt)


def intervals(
    rows: Sequence[tuple[str, Mapping[str, float]]], words: Words, *, quantity: str, width: int = 720
) -> Drawn:
    """Draw means with their intervals (mean, low, high), one a line, beside zero."""
    figure = _lines(len(rows), width, quantity)
    figure.add_trace(_zero(len(rows), figure.layout.width >= PHONE))
    lows, highs = [row["low"] for _n, row in rows], [row["high"] for _n, row in rows]
    reach = max(max(highs), 0.0) - min(min(lows), 0.0) or 1.0
    figure.update_xaxes(range=[min(min(lows), 0.0) - 0.05 * reach, max(max(highs), 0.0) + 0.05 * reach])
    for row, (name, one) in enumerate(rows):
        _name(figure, row, name)
        colour = tokens.SERIES[0 if not row else -1]
        ends = {"x": [one["low"], one["high"]], "y": [row, row], "mode": "lines", "hoverinfo": "skip"}
        figure.add_trace(go.Scatter(**ends, line={"color": colour, "width": 4}, name=""))
        said = _("{mean} ({low} to {high})").format(**{key: number(one[key]) for key in ("mean", "low", "high")})
        figure.add_trace(_mark(one["mean"], row, f"{name}: {said}", {"size": 13, "color": colour}, exact=True))
    alt = "; ".join(f"{name} {number(one['mean'])}" for name, one in rows) + "."
    return finish(figure, words, alt)


def _lines(count: int, width: int, quantity: str) -> go.Figure:
    beside = width >= PHONE
    row = 32 if beside else ROW
    figure = base.blank(width, 22 + row * count + 40, hovermode="closest")
    figure.update_layout(margin={"l": NAMES if beside else 8, "r": 8, "t": 22, "b": 40})
    quiet = {"showgrid": False, "zeroline": False, "ticks": "outside", "ticklen": 3, "linecolor": tokens.LINE}
    figure.update_xaxes(title_text=quantity, fixedrange=True, **quiet)
    figure.update_yaxes(visible=False, fixedrange=True, range=[count - 0.4, -0.6 if beside else -0.75])
    return figure


def _name(figure: go.Figure, row: int, name: str) -> None:
    """Name a line at its left where there is room, above it on a phone."""
    beside = figure.layout.width >= PHONE
    place = {"xanchor": "right", "xshift": -10, "y": row} if beside else {"xanchor": "left", "y": row - 0.42}
    figure.add_annotation(text=name, x=0, xref="paper", showarrow=False, font={"size": 12}, **place)


def _zero(count: int, beside: bool) -> go.Scatter:
    """The line at zero, left out where names stand in its way."""
    up, down = (0.5, 0.5) if beside else (0.18, 0.3)
    y = [end for row in range(count) for end in (row - up, row + down, None)]
    line = {"color": tokens.LINE, "width": 2}
    return go.Scatter(x=[0, 0, None] * count, y=y, mode="lines", line=line, hoverinfo="skip", name="")


def _track(row: int, ends: tuple[float, float]) -> go.Scatter:
    line = {"color": tokens.LINE, "width": 1}
    return go.Scatter(x=list(ends), y=[row, row], mode="lines", line=line, hoverinfo="skip", name="")


def _mark(value: float, row: int, name: str, marker: Mapping[str, object], exact: bool = False) -> go.Scatter:
    hover = name if exact else f"{name} {number(value)}"
    return go.Scatter(
        x=[value],
        y=[row],
        mode="markers",
        marker=dict(marker),
        hovertemplate=hover + "<extra></extra>",
        name=name,
        cliponaxis=False,
    )


def _key(figure: go.Figure, names: Sequence[tuple[str, str, int]]) -> None:
    said = [f'<span style="color:{tokens.SERIES[at]}"><b>{sign} {name}</b></span>' for name, sign, at in names]
    corner = {"x": 1, "y": 1, "xref": "paper", "yref": "paper", "xanchor": "right", "yanchor": "bottom"}
    figure.add_annotation(text="   ".join(said), showarrow=False, font={"size": 13}, **corner)
