"""Titles of covered squares: what the score loses, and wins, when one is covered."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.text import _, fitted, number

Values = NDArray[Any]
A_POINT = 0.01
"""A percentage point of probability: what changes by less is not worth a title."""


def cover_title(change: Values, name: str, *, logits: bool = False) -> str:
    """Title the covers from the changes so far, (h, w), of a probability or of a logit; NaN where not tried yet."""
    if not np.isfinite(change).any():
        return _("Covering squares: none tried yet")
    names = {"name": name}
    if logits:
        return _logit_cover_title(np.nan_to_num(change), names)
    if not np.nan_to_num(change).any():
        return fitted(_("{name}: no cover changes its probability"), names)
    tried = np.nan_to_num(change)
    if np.abs(tried).max() < A_POINT:
        return fitted(_("{name}: no cover changes its probability by a point"), names)
    low, high = _place(tried.argmin(), tried), _place(tried.argmax(), tried)
    if not tried[low] < 0:
        return fitted(_("{name}: no cover lowers its probability"), names)
    said: dict[str, Any] = {"row": low[0], "column": low[1], "step": _points(tried[low])}
    if tried[high] >= A_POINT:
        template = _("{name}: covering row {row}, column {column} costs {step} points; row {r}, column {c} adds {more}")
        return fitted(template, names, **said, r=high[0], c=high[1], more=_points(tried[high]))
    return fitted(_("{name}: covering row {row}, column {column} costs it most, {step} points"), names, **said)


def _logit_cover_title(change: Values, names: dict[str, str]) -> str:
    if not change.any():
        return fitted(_("{name}: no cover changes its logit"), names)
    low, high = _place(change.argmin(), change), _place(change.argmax(), change)
    if not change[low] < 0:
        return fitted(_("{name}: no cover lowers its logit"), names)
    said: dict[str, Any] = {"row": low[0], "column": low[1], "step": number(-float(change[low]), 2)}
    if change[high] <= 0:
        return fitted(_("{name}: covering row {row}, column {column} costs most, {step} of its logit"), names, **said)
    template = _("{name}, logit: covering row {row}, column {column} costs {step}; row {r}, column {c} adds {more}")
    return fitted(template, names, **said, r=high[0], c=high[1], more=number(float(change[high]), 2))


def _place(at: Any, cells: Values) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(int(at), np.shape(cells)))


def _points(change: Any) -> str:
    return number(100 * abs(float(change)), 2)
