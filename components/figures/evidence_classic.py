"""Deletion and insertion as published: the probability as pixels go, and as they come."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from components import tokens
from components.figures import base
from components.figures.base import Values
from components.figures.contract import Drawn, Words, finish
from components.text import _, number, percent


def classic_curves(shares: Values, deletion: Values, insertion: Values, words: Words, *, width: int = 720) -> Drawn:
    """Draw the target's probability (0 to 1) by the share of pixels deleted, and inserted; NaN where not done."""
    figure = base.blank(width, 250, hovermode="closest")
    figure.update_layout(margin={"l": 46, "r": 10, "t": 26, "b": 40})
    quiet = {"showgrid": False, "zeroline": False, "ticks": "outside", "ticklen": 3, "linecolor": tokens.LINE}
    figure.update_xaxes(
        title_text=_("share of the pixels"), range=[0, 1.02], tickformat=".0%", fixedrange=True, **quiet
    )
    figure.update_yaxes(title_text=_("probability"), range=[-0.02, 1.02], fixedrange=True, **quiet)
    names = (_("deletion"), _("insertion"))
    for at, (name, values) in enumerate(zip(names, (deletion, insertion), strict=True)):
        line = {"color": tokens.SERIES[at], "width": 2.5, "dash": tokens.DASHES[at]}
        hover = f"{name}<br>" + _("%{x:.0%}: %{y:.3g}") + "<extra></extra>"
        figure.add_trace(go.Scatter(x=shares, y=values, mode="lines", line=line, name=name, hovertemplate=hover))
    signs = zip(("\u2501", "\u2504"), names, tokens.SERIES, strict=False)
    said = [f'<span style="color:{colour}"><b>{sign} {name}</b></span>' for sign, name, colour in signs]
    corner = {"x": 0, "y": 1, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    figure.add_annotation(text="   ".join(said), showarrow=False, font={"size": 13}, **corner)
    half = int(np.abs(np.asarray(shares) - 0.5).argmin())
    alt = _("At {share}: deletion {d}, insertion {i}.").format(
        share=percent(float(shares[half])), d=number(float(deletion[half])), i=number(float(insertion[half]))
    )
    return finish(figure, words, alt)
