"""A training as it goes on: loss and accuracy within each epoch and at its end, on training and validation pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from components import tokens
from components.figures import base
from components.figures.contract import Drawn, Words, finish
from components.text import _, number

HEIGHT = 400
MOST_POINTS = 600
"""Of a curve within the epochs: beyond it every so many are left out, since no screen has room for more."""
PANELS = (("loss", "y", (0.56, 1.0)), ("accuracy", "y2", (0.0, 0.44)))

Point = Mapping[str, Any]


def training_curves(
    batches: Sequence[Point],
    epochs: Sequence[Point],
    words: Words,
    *,
    planned: int,
    kept: int | None = None,
    early: bool = False,
    width: int = 720,
) -> Drawn:
    """Draw loss over accuracy by epoch, the first from 0 to 1.

    `batches` hold "epoch" as a position, "loss" and "accuracy"; `epochs` "epoch" from 1, "loss", "accuracy",
    "val_loss", "val_accuracy". `planned` epochs set the width until one knows better; `kept` is the epoch whose
    weights are kept; `early` marks where it stopped before its time.
    """
    figure = base.blank(width, HEIGHT, hovermode="x unified")
    figure.update_layout(margin={"l": 56, "r": 92, "t": 12, "b": 44})
    reached = max([float(one["epoch"]) for one in (*batches, *epochs)] or [0.0])
    _axes(figure, max(reached, planned if not early else min(planned, reached + 1)))
    if len(batches) + len(epochs) < 2:  # one point has no range of its own
        figure.update_layout(yaxis2_range=[0, 1])
    for name, axis, _room in PANELS:
        _panel(figure, name, axis, batches, epochs)
    if kept is not None:
        _mark(figure, kept, _("kept: {n}").format(n=kept), "dot")
    if early and epochs:
        _mark(figure, float(epochs[-1]["epoch"]), _("stopped early"), "solid")
    note = _("Thin: some of the batches, as they came. Dashed: validation pictures.")
    return finish(figure, words, _alt(epochs), note)


def _axes(figure: go.Figure, longest: float) -> None:
    quiet = {"showgrid": False, "zeroline": False, "ticks": "outside", "ticklen": 3, "linecolor": tokens.LINE}
    every = max(1, -(-int(longest) // 12))
    figure.update_layout(
        xaxis={"title_text": _("epoch"), "range": [0, longest * 1.001], "tick0": 0, "dtick": every, "anchor": "y2"},
        yaxis={"title_text": _("loss"), "domain": PANELS[0][2], "rangemode": "tozero"},
        yaxis2={"title_text": _("accuracy"), "domain": PANELS[1][2], "tickformat": ".2f", "anchor": "x"},
    )
    axis = {"tickfont": {"size": 12, "color": tokens.TEXT}, "title_font": {"size": 12, "color": tokens.TEXT}}
    figure.update_layout(xaxis=quiet, yaxis=quiet, yaxis2={**quiet, **axis})


def _panel(figure: go.Figure, name: str, axis: str, batches: Sequence[Point], epochs: Sequence[Point]) -> None:
    """Draw one quantity: within the epochs, and at their ends for both kinds of pictures, named where they end."""
    step = -(-len(batches) // MOST_POINTS) or 1
    thin = _line(batches[::step], name, tokens.SERIES[0], width=1, dash="solid", axis=axis)
    thin.update(mode="lines" if len(batches) > 1 else "markers")
    figure.add_trace(thin.update(opacity=0.55, hoverinfo="skip"))
    said = ((name, _("training"), 0), (f"val_{name}", _("validation"), 1))
    for key, title, at in said:
        curve = _line(epochs, key, tokens.SERIES[at], width=2, dash=tokens.DASHES[at], axis=axis)
        curve.update(mode="lines+markers", marker={"size": 6, "symbol": ("circle", "diamond")[at]}, name=title)
        figure.add_trace(curve.update(hovertemplate="%{y:.3g}"))
    if epochs:
        _name_ends(figure, name, axis, epochs[-1])


def _line(points: Sequence[Point], key: str, colour: str, *, width: float, dash: str, axis: str) -> go.Scatter:
    xs, ys = [float(one["epoch"]) for one in points], [one.get(key) for one in points]
    line = {"color": colour, "width": width, "dash": dash}
    return go.Scatter(x=xs, y=ys, mode="lines", line=line, yaxis=axis, name="")


def _name_ends(figure: go.Figure, name: str, axis: str, last: Point) -> None:
    """Write both names beside the curves' ends, the upper one above."""
    ends = [(last.get(name), _("training"), 0), (last.get(f"val_{name}"), _("validation"), 1)]
    known = sorted([(float(one), title, at) for one, title, at in ends if one is not None], reverse=True)
    for (value, title, at), shift in zip(known, (7, -7), strict=False):
        figure.add_annotation(
            x=float(last["epoch"]), y=value, yref=axis, text=title, showarrow=False, xanchor="left", xshift=8,
            yshift=shift, font={"size": 12, "color": tokens.SERIES[at]},
        )  # fmt: skip


def _mark(figure: go.Figure, at: float, said: str, dash: str) -> None:
    """Mark an epoch by a line through both panels, its words on the side that has room."""
    line = {"color": tokens.LINE, "width": 1, "dash": dash}
    figure.add_shape(type="line", x0=at, x1=at, y0=0, y1=1, yref="paper", line=line)
    text = {"text": said, "showarrow": False, "font": {"size": 12, "color": tokens.TEXT}}
    low, right = dash == "dot", at > figure.layout.xaxis.range[1] / 2
    side = {"xanchor": "right", "xshift": -4} if right else {"xanchor": "left", "xshift": 4}
    figure.add_annotation(x=at, y=0.5, yref="paper", yanchor="top" if low else "bottom", **side, **text)


def _alt(epochs: Sequence[Point]) -> str:
    if not epochs:
        return _("No epoch has ended yet.")
    last = epochs[-1]
    values = {name: number(float(last[name])) for name in ("loss", "accuracy", "val_loss", "val_accuracy")}
    return _(
        "{n} epochs; after the last: loss {loss}, accuracy {accuracy}, on validation pictures {val_loss} and "
        "{val_accuracy}."
    ).format(n=len(epochs), **values)
