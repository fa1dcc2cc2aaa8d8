"""One number of the open model taken apart: what it reads, what that is multiplied with, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import compute, controls, figures, show, state
from components.figures import Terms, Words
from components.parts import lens_words
from components.pointing import Pointed
from components.subjects import Subject
from components.text import _, number
from explain.activations import channel_stats
from explain.layers import LayerInfo
from explain.lens import Lens
from explain.lens_types import Made, NotShown, Unit

Values = NDArray[np.float32]
A_PAGE, A_PHONE_PAGE = 8, 4
PAGE, SHOWN = "terms", "input"


@dataclass(frozen=True, eq=False)
class Taken:
    """A number taken apart, and the activations of the picture that it was made from."""

    made: Made
    layer: LayerInfo
    values: Mapping[str, Values]

    @property
    def own(self) -> Values:
        """The layer's activations."""
        return self.values[self.layer.name]


def take(subject: Subject, here: Pointed) -> Taken | NotShown:
    """Take the pinned number apart, the layer's strongest where none is pinned; or say why it can't be."""
    layer = here.layer
    assert layer is not None
    values = compute.activations(subject)
    try:
        lens = Lens(compute.engine(subject.model, subject.state), layer.name)
        return Taken(lens.at(values, unit_of(values[layer.name], here)), layer, values)
    except NotShown as why:
        return why


def unit_of(own: Values, here: Pointed) -> Unit:
    """Return the index that the Place points at; what is not pinned is where the layer is strongest."""
    channel = here.channel if here.channel is not None else channel_stats(own).ranked[0]
    if own.ndim == 1:
        return (channel,)
    if own.ndim == 3 and here.cell is not None:
        return (*here.cell, channel)
    strongest = np.unravel_index(int(np.abs(own[..., channel]).argmax()), own.shape[:-1])
    return (*(int(place) for place in strongest), channel)


def picker(taken: Taken) -> None:
    """Draw the keyboard's way to any number of the layer, and the steps from one to the next."""
    shape, unit = taken.own.shape, taken.made.unit
    names = {0: _("Row"), 1: _("Column")} if len(shape) == 3 else {}
    names[len(shape) - 1] = _("Channel") if taken.layer.spatial else _("Unit")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for axis, name in names.items():
            key = f"lens_{axis}"
            st.session_state[key] = unit[axis]
            st.number_input(
                _("{name}, 0 to {last}").format(name=name, last=shape[axis] - 1),
                0,
                shape[axis] - 1,
                key=key,
                width=150,
                on_change=_typed,
                args=(taken, axis),
            )
        for key, label, icon, by in (
            ("lens_back", _("Previous"), "arrow_back", -1),
            ("lens_on", _("Next"), "arrow_forward", 1),
        ):
            st.button(label, key=key, icon=f":material/{icon}:", on_click=pin, args=(taken.layer, beside(taken, by)))


def _typed(taken: Taken, axis: int) -> None:
    unit = list(taken.made.unit)
    unit[axis] = st.session_state[f"lens_{axis}"]
    pin(taken.layer, tuple(unit))


def beside(taken: Taken, by: int) -> Unit:
    """Return the next place of the same channel, row by row and round again; of a layer of units the next unit."""
    shape, unit = taken.own.shape, taken.made.unit
    if len(shape) == 1:
        return ((unit[0] + by) % shape[0],)
    flat = (int(np.ravel_multi_index(unit[:-1], shape[:-1])) + by) % int(np.prod(shape[:-1]))
    return (*(int(place) for place in np.unravel_index(flat, shape[:-1])), unit[-1])


def pin(layer: LayerInfo, unit: Unit) -> None:
    """Point at a number."""
    state.pin_layer(layer.name)
    state.put(channel=unit[-1], **{SHOWN: None, PAGE: None})
    if len(unit) == 3:
        state.put(cell=f"{unit[0]}-{unit[1]}")


def equal(made: Made) -> None:
    """Say that the number is the model's own, or by how much it is not."""
    if lens_words.agrees(made):
        st.badge(_("Equal to the model's own value"), icon=":material/check:", color="green")
        show.small(lens_words.compared(made))
    else:
        st.error(lens_words.compared(made), icon=":material/error:")


