"""What every figure hands over: the picture, and the words that must stand round it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

TITLE_LIMIT = 90

CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "modeBarButtons": [["toImage", "zoom2d", "resetScale2d"]],
    "scrollZoom": False,
}
"""The mode bar of every chart: save as PNG, zoom, reset. Pass as `st.plotly_chart(config=...)`."""


@dataclass(frozen=True)
class Words:
    """The words a caller puts round a figure.

    `title` is a computed finding of at most 90 characters; `caption` says what is drawn (quantity, layer, target,
    method and settings); `doesnt_show` what may not be concluded from it.
    """

    title: str
    caption: str
    doesnt_show: str = ""


@dataclass(frozen=True, eq=False)
class Drawn:
    """A finished figure. The page writes the title above it and the caption below; `alt` is read out instead of it."""

    figure: go.Figure
    title: str
    caption: str
    doesnt_show: str
    alt: str


class IncompleteFigureError(ValueError):
    """A figure without a title, a caption or a text alternative, or with too long a title."""


def require_complete(drawn: Drawn) -> Drawn:
    """Return the figure unchanged if all its words are there. Raises IncompleteFigureError naming what is missing."""
    for name in ("title", "caption", "alt"):
        if not getattr(drawn, name).strip():
            raise IncompleteFigureError(
                f"{name}: a figure needs it, got an empty one; write it or take it from sentences"
            )
    if len(drawn.title) > TITLE_LIMIT:
        raise IncompleteFigureError(
            f"title: expected at most {TITLE_LIMIT} characters, got {len(drawn.title)}: {drawn.title!r}; shorten it"
        )
    return drawn


def finish(figure: go.Figure, words: Words, alt: str, *notes: str) -> Drawn:
    """Join a figure with its words; `notes` are what only the drawing knows, added to the caption."""
    caption = " ".join(part for part in (words.caption, *notes) if part)
    return require_complete(Drawn(figure, words.title, caption, words.doesnt_show, f"{words.title}. {alt}"))


def clicked(event: Any) -> tuple[Any, ...] | None:
    """Read which marker was clicked from what `st.plotly_chart(on_select=...)` returned.

    Every clickable marker carries a tuple: ("channel", 12), ("cell", row, column), ("block", 2), ("layer", name).
    Returns None when nothing is selected.
    """
    selection = event.get("selection") if isinstance(event, Mapping) else getattr(event, "selection", None)
    points = (selection or {}).get("points") or []
    for point in points:
        data = point.get("customdata")
        if isinstance(data, Mapping):
            data = [data[key] for key in sorted(data)]
        if data:
            return tuple(data)
    return None
