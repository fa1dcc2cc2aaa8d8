"""Training time: the recorded moments of the open model's training, walked, side by side, and what they show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import controls, downloads, gif, logs, pixels, raster, recordings, show
from components.figures import Words, mosaic, one_map
from components.figures.film import Film, film
from components.figures.moments import moments
from components.sentences import recordings as said
from components.subjects import Subject
from components.text import _, number
from model_zoo.training.recorded import Recording
from model_zoo.training.recording_findings import jump

WIDE, HALF = 600, 480


@dataclass(frozen=True, eq=False)
class Shown:
    """What a page shows of a recording: its film, the words round it, a title for each moment, and what was found."""

    film: Film
    words: Words
    titles: Callable[[int], str]
    findings: Sequence[str]
    name: str


def open_recording(subject: Subject) -> Recording | None:
    """Draw the section's heading and its switch, where the model has a recording; returns it once it is asked for."""
    try:
        recording = recordings.of(subject)
    except ValueError as error:
        code = logs.failure("reading a recording", error)
        st.warning(_("The recording of its training could not be read. Code {code}.").format(code=code))
        return None
    if recording is None:
        return None
    st.subheader(_("Training time"), anchor=False)
    on = controls.toggle(
        "film",
        _("Show the {n} recorded moments of its training").format(n=number(recording.moments)),
        help=_("From before the first step to the weights that are open."),
    )
    return recording if on else None


def draw(subject: Subject, recording: Recording, shown: Shown) -> None:
    """Draw the film beside the curves and the findings, and two moments below."""
    left, right = show.columns([1.8, 1])
    with left:
        width = show.fit(WIDE if shown.film.picture is None else HALF)
        show.figure(film(shown.film, shown.words, width=width), "film", of_weights=False)
        downloads.button(
            _("GIF of all moments"),
            lambda: gif.of(shown.film, shown.name),
            f"{subject.model}_{shown.name}_training.gif".replace("/", "_").replace(" ", "_"),
            "image/gif",
            key="save_film",
            type="tertiary",
        )
    with right:
        found = jump(recording)
        if recording.checked:
            words = Words(
                said.walked(recording),
                _("Accuracy and mean cross-entropy on {n} held-back pictures, one place a moment.").format(
                    n=number(recording.checked)
                ),
                _("what happened between two moments."),
            )
            pair = (found.before, found.after) if found else None
            drawn = moments(
                recording.steps.tolist(), recording.accuracy, recording.loss, words, jump=pair, width=show.fit(300)
            )
            show.figure(drawn, "moments", of_weights=False)
        for sentence in [*shown.findings, said.jumped(recording, found)]:
            if sentence:
                st.markdown(f"- {sentence}")
    _two(recording, shown)


def _two(recording: Recording, shown: Shown) -> None:
    """Draw two moments side by side, the ends of the training unless others are chosen."""
    options = [f"{at}" for at in range(recording.moments)]
    for place, key, label, default in zip(
        show.columns(2),
        ("film_first", "film_second"),
        (_("One moment"), _("Another moment")),
        (options[0], options[-1]),
        strict=True,
    ):
        with place:
            at = int(controls.choose(key, label, options, default, lambda one: said.moment(recording, int(one))))
            _moment(recording, shown, at, key)


def _moment(recording: Recording, shown: Shown, at: int, key: str) -> None:
    one, caption = shown.film, f"{said.moment(recording, at).capitalize()}. {shown.words.caption}"
    words = Words(shown.titles(at), caption, shown.words.doesnt_show)
    tiles, limits, width = one.tiles[at], one.limits[at], show.fit(HALF)
    if one.picture is not None:
        drawn = one_map(
            tiles[0], one.kind, words, quantity=one.quantity, limits=limits, picture=one.picture, width=width
        )
    else:
        drawn = mosaic(
            tiles, list(one.numbers), one.kind, words, quantity=one.quantity, limits=limits, columns=one.columns,
            labels=one.labels, silent=False, noun=one.noun, width=width,
        )  # fmt: skip
    show.figure(drawn, key, of_weights=False)


def pinned_picker(subject: Subject, recording: Recording, kept: int) -> int:
    """Draw the choice of a pinned picture, at first the one that is open where it is pinned; returns its place."""
    options = [f"{at}" for at in range(kept)]
    own = pixels.fitted(subject)
    same = [at for at in range(kept) if recording.pinned[at].shape == own.shape and (recording.pinned[at] == own).all()]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        at = int(
            controls.choose(
                "film_picture",
                _("Pinned picture"),
                options,
                f"{same[0] if same else 0}",
                lambda one: _picture_name(recording, int(one)),
            )
        )
        show.image(drawn_picture(subject, recording, at), _picture_name(recording, at), 72)
    return at


def _picture_name(recording: Recording, at: int) -> str:
    label = int(recording.labels[at])
    name = said.class_name(recording, label) if label >= 0 else _("picture")
    return _("{n}: {name}").format(n=at + 1, name=name)


def drawn_picture(subject: Subject, recording: Recording, at: int) -> NDArray[np.uint8]:
    """Return a pinned picture as pixels to draw, (H, W, 3): clothing dark on light, as everywhere."""
    pinned = recording.pinned[at]
    inverted = subject.entry.pictures == "fashion" and pinned.shape[-1] == 1
    return (
        raster.as_rgb(255 - pinned if inverted else pinned)
        if pinned.shape[-1] in (1, 3)
        else raster.as_rgb(pinned[..., :1])
    )
