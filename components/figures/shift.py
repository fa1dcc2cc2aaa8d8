"""What follows a moved picture: a map with the centre it had and has, and how often networks are right at each move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from components import raster, tokens
from components.figures import base, maps
from components.figures.base import Limits, Values
from components.figures.contract import Drawn, Words, finish
from components.raster import Pixels
from components.text import _, number, percent

Point = tuple[float, float]
BAND_ALPHA = 0.18
GAP = 0.055


def centred_map(
    values: Values,
    kind: str,
    words: Words,
    *,
    quantity: str,
    limits: Limits,
    picture: Pixels,
    before: Point | None,
    now: Point | None,
    width: int = 300,
) -> Drawn:
    """Draw a map (h, w) over its picture (H, W, 3), with a ring where its centre was and a cross where it is.

    `before` and `now` are (row, column) in pixels of the picture, None where there is none.
    """
    rows, columns = picture.shape[:2]
    figure = base.canvas(rows, columns, width, mat=True, cap=width)
    base.place_picture(figure, raster.grey(picture), rows, columns)
    maps.draw_map(figure, values, kind, limits, quantity, (rows, columns), over=True)
    for point, symbol, name in ((before, "circle-open", _("centre before")), (now, "x-thin", _("centre now"))):
        if point is not None:
            figure.add_traces(_mark(point, symbol, name))
    said = _("A map of {h} by {w} cells over the picture; {quantity} from {span}.").format(
        h=values.shape[0], w=values.shape[1], quantity=quantity, span=base.span(values)
    )
    if now is not None:
        said += " " + _("Its centre is at row {row}, column {column}.").format(
            row=number(now[0]), column=number(now[1])
        )
    return finish(figure, words, said)


def _mark(point: Point, symbol: str, name: str) -> list[go.Scatter]:
    """A mark in two tones, white under ink, so that it stands out on any colour."""
    common = {"x": [point[1]], "y": [point[0]], "mode": "markers", "showlegend": False, "name": name}
    hover = f"{name}<br>{_('row')} %{{y:.1f}}, {_('column')} %{{x:.1f}}<extra></extra>"
    return [
        go.Scatter(
            marker={"symbol": symbol, "size": 14, "color": ink, "line": {"width": wide, "color": ink}},
            hovertemplate=hover,
            **common,
        )
        for ink, wide in ((tokens.WHITE, 5), (tokens.INK, 2.5))
    ]


@dataclass(frozen=True, eq=False)
class Shares:
    """Of one network: the share of pictures it is right on at each move, with the ends of its interval."""

    share: Values
    low: Values
    high: Values


def shift_curves(
    shifts: Sequence[int], networks: Mapping[str, Shares], words: Words, *, at: int | None = None, width: int = 760
) -> Drawn:
    """Draw the share right of each network by the move in pixels, a band for its interval; `at` marks one move."""
    narrow = width < 480
    figure = base.blank(width, 360, hovermode="x unified")
    figure.update_layout(margin={"l": 48, "r": 14 if narrow else 190, "t": 78 if narrow else 12, "b": 48})
    quiet = {"showgrid": False, "zeroline": False, "ticks": "outside", "ticklen": 3, "linecolor": tokens.LINE}
    figure.update_xaxes(
        title_text=_("move to the right, pixels"), range=[min(shifts) - 0.3, max(shifts) + 0.3], dtick=2, **quiet
    )
    figure.update_yaxes(title_text=_("share right"), range=[0, 1], tickformat=".0%", **quiet)
    for place, (name, one) in enumerate(networks.items()):
        figure.add_traces(_curve(shifts, name, one, place))
    _names(figure, networks, narrow)
    if at is not None:
        figure.add_vline(x=at, line={"color": tokens.LINE, "width": 1, "dash": "dot"})
    middle = list(shifts).index(0)
    said = "; ".join(
        _("{name}: {still} unmoved, {left} at {first}, {right} at {last} pixels").format(
            name=name,
            still=percent(float(one.share[middle])),
            left=percent(float(one.share[0])),
            right=percent(float(one.share[-1])),
            first=number(int(shifts[0])),
            last=number(int(shifts[-1])),
        )
        for name, one in networks.items()
    )
    return finish(figure, words, f"{said}.")


def _curve(shifts: Sequence[int], name: str, one: Shares, place: int) -> list[go.Scatter]:
    colour = tokens.SERIES[place % len(tokens.SERIES)]
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    quiet = {"mode": "lines", "hoverinfo": "skip", "line": {"width": 0}, "showlegend": False, "name": ""}
    line = {"color": colour, "width": 2.5, "dash": tokens.DASHES[place % len(tokens.DASHES)]}
    ends = np.stack([one.low, one.high], axis=-1)
    hover = f"{name} %{{y:.1%}} (%{{customdata[0]:.1%}}–%{{customdata[1]:.1%}})<extra></extra>"
    return [
        go.Scatter(x=list(shifts), y=one.low, **quiet),
        go.Scatter(
            x=list(shifts), y=one.high, fill="tonexty", fillcolor=f"rgba({red},{green},{blue},{BAND_ALPHA})", **quiet
        ),
        go.Scatter(
            x=list(shifts), y=one.share, customdata=ends, mode="lines", line=line, name=name, hovertemplate=hover
        ),
    ]


def _names(figure: go.Figure, networks: Mapping[str, Shares], narrow: bool) -> None:
    """Name each curve at its right end, apart where ends meet; on a phone one below the other over the picture."""
    order = sorted(networks, key=lambda name: float(networks[name].share[-1]))
    last = -1.0
    for name in order:
        place = list(networks).index(name)
        colour = tokens.SERIES[place % len(tokens.SERIES)]
        if narrow:
            where = {"x": 0, "xref": "paper", "y": 1, "yref": "paper", "yshift": 22 * (len(order) - place)}
        else:
            last = max(float(networks[name].share[-1]), last + GAP)
            where = {"x": 1, "xref": "paper", "y": last, "yref": "y", "xshift": 6}
        dash = tokens.DASHES[place % len(tokens.DASHES)]
        line = {"solid": "━━", "dash": "╍╍", "dot": "┅┅"}.get(dash, "──")
        figure.add_annotation(
            text=f"{line} {name}", font={"color": colour, "size": 13}, xanchor="left", showarrow=False, **where
        )
