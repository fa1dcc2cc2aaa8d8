"""Kernels as pictures: mosaics, one in full, in colour, a trained and an untrained set on one scale, statistics."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from components import tokens
from components.figures import base
from components.figures.base import Limits, Values
from components.figures.contract import Drawn, Words, finish
from components.figures.mosaic import (
    CELL_CAP,
    Grid,
    LabelPlace,
    assemble,
    fitting_columns,
    label,
    markers,
    mosaic,
    plan,
)
from components.raster import natural_limits
from components.text import _, number

SMALL = 3
WRITTEN_CELL, NARROW_CELL = 42.0, 31.0
MOST_WRITTEN = 12


def kernels(
    slices: Values,
    numbers: Sequence[int],
    words: Words,
    *,
    limits: Limits | None = None,
    per_kernel: bool = False,
    columns: int | None = None,
    pinned: int | None = None,
    width: int = 640,
) -> Drawn:
    """Draw one slice of each kernel, (n, kh, kw), on one symmetric scale or each on its own. Clicks: ("kernel", n)."""
    slices = np.asarray(slices)
    return mosaic(
        slices,
        numbers,
        "weights",
        words,
        quantity=_("weight"),
        limits=limits,
        per_tile=per_kernel,
        columns=columns or fitting_columns(len(slices), slices.shape[2], width, 10),
        pinned=pinned,
        labels="row",
        noun="kernel",
        silent=False,
        width=width,
    )


def one_kernel(
    kernel: Values, words: Words, *, numbers: Sequence[int] = (), limits: Limits | None = None, width: int = 600
) -> Drawn:
    """Draw every slice of one kernel, (kh, kw, in), with numbers in the cells of small ones. Clicks: ("input", n)."""
    slices = np.moveaxis(np.asarray(kernel), -1, 0)
    count, tall, wide = slices.shape
    written = max(tall, wide) <= SMALL and count <= MOST_WRITTEN
    one_row = count * (wide + 1) + 1
    cell = WRITTEN_CELL if width >= WRITTEN_CELL * one_row or width < NARROW_CELL * one_row else NARROW_CELL
    columns = fitting_columns(count, wide, width, cell if written else 12)
    many: LabelPlace = "tile" if written or wide > SMALL else "row"
    return mosaic(
        slices,
        list(numbers) or list(range(count)),
        "weights",
        words,
        quantity=_("weight"),
        limits=limits,
        columns=columns,
        labels=many if count > 1 else "none",
        noun="input",
        written=(2 if cell == NARROW_CELL and np.abs(slices).max() < 1 else 3) if written else 0,
        cap=1.3 * WRITTEN_CELL if written else CELL_CAP,
        width=width,
    )


def rgb_kernels(
    weights: Values,
    words: Words,
    *,
    numbers: Sequence[int] = (),
    limit: float | None = None,
    pinned: int | None = None,
    width: int = 640,
) -> Drawn:
    """Draw first-layer kernels, (kh, kw, 3, n), as colours: mid grey is 0, one scale. Clicks: ("kernel", n).

    Raises ValueError unless there are three input channels.
    """
    weights = np.asarray(weights, dtype=np.float64)
    if weights.ndim != 4 or weights.shape[2] != 3:
        raise ValueError(f"weights: expected (kh, kw, 3, n), got {weights.shape}; only three inputs make a colour")
    limit = limit or natural_limits(weights, "weights")[1]
    tiles = np.moveaxis(weights, -1, 0)
    numbers = list(numbers) or list(range(len(tiles)))
    columns = fitting_columns(len(tiles), tiles.shape[2], width, 12)
    grid = plan((tiles.shape[1], tiles.shape[2]), len(tiles), columns, width, "row")
    figure = base.canvas(*grid.shape, width, bar=False, mat=True, cap=CELL_CAP)
    shown = np.rint(127.5 + 127.5 * np.nan_to_num(np.clip(tiles / limit, -1, 1))).astype(np.uint8)
    bands = [assemble(shown[..., band], grid) for band in range(3)]
    whole = np.stack([*bands, np.where(np.isnan(bands[0]), 0, 255)], axis=-1)
    pixels = np.nan_to_num(whole).astype(np.uint8).repeat(12, axis=0).repeat(12, axis=1)
    base.place_picture(figure, pixels, *grid.shape)
    label(figure, grid, numbers, "row")
    figure.add_trace(markers(grid, numbers, np.abs(tiles).max(axis=-1), _("largest |weight|"), "kernel"))
    if pinned is not None and pinned in numbers:
        base.frame(figure, *grid.box(numbers.index(pinned)))
    note = _("Mid grey is 0; full red, green or blue is {limit}.").format(limit=number(limit))
    if not np.isfinite(weights).all():
        note += " " + _("Weights that are not a number are grey too.")
    alt = _("{n} kernels as colours, weights from {span}.").format(n=len(tiles), span=base.span(weights))
    return finish(figure, words, alt, note)


def twins(
    trained: Values,
    untrained: Values,
    numbers: Sequence[int],
    words: Words,
    *,
    limits: Limits | None = None,
    columns: int | None = None,
    pinned: int | None = None,
    width: int = 640,
) -> Drawn:
    """Draw two sets of kernels, (n, kh, kw) each, one over the other on one scale with one colour bar."""
    both = np.concatenate([trained, untrained]).astype(np.float32)
    limits = limits or natural_limits(both, "weights")
    columns = columns or fitting_columns(len(numbers), both.shape[2], width, 10)
    grid = plan((both.shape[1], both.shape[2]), len(numbers), columns, width, "row")
    head = max(1, round(20 / min(CELL_CAP, width / grid.shape[1])))
    upper, lower = assemble(np.asarray(trained), grid), assemble(np.asarray(untrained), grid)
    gap = np.full((head, grid.shape[1]), np.nan, dtype=np.float32)
    whole = np.concatenate([gap, upper, gap, lower])
    figure = base.canvas(whole.shape[0], whole.shape[1], width, mat=True, cap=CELL_CAP)
    bar = base.colour_bar(_("weight"), limits)
    figure.add_trace(base.heatmap(whole, "weights", limits, colorbar=bar, hoverinfo="skip", name=_("weight")))
    sets = ((trained, _("trained")), (untrained, _("untrained")))
    for position, (slices, name) in enumerate(sets):
        _place_set(figure, np.asarray(slices), name, numbers, grid, head + position * (head + grid.shape[0]), pinned)
    alt = _("{n} trained and {n} untrained kernels; weights from {span}.").format(n=len(numbers), span=base.span(both))
    return finish(figure, words, alt, base.clipped_note(both, limits))


def _place_set(
    figure: go.Figure, slices: Values, name: str, numbers: Sequence[int], grid: Grid, down: int, pinned: int | None
) -> None:
    figures = _("mean {mean}, standard deviation {std}").format(
        mean=number(float(slices.mean())), std=number(float(slices.std()))
    )
    said = f"<b>{name}</b> · {figures}"
    figure.add_trace(base.words_at([0], [down - 0.6], [said], textposition="middle right", textfont={"size": 13}))
    layer = markers(grid, numbers, slices, f"{_('weight')}, {name}", "kernel")
    figure.add_trace(layer.update(y=[y + down for y in layer.y]))
    firsts = range(0, grid.count, grid.columns)
    xs, ys = [grid.box(i)[0] - 0.3 for i in firsts], [grid.centre(i)[1] + down for i in firsts]
    labels = [str(numbers[i]) for i in firsts]
    figure.add_trace(base.words_at(xs, ys, labels, textposition="middle left", textfont={"size": 12}))
    if pinned is not None and pinned in numbers:
        left, top, right, bottom = grid.box(list(numbers).index(pinned))
        base.frame(figure, left, top + down, right, bottom + down)


def norm_matrix(norms: Values, words: Words, *, pinned: int | None = None, width: int = 640) -> Drawn:
    """Draw L2 norms, (in, out), input channels down and output channels across. `pinned` is an output channel."""
    norms = np.asarray(norms, dtype=np.float32)
    limits = natural_limits(norms, "norm")
    tall = float(np.clip(width * norms.shape[0] / norms.shape[1], 36, width))
    figure = base.blank(width, round(tall) + 54 + base.BAR_ROOM, **base.HOVER)
    figure.update_layout(margin={"l": 52, "r": 0, "t": base.MARGIN, "b": 46 + base.BAR_ROOM})
    figure.update_layout(plot_bgcolor=tokens.MAT_VEIL)
    quiet = {"showgrid": False, "zeroline": False, "ticks": "outside", "ticklen": 3, "nticks": 8, "tickformat": "d"}
    figure.update_xaxes(title_text=_("output channel"), title_standoff=4, **quiet)
    figure.update_yaxes(title_text=_("input"), autorange="reversed", **quiet)
    bar = base.colour_bar(_("L2 norm of a kernel slice"), limits, y=-46 / tall)
    hover = _("input %{y} to output %{x}") + "<br>" + _("norm") + " %{z:.3g}<extra></extra>"
    figure.add_trace(base.heatmap(norms, "norm", limits, colorbar=bar, hovertemplate=hover, name=_("norm")))
    if pinned is not None and 0 <= pinned < norms.shape[1]:
        base.frame(figure, pinned - 0.5, -0.5, pinned + 0.5, norms.shape[0] - 0.5)
    alt = _("{i} input by {o} output channels; norms from {span}.").format(
        i=norms.shape[0], o=norms.shape[1], span=base.span(norms)
    )
    return finish(figure, words, alt)
