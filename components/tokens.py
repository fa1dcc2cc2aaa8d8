"""The visual language as one table: ground colours, status, series, and the colour scale of every quantity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from plotly.colors import sequential

from components.colour import Rgb, hex_of, rgb

Lut = NDArray[np.uint8]


@dataclass(frozen=True)
class Theme:
    """The colours of one theme, as "#RRGGBB"."""

    primary: str
    background: str
    secondary: str
    sidebar: str
    text: str
    muted: str
    link: str
    border: str
    mat: str
    ok: str
    warn: str
    bad: str
    untested: str
    series: tuple[str, ...]

    @property
    def grounds(self) -> tuple[str, str, str]:
        """The three colours that text may stand on."""
        return self.background, self.secondary, self.sidebar


LIGHT = Theme(
    primary="#0B5CAD",
    background="#FFFFFF",
    secondary="#F2F4F7",
    sidebar="#F7F8FA",
    text="#1B2330",
    muted="#556070",
    link="#0B5CAD",
    border="#7A8594",
    mat="#C9D0D9",
    ok="#1A6B3C",
    warn="#8A5200",
    bad="#B3261E",
    untested="#556070",
    series=("#0B5CAD", "#B35806", "#1A6B3C", "#7B3FA0", "#A3195B", "#5F6B7A"),
)
DARK = Theme(
    primary="#2F74C0",
    background="#0F141B",
    secondary="#1A212B",
    sidebar="#141A22",
    text="#E6EAF0",
    muted="#A3AEBD",
    link="#7DB7F2",
    border="#6B7888",
    mat="#3A4553",
    ok="#6CCB8E",
    warn="#E8B04A",
    bad="#FF8A80",
    untested="#A3AEBD",
    series=("#7DB7F2", "#F0A35E", "#6CCB8E", "#C79BE8", "#F08CB8", "#A3AEBD"),
)
THEMES: Mapping[str, Theme] = MappingProxyType({"light": LIGHT, "dark": DARK})
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")

# A figure is not told which theme the browser shows, so what it draws itself has to hold on both grounds.
ACCENT = DARK.primary
LINE = LIGHT.border
INK = "#111827"
WHITE = "#FFFFFF"
MAT = LIGHT.mat
MAT_VEIL = "rgba(123,140,162,0.408)"
"""One translucent colour that comes out as each theme's mat on that theme's background."""
RIGHT_VEIL = "rgba(43,133,83,0.28)"
"""A ground for right answers, off every scale of inks on both themes."""
CLEAR = "rgba(0,0,0,0)"
SERIES = ("#2F74C0", "#BF6516", "#2B8553", "#9A63BF", "#C8478A", "#76818F")
"""Lines that hold on the grounds of both themes, with `DASHES` beside them."""
KIND_INK = MappingProxyType(
    {
        "conv": "#2F74C0",
        "pointwise": "#4E93B8",
        "depthwise": "#2A8C8C",
        "dense": "#9A63BF",
        "pool": "#BF6516",
        "activation": "#A67C0A",
        "norm": "#76818F",
        "add": "#C8478A",
        "concat": "#C8478A",
    }
)
"""One ink for each kind of layer; kinds without one take `LINE`."""
PALE = "#D9D9D9"
"""A stand-in for the paled picture, under the colour bar of an overlay."""
TEXT = "#000037"
"""Text on the page's ground. Streamlit's chart theme puts its own text colour for this one; elsewhere it is ink."""
MONO = "'Source Code', Consolas, monospace"
FOR = "#B35806"
AGAINST = "#542788"
OVERLAY_ALPHA = 0.85


Anchor = tuple[float, str]


@dataclass(frozen=True)
class Scale:
    """The colours of a quantity. `zero` says where 0 lies: in the middle, at the start, or nowhere fixed."""

    name: str
    title: str
    anchors: tuple[Anchor, ...]
    zero: Literal["middle", "start", "free"]

    @property
    def signed(self) -> bool:
        """Whether the scale diverges round zero."""
        return self.zero == "middle"

    @property
    def colorscale(self) -> list[list[float | str]]:
        """The scale as Plotly takes it, explicit colours at their places from 0 to 1."""
        return [[place, colour] for place, colour in self.anchors]

    def lut(self) -> Lut:
        """The scale in 256 steps, (256, 3) uint8."""
        return _lut(self.anchors)

    def colour(self, value: float, limits: tuple[float, float]) -> Rgb:
        """The colour of one value between its limits; outside values take the nearest end."""
        low, high = limits
        place = 0.5 if high <= low else min(max((value - low) / (high - low), 0.0), 1.0)
        red, green, blue = (int(channel) for channel in self.lut()[round(255 * place)])
        return red, green, blue


@cache
def _lut(anchors: tuple[Anchor, ...]) -> Lut:
    places = [place for place, _colour in anchors]
    colours = np.array([rgb(colour) for _place, colour in anchors], dtype=np.float64)
    steps = np.linspace(0, 1, 256)
    table = np.stack([np.interp(steps, places, colours[:, channel]) for channel in range(3)], axis=-1)
    steps8: Lut = np.rint(table).astype(np.uint8)
    steps8.setflags(write=False)
    return steps8


def _even(*colours: str) -> tuple[Anchor, ...]:
    last = len(colours) - 1
    return tuple((index / last, colour) for index, colour in enumerate(colours))


def _jet() -> tuple[Anchor, ...]:
    """Matplotlib's jet: three ramps with corners at fixed places."""
    red = ([0, 0.35, 0.66, 0.89, 1], [0, 0, 1, 1, 0.5])
    green = ([0, 0.125, 0.375, 0.64, 0.91, 1], [0, 0, 1, 1, 0, 0])
    blue = ([0, 0.11, 0.34, 0.65, 1], [0.5, 1, 1, 0, 0])
    places = sorted({*red[0], *green[0], *blue[0]})
    return tuple((place, hex_of([np.interp(place, *ramp) for ramp in (red, green, blue)])) for place in places)


