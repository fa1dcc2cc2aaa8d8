"""One way to feed a picture: what it amounts to for the model, beside the classes it gets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from components import raster, tokens
from components.colour import rgb
from components.figures import base
from components.figures.contract import Drawn, Words, finish
from components.raster import Pixels
from components.text import _, percent, short

ROW = 40
SIDE = 96
TRACK = "rgba(123,140,162,0.25)"


def fed(
    picture: Pixels | None, labels: Sequence[str], shares: Sequence[float], words: Words, *, width: int = 310
) -> Drawn:
    """Draw a small picture (H, W, 3), if there is one, and the first classes with their shares from 0 to 1 as bars."""
    count = len(labels)
    figure = base.blank(width, ROW * count + 8, bargap=0, barmode="overlay", **base.HOVER)
    figure.update_layout(margin={"l": 2, "r": 2, "t": 4, "b": 4})
    left = 0.0 if picture is None else (SIDE + 12) / width
    figure.update_xaxes(domain=[left, 1], range=[0, 1], visible=False, fixedrange=True)
    figure.update_yaxes(range=[count - 0.5, -0.5], visible=False, fixedrange=True)
    if picture is not None:
        _beside(figure, picture, left)
    rows = [row + 0.2 for row in range(count)]
    for lengths, colour in (([1.0] * count, TRACK), (list(shares), tokens.ACCENT)):
        bar = go.Bar(x=lengths, y=rows, orientation="h", width=0.34, hoverinfo="skip")
        figure.add_trace(bar.update(marker={"color": colour, "line": {"width": 0}}))
    above = [row - 0.2 for row in range(count)]
    font = {"textfont": {"size": 13}}
    names = [short(name, 18) for name in labels]
    figure.add_trace(base.words_at([0] * count, above, names, textposition="middle right", **font))
    said = [percent(float(share)) for share in shares]
    figure.add_trace(base.words_at([1] * count, above, said, textposition="middle left", **font))
    hover = [f"<b>{name}</b><br>{share}" for name, share in zip(labels, said, strict=True)]
    figure.add_trace(base.click_markers([0.5] * count, list(range(count)), [("class", n) for n in range(count)], hover))
    alt = "; ".join(f"{name} {share}" for name, share in zip(labels, said, strict=True)) + "."
    return finish(figure, words, _("Likeliest: {classes}").format(classes=alt))


def _beside(figure: go.Figure, picture: Pixels, left: float) -> None:
    """Lay the picture at the left with a line round it: a white one would be lost on a white page."""
    shown = raster.as_rgb(picture)
    times = max(1, SIDE // max(shown.shape[:2]))
    shown = np.pad(shown.repeat(times, axis=0).repeat(times, axis=1), ((1, 1), (1, 1), (0, 0)))
    shown[[0, -1]] = rgb(tokens.LINE)
    shown[:, [0, -1]] = rgb(tokens.LINE)
    figure.add_layout_image(
        source=raster.data_uri(shown),
        xref="paper",
        yref="paper",
        x=0,
        y=1,
        xanchor="left",
        yanchor="top",
        sizex=left * SIDE / (SIDE + 12),
        sizey=1,
        sizing="contain",
        layer="below",
    )
