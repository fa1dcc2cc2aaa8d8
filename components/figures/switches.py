"""Channels that made a score, and the answer before and after some of them are switched off."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import plotly.graph_objects as go

from components import tokens
from components.figures import base
from components.figures.contract import Drawn, Words, finish
from components.text import _, number, percent, short

ROW = 20
ANSWER_ROW = 46
ROOM = 0.26
"""Share of the width that is left for a number at either end of the longest bar."""


def channel_bars(
    channels: Sequence[int],
    scores: Sequence[float],
    words: Words,
    *,
    quantity: str,
    off: Collection[int] = (),
    width: int = 440,
) -> Drawn:
    """Draw what each channel adds to a score, one a row, for in one ink and against in another.

    Channels that are `off` are hatched. A click reports ("channel", number).
    """
    count = len(channels)
    most = max((abs(float(score)) for score in scores), default=0.0) or 1.0
    low = most * (1 + ROOM) if any(score < 0 for score in scores) else most * ROOM
    figure = base.blank(width, ROW * max(count, 1) + 12, bargap=0, **base.HOVER)
    figure.update_layout(margin={"l": 46, "r": 4, "t": 4, "b": 4})
    figure.update_xaxes(range=[-low, most * (1 + ROOM)], visible=False, fixedrange=True)
    names = [f"{channel}" for channel in channels]
    figure.update_yaxes(
        range=[count - 0.5, -0.5], tickvals=list(range(count)), ticktext=names, showgrid=False, fixedrange=True
    )
    figure.update_yaxes(zeroline=False, ticks="")
    inks = [tokens.FOR if score >= 0 else tokens.AGAINST for score in scores]
    shapes = ["/" if channel in off else "" for channel in channels]
    pattern = {"shape": shapes, "fgcolor": tokens.WHITE, "fillmode": "overlay", "size": 6, "solidity": 0.5}
    bar = go.Bar(x=list(scores), y=list(range(count)), orientation="h", width=0.72, hoverinfo="skip")
    line = {"color": tokens.LINE, "width": 1}
    figure.add_trace(bar.update(marker={"color": inks, "line": line, "pattern": pattern}))
    for positive, place in ((True, "middle right"), (False, "middle left")):
        rows = [row for row in range(count) if (scores[row] >= 0) == positive]
        said = [f"\N{NO-BREAK SPACE}{number(float(scores[row]))}\N{NO-BREAK SPACE}" for row in rows]
        figure.add_trace(base.words_at([float(scores[row]) for row in rows], rows, said, textposition=place))
    hover = [
        f"<b>{_('channel')} {channel}</b><br>{quantity} {number(float(score))}"
        + (f"<br>{_('switched off')}" if channel in off else "")
        for channel, score in zip(channels, scores, strict=True)
    ]
    figure.add_trace(base.click_markers([0.0] * count, list(range(count)), [("channel", n) for n in channels], hover))
    listed = "; ".join(f"{channel}: {number(float(score))}" for channel, score in zip(channels, scores, strict=True))
    return finish(figure, words, _("{quantity} by channel: {said}.").format(quantity=quantity, said=listed))


def before_after(
    labels: Sequence[str],
    before: Sequence[float],
    after: Sequence[float],
    words: Words,
    *,
    target: int | None = None,
    indices: Sequence[int] = (),
    width: int = 440,
) -> Drawn:
    """Draw shares from 0 to 1 before (outline) and after (filled), one class a row, with both and their difference.

    `target` is a position in `labels`; a click reports ("class", number) with the classes' own `indices`.
    """
    count = len(labels)
    rows = [row + 0.2 for row in range(count)]
    figure = base.blank(width, ANSWER_ROW * count + 8, bargap=0, barmode="overlay", **base.HOVER)
    figure.update_layout(margin={"l": 2, "r": 2, "t": 4, "b": 4})
    figure.update_xaxes(range=[0, 1], visible=False, fixedrange=True)
    figure.update_yaxes(range=[count - 0.5, -0.5], visible=False, fixedrange=True)
    clear = {"color": "rgba(123,140,162,0.18)", "line": {"color": tokens.LINE, "width": 2}}
    quiet = {"orientation": "h", "hoverinfo": "skip"}
    figure.add_trace(go.Bar(x=list(before), y=rows, width=0.46, marker=clear, **quiet))
    figure.add_trace(go.Bar(x=list(after), y=rows, width=0.28, marker={"color": tokens.ACCENT}, **quiet))
    above = [row - 0.22 for row in range(count)]
    names = [f"<b>{short(name, 26)}</b>" if row == target else short(name, 28) for row, name in enumerate(labels)]
    said = [f"{percent(one)} → {percent(two)}" for one, two in zip(before, after, strict=True)]
    font = {"textfont": {"size": 13}}
    figure.add_trace(base.words_at([0] * count, above, names, textposition="middle right", **font))
    figure.add_trace(base.words_at([1] * count, above, said, textposition="middle left", **font))
    hover = [
        f"<b>{name}</b><br>{_('before')} {number(float(one))}<br>{_('after')} {number(float(two))}"
        f"<br>{_('difference')} {number(float(two - one))}"
        for name, one, two in zip(labels, before, after, strict=True)
    ]
    numbers = list(indices) or list(range(count))
    figure.add_trace(base.click_markers([0.5] * count, list(range(count)), [("class", n) for n in numbers], hover))
    alt = "; ".join(f"{name} {one}" for name, one in zip(labels, said, strict=True)) + "."
    return finish(figure, words, alt)
