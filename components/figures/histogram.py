"""How a layer's weights are spread, beside those of its twin."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from components import tokens
from components.figures import base
from components.figures.base import Values
from components.figures.contract import Drawn, Words, finish
from components.text import _, number, percent

BINS = 61


def weight_histogram(
    weights: Values, words: Words, *, twin: Values | None = None, names: tuple[str, str] = ("", ""), width: int = 640
) -> Drawn:
    """Draw the share of weights in each of 61 equal bins round zero; `twin` as a line over the bars."""
    weights = np.asarray(weights, dtype=np.float64).ravel()
    everything = weights if twin is None else np.concatenate([weights, np.ravel(twin)])
    most = float(np.abs(everything).max(initial=0.0)) or 1.0
    edges = np.linspace(-most, most, BINS + 1)
    middles = (edges[1:] + edges[:-1]) / 2
    counts, _edges = np.histogram(weights, edges)
    shares = counts / max(weights.size, 1)
    figure = base.blank(width, 240, bargap=0.06, **base.HOVER)
    figure.update_layout(margin={"l": 8, "r": 8, "t": 26 if twin is not None else 8, "b": 44})
    places, labels = base.ticks((-most, most))
    figure.update_xaxes(title_text=_("weight"), tickvals=places, ticktext=labels)
    figure.update_xaxes(range=[-1.06 * most, 1.06 * most])
    figure.update_xaxes(showgrid=False, zeroline=True, zerolinecolor=tokens.LINE, fixedrange=True)
    figure.update_yaxes(visible=False, fixedrange=True, rangemode="tozero")
    hover = [_bin(low, high, int(n)) for low, high, n in zip(edges, edges[1:], counts, strict=False)]
    bars = go.Bar(x=middles, y=shares, marker={"color": tokens.ACCENT, "line": {"width": 0}}, hovertext=hover)
    figure.add_trace(bars.update(hovertemplate="%{hovertext}<extra></extra>", name=names[0]))
    if twin is not None:
        other = np.histogram(np.ravel(twin), edges)[0] / np.size(twin)
        line = {"color": tokens.SERIES[1], "width": 2, "shape": "hvh"}
        figure.add_trace(go.Scatter(x=middles, y=other, mode="lines", line=line, hoverinfo="skip", name=names[1]))
    _name(figure, names)
    alt = _("{n} weights from {span}; mean {mean}, standard deviation {std}.").format(
        n=number(weights.size), span=base.span(weights), mean=number(weights.mean()), std=number(weights.std())
    )
    note = _("Height: share of the weights in each of {bins} bins; the fullest holds {share}.").format(
        bins=BINS, share=percent(float(shares.max(initial=0.0)))
    )
    return finish(figure, words, alt, note)


def _bin(low: float, high: float, count: int) -> str:
    return _("{count} weights from {low} to {high}").format(count=number(count), low=number(low), high=number(high))


def _name(figure: go.Figure, names: tuple[str, str]) -> None:
    """Name each set in its own colour with its own mark."""
    marks = zip(("\u25a0", "\u2014"), names, tokens.SERIES, strict=False)
    words = [f'<span style="color:{colour}"><b>{mark} {name}</b></span>' for mark, name, colour in marks if name]
    corner = {"x": 0, "y": 1, "xref": "paper", "yref": "paper", "yanchor": "bottom", "showarrow": False}
    figure.add_annotation(text="   ".join(words), font={"size": 13}, **corner)
