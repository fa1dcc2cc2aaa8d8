"""The confusion matrix: true classes down, answers across, counts in the cells, mistakes in ink."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from components import tokens
from components.colour import text_on
from components.figures import base
from components.figures.contract import Drawn, Words, finish
from components.figures.film import walk
from components.text import _, ngettext, number, percent, short

Counts = NDArray[np.int64]
CELL_CAP, LEAST = 56, 240
READABLE = 24
"""Pixels of a cell from which on a count is written into it."""
NAMES, NAMES_NARROW = 96, 74
ABOVE, ABOVE_NARROW = 84, 74
SLANTED, RIGHT = 40, 34
"""Pixels of a cell from which on the names above are slanted, and the room that the last one needs then."""
LINE = 15
NARROW = 480
MOST_WALKED = 0.5
"""The share that is darkest over a training: an untrained network has cells of 1, beside which all others are pale."""
HATCHED = 8
"""Pixels of a cell from which on the diagonal is hatched."""
STRIPES = (0.15, 0.3, 0.45, 1.55, 1.7, 1.85)
"""Where the stripes of a hatched cell of side 1 cross its edges: in two corners, so that a count can be read."""
MOST_MARKED = 40
"""Classes up to which empty cells can be clicked too."""


def matrix(
    counts: Counts,
    names: Sequence[str],
    words: Words,
    *,
    cell: tuple[int, int] | None = None,
    width: int = 640,
) -> Drawn:
    """Draw counts (K, K), true classes in rows and answers in columns. A click reports ("mistake", true, answer).

    Ink is the share of a row's pictures; the diagonal, which is no mistake, has none. `cell` is framed.
    """
    shares = _mistaken(counts)
    figure, limits = _ground(names, width), (0.0, float(np.nanmax(shares, initial=0.0)) or 1.0)
    bar = _bar(figure, limits)
    figure.add_trace(base.heatmap(shares, "norm", limits, colorbar=bar, hoverinfo="skip", name=_("share")))
    note = _hatch(figure, len(names))
    if _side(figure, len(names)) >= READABLE:
        _write(figure, counts, shares, limits)
    figure.add_trace(_markers(counts, names))
    if cell is not None:
        row, column = cell
        base.frame(figure, column - 0.5, row - 0.5, column + 0.5, row + 0.5)
    return finish(figure, words, _alt(counts, names), note)


def over_training(
    counts: Counts, names: Sequence[str], said: Sequence[str], words: Words, *, width: int = 640
) -> Drawn:
    """Draw counts (T, K, K) of T moments, walked from the last; inks on one scale, what is said of each moment.

    A moment's right answers stand on the diagonal where there is room.
    """
    shares = [_mistaken(one) for one in counts]
    figure, limits = _ground(names, width), (0.0, MOST_WALKED)
    hover = _("true class {name}").format(name="%{customdata[0]}") + "<br>"
    hover += _("answer {name}").format(name="%{customdata[1]}") + "<br>%{z:.0%}<extra></extra>"
    pairs = [[(true, answer) for answer in names] for true in names]
    bar = _bar(figure, limits, _("{share} or more").format(share=percent(MOST_WALKED)))
    more = {"colorbar": bar, "customdata": pairs, "hovertemplate": hover, "hoverongaps": False}
    figure.add_trace(base.heatmap(shares[-1], "norm", limits, **more))
    note = _hatch(figure, len(names))
    frames: list[list[dict[str, Any]]] = [[{"type": "heatmap", "z": one.astype(np.float32)}] for one in shares]
    if _side(figure, len(names)) >= READABLE:
        note = _("Hatched: right answers, counted for the moment that is shown; they have no ink.")
        right = [[f"<b>{n}</b>" if n else "" for n in np.diag(one).tolist()] for one in counts]
        places = list(range(len(names)))
        figure.add_trace(base.words_at(places, places, right[-1], textfont={"color": tokens.TEXT, "size": 12}))
        frames = [[*frame, {"type": "scatter", "text": texts}] for frame, texts in zip(frames, right, strict=True)]
    walk(figure, frames, said, len(said) - 1, (0, len(figure.data) - 1)[: len(frames[0])])
    alt = _("{n} moments; the last: {last}").format(n=len(said), last=_alt(counts[-1], names))
    return finish(figure, words, alt, note)


def _mistaken(counts: Counts) -> NDArray[np.float64]:
    """Return each count as a share of its row, the diagonal open."""
    totals = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    shares = counts / totals
    np.fill_diagonal(shares, np.nan)
    return np.asarray(shares, np.float64)


def _hatch(figure: go.Figure, count: int) -> str:
    """Hatch the diagonal in another hue, since it is off the scale, and say so.

    Open or grey it would read as a share on one of the themes.
    """
    if _side(figure, count) < HATCHED:
        return _("Left open: right answers, which have no ink.")
    stripes = [
        [(at - 0.5 + max(0.0, on - 1), at - 0.5 + min(1.0, on)), (at - 0.5 + min(1.0, on), at - 0.5 + max(0.0, on - 1))]
        for at in range(count)
        for on in STRIPES
    ]
    edges = [base.corners(at - 0.5, at - 0.5, at + 0.5, at + 0.5) for at in range(count)]
    veil = base.lines(edges, tokens.CLEAR, 0)
    figure.add_trace(veil.update(fill="toself", fillcolor=tokens.RIGHT_VEIL))
    figure.add_trace(base.lines([*stripes, *edges], tokens.SERIES[2], 1))
    return _("Hatched: right answers, which have no ink.")


def _bar(figure: go.Figure, limits: base.Limits, most: str = "") -> dict[str, Any]:
    bar = base.colour_bar(base.wrapped(figure, _("share of the true class, mistakes only")), limits)
    return {**bar, "tickvals": list(limits), "ticktext": [percent(limits[0]), most or percent(limits[1])]}


def _ground(names: Sequence[str], width: int) -> go.Figure:
    """A square picture with the classes' names at its left and above it, slanted where there is room."""
    narrow, count = width < NARROW, len(names)
    left, above = (NAMES_NARROW, ABOVE_NARROW) if narrow else (NAMES, ABOVE)
    upright = narrow or (width - left - RIGHT) / count < SLANTED
    right = 0 if upright else RIGHT
    side = min(width - left - right, max(CELL_CAP * count, LEAST))
    figure = base.blank(left + side + right, above + side + base.BAR_ROOM, **base.HOVER)
    figure.update_layout(margin={"l": left, "r": right, "t": above, "b": base.BAR_ROOM}, plot_bgcolor=tokens.CLEAR)
    written = _short(names, round((left - 10) / base.CHARACTER))
    places = list(range(0, count, max(1, math.ceil(LINE * count / side))))
    axis: dict[str, Any] = {"showgrid": False, "zeroline": False, "fixedrange": True, "constrain": "domain"}
    axis |= {"tickmode": "array", "tickvals": places, "ticktext": [written[at] for at in places]}
    axis |= {"tickfont": {"size": 12, "color": tokens.TEXT}, "showline": False}
    turned = {"tickangle": -90 if upright else -40, "ticklabeloverflow": "allow"}
    figure.update_xaxes(range=[-0.5, count - 0.5], side="top", **turned, **axis)
    figure.update_yaxes(range=[count - 0.5, -0.5], scaleanchor="x", constraintoward="top", **axis)
    corner = {"x": -0.5, "y": -0.5, "xanchor": "right", "yanchor": "bottom", "xshift": -8, "yshift": 4}
    said = f"<b>{_('answer')} \u2192<br>{_('true')} \u2193</b>"
    figure.add_annotation(text=said, showarrow=False, align="right", font={"size": 12, "color": tokens.TEXT}, **corner)
    return figure


