"""One channel large, scrubbed inside the figure: a frame a channel, no round trip to the server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from components import tokens
from components.figures import base, maps
from components.figures.base import Limits, Values
from components.figures.contract import Drawn, Words, finish
from components.raster import natural_limits
from components.text import _

SLIDER_ROOM = 76
MOST_PIXELS = 112


def scrubber(
    channels: Values,
    numbers: Sequence[int],
    kind: str,
    words: Words,
    *,
    quantity: str,
    limits: Limits | None = None,
    per_channel: bool = False,
    pinned: int | None = None,
    pinned_raw: Values | None = None,
    factor: int = 1,
    width: int = 480,
) -> Drawn:
    """Draw `channels` (h, w, C), at most 112 cells wide and high, with a slider that starts at `pinned`.

    `pinned_raw` (H, W) is the pinned channel in full resolution; `factor` says how strongly the others were pooled.
    One scale for all channels, or (`per_channel`) each on its own. Raises ValueError if the numbers disagree.
    """
    channels = np.asarray(channels, dtype=np.float32)
    if channels.ndim != 3 or channels.shape[-1] != len(numbers) or not numbers:
        raise ValueError(f"channels: expected (h, w, {len(numbers)}) and at least one, got {channels.shape}")
    start = list(numbers).index(pinned) if pinned is not None and pinned in numbers else 0
    size = channels.shape[:2] if pinned_raw is None else np.shape(pinned_raw)
    shared = limits or natural_limits(channels, kind)
    one_by_one = list(np.moveaxis(channels, -1, 0))
    if pinned_raw is not None:
        one_by_one[start] = np.asarray(pinned_raw, dtype=np.float32)
    scales = [natural_limits(values, kind) if per_channel else shared for values in one_by_one]
    first = _trace(one_by_one[start], kind, scales[start], quantity, (size[0], size[1]))
    figure = base.canvas(size[0], size[1], width, mat=True, cap=width)
    figure.update_layout(height=figure.layout.height + SLIDER_ROOM, margin_b=base.BAR_ROOM + SLIDER_ROOM)
    figure.add_trace(first)
    figure.frames = [
        _frame(f"{n}", values, scale, quantity, (size[0], size[1]))
        for n, values, scale in zip(numbers, one_by_one, scales, strict=True)
    ]
    figure.update_layout(sliders=[_slider(numbers, start, [bool(values.any()) for values in one_by_one])])
    alt = _("{n} channels, one at a time; channel {first} is shown; values from {span}.").format(
        n=len(numbers), first=numbers[start], span=base.span(channels)
    )
    return finish(figure, words, alt, _pooled(factor), *_scale_note(channels, shared, per_channel))


def _pooled(factor: int) -> str:
    if factor <= 1:
        return ""
    return _("While scrubbing, each cell shows the strongest of {k}\u00d7{k} values.").format(k=factor)


def _scale_note(channels: Values, limits: Limits, per_channel: bool) -> list[str]:
    if per_channel:
        return [_("Each channel has its own colour range: compare shapes, not strengths.")]
    return [_("One scale for all channels."), base.clipped_note(channels, limits)]


def _trace(values: Values, kind: str, limits: Limits, quantity: str, size: tuple[int, int]) -> go.Heatmap:
    trace = maps.map_trace(values, kind, limits, quantity, size)
    trace.update(customdata=None, hovertemplate=_hover(values, quantity, size))
    return trace.update(showscale=True, colorbar=base.colour_bar(quantity, limits))


def _frame(name: str, values: Values, limits: Limits, quantity: str, size: tuple[int, int]) -> dict[str, Any]:
    """Only what differs from the first trace: the values, where they lie, and their range."""
    places, labels = base.ticks(limits)
    trace = {
        "type": "heatmap",
        "z": values,
        "x": maps.cell_places(values.shape[1], size[1]),
        "y": maps.cell_places(values.shape[0], size[0]),
        "zmin": limits[0],
        "zmax": limits[1],
        "colorbar": {"tickvals": places, "ticktext": labels},
        "hovertemplate": _hover(values, quantity, size),
    }
    return {"name": name, "data": [trace], "traces": [0]}


def _hover(values: Values, quantity: str, size: tuple[int, int]) -> str:
    where = _("row %{y:.0f}, column %{x:.0f}") if values.shape == size else _("near row %{y:.0f}, column %{x:.0f}")
    return f"{where}<br>{quantity} %{{z:.3g}}<extra></extra>"


def _slider(numbers: Sequence[int], start: int, active: Sequence[bool]) -> dict[str, Any]:
    """The slider; a channel that is 0 everywhere says so in its label, since its picture is just dark."""
    labels = [f"{n}" if loud else f"{n}: 0" for n, loud in zip(numbers, active, strict=True)]
    jump = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}, "transition": {"duration": 0}}
    return {
        "active": start,
        "steps": [
            {"label": label, "method": "animate", "args": [[f"{n}"], jump]}
            for n, label in zip(numbers, labels, strict=True)
        ],
        "currentvalue": {"prefix": _("channel") + " ", "font": {"size": 14, "color": tokens.TEXT}, "xanchor": "left"},
        "x": 0,
        "len": 1,
        "y": 0,
        "yanchor": "top",
        "pad": {"t": base.BAR_ROOM - 4, "b": 0, "l": 8, "r": 8},
        "font": {"size": 12, "color": tokens.TEXT},
        "ticklen": 3,
        "minorticklen": 0,
        "transition": {"duration": 0},
    }
