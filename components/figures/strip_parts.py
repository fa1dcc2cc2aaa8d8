"""The parts of the network strip: its blocks as boxes with a face, and the row of layers under the current one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from components import raster, tokens
from components.figures import base
from components.raster import Pixels

WIDTH = 1000.0
FACE = 56.0
MIDDLE, LABELS, CARET, DOTS = 36.0, 77.0, 92.0, 107.0
GLYPHS = {
    "conv": "square",
    "pointwise": "hexagon",
    "depthwise": "square-cross",
    "norm": "diamond",
    "activation": "triangle-up",
    "pool": "triangle-down",
    "dense": "circle",
    "add": "cross",
    "concat": "bowtie",
    "flatten": "line-ew",
    "dropout": "x",
    "padding": "octagon",
    "resize": "hourglass",
    "input": "star",
}
_FAINT = "rgba(122,133,148,0.38)"


@dataclass(frozen=True)
class Dot:
    """A layer in the row under its block; one that the page can't use is dimmed, with the reason on hover."""

    name: str
    kind: str
    usable: bool = True
    reason: str = ""


@dataclass(frozen=True)
class Block:
    """A run of layers of equal resolution. `thumb` is its face (PNG bytes or pixels), None behind the last map.

    `size` is (rows, columns) of its maps, None behind the last; `channels` its most channels.
    """

    label: str
    layers: tuple[Dot, ...]
    thumb: bytes | Pixels | None = None
    size: tuple[int, int] | None = None
    channels: int = 1


@dataclass
class Sketch:
    """Shapes and images gathered up and handed to Plotly at once: it checks all of them again at each addition."""

    shapes: list[dict[str, Any]] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)


def _side(size: tuple[int, int] | None) -> float:
    """Side of a face: logarithm of the resolution, from 1 to 224 and beyond."""
    return min(FACE, 20 + 36 * math.log2(max(size or (1,))) / math.log2(224)) if size and max(size) > 0 else 20.0


def _depth(channels: int) -> float:
    """How far a block reaches back: logarithm of its channels, 2 to 14 pixels."""
    return min(14.0, 2 + 1.1 * math.log2(max(channels, 1)))


def _image(sketch: Sketch, source: Pixels | bytes, x: float, slot: float, width: float, height: float) -> None:
    image = {
        "source": raster.data_uri(source),
        "xref": "x",
        "yref": "y",
        "x": x,
        "y": MIDDLE,
        "xanchor": "center",
        "yanchor": "middle",
        "sizex": slot if width >= height else slot * width / height,
        "sizey": height,
        "sizing": "contain",
        "layer": "above",
    }
    sketch.images.append(image)


def _outline(sketch: Sketch, x: float, half: tuple[float, float], colour: str, width: float, **more: Any) -> None:
    across, up = half
    shape = dict(
        type="rect",
        xsizemode="pixel",
        xanchor=x,
        x0=-across,
        x1=across,
        y0=MIDDLE - up,
        y1=MIDDLE + up,
        line={"color": colour, "width": width},
        **more,
    )
    sketch.shapes.append(shape)


def picture_slot(sketch: Sketch, picture: Pixels, x: float, slot: float, box: tuple[float, ...] | None) -> None:
    """The picture as the model gets it, with the receptive field of the Place."""
    rows, columns = picture.shape[:2]
    scale = FACE / max(rows, columns)
    wide, high = columns * scale, rows * scale
    _image(sketch, raster.picture_thumbnail(picture), x, slot, wide, high)
    _outline(sketch, x, (wide / 2, high / 2), tokens.LINE, 1)
    if box is None:
        return
    top, left, bottom, right = (edge * scale for edge in box)
    for colour, width, dash in ((tokens.WHITE, 4, "solid"), (tokens.INK, 2, "solid")):
        shape = {
            "type": "rect",
            "xsizemode": "pixel",
            "xanchor": x,
            "x0": left - wide / 2,
            "x1": right - wide / 2,
            "y0": MIDDLE - high / 2 + top,
            "y1": MIDDLE - high / 2 + bottom,
            "line": {"color": colour, "width": width, "dash": dash},
        }
        sketch.shapes.append(shape)


