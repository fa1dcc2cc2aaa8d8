"""Bars: the classes a model gives most weight to, and the units of a dense layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from components import tokens
from components.figures import base
from components.figures.base import Values
from components.figures.contract import Drawn, Words, finish
from components.raster import natural_limits
from components.text import _, number, percent, short

ROW = 44
TRACK = "rgba(123,140,162,0.25)"


def bars(
    labels: Sequence[str],
    probabilities: Sequence[float],
    logits: Sequence[float],
    words: Words,
    *,
    target: int | None = None,
    runner_up: int | None = None,
    indices: Sequence[int] | None = None,
    width: int = 440,
    share: str = "",
) -> Drawn:
    """Draw shares from 0 to 1, one class a row, with name, share and logit written at the bar.

    `target` and `runner_up` are positions in `labels`: the first is outlined, the second hatched. `indices` are the
    classes' own numbers; a click reports ("class", number). `share` says what the shares
    are, of the softmax by default.
    """
    count = len(labels)
    numbers = list(range(count)) if indices is None else [int(index) for index in indices]
    shares = [float(share) for share in probabilities]
    figure = base.blank(width, ROW * count + 8, bargap=0, barmode="overlay", **base.HOVER)
    figure.update_layout(margin={"l": 2, "r": 2, "t": 4, "b": 4})
    figure.update_xaxes(range=[0, 1], visible=False, fixedrange=True)
    figure.update_yaxes(range=[count - 0.5, -0.5], visible=False, fixedrange=True)
    rows = [row + 0.2 for row in range(count)]
    figure.add_trace(_bar([1.0] * count, rows, TRACK))
    figure.add_trace(_bar(shares, rows, tokens.ACCENT, marker_pattern=_hatch(count, runner_up)))
    if target is not None and 0 <= target < count:
        _outline(figure, max(shares[target], 0.004), rows[target])
    _write(figure, labels, shares, logits, target)
    quantity = share or _("share of the softmax")
    hover = [
        f"<b>{name}</b> ({n})<br>{quantity} {number(one)}<br>{_('logit')} {number(float(logit))}"
        for name, n, one, logit in zip(labels, numbers, shares, logits, strict=True)
    ]
    figure.add_trace(base.click_markers([0.5] * count, list(range(count)), [("class", n) for n in numbers], hover))
    alt = "; ".join(f"{name} {percent(share)}" for name, share in zip(labels, shares, strict=True)) + "."
    return finish(figure, words, alt)


def _outline(figure: go.Figure, length: float, row: float) -> None:
    box = {"x0": 0, "x1": length, "y0": row - 0.2, "y1": row + 0.2}
    figure.add_shape(type="rect", line={"color": tokens.LINE, "width": 5}, **box, layer="below")
    figure.add_shape(type="rect", line={"color": tokens.INK, "width": 2}, **box)


def _write(
    figure: go.Figure, labels: Sequence[str], shares: Sequence[float], logits: Sequence[float], target: int | None
) -> None:
    """Name on the left and share with logit on the right, on a line over each bar."""
    above = [row - 0.2 for row in range(len(labels))]
    names = [f"<b>{short(name, 34)}</b>" if row == target else short(name, 36) for row, name in enumerate(labels)]
    said = [f"{percent(one)} · {_('logit')} {number(float(logit))}" for one, logit in zip(shares, logits, strict=True)]
    font = {"textfont": {"size": 13}}
    figure.add_trace(base.words_at([0] * len(labels), above, names, textposition="middle right", **font))
    figure.add_trace(base.words_at([1] * len(labels), above, said, textposition="middle left", **font))


def _bar(lengths: Sequence[float], rows: Sequence[float], colour: str, **more: Any) -> go.Bar:
    bar = go.Bar(x=list(lengths), y=list(rows), orientation="h", width=0.4, hoverinfo="skip", **more)
    return bar.update(marker_color=colour, marker_line_width=0)


def _hatch(count: int, runner_up: int | None) -> dict[str, object]:
    shapes = ["/" if row == runner_up else "" for row in range(count)]
    return {"shape": shapes, "fgcolor": tokens.WHITE, "fillmode": "overlay", "size": 7, "solidity": 0.3}


def dense_bars(
    values: Values,
    words: Words,
    *,
    quantity: str,
    names: Sequence[str] = (),
    pinned: int | None = None,
    signed: bool = False,
    width: int = 720,
) -> Drawn:
    """Draw the units of a dense layer, (n,) values, one bar a unit. A click reports ("channel", unit)."""
    values = np.asarray(values, dtype=np.float64).ravel()
    kind = "activation_signed" if signed else "activation"
    limits = natural_limits(values, kind)
    figure = base.blank(width, 300, bargap=0.08 if len(values) < 200 else 0, **base.HOVER)
    figure.update_layout(margin={"l": 56, "r": 8, "t": 12, "b": 44})
    figure.update_xaxes(title_text=_("unit"), showgrid=False, zeroline=False)
    places, labels = base.ticks(limits)
    figure.update_yaxes(title_text=quantity, tickvals=places, ticktext=labels, showgrid=False)
    figure.update_yaxes(zeroline=True, zerolinecolor=tokens.LINE)
    colours = {"color": values, "colorscale": tokens.SCALE[kind].colorscale, "cmin": limits[0], "cmax": limits[1]}
    units = np.arange(len(values))
    hover = [_unit(int(unit), float(values[unit]), names, quantity) for unit in units]
    seen = {"marker": {"opacity": 1}}
    line = {"color": tokens.LINE, "width": 0.5 if len(units) < 200 else 0}
    bar = go.Bar(x=units, y=values, marker={**colours, "line": line})
    bar.update(hovertext=hover, hovertemplate="%{hovertext}<extra></extra>", selected=seen, unselected=seen)
    bar.customdata = [["channel", int(unit)] for unit in units]
    figure.add_trace(bar)
    if pinned is not None and 0 <= pinned < len(values):
        line = {"color": tokens.ACCENT, "width": 2}
        figure.add_vrect(x0=pinned - 0.5, x1=pinned + 0.5, line=line, fillcolor=tokens.CLEAR)
    silent = int((values == 0).sum())
    note = _("{silent} of {n} units are 0 for this picture.").format(silent=silent, n=len(values)) if silent else ""
    alt = _("{n} units; {quantity} from {span}.").format(n=len(values), quantity=quantity, span=base.span(values))
    return finish(figure, words, alt, note)


def _unit(unit: int, value: float, names: Sequence[str], quantity: str) -> str:
    name = f" · {names[unit]}" if unit < len(names) else ""
    return f"<b>{_('unit')} {unit}</b>{name}<br>{quantity} {number(value)}"
