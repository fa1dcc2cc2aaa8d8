"""The subject: a model and the pictures it is shown. Hashable; the key of every cache."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import models, state
from explain import ImageFileError, open_image
from model_zoo import ModelEntry
from model_zoo.samples import PHOTOGRAPHS, fashion_labels, load_sample, sample_title

UPLOADS = "uploads"
MOST_UPLOADS = 50
MOST_PICTURES = 4
FASHION_COUNT = 10_000


@dataclass(frozen=True)
class Upload:
    """A picture from the user: upright (H, W, 3) uint8 pixels, and what was changed to get there."""

    title: str
    pixels: NDArray[np.uint8]
    notes: tuple[Any, ...]


@dataclass(frozen=True)
class Subject:
    """What the user is looking at. `state` is part of the key: VGG16 with and without its file are two models.

    A model of the user's own has one state for each preparation and set of class names.
    """

    model: str
    state: str
    picture: str

    @property
    def entry(self) -> ModelEntry:
        """The declared model."""
        return models.entry_of(self.model, self.state)

    @property
    def title(self) -> str:
        """The picture's title."""
        uploaded = uploads().get(self.picture)
        return uploaded.title if uploaded else sample_title(self.picture)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The picture as it was opened, (H, W, 3) or (H, W, 1) uint8."""
        uploaded = uploads().get(self.picture)
        return uploaded.pixels if uploaded else load_sample(self.picture)

    @property
    def notes(self) -> tuple[Any, ...]:
        """What was changed when the picture was opened."""
        uploaded = uploads().get(self.picture)
        return uploaded.notes if uploaded else ()


def uploads() -> dict[str, Upload]:
    """Return this session's uploaded pictures by id, the id being made from their content."""
    kept: dict[str, Upload] = st.session_state.setdefault(UPLOADS, {})
    return kept


def add_upload(name: str, data: bytes) -> str:
    """Open a user's picture and keep it; returns its id. Raises ImageFileError with a text fit to show."""
    opened = open_image(data)
    title = re.sub(r"\.\w{1,5}$", "", file_name(name)) or "picture"
    return _keep(hashlib.sha256(data).hexdigest(), title, opened.pixels, tuple(opened.notes))


def add_pixels(title: str, pixels: NDArray[np.uint8]) -> str:
    """Keep a picture of a data set, (H, W, 3) or (H, W, 1) uint8, as if the user had opened it; returns its id."""
    return _keep(hashlib.sha256(pixels.tobytes()).hexdigest(), title, pixels, ())


def _keep(digest: str, title: str, pixels: NDArray[np.uint8], notes: tuple[Any, ...]) -> str:
    picture = f"upload/{digest[:12]}"
    kept = uploads()
    kept.pop(picture, None)
    while len(kept) >= MOST_UPLOADS:
        kept.pop(next(iter(kept)))
    kept[picture] = Upload(_free_title(title), pixels, notes)
    return picture


def file_name(name: str) -> str:
    """Return a file's name as it can be shown as text: one line of 60 characters at most, without control codes."""
    shown = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in name).strip()
    return shown if len(shown) <= 60 else f"{shown[:40]}\u2026{shown[-19:]}"


def _free_title(title: str) -> str:
    """Two pictures of one name would be one and the same to a picker, which tells options apart by their words."""
    taken = {upload.title for upload in uploads().values()} | {photograph.title for photograph in PHOTOGRAPHS.values()}
    numbered = (f"{title} ({n})" for n in range(2, 2 * MOST_UPLOADS))
    return title if title not in taken else next(one for one in numbered if one not in taken)


def known_picture(picture: str) -> bool:
    """Whether a picture id can be opened in this session."""
    kind, _, rest = picture.partition("/")
    if kind == "fashion":
        return state.whole(rest) and int(rest) < FASHION_COUNT
    return picture in PHOTOGRAPHS or picture in uploads()


def current() -> Subject:
    """Return the subject of the view; an unknown model or picture falls back to the default."""
    kept = state.view()
    key = kept.get("model", state.DEFAULT_MODEL)
    offered = models.offered()
    if key not in offered:
        st.session_state["lost"] = ("model", key)
        key = state.DEFAULT_MODEL
    entry = offered[key]
    default = state.DEFAULT_PICTURE[entry.pictures]
    picture = kept.get("picture", default)
    if not known_picture(picture):
        st.session_state["lost"] = ("picture", picture)
        picture = default
    state.put(model=key, picture=picture)
    return Subject(key, entry.state(), picture)


def others(subject: Subject) -> list[Subject]:
    """Return the further pictures shown beside the first, at most three, in the user's order."""
    names = [name for name in state.view().get("also", "").split(",") if name and known_picture(name)]
    unique = [name for name in dict.fromkeys(names) if name != subject.picture][: MOST_PICTURES - 1]
    return [Subject(subject.model, subject.state, name) for name in unique]


def sample_choices(entry: ModelEntry) -> list[str]:
    """Return the ids offered for a model: uploads first, then its own kind of sample pictures."""
    mine = list(uploads())
    if entry.pictures == "photographs":
        return [*mine, *PHOTOGRAPHS]
    return mine


def fashion_of_class(label: int) -> NDArray[np.int64]:
    """Return the positions of one class among the Fashion-MNIST test pictures."""
    return np.flatnonzero(fashion_labels() == label)


def nth_of_class(position: int) -> int:
    """Return which picture of its class a Fashion-MNIST test picture is, counted from 1: the number on screen."""
    labels = fashion_labels()
    return int((labels[: position + 1] == labels[position]).sum())


__all__ = ["ImageFileError", "Subject", "add_upload", "current", "known_picture", "others", "uploads"]
