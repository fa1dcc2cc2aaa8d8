"""The network strip: picture, blocks with real thumbnails, answer; under the current block its layers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from components import raster, tokens
from components.figures import base
from components.figures.contract import Drawn, Words, finish
from components.raster import Pixels
from components.text import _, short

HEIGHT = 120
WIDTH = 1000.0
FACE = 56.0
MIDDLE, LABELS, CARET, DOTS = 36.0, 77.0, 92.0, 107.0
MOST_BLOCKS = 9
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


def strip(
    blocks: Sequence[Block],
    *,
    current_layer: str | None,
    current_block: int | None,
    picture: Pixels,
    answer: str = "",
    box: tuple[float, float, float, float] | None = None,
) -> Drawn:
    """Draw the network as a chain of at most nine blocks, one of them current.

    `box` (top, left, bottom, right) is a receptive field in picture pixels. `answer` is the top class, "name, 39 %".
    Clicks report ("block", position) or ("layer", name). Raises ValueError for more than nine blocks.
    """
    if len(blocks) > MOST_BLOCKS:
        raise ValueError(f"blocks: expected at most {MOST_BLOCKS}, got {len(blocks)}; join neighbours first")
    figure = base.blank(round(WIDTH), HEIGHT, hovermode="closest", hoverdistance=24)
    figure.update_layout(margin={"l": 0, "r": 0, "t": 0, "b": 0})
    figure.update_xaxes(range=[0, WIDTH], visible=False, fixedrange=True)
    figure.update_yaxes(range=[HEIGHT, 0], visible=False, fixedrange=True)
    slot = WIDTH / (len(blocks) + 2)
    centres = [slot * (position + 0.5) for position in range(len(blocks) + 2)]
    _picture(figure, picture, centres[0], slot, box)
    for position, block in enumerate(blocks):
        _face(figure, block, centres[position + 1], slot, current=position == current_block)
    _between(figure, centres)
    _texts(figure, blocks, centres, answer)
    if blocks:
        figure.add_trace(_block_markers(blocks, centres))
    if current_block is not None and current_block < len(blocks):
        _current(figure, blocks[current_block], centres[current_block + 1], current_layer)
    return finish(figure, _words(blocks, current_layer), _alt(blocks, current_block, answer))


def _words(blocks: Sequence[Block], layer: str | None) -> Words:
    title = _("The network, {n} blocks of layers").format(n=len(blocks))
    faces = _("Each block shows the strongest channel of its last layer with rows and columns, on its own scale.")
    return Words(title if layer is None else f"{title}: {short(layer, 50)}", faces)


def _side(size: tuple[int, int] | None) -> float:
    """Side of a face: logarithm of the resolution, from 1 to 224 and beyond."""
    return min(FACE, 20 + 36 * math.log2(max(size or (1,))) / math.log2(224)) if size and max(size) > 0 else 20.0


def _depth(channels: int) -> float:
    """How far a block reaches back: logarithm of its channels, 2 to 14 pixels."""
    return min(14.0, 2 + 1.1 * math.log2(max(channels, 1)))


def _image(figure: go.Figure, source: Pixels | bytes, x: float, slot: float, width: float, height: float) -> None:
    figure.add_layout_image(
        source=raster.data_uri(source),
        xref="x",
        yref="y",
        x=x,
        y=MIDDLE,
        xanchor="center",
        yanchor="middle",
        sizex=slot if width >= height else slot * width / height,
        sizey=height,
        sizing="contain",
        layer="above",
    )


def _outline(figure: go.Figure, x: float, half: tuple[float, float], colour: str, width: float, **more: Any) -> None:
    across, up = half
    figure.add_shape(
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


def _picture(figure: go.Figure, picture: Pixels, x: float, slot: float, box: tuple[float, ...] | None) -> None:
    rows, columns = picture.shape[:2]
    scale = FACE / max(rows, columns)
    wide, high = columns * scale, rows * scale
    _image(figure, raster.picture_thumbnail(picture), x, slot, wide, high)
    _outline(figure, x, (wide / 2, high / 2), tokens.LINE, 1)
    if box is None:
        return
    top, left, bottom, right = (edge * scale for edge in box)
    for colour, width, dash in ((tokens.WHITE, 4, "solid"), (tokens.INK, 2, "solid")):
        figure.add_shape(
            type="rect",
            xsizemode="pixel",
            xanchor=x,
            x0=left - wide / 2,
            x1=right - wide / 2,
            y0=MIDDLE - high / 2 + top,
            y1=MIDDLE - high / 2 + bottom,
            line={"color": colour, "width": width, "dash": dash},
        )


def _face(figure: go.Figure, block: Block, x: float, slot: float, *, current: bool) -> None:
    across = _side(block.size) / 2 if block.thumb is not None else 6.0
    up = across if block.thumb is not None else FACE / 2 - 4
    back = _depth(block.channels)
    top, bottom, lift = MIDDLE - up, MIDDLE + up, back * 0.5
    path = (
        f"M{-across},{top} L{back - across},{top - lift} L{back + across},{top - lift} "
        f"L{back + across},{bottom - lift} L{across},{bottom} L{across},{top} Z"
    )
    figure.add_shape(
        type="path", path=path, xsizemode="pixel", xanchor=x, fillcolor=tokens.MAT_VEIL, line={"color": tokens.LINE, "width": 1}
    )
    if block.thumb is not None:
        _image(figure, block.thumb, x, slot, 2 * up, 2 * up)
        _outline(figure, x, (across, up), tokens.LINE, 1)
    else:
        _outline(figure, x, (across, up), tokens.LINE, 1, fillcolor=tokens.MAT_VEIL)
    if current:
        _outline(figure, x, (across + 2, up + 2), tokens.ACCENT, 3)


def _between(figure: go.Figure, centres: Sequence[float]) -> None:
    middles = [(left + right) / 2 + 4 for left, right in pairwise(centres)]
    arrows = base.words_at(middles, [MIDDLE] * len(middles), ["\u203a"] * len(middles))
    figure.add_trace(arrows.update(textfont={"size": 18, "color": tokens.LINE}))


def _texts(figure: go.Figure, blocks: Sequence[Block], centres: Sequence[float], answer: str) -> None:
    name, _comma, share = answer.rpartition(", ")
    if "%" not in share:
        name, share = answer, ""
    labels = [_("picture"), *(block.label for block in blocks), short(name, 15)]
    figure.add_trace(base.words_at(centres, [LABELS] * len(labels), labels, textfont={"size": 12}))
    if share:
        big = base.words_at([centres[-1]], [MIDDLE], [f"<b>{share}</b>"], textfont={"size": 20})
        figure.add_trace(big.update(cliponaxis=False))


def _block_markers(blocks: Sequence[Block], centres: Sequence[float]) -> go.Scatter:
    hover = []
    for block in blocks:
        first, last, n = block.layers[0].name, block.layers[-1].name, len(block.layers)
        usable = sum(dot.usable for dot in block.layers)
        note = "" if usable else "<br>" + (block.layers[0].reason or _("not usable on this page"))
        hover.append(f"<b>{block.label}</b><br>{n} {_('layers')}: {first} … {last}{note}")
    data = [("block", position) for position in range(len(blocks))]
    markers = base.click_markers(centres[1:-1], [MIDDLE] * len(blocks), data, hover)
    markers.marker.size = FACE
    return markers


def _current(figure: go.Figure, block: Block, x: float, layer: str | None) -> None:
    """The caret under the current block and the row of its layers, the current one filled."""
    dots = block.layers
    gap = min(24.0, (WIDTH - 24) / max(len(dots), 1))
    reach = gap * (len(dots) - 1) / 2
    middle = min(max(x, reach + 12), WIDTH - reach - 12)
    xs = [middle - reach + gap * position for position in range(len(dots))]
    caret = go.Scatter(x=[x], y=[CARET], mode="markers", hoverinfo="skip", name="")
    figure.add_trace(caret.update(marker={"symbol": "triangle-up", "size": 9, "color": tokens.ACCENT}))
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


def _alt(blocks: Sequence[Block], current: int | None, answer: str) -> str:
    said = [_("From the picture through {chain}.").format(chain=", ".join(block.label for block in blocks))]
    if current is not None:
        said.append(_("Block {n} of {of} is current.").format(n=current + 1, of=len(blocks)))
    if answer:
        said.append(_("Answer: {answer}.").format(answer=answer))
    return " ".join(said)
