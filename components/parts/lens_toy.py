"""A small picture under a kernel of one's own: place, multiply, add, slide, repeat."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from components import controls, figures, show, state
from components.figures import Slide, Words
from components.parts import guess
from components.parts.guess import Question
from components.text import _, number, shape_text
from explain.arithmetic import keras_rule
from explain.lens_toy import KERNEL, KERNELS, MOST, PICTURES, Toy, read_kernel, slide, write_kernel
from explain.lens_types import Array
from explain.lens_windows import slid

CELL, OWN, CHOICE = "toy_cell", "own", "toy_kernel_choice"
SETTINGS = "toy_kernel"
BASE, WRITTEN, TURN = "toy_base", "toy_written", "toy_turn"
DEFAULT = "vertical"


@dataclass(frozen=True)
class Setting:
    """The toy as it is set."""

    toy: Toy
    guess: bool

    @property
    def sizes(self) -> tuple[str, str]:
        """The picture's and the output's size."""
        return shape_text(self.toy.picture.shape), shape_text(self.toy.output.shape)


def picture_title(key: str) -> str:
    """Name a small picture."""
    return {"bar": _("Bar"), "cross": _("Cross"), "corner": _("Corner"), "dot": _("Dot"), "slope": _("Slope")}[key]


def kernel_title(key: str) -> str:
    """Name a kernel."""
    return {
        "vertical": _("Vertical edges (Sobel)"),
        "horizontal": _("Horizontal edges (Sobel)"),
        "blur": _("Blur"),
        "sharpen": _("Sharpen"),
        "identity": _("Identity"),
        OWN: _("Your own numbers"),
    }[key]


def setting() -> Setting:
    """Draw the controls and work the toy out."""
    first, second, third, fourth = show.columns([1, 1.4, 1, 1])
    with first:
        picture = controls.choose("toy", _("Picture"), list(PICTURES), "bar", picture_title)
    with second:
        kernel = _choose()
    with third:
        padding = controls.segments("toy_padding", _("Padding"), ("valid", "same"), "valid")
    with fourth:
        stride = int(controls.segments("toy_stride", _("Stride"), ("1", "2", "3"), "1"))
    with controls.more(_("More")):
        kernel = _edited(kernel)
        guessing = guess.on()
    return Setting(slide(PICTURES[picture], kernel, stride, padding), guessing)


def _current() -> tuple[str, Array]:
    """Return the kernel of the address, and its name, "own" for numbers."""
    state.own(SETTINGS)
    text = state.view().get(SETTINGS, DEFAULT)
    if text in KERNELS:
        return text, KERNELS[text]
    found = read_kernel(text)
    if found is None:
        state.drop(SETTINGS)
        return DEFAULT, KERNELS[DEFAULT]
    return OWN, found


def _choose() -> Array:
    name, kernel = _current()
    st.session_state[CHOICE] = name
    st.selectbox(_("Kernel"), [*KERNELS, OWN], key=CHOICE, format_func=kernel_title, on_change=_chosen)
    return kernel


def _chosen() -> None:
    name = st.session_state[CHOICE]
    _put(write_kernel(_current()[1]) if name == OWN else name)


def _put(text: str) -> None:
    state.put(**{SETTINGS: None if text == DEFAULT else text})


def _edited(kernel: Array) -> Array:
    """Draw the kernel's cells to be written over; the address keeps them."""
    text = write_kernel(kernel)
    if st.session_state.get(WRITTEN) != text:  # it came from outside: an address, the picker
        st.session_state[BASE] = {f"{column}": kernel[:, column].tolist() for column in range(KERNEL)}
        st.session_state[TURN] = st.session_state.get(TURN, 0) + 1
    st.markdown(_("The kernel's numbers: write over any of them."))
    table = st.data_editor(
        st.session_state[BASE],
        key=f"toy_table_{st.session_state[TURN]}",
        hide_index=True,
        width=320,
        column_config={
            f"{column}": st.column_config.NumberColumn(f"{column}", min_value=-MOST, max_value=MOST, required=True)
            for column in range(KERNEL)
        },
    )
    given = kernel_of(table)
    st.session_state[WRITTEN] = write_kernel(given)
    if write_kernel(given) != text:
        _put(write_kernel(given))
    return given


def kernel_of(table: Mapping[str, Any]) -> Array:
    """Read the edited cells; an empty one is 0."""
    columns = [[float(cell) if cell is not None and cell == cell else 0.0 for cell in table[name]] for name in table]
    return np.asarray(np.clip(np.array(columns).T, -MOST, MOST), np.float64)


def headline(given: Setting, asked: bool) -> str:
    """Say in a sentence what comes out, or, while it is being guessed, what goes in."""
    toy, (before, after) = given.toy, given.sizes
    into = _("{before} under a {k}×{k} kernel, stride {stride}, padding “{padding}”").format(
        before=before, k=len(toy.kernel), stride=toy.stride, padding=toy.padding
    )
    if asked:
        return _("{into}: what size comes out?").format(into=into)
    return _("{into}: {after} numbers, each a sum of {n} products.").format(into=into, after=after, n=toy.kernel.size)


