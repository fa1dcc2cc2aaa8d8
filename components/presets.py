"""Presets: a page's settings as a data file in `presets/`, so that a notebook's exact parameters are one click away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import orjson
import streamlit as st

from components import models, state
from components.screens import screens
from components.text import _

FOLDER = Path(__file__).parent.parent / "presets"


@dataclass(frozen=True)
class Preset:
    """A view to restore, and where its parameters come from."""

    key: str
    title: str
    source: str
    page: str
    order: int
    view: Mapping[str, str]


@cache
def presets() -> tuple[Preset, ...]:
    """Read every preset. Raises ValueError naming a file that points at a page which does not exist."""
    found = [Preset(key=path.stem, **orjson.loads(path.read_bytes())) for path in FOLDER.glob("*.json")]
    pages = {screen.key for screen in screens()}
    for preset in found:
        if preset.page not in pages:
            raise ValueError(
                f"presets/{preset.key}.json: there is no page {preset.page!r}; choose from {sorted(pages)}"
            )
    return tuple(sorted(found, key=lambda preset: (preset.page, preset.order)))


def apply(preset: Preset) -> None:
    """Set the view to a preset; the page follows, since its controls read the view."""
    state.reset()
    state.put(**{"also": None, **preset.view})


def possible(preset: Preset) -> bool:
    """Whether a preset's model can answer its page now: one of VGG16 needs the file that is fetched on request."""
    screen = next(screen for screen in screens() if screen.key == preset.page)
    return not screen.needs_classes or bool(models.entry_of(preset.view["model"]).labels())


def menu(page: str) -> None:
    """Offer the presets of a page."""
    mine = [preset for preset in presets() if preset.page == page and possible(preset)]
    if not mine:
        return
    by_key = {preset.key: preset for preset in mine}
    st.menu_button(
        _("Notebook presets"),
        list(by_key),
        key=f"presets_{page}",
        icon=":material/bookmarks:",
        help=_("Settings of the notebooks, exactly"),
        format_func=lambda key: f"{_(by_key[key].title)} ({by_key[key].source})",
        on_click=lambda: apply(by_key[st.session_state[f"presets_{page}"]]),
    )
