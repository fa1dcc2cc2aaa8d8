"""Arithmetic of colours: channels, luminance, contrast."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Rgb = tuple[int, int, int]
_BLACK, _WHITE = "#111827", "#FFFFFF"


def rgb(colour: str) -> Rgb:
    """Split "#RRGGBB" into its three channels, 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str | Rgb) -> float:
    """Relative luminance by WCAG 2, from 0 (black) to 1 (white)."""
    channels = np.asarray(rgb(colour) if isinstance(colour, str) else colour, dtype=np.float64) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))


def contrast(first: str | Rgb, second: str | Rgb) -> float:
    """Contrast ratio by WCAG 2, from 1 to 21."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def text_on(colour: str | Rgb) -> str:
    """Black or white, whichever stands out more on `colour`."""
    return _BLACK if contrast(_BLACK, colour) >= contrast(_WHITE, colour) else _WHITE


def hex_of(channels: Sequence[float]) -> str:
    """Write three channels from 0 to 1 as "#RRGGBB"."""
    return "#" + "".join(f"{round(255 * float(channel)):02X}" for channel in channels)