def face(sketch: Sketch, block: Block, x: float, slot: float, *, current: bool) -> None:
    """A block: its face as high as the resolution, reaching back as far as its channels; framed if current."""
    across = _side(block.size) / 2 if block.thumb is not None else 6.0
    up = across if block.thumb is not None else FACE / 2 - 4
    back = _depth(block.channels)
    top, bottom, lift = MIDDLE - up, MIDDLE + up, back * 0.5
    path = (
        f"M{-across},{top} L{back - across},{top - lift} L{back + across},{top - lift} "
        f"L{back + across},{bottom - lift} L{across},{bottom} L{across},{top} Z"
    )
    shape = {
        "type": "path",
        "path": path,
        "xsizemode": "pixel",
        "xanchor": x,
        "fillcolor": tokens.MAT_VEIL,
        "line": {"color": tokens.LINE, "width": 1},
    }
    sketch.shapes.append(shape)
    if block.thumb is not None:
        _image(sketch, block.thumb, x, slot, 2 * up, 2 * up)
        _outline(sketch, x, (across, up), tokens.LINE, 1)
    else:
        _outline(sketch, x, (across, up), tokens.LINE, 1, fillcolor=tokens.MAT_VEIL)
    if current:
        _outline(sketch, x, (across + 2, up + 2), tokens.ACCENT, 3)


def arrows_between(figure: go.Figure, centres: Sequence[float]) -> None:
    """The order of the chain, as small arrows."""
    middles = [(left + right) / 2 + 4 for left, right in pairwise(centres)]
    arrows = base.words_at(middles, [MIDDLE] * len(middles), ["\u203a"] * len(middles))
    figure.add_trace(arrows.update(textfont={"size": 18, "color": tokens.LINE}))


def layer_row(figure: go.Figure, block: Block, x: float, layer: str | None) -> None:
    """The row of the current block's layers, and a line from the block to the current one, which is filled."""
    dots = block.layers
    gap = min(24.0, (WIDTH - 24) / max(len(dots), 1))
    reach = gap * (len(dots) - 1) / 2
    middle = min(max(x, reach + 12), WIDTH - reach - 12)
    xs = [middle - reach + gap * position for position in range(len(dots))]
    chosen = next((at for at, dot in zip(xs, dots, strict=True) if dot.name == layer), x)
    caret = go.Scatter(x=[x, chosen], y=[CARET - 6, DOTS - 9], mode="lines", hoverinfo="skip", name="")
    figure.add_trace(caret.update(line={"width": 2, "color": tokens.ACCENT}))
    figure.add_trace(_dots(dots, xs, layer))


def _dots(dots: Sequence[Dot], xs: Sequence[float], layer: str | None) -> go.Scatter:
    here = [dot.name == layer for dot in dots]
    inks = [tokens.ACCENT if on else tokens.LINE if dot.usable else _FAINT for dot, on in zip(dots, here, strict=True)]
    glyphs = [GLYPHS.get(dot.kind, "circle") for dot in dots]
    seen = {"marker": {"opacity": 1}}
    return go.Scatter(
        x=list(xs),
        y=[DOTS] * len(dots),
        mode="markers",
        marker={
            "symbol": [glyph if on else f"{glyph}-open" for glyph, on in zip(glyphs, here, strict=True)],
            "size": [14 if on else 10 for on in here],
            "color": inks,
            "line": {"width": 1.5, "color": inks},
            "opacity": 1,
        },
        selected=seen,
        unselected=seen,
        customdata=[["layer", dot.name] for dot in dots],
        hovertext=[f"<b>{dot.name}</b> · {dot.kind}" + (f"<br>{dot.reason}" if not dot.usable else "") for dot in dots],
        hovertemplate="%{hovertext}<extra></extra>",
        name="layers",
        cliponaxis=False,
    )
