"""What a network is to be trained on: a data set or pictures of one's own, looked at before anything is learned."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import controls, figures, raster, show, training
from components.figures import Words
from components.parts import train_fetch
from components.sentences import training as words
from components.text import _, plain, shape_text
from model_zoo.training.data import DATASETS
from model_zoo.training.look import Look, OfClass

DATA = "train_data"
DEFAULT = "fashion_mnist_small"
SAMPLES, SAMPLES_NARROW = 8, 4
WIDTH = 760


def section() -> tuple[str, Look | None]:
    """Draw the choice of pictures and what they look like; returns the key, and the look where they are here."""
    st.subheader(_("1. The pictures"), anchor=False)
    choice, picture = show.columns([1, 2.2], gap="large")
    with choice:
        key = _choice()
        look = _looked(key) if training.found(key) else None
        if look is not None:
            _facts(key, look)
        elif not training.found(key):
            train_fetch.offer(DATASETS[key])
        train_fetch.own_zip(DATA)
    with picture:
        if look is not None:
            sheet(key, look)
    return key, look


def _looked(key: str) -> Look | None:
    """Return the look of a data set that is here; a file of it that can't be read is said."""
    try:
        return training.looked(key)
    except (OSError, ValueError) as error:
        st.warning(plain(str(error)), icon=":material/broken_image:")
        return None


def _choice() -> str:
    keys = training.keys()
    return controls.choose(DATA, _("Data set"), keys, DEFAULT, training.offered)


def _facts(key: str, look: Look) -> None:
    lines = [
        _("**{train}** pictures to learn from, **{test}** for the test at the end").format(
            train=f"{look.train:,}", test=f"{look.test:,}"
        ),
        _("**{n}** classes, each picture **{shape}**").format(n=len(look.names), shape=shape_text(look.shape)),
    ]
    st.markdown("\n".join(f"- {line}" for line in lines))
    licence = f" {DATASETS[key].licence}." if key in DATASETS else ""
    show.small(f"{plain(look.source)}.{licence}")


def sheet(key: str, look: Look) -> None:
    """Draw samples of each class, their counts and their mean."""
    most = SAMPLES_NARROW if show.stacked() else SAMPLES
    rows = [_row(one, most, look.inverted) for one in look.rows]
    around = Words(
        words.look_title(len(look.names), look.least, look.most, training.title(key)),
        _("The first training pictures of each class, how many there are, and the mean of all of them.")
        + (" " + _("Drawn dark on light; the network gets them light on black.") if look.inverted else "")
        + _left_out(look),
        _("how much the pictures of a class differ from each other."),
    )
    show.figure(figures.samples(rows, around, width=show.fit(WIDTH)), "train_samples", of_weights=False)


def _left_out(look: Look) -> str:
    more = len(look.names) - len(look.rows)
    return " " + _("{n} more classes are not drawn.").format(n=more) if more else ""


def _row(one: OfClass, most: int, inverted: bool) -> figures.Row:
    pictures = np.stack([drawn(picture, inverted) for picture in one.samples[:most]] or [drawn(one.mean, inverted)])
    return figures.Row(one.name, one.count, pictures, drawn(one.mean, inverted))


def drawn(picture: NDArray[np.uint8], inverted: bool) -> NDArray[np.uint8]:
    """Return a picture as it is drawn, (H, W, 3) uint8."""
    shown = raster.as_rgb(picture)
    return 255 - shown if inverted else shown
