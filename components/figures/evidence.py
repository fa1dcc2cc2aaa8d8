"""Removal: how the score falls as blocks go, beside random maps of the same shape and maps that know no class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from components import tokens
from components.figures import base
from components.figures.base import Values
from components.figures.contract import Drawn, Words, finish
from components.text import _, number, percent

BAND = "rgba(123,140,162,0.30)"
MARKS = ("square", "triangle-up", "cross", "star")
STRIP_ROW = 46
PHONE = 480
NAMES = 160


@dataclass(frozen=True, eq=False)
class Removed:
    """Scores as blocks are removed under one fill, by maps that are done.

    `levels` (L,) are the shares removed; `own` (2, L) this map's scores, its highest blocks first, then its lowest;
    `rivals` the same by name; `nulls` (n, 2, L) of random maps.
    """

    levels: Values
    own: Values
    rivals: Mapping[str, Values]
    nulls: Values


def removal_curves(removed: Removed, words: Words, *, quantity: str, width: int = 720) -> Drawn:
    """Draw both orders of removal beside each other (below each other on a phone), the random maps as a band."""
    stacked = width < PHONE
    height = 470 if stacked else 260
    figure = base.blank(width, height + 44, hovermode="closest")
    figure.update_layout(margin={"l": 46, "r": 10, "t": 52 if not stacked else 92, "b": 40})
    low, high = _reach(removed)
    _axes(figure, stacked, quantity, (low, high), float(removed.levels[-1]))
    for order in range(2):
        axes = {"xaxis": f"x{order + 1}", "yaxis": f"y{order + 1}"}
        if len(removed.nulls):
            figure.add_traces([trace.update(**axes) for trace in _band(removed, order)])
        for at, (name, scores) in enumerate(removed.rivals.items(), start=1):
            figure.add_trace(_curve(removed.levels, scores[order], name, at, 1.6).update(**axes))
        figure.add_trace(_curve(removed.levels, removed.own[order], _("this map"), 0, 3).update(**axes))
    _key(figure, list(removed.rivals), len(removed.nulls), stacked)
    alt = _("With {share} removed the score is {first} by the highest blocks and {last} by the lowest.").format(
        share=percent(float(removed.levels[-1])),
        first=number(float(removed.own[0, -1])),
        last=number(float(removed.own[1, -1])),
    )
    return finish(figure, words, alt)


def _reach(removed: Removed) -> tuple[float, float]:
    values = np.concatenate([np.ravel(part) for part in (removed.own, removed.nulls, *removed.rivals.values())])
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    room = 0.06 * (high - low or 1.0)
    return low - room, high + room


def _axes(figure: go.Figure, stacked: bool, quantity: str, reach: tuple[float, float], last: float) -> None:
    places = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]
    quiet = {"showgrid": False, "ticks": "outside", "ticklen": 3, "linecolor": tokens.LINE, "fixedrange": True}
    quiet["tickfont"] = {"size": 12, "color": tokens.TEXT}
    across = {"tickvals": places, "ticktext": [percent(place) for place in places], "zeroline": False, **quiet}
    for order, title in enumerate((_("highest blocks removed first"), _("lowest blocks removed first"))):
        domain = [0.0, 1.0] if stacked else [(0, 0.48), (0.52, 1)][order]
        rows = [(0.56, 1.0), (0.0, 0.38)][order] if stacked else (0.0, 1.0)
        own = {f"xaxis{order + 1}": {"domain": domain, "anchor": f"y{order + 1}", "range": [0, 1.03 * last], **across}}
        own[f"yaxis{order + 1}"] = {
            "domain": rows,
            "anchor": f"x{order + 1}",
            "range": list(reach),
            "zerolinecolor": tokens.LINE,
            "showticklabels": stacked or not order,
            **quiet,
        }
        figure.update_layout(own)
        number_of = "" if not order else "2"
        at = {"xref": f"x{number_of} domain", "yref": f"y{number_of} domain", "x": 0, "y": 1, "xanchor": "left"}
        figure.add_annotation(text=f"<b>{title}</b>", yanchor="bottom", showarrow=False, font={"size": 13}, **at)
    figure.update_layout(yaxis={"title": {"text": quantity, "font": {"size": 12}}})


def _band(removed: Removed, order: int) -> list[go.Scatter]:
    low, high = removed.nulls[:, order].min(axis=0), removed.nulls[:, order].max(axis=0)
    quiet = {"mode": "lines", "hoverinfo": "skip", "line": {"width": 0}, "showlegend": False, "name": ""}
    return [
        go.Scatter(x=removed.levels, y=low, **quiet),
        go.Scatter(x=removed.levels, y=high, fill="tonexty", fillcolor=BAND, **quiet),
    ]


def _curve(levels: Values, scores: Values, name: str, at: int, width: float) -> go.Scatter:
    line = {"color": _ink(at), "width": width, "dash": tokens.DASHES[at % len(tokens.DASHES)]}
    hover = f"{name}<br>" + _("%{x:.0%} removed: %{y:.3g}") + "<extra></extra>"
    return go.Scatter(x=levels, y=scores, mode="lines", line=line, name=name, hovertemplate=hover)


def _ink(at: int) -> str:
    return tokens.SERIES[at % len(tokens.SERIES)]


def _key(figure: go.Figure, rivals: Sequence[str], nulls: int, stacked: bool, marks: bool = False) -> None:
    """Name each line in its own colour, above the picture."""
    strokes = ("\u2501", "\u2504", "\u00b7\u00b7\u00b7", "-\u00b7", "\u2014")
    points = ("\u25c6", "\u25a0", "\u25b2", "\u271a", "\u2605")
    signs = points if marks else strokes
    names = [_("this map"), *rivals]
    said = [
        f'<span style="color:{_ink(at)}"><b>{signs[at % len(signs)]} {name}</b></span>' for at, name in enumerate(names)
    ]
    if nulls:
        sign = "\u25cb" if marks else "\u25ae"
        said.append(f'<span style="color:{tokens.LINE}"><b>{sign} {_("{n} random maps").format(n=nulls)}</b></span>')
    lines = ["   ".join(said)] if not stacked else ["   ".join(said[:2]), "   ".join(said[2:4]), "   ".join(said[4:])]
    corner = {"x": 0, "y": 1, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    text = "<br>".join(line for line in lines if line)
    lift = 26 if not marks else 4
    figure.add_annotation(text=text, showarrow=False, align="left", yshift=lift, font={"size": 13}, **corner)


@dataclass(frozen=True, eq=False)
class Gains:
    """One fill's gains: of this map, of the maps that know no class by name, and of random maps (n,)."""

    fill: str
    own: float
    rivals: Mapping[str, float]
    nulls: Values


