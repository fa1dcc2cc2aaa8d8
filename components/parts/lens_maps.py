"""The two maps beside a number: what it reads, with the window framed, and where it stands in its layer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from components import figures, show
from components.figures import Words
from components.parts import lens_words
from components.parts.lens import Taken, kind_of, pin, shown
from components.text import _, fitted, number
from explain.lens_types import Made

Values = NDArray[np.float32]


def reads(taken: Taken) -> None:
    """Draw the input channel that adds most, or the one asked for, with what is read of it framed."""
    made, window = taken.made, taken.made.window
    source = taken.values[window.source]
    first = window.source == next(iter(taken.values))
    channel = int(window.channels[shown(made)])
    names = {"source": window.source}
    words = Words(
        fitted(_("It reads {cells} of {source}, channel {channel}"), names, cells=_cells(made), channel=channel)
        if source.ndim == 3
        else fitted(_("It reads {n} units of {source}"), names, n=number(len(window.channels))),
        _("What {source} gave for this picture; framed: what the number is made from.").format(source=window.source)
        + (" " + _("{n} cells lie outside: padding.").format(n=window.padded) if window.padded else ""),
        _("what the layers before made this from."),
    )
    kind = "grey" if first and source.ndim == 3 and source.shape[-1] == 3 else kind_of(source)
    kind = "input_grey" if first and source.shape[-1] == 1 else kind
    box = window.box() if source.ndim == 3 else None
    at = int(window.rows[0]) * source.shape[-1] + channel if source.ndim == 2 else channel
    folded, cell = (source[..., channel], None) if source.ndim == 3 else fold(source, at)
    drawn = figures.one_map(
        folded,
        kind,
        words,
        quantity=_("value"),
        cell=cell if len(window.channels) == 1 or made.kind == "sum" else None,
        box=None if box is None else (box[1], box[0], box[3], box[2]),
        width=show.fit(320),
    )
    show.figure(drawn, "lens_reads")


def _cells(made: Made) -> str:
    rows, columns = made.window.size
    return _("{rows}×{columns} cells").format(rows=rows, columns=columns) if rows * columns > 1 else _("1 cell")


def fold(values: Values, at: int) -> tuple[Values, tuple[int, int]]:
    """Lay units out in rows, and say where one has come to lie."""
    flat = values.ravel()
    columns = flat.size if flat.size <= 16 else int(np.ceil(np.sqrt(2 * flat.size)))
    rows = -(-flat.size // columns)
    folded = np.full(rows * columns, np.nan, np.float32)
    folded[: flat.size] = flat
    return folded.reshape(rows, columns), (at // columns, at % columns)


def gives(taken: Taken) -> None:
    """Draw the layer's own map with the number framed; a click takes another one apart."""
    made, own = taken.made, taken.own
    if own.ndim == 3:
        values, cell = own[..., made.unit[-1]], made.unit[:2]
        what = _("Channel {n} of {layer}; click a cell to take it apart.")
    else:
        values, cell = fold(own[made.unit[:-1]], made.unit[-1])
        what = _("The units of {layer}, {n} framed, row by row; click one to take it apart.")
    words = Words(
        _("It is {value}, {place}").format(value=number(made.value), place=lens_words.place(made)),
        what.format(n=made.unit[-1], layer=taken.layer.name),
        _("what the layers behind make of it."),
    )
    drawn = figures.one_map(
        values,
        "activation" if taken.layer.non_negative else "activation_signed",
        words,
        quantity=_("value"),
        clickable=True,
        cell=(int(cell[0]), int(cell[1])),
        width=show.fit(320),
    )

    def clicked(mark: tuple[object, ...]) -> None:
        row, column = int(str(mark[1])), int(str(mark[2]))
        if own.ndim == 3:
            pin(taken.layer, (row, column, made.unit[-1]))
        elif row * values.shape[1] + column < own.shape[-1]:
            pin(taken.layer, (*made.unit[:-1], row * values.shape[1] + column))

    show.figure(drawn, "lens_gives", clicked)
