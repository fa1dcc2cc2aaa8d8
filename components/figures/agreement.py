"""How far one half of a map's samples agrees with the other, as samples were added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from components import tokens
from components.figures import base
from components.figures.contract import Drawn, Words, finish
from components.text import _, number

Curve = Sequence[tuple[int, float]]


def agreement(curves: Mapping[str, Curve], words: Words, *, readable: float, width: int = 420) -> Drawn:
    """Draw curves of (samples, agreement 0..1) by name, and the line below which a map is not to be read.

    Raises ValueError without a point.
    """
    if not any(curves.values()):
        raise ValueError("curves: expected at least one point, got none; samples have to be alike to be halved")
    figure = base.blank(width, 220, hovermode="closest")
    figure.update_layout(margin={"l": 44, "r": 12, "t": 12, "b": 44})
    quiet = {"showgrid": False, "zeroline": False, "ticks": "outside", "ticklen": 3, "linecolor": tokens.LINE}
    figure.update_xaxes(title_text=_("samples"), rangemode="tozero", fixedrange=True, **quiet)
    figure.update_yaxes(range=[0, 1.02], tickvals=[0, 0.5, 1], fixedrange=True, **quiet)
    figure.add_hline(y=readable, line={"color": tokens.LINE, "width": 1, "dash": "dot"})
    for at, (name, curve) in enumerate(curves.items()):
        figure.add_trace(_line(name, curve, at))
    _key(figure, list(curves))
    said = "; ".join(f"{name}: {number(curve[-1][1], 2)} ({curve[-1][0]})" for name, curve in curves.items() if curve)
    return finish(
        figure, words, _("Agreement of halves, at the end and after how many samples: {said}.").format(said=said)
    )


def _line(name: str, curve: Curve, at: int) -> go.Scatter:
    colour = tokens.SERIES[at % len(tokens.SERIES)]
    line = {"color": colour, "width": 2, "dash": tokens.DASHES[at % len(tokens.DASHES)]}
    hover = f"{name}<br>" + _("%{x} samples: %{y:.2f}") + "<extra></extra>"
    done, values = [point[0] for point in curve], [point[1] for point in curve]
    marker = {"size": 5, "color": colour}
    return go.Scatter(
        x=done,
        y=values,
        mode="lines+markers",
        line=line,
        marker=marker,
        name=name,
        hovertemplate=hover,
        cliponaxis=False,
    )


def _key(figure: go.Figure, names: Sequence[str]) -> None:
    """Name each line in its own colour, where the curves don't go: low at the right."""
    if len(names) < 2:
        return
    said = [
        f'<span style="color:{tokens.SERIES[at % len(tokens.SERIES)]}"><b>{name}</b></span>'
        for at, name in enumerate(names)
    ]
    corner = {"x": 1, "y": 0.05, "xref": "paper", "yref": "paper", "xanchor": "right", "yanchor": "bottom"}
    figure.add_annotation(text="<br>".join(said), showarrow=False, align="right", font={"size": 13}, **corner)