def reads(taken: Taken) -> None:
    """Draw the input channel that adds most, or the one asked for, with what is read of it framed."""
    made, window = taken.made, taken.made.window
    source = taken.values[window.source]
    first = window.source not in {name for name in taken.values if name != next(iter(taken.values))}
    at = _shown(made)
    channel = int(window.channels[at])
    words = Words(
        _("It reads {cells} of {source}, channel {channel}").format(
            cells=_cells(made), source=window.source, channel=channel
        )
        if source.ndim == 3
        else _("It reads {n} units of {source}").format(n=number(len(window.channels)), source=window.source),
        _("What {source} gave for this picture; framed: what the number is made from.").format(source=window.source)
        + (" " + _("{n} cells lie outside: padding.").format(n=window.padded) if window.padded else ""),
        _("what the layers before made this from."),
    )
    kind = "grey" if first and source.ndim == 3 and source.shape[-1] == 3 else _kind(source)
    kind = "input_grey" if first and source.shape[-1] == 1 else kind
    box = window.box() if source.ndim == 3 else None
    folded, cell = (source[..., channel], None) if source.ndim == 3 else _fold(source, channel)
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


def _shown(made: Made) -> int:
    """Return the position, among the channels read, of the one asked for, else of the one that adds most."""
    asked = state.number(SHOWN)
    channels = made.window.channels.tolist()
    if asked in channels:
        return int(channels.index(asked))
    return made.ranked[0] if made.kind == "sum" else min(made.unit[-1], len(channels) - 1)


def _kind(values: Values) -> str:
    return "activation" if float(values.min()) >= 0 else "activation_signed"


def _fold(values: Values, at: int) -> tuple[Values, tuple[int, int]]:
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
        values, cell = _fold(own[made.unit[:-1]], made.unit[-1])
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


def terms(taken: Taken) -> None:
    """Draw what each input channel adds, those that add most first; only a sum of products has such terms."""
    made = taken.made
    if made.kind == "sum":
        some = _page(made)
        st.subheader(_("How it adds up"), anchor=False)
        noun = _("channel") if taken.values[made.window.source].ndim == 3 else _("unit")
        patches = np.moveaxis(np.where(made.window.inside[..., None], made.window.values, np.nan), -1, 0)
        assert made.parts.weights is not None
        weights = np.moveaxis(made.parts.weights, -1, 0)
        shares = figures.share_of(made.sums)
        given = Terms(
            made.window.channels[some].tolist(), patches[some], weights[some], made.sums[some], shares[some], noun,
            _kind(made.window.values.astype(np.float32)),
        )  # fmt: skip
        drawn = figures.terms(given, _term_words(made, some), chosen=_chosen(made), width=show.fit(960))
        show.figure(drawn, "lens_terms", lambda mark: state.put(**{SHOWN: int(mark[1])}))
        _pager(made)


def formula(taken: Taken) -> None:
    """Write how the number is made with its own numbers, and hold it against the model's."""
    made = taken.made
    with st.container(border=True):
        for line in lens_words.formula(made, _page(made) if made.kind == "sum" else []):
            st.markdown(line)
        equal(made)


def _chosen(made: Made) -> int:
    return int(made.window.channels[_shown(made)])


def _term_words(made: Made, some: list[int]) -> Words:
    count = len(made.sums)
    first = int(made.window.channels[made.ranked[0]])
    return Words(
        _("Input {n} adds most: {value}").format(n=first, value=number(float(made.sums[made.ranked[0]]))),
        _(
            "{shown} of {count} inputs of {source}, by the size of what they add; the percentage is of the sizes of "
            "all. Numbers are rounded, on hover they are whole. Cells without colour are padding: zeros."
        ).format(shown=number(len(some)), count=number(count), source=made.window.source),
        _("how much the answer depends on this channel: later layers decide that."),
    )


def _size() -> int:
    return A_PHONE_PAGE if show.on_phone() else A_PAGE


def _pages(made: Made) -> int:
    return -(-len(made.sums) // _size())


def _page(made: Made) -> list[int]:
    """Return the terms of the open page, as positions among the channels read."""
    page = min(max(state.number(PAGE) or 1, 1), _pages(made))
    return list(made.ranked[(page - 1) * _size() : page * _size()])


def _pager(made: Made) -> None:
    pages = _pages(made)
    if pages > 1:
        key = controls.keep(PAGE, 1, lambda text: int(text) if state.whole(text) and 0 < int(text) <= pages else None)
        st.pagination(pages, key=key, on_change=controls.store(PAGE, 1))