_WEIGHTS = ("#2166AC", "#4393C3", "#92C5DE", "#D1E5F0", "#F7F7F7", "#FDDBC7", "#F4A582", "#D6604D", "#B2182B")
_BROWN_GREEN = ("#8C510A", "#BF812D", "#DFC27D", "#F6E8C3", "#F5F5F5", "#C7EAE5", "#80CDC1", "#35978F", "#01665E")
_FOR_AGAINST = ("#542788", "#8073AC", "#B2ABD2", "#D8DAEB", "#F7F7F7", "#FEE0B6", "#FDB863", "#E08214", "#B35806")
_VIRIDIS = tuple(colour.upper() for colour in sequential.Viridis)

SCALE: Mapping[str, Scale] = MappingProxyType(
    {
        "input_grey": Scale("gray_r", "Grey, dark is high", _even("#FFFFFF", "#000000"), "start"),
        "weights": Scale("RdBu_r", "Blue below zero, red above", _even(*_WEIGHTS), "middle"),
        "norm": Scale("Ink", "Ink, dark is large", _even("#F7F7F7", "#8FA0B3", "#1B2330"), "start"),
        "activation": Scale("viridis", "Viridis", _even(*_VIRIDIS), "start"),
        "activation_signed": Scale("BrBG", "Brown below zero, green above", _even(*_BROWN_GREEN), "middle"),
        "attribution": Scale("Orange", "Orange", _even("#F7F7F7", "#E08214", "#7F3B08"), "start"),
        "attribution_signed": Scale("PuOr_r", "Purple against, orange for", _even(*_FOR_AGAINST), "middle"),
        "difference": Scale("PuOr_r", "Purple for B, orange for A", _even(*_FOR_AGAINST), "middle"),
        "grey": Scale("grey", "Grey", _even("#000000", "#FFFFFF"), "free"),
        "viridis": Scale("viridis", "Viridis", _even(*_VIRIDIS), "free"),
        "jet": Scale("jet", "Jet", _jet(), "free"),
    }
)


INKS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "weights": ("#B2182B", "#2166AC"),
        "activation": ("#01665E", "#8C510A"),
        "activation_signed": ("#01665E", "#8C510A"),
        "attribution": (FOR, AGAINST),
        "attribution_signed": (FOR, AGAINST),
        "difference": (FOR, AGAINST),
    }
)
"""Over a picture a quantity is one ink above zero and one below, from clear to nearly opaque."""


def overlay_scale(kind: str) -> list[list[float | str]]:
    """Colours for drawing over a picture: opacity proportional to the value, from 0 to `OVERLAY_ALPHA`."""
    above, below = INKS[kind]
    if not SCALE[kind].signed:
        return [[0.0, _veil(above, 0)], [1.0, _veil(above, OVERLAY_ALPHA)]]
    middle: list[list[float | str]] = [[0.5, _veil(below, 0)], [0.5, _veil(above, 0)]]
    return [[0.0, _veil(below, OVERLAY_ALPHA)], *middle, [1.0, _veil(above, OVERLAY_ALPHA)]]


def overlay_bar(kind: str) -> list[list[float | str]]:
    """The overlay's colours as they come out on a paled picture, for its colour bar: opaque in both themes."""
    above, below = INKS[kind]
    inked = [_mix(above)] if not SCALE[kind].signed else [_mix(below), PALE, _mix(above)]
    anchors = _even(*(inked if len(inked) > 1 else [PALE, *inked]))
    return [[place, colour] for place, colour in anchors]


def _mix(ink: str) -> str:
    shares = [OVERLAY_ALPHA * top + (1 - OVERLAY_ALPHA) * under for top, under in zip(rgb(ink), rgb(PALE), strict=True)]
    return hex_of([share / 255 for share in shares])


def _veil(colour: str, alpha: float) -> str:
    red, green, blue = rgb(colour)
    return f"rgba({red},{green},{blue},{alpha:g})"