def size_question(toy: Toy) -> Question:
    """Ask what size comes out: it could be known, since the rule needs only what is shown."""
    size, k, stride = toy.picture.shape[0], len(toy.kernel), toy.stride
    sides = [
        toy.output.shape[0],
        size,
        size - k,
        size - k + 1,
        -(-size // stride),
        size // stride,
        (size - k) // stride,
    ]
    wrong = [side for side in dict.fromkeys(sides) if side > 0 and side != sides[0]]
    key = f"size_{size}_{k}_{stride}_{toy.padding}"
    texts = [shape_text((side, side)) for side in (sides[0], *wrong[:3])]
    options, right = guess.shuffled(texts, zlib.crc32(key.encode()))
    if toy.padding == "same":
        why = _("with padding “same” one number for every {stride} cells, {size} / {stride} rounded up: {out}.")
    else:
        why = _("rounded down, ({size} − {k}) / {stride} + 1 = {out}.")
    said = why.format(size=size, k=k, stride=stride, out=keras_rule(size, k, stride, toy.padding))
    return Question(key, _("What size comes out?"), options, right, True, said)


def drawn(given: Setting) -> None:
    """Draw the slide, and the keys that step through it."""
    toy = given.toy
    cell = _cell(toy)
    words = Words(
        output_title(toy),
        _(
            "Picture {before}, kernel {k}×{k}, output {after}. Play goes on from what is shown: place, multiply, add, "
            "slide. Click a cell of the output to see its sum."
        ).format(before=given.sizes[0], k=len(toy.kernel), after=given.sizes[1])
        + (" " + _("Outside the thin line lies the padding, zeros.") if toy.padding == "same" else ""),
        _("what a network learns: these numbers were chosen by hand."),
    )
    drawing = figures.slides(_slide(toy), words, cell=cell, width=show.fit(960))
    show.figure(drawing, "slides", lambda mark: _pin(int(mark[1]), int(mark[2])), of_weights=False)
    _starts(toy, cell)


def output_title(toy: Toy) -> str:
    """Say what the whole output is: from where to where it runs, and how much of it is 0."""
    low, high, size = float(toy.output.min()), float(toy.output.max()), toy.output.size
    if low == high:
        return _("Every sum of the output is {value}").format(value=number(low, strip=True))
    return _("The {n} sums run from {low} to {high}; {zero} of them are 0").format(
        n=size, low=number(low, strip=True), high=number(high, strip=True), zero=int((toy.output == 0).sum())
    )


def _starts(toy: Toy, cell: tuple[int, int]) -> None:
    """Let keys choose the cell that the figure starts at: where it has played to, only the browser knows."""
    flat = int(np.ravel_multi_index(cell, toy.output.shape))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_("The figure starts at row {row}, column {column}.").format(row=cell[0], column=cell[1]))
        for name, label, icon, to in (
            ("back", _("Start a cell earlier"), "arrow_back", flat - 1),
            ("on", _("Start a cell later"), "arrow_forward", flat + 1),
        ):
            at = divmod(to % toy.output.size, toy.output.shape[1])
            st.button(label, key=f"toy_{name}", icon=f":material/{icon}:", on_click=_pin, args=at, type="tertiary")


def _cell(toy: Toy) -> tuple[int, int]:
    state.own(CELL)
    row, _sign, column = state.view().get(CELL, "0-0").partition("-")
    if state.whole(row) and state.whole(column):
        at = int(row), int(column)
        if at[0] < toy.output.shape[0] and at[1] < toy.output.shape[1]:
            return at
    state.put(**{CELL: None})
    return 0, 0


def _pin(row: int, column: int) -> None:
    state.put(**{CELL: None if (row, column) == (0, 0) else f"{row}-{column}"})


def _slide(toy: Toy) -> Slide:
    """Return the picture with its padding, and every patch, as they are drawn: the padding is NaN."""
    before, padded = [], []
    for axis in (0, 1):
        size, out = toy.picture.shape[axis], toy.output.shape[axis]
        first = slid(0, size, KERNEL, toy.stride, toy.padding).at
        final = slid(out - 1, size, KERNEL, toy.stride, toy.padding).at
        before.append(int(-first[0]))
        padded.append((int(-first[0]), max(int(final[-1]) - size + 1, 0)))
    picture = np.pad(toy.picture, padded, constant_values=np.nan)
    patches = np.full((*toy.output.shape, KERNEL, KERNEL), np.nan)
    for at in np.ndindex(toy.output.shape):
        top, left = (toy.stride * place for place in at)
        patches[at] = picture[top : top + KERNEL, left : left + KERNEL]
    return Slide(picture, toy.kernel, toy.output, patches, toy.stride)
