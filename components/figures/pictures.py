"""The picture itself: with the crop the model takes, and as the model gets it."""

from __future__ import annotations

import numpy as np

from components import raster
from components.figures import base
from components.figures.base import Limits, Values
from components.figures.contract import Drawn, Words, finish
from components.raster import Pixels
from components.text import _

MOST_SIDE = 480


def input_with_crop(
    picture: Pixels, box: tuple[float, float, float, float], words: Words, *, width: int = 320
) -> Drawn:
    """Draw the picture (H, W, 3) with the crop `box` (left, top, right, bottom) framed and the rest paled."""
    shown = raster.as_rgb(picture).copy()
    left, top, right, bottom = (round(edge) for edge in box)
    kept = shown[top:bottom, left:right].copy()
    shown = np.rint(0.35 * shown + 0.65 * 255 * 0.85).astype(np.uint8)
    shown[top:bottom, left:right] = kept
    rows, columns = shown.shape[:2]
    small = _fit(shown)
    figure = base.canvas(rows, columns, width, bar=False, cap=width)
    base.place_picture(figure, small, rows, columns)
    if (left, top, right, bottom) != (0, 0, columns, rows):
        base.frame(figure, left - 0.5, top - 0.5, right - 0.5, bottom - 0.5)
    alt = _("A picture of {w} by {h} pixels; the model takes columns {l} to {r}, rows {t} to {b}.").format(
        w=columns, h=rows, l=left, r=right, t=top, b=bottom
    )
    return finish(figure, words, alt)


def _fit(picture: Pixels) -> Pixels:
    """Halve a picture by whole steps until its longer side is near what is drawn."""
    step = max(1, max(picture.shape[:2]) // MOST_SIDE)
    return picture[::step, ::step]


def model_input(
    x: Values, words: Words, *, value_range: Limits, pixels: Pixels | None = None, width: int = 320
) -> Drawn:
    """Draw a model's input (H, W, C) as the model gets it: grey ones with raw values on hover, colour as a picture.

    `value_range` is the range of preprocessed values; `pixels` replaces the colours where preprocessing reorders them.
    """
    x = np.asarray(x, dtype=np.float32)
    rows, columns = x.shape[:2]
    if x.shape[-1] == 1:
        figure = base.canvas(rows, columns, width, cap=width)
        bar = base.colour_bar(_("input"), value_range)
        trace = base.heatmap(x[..., 0], "input_grey", value_range, colorbar=bar, name=_("input"))
        trace.hovertemplate = _("row %{y}, column %{x}") + "<br>%{z:.3g}<extra></extra>"
        figure.add_trace(trace)
    else:
        low, high = value_range
        scaled = np.clip((x[..., :3] - low) / (high - low), 0, 1) if pixels is None else pixels / 255
        figure = base.canvas(rows, columns, width, bar=False, cap=width)
        base.place_picture(figure, np.rint(255 * scaled).astype(np.uint8), rows, columns)
    alt = _("The model's input, {h} by {w} by {c}; values from {span}.").format(
        h=rows, w=columns, c=x.shape[-1], span=base.span(x)
    )
    return finish(figure, words, alt)