def gain_strip(gains: Sequence[Gains], words: Words, *, quantity: str, width: int = 720) -> Drawn:
    """Draw all gains on one line a fill: this map as a diamond among random maps and maps that know no class."""
    stacked = width < PHONE
    top, row_height = (78, STRIP_ROW) if stacked else (30, 36)
    figure = base.blank(width, top + row_height * len(gains) + 40, hovermode="closest")
    figure.update_layout(margin={"l": 8 if stacked else NAMES, "r": 8, "t": top, "b": 40})
    quiet = {"showgrid": False, "ticks": "outside", "ticklen": 3, "linecolor": tokens.LINE, "fixedrange": True}
    figure.update_xaxes(title_text=quantity, zeroline=True, zerolinecolor=tokens.LINE, **quiet)
    figure.update_yaxes(visible=False, fixedrange=True, range=[len(gains) - 0.4, -0.75 if stacked else -0.6])
    for row, one in enumerate(gains):
        place = {"xanchor": "left", "y": row - 0.42} if stacked else {"xanchor": "right", "xshift": -10, "y": row}
        figure.add_annotation(text=one.fill, x=0, xref="paper", showarrow=False, font={"size": 12}, **place)
        hollow = {"symbol": "circle-open", "size": 9, "color": tokens.LINE, "line": {"width": 1.5}}
        figure.add_trace(_points(list(one.nulls), row, _("random map"), hollow))
        line = {"width": 1.5, "color": tokens.WHITE}
        mark = {"symbol": "diamond", "size": 17, "color": _ink(0), "line": line}
        figure.add_trace(_points([one.own], row, _("this map"), mark))
        for at, (name, gain) in enumerate(one.rivals.items(), start=1):
            mark = {"symbol": MARKS[(at - 1) % len(MARKS)], "size": 11, "color": _ink(at), "line": line | {"width": 1}}
            figure.add_trace(_points([gain], row, name, mark))
    _key(figure, list(gains[0].rivals), len(gains[0].nulls), stacked, marks=True)
    alt = "; ".join(
        _("{fill}: {own}, random maps {span}").format(
            fill=one.fill, own=number(one.own), span=base.span(np.asarray(one.nulls))
        )
        for one in gains
    )
    return finish(figure, words, alt + ".")


def _points(values: Sequence[float], row: int, name: str, marker: Mapping[str, object]) -> go.Scatter:
    hover = f"{name}: " + "%{x:.3g}<extra></extra>"
    points = go.Scatter(x=values, y=[row] * len(values), mode="markers", marker=dict(marker), hovertemplate=hover)
    return points.update(name=name, cliponaxis=False)