def _short(names: Sequence[str], room: int) -> list[str]:
    """Shorten names, in the middle where they would else be alike."""
    written = [short(name, room) for name in names]
    if len(set(written)) == len(set(names)):
        return written
    head, tail = room // 2, room - room // 2 - 1
    return [name if len(name) <= room else f"{name[:head]}\u2026{name[-tail:]}" for name in names]


def _side(figure: go.Figure, count: int) -> float:
    """How many pixels a cell is wide."""
    return float((figure.layout.width - figure.layout.margin.l - figure.layout.margin.r) / count)


def _write(figure: go.Figure, counts: Counts, shares: NDArray[np.float64], limits: base.Limits) -> None:
    """Put each count into its cell, black or white by the ink under it; nothing where it is 0."""
    ys, xs = np.nonzero(counts)
    colours = tokens.SCALE["norm"]
    on_diagonal = [tokens.TEXT if row == column else "" for row, column in zip(ys, xs, strict=True)]
    inks = [
        ink or text_on(colours.colour(float(shares[row, column]), limits))
        for ink, row, column in zip(on_diagonal, ys, xs, strict=True)
    ]
    said = [
        f"<b>{counts[row, column]}</b>" if row == column else str(counts[row, column])
        for row, column in zip(ys, xs, strict=True)
    ]
    figure.add_trace(base.words_at(xs.tolist(), ys.tolist(), said, textfont={"color": inks, "size": 12}))


def _markers(counts: Counts, names: Sequence[str]) -> go.Scatter:
    """Markers that take hover and clicks; of a very large matrix only where something was counted."""
    all_of_them = len(names) <= MOST_MARKED
    ys, xs = np.nonzero(np.ones_like(counts) if all_of_them else counts)
    totals = counts.sum(axis=1)
    places = list(zip(ys.tolist(), xs.tolist(), strict=True))
    hover = [_hover(names[row], names[column], int(counts[row, column]), int(totals[row])) for row, column in places]
    data = [("mistake", row, column) for row, column in places]
    return base.click_markers(xs.tolist(), ys.tolist(), data, hover)


def _hover(true: str, answer: str, count: int, total: int) -> str:
    share = percent(count / total) if total else "\u2013"
    counted = ngettext("{n} picture", "{n} pictures", count).format(n=number(count))
    return (
        f"<b>{counted}</b> · {share}<br>" + _("true class {name}").format(name=true) + "<br>"
        + _("answer {name}").format(name=answer)
    )  # fmt: skip


def _alt(counts: Counts, names: Sequence[str]) -> str:
    """Say the whole in a sentence, and each class's most frequent mistake."""
    wrong = counts - np.diag(np.diag(counts))
    said = [
        _("{true} as {answer} {n}").format(true=names[row], answer=names[int(line.argmax())], n=int(line.max()))
        for row, line in enumerate(wrong)
        if line.any()
    ]
    whole = _("{right} of {n} pictures on the diagonal.").format(
        right=number(int(np.trace(counts))), n=number(int(counts.sum()))
    )
    return whole + (" " + _("Most frequent mistakes: {list}.").format(list="; ".join(said[:20])) if said else "")
