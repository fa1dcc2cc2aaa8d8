"""The terms of one number: for each channel read the patch, the kernel slice, their products and their sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from components.figures import base, panels
from components.figures.base import Limits, Values
from components.figures.contract import Drawn, Words, finish
from components.figures.panels import Spot
from components.raster import natural_limits
from components.text import _, number, percent

NAME, SIGN, SUM, GAP, TITLE = 2.5, 0.8, 2.4, 0.5, 1.0
NARROW_CELL = 1.7
"""How wide the cells of a grid of one column are, so that its number has room."""
LEAST, NARROW = 26.0, 560
MOST_WRITTEN = 5


@dataclass(frozen=True, eq=False)
class Terms:
    """Channels `numbers` (n,) with their patches and kernel slices, (n, kh, kw) each.

    `sums` (n,) are the products' sums and `shares` (n,) their shares of the whole.
    `noun` names what a term reads, "channel" or "unit"; `kind` the colours of the patches. `limits` are those of all
    values, weights and products, drawn or not, so that every page has one scale and the same decimals. `inside`
    (kh, kw) is False where the window lies in the padding.
    """

    numbers: Sequence[int]
    patches: Values
    kernels: Values
    sums: Values
    shares: Values
    noun: str
    kind: str
    limits: tuple[Limits, Limits, Limits]
    inside: Values


def terms(given: Terms, words: Words, *, chosen: int | None = None, width: int = 960) -> Drawn:
    """Draw each term on a line of its own, in two columns where there is room. Clicks: ("input", number)."""
    rows, columns = given.kernels.shape[1:]
    wide = NARROW_CELL if columns == 1 else 1.0
    over = width < NARROW
    name = 0.1 if over else NAME
    line = name + 3 * columns * wide + 2 * SIGN + SUM
    across = 2 if len(given.numbers) > 1 and 2 * line * LEAST <= width else 1
    lines = -(-len(given.numbers) // across)
    step = rows + GAP + (0.8 if over else 0.3 if rows == 1 else 0)
    figure = panels.board(across * (line + SIGN) - SIGN, TITLE + lines * step + 0.2, width, 40, base.MARGIN)
    spots = []
    for at in range(len(given.numbers)):
        left, top = (at // lines) * (line + SIGN) + name, TITLE + (0.6 if over else 0) + (at % lines) * step
        apart = columns * wide + SIGN
        spots.append([Spot(left + place * apart, top, rows, columns, wide) for place in range(3)])
    written = max(rows, columns) <= MOST_WRITTEN and figure.layout.width / figure.layout.xaxis.range[1] >= 22
    _draw(figure, given, spots, written)
    _say(figure, given, spots, across, over)
    if chosen is not None and chosen in given.numbers:
        first, *_middle, last = spots[list(given.numbers).index(chosen)]
        base.frame(figure, first.left - 0.08, first.top - 0.08, last.right + 0.08, last.bottom + 0.08)
    alt = _("{n} terms: {said}.").format(
        n=len(given.numbers),
        said="; ".join(
            f"{given.noun} {n} {number(float(one))}" for n, one in zip(given.numbers, given.sums, strict=True)
        ),
    )
    note = "" if written else _("The cells are too small for numbers: they are on hover.")
    return finish(figure, words, alt, note)


def _draw(figure: go.Figure, given: Terms, spots: list[list[Spot]], written: bool) -> None:
    patches = np.where(given.inside, given.patches, np.nan)
    missing = np.where(given.inside, "NaN", "0")
    for place, (values, kind, said) in enumerate(
        (
            (patches, given.kind, _("value")),
            (given.kernels, "weights", _("weight")),
            (patches * given.kernels, "activation_signed", _("product")),
        )
    ):
        limits = given.limits[place]
        digits = 3 if values[0].size == 1 else 2
        known = panels.written(np.append(values, limits[1]), digits)[:-1]
        others = np.broadcast_to(missing, values.shape).ravel().tolist()
        texts = [text or other for text, other in zip(known, others, strict=True)]
        colours, where = [], []
        for at, one in enumerate(values):
            spot = spots[at][place]
            figure.add_trace(panels.grid(spot, one, kind, limits, said))
            colours += panels.inks(one, kind, limits)
            where += [(x, y) for y in spot.ys for x in spot.xs]
        if written:
            trace = base.words_at([x for x, _y in where], [y for _x, y in where], texts)
            figure.add_trace(trace.update(textfont={"color": colours, "size": 12}))


def _say(figure: go.Figure, given: Terms, spots: list[list[Spot]], across: int, over: bool) -> None:
    """Write the channels, the signs, the sums and the names of the columns, and lay the marks that take clicks."""
    names, sums, signs, words, marks = [], [], [], [], []
    for (first, middle, last), n, total, share in zip(spots, given.numbers, given.sums, given.shares, strict=True):
        y = first.middle[1]
        said = f"<b>{given.noun} {n}</b>{' · ' if over else '<br>'}{percent(float(share))}"
        names.append((first.left, first.top - 0.4, said) if over else (first.left - 0.25, y, said))
        alone = last.rows * last.columns == 1
        sums.append((last.right + 0.25, y, "" if alone else f"\u03a3 <b>{number(float(total))}</b>"))
        signs += [((first.right + middle.left) / 2, y), ((middle.right + last.left) / 2, y)]
        words += ["\u00d7", "="]
        marks.append((first.middle[0], first.top - 0.4) if over else (first.left - NAME / 2, y))
    shown = ((names, "middle right" if over else "middle left"), (sums, "middle right"))
    for placed, where in shown:
        xs, ys, texts = zip(*placed, strict=True)
        figure.add_trace(base.words_at(xs, ys, texts, textposition=where, textfont={"size": 12}))
    figure.add_trace(panels.signs(signs, words))
    heads = [spots[0], spots[-1]][:across]  # those of one column lie under one another
    for name, place in ((_("reads"), 0), (_("kernel"), 1), (_("products"), 2)):
        figure.add_trace(panels.signs([(trio[place].middle[0], 0.4) for trio in heads], [name] * across, 12))
    data = [("input", int(n)) for n in given.numbers]
    hover = [f"{given.noun} {n}: {float(one)!r}" for n, one in zip(given.numbers, given.sums, strict=True)]
    figure.add_trace(base.click_markers([x for x, _y in marks], [y for _x, y in marks], data, hover))


def limits_of(values: Values, weights: Values, kind: str) -> tuple[Limits, Limits, Limits]:
    """The ends of the scales of values, weights and their products."""
    return (
        natural_limits(values, kind),
        natural_limits(weights, "weights"),
        natural_limits(values * weights, "activation_signed"),
    )


def share_of(sums: Values) -> Values:
    """Each sum's share of the sizes of all sums, signs left aside, so that no share passes the whole."""
    whole = float(np.abs(sums).sum())
    return np.abs(sums) / whole if whole else np.zeros_like(sums)
