"""The network strip: picture, blocks with real thumbnails, answer; under the current block its layers."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from components.figures import base
from components.figures.contract import Drawn, Words, finish
from components.figures.strip_parts import (
    FACE,
    LABELS,
    MIDDLE,
    WIDTH,
    Block,
    Dot,
    Sketch,
    arrows_between,
    face,
    layer_row,
    picture_slot,
)
from components.raster import Pixels
from components.text import _, short

__all__ = ["HEIGHT", "MOST_BLOCKS", "Block", "Dot", "strip"]

HEIGHT = 120
MOST_BLOCKS = 9


def strip(
    blocks: Sequence[Block],
    *,
    current_layer: str | None,
    current_block: int | None,
    picture: Pixels,
    answer: str = "",
    box: tuple[float, float, float, float] | None = None,
    compact: bool = False,
) -> Drawn:
    """Draw the network as a chain of at most nine blocks, one of them current.

    `box` (top, left, bottom, right) is a receptive field in picture pixels. `answer` is the top class, "name, 39 %".
    `compact`, for a phone, keeps the current block and its neighbours, without the row of layers.
    Clicks report ("block", position) or ("layer", name). Raises ValueError for more than nine blocks.
    """
    if len(blocks) > MOST_BLOCKS:
        raise ValueError(f"blocks: expected at most {MOST_BLOCKS}, got {len(blocks)}; join neighbours first")
    current = current_block if current_block is not None and current_block < len(blocks) else None
    shown = _near(len(blocks), current or 0) if compact else range(len(blocks))
    figure = _ground(LABELS + 14 if compact else HEIGHT)
    slot = WIDTH / (len(shown) + 2)
    centres = [slot * (position + 0.5) for position in range(len(shown) + 2)]
    sketch = Sketch()
    picture_slot(sketch, picture, centres[0], slot, box)
    for position, x in zip(shown, centres[1:], strict=False):
        face(sketch, blocks[position], x, slot, current=position == current)
    figure.update_layout(shapes=sketch.shapes, images=sketch.images)
    arrows_between(figure, centres)
    _texts(figure, [blocks[position].label for position in shown], centres, answer)
    if blocks:
        figure.add_trace(_block_markers(blocks, shown, centres))
    if current is not None and not compact:
        layer_row(figure, blocks[current], centres[current + 1], current_layer)
    return finish(figure, _words(blocks, current_layer), _alt(blocks, current, answer))


def _ground(height: float) -> go.Figure:
    figure = base.blank(round(WIDTH), round(height), hovermode="closest", hoverdistance=24)
    figure.update_layout(margin={"l": 0, "r": 0, "t": 0, "b": 0})
    figure.update_xaxes(range=[0, WIDTH], visible=False, fixedrange=True)
    figure.update_yaxes(range=[height, 0], visible=False, fixedrange=True)
    return figure


def _near(count: int, current: int) -> range:
    """The current block and its neighbours: at most three."""
    first = max(0, min(current - 1, count - 3))
    return range(first, min(count, first + 3))


def _words(blocks: Sequence[Block], layer: str | None) -> Words:
    title = _("The network, {n} blocks of layers").format(n=len(blocks))
    faces = _("Each block shows the strongest channel of its last layer with rows and columns, on its own scale.")
    return Words(title if layer is None else f"{title}: {short(layer, 50)}", faces)


def _texts(figure: go.Figure, chain: Sequence[str], centres: Sequence[float], answer: str) -> None:
    name, _comma, share = answer.rpartition(", ")
    if "%" not in share:
        name, share = answer, ""
    labels = [_("picture"), *chain, short(name, 15)]
    figure.add_trace(base.words_at(centres, [LABELS] * len(labels), labels, textfont={"size": 12}))
    if share:
        big = base.words_at([centres[-1]], [MIDDLE], [f"<b>{share}</b>"], textfont={"size": 20})
        figure.add_trace(big.update(cliponaxis=False))


def _block_markers(blocks: Sequence[Block], shown: Sequence[int], centres: Sequence[float]) -> go.Scatter:
    hover = []
    for block in (blocks[position] for position in shown):
        first, last, n = block.layers[0].name, block.layers[-1].name, len(block.layers)
        usable = sum(dot.usable for dot in block.layers)
        note = "" if usable else "<br>" + (block.layers[0].reason or _("not usable on this page"))
        hover.append(f"<b>{block.label}</b><br>{n} {_('layers')}: {first} … {last}{note}")
    data = [("block", position) for position in shown]
    markers = base.click_markers(centres[1:-1], [MIDDLE] * len(shown), data, hover)
    markers.marker.size = FACE
    return markers


def _alt(blocks: Sequence[Block], current: int | None, answer: str) -> str:
    said = [_("From the picture through {chain}.").format(chain=", ".join(block.label for block in blocks))]
    if current is not None:
        said.append(_("Block {n} of {of} is current.").format(n=current + 1, of=len(blocks)))
    if answer:
        said.append(_("Answer: {answer}.").format(answer=answer))
    return " ".join(said)
