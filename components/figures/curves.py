"""Curves of training, named at their ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from components import tokens
from components.figures import base
from components.figures.contract import Drawn, Words, finish
from components.text import _, number


def curves(
    history: Mapping[str, Sequence[float]], words: Words, *, quantity: str, best: int | None = None, width: int = 640
) -> Drawn:
    """Draw values by epoch (the first is 1), each curve with its own dash and its name at its end.

    `best` is the epoch whose weights were kept. Raises ValueError without values.
    """
    if not any(len(values) for values in history.values()):
        raise ValueError("history: expected at least one value, got none; train or load a record first")
    figure = base.blank(width, 260, hovermode="x unified")
    figure.update_layout(margin={"l": 52, "r": 84, "t": 12, "b": 44})
    longest = max(len(values) for values in history.values())
    quiet = {"showgrid": False, "zeroline": False, "ticks": "outside", "ticklen": 3, "linecolor": tokens.LINE}
    steps = {"tickformat": "d", "tick0": 1, "dtick": -(-longest // 12)}
    figure.update_xaxes(title_text=_("epoch"), range=[0.5, longest + 0.5], **steps, **quiet)
    figure.update_yaxes(title_text=quantity, rangemode="tozero", **quiet)
    for position, (name, values) in enumerate(history.items()):
        colour = tokens.SERIES[position % len(tokens.SERIES)]
        line = {"color": colour, "width": 2, "dash": tokens.DASHES[position % len(tokens.DASHES)]}
        epochs = list(range(1, len(values) + 1))
        curve = go.Scatter(x=epochs, y=list(values), mode="lines", line=line, name=name, hovertemplate="%{y:.3g}")
        figure.add_trace(curve)
        end = {"x": epochs[-1], "y": values[-1], "xanchor": "left", "xshift": 6, "showarrow": False}
        figure.add_annotation(text=name, font={"color": colour, "size": 13}, **end)
    if best is not None:
        figure.add_vline(x=best, line={"color": tokens.LINE, "width": 1, "dash": "dot"})
    last = "; ".join(f"{name} {number(float(values[-1]))}" for name, values in history.items() if len(values))
    note = _("Dotted: the epoch whose weights were kept ({best}).").format(best=best) if best is not None else ""
    return finish(figure, words, _("{n} epochs; at the end: {last}.").format(n=longest, last=last), note)
