"""From a decoded picture to 8-bit RGB, a band of rows at a time, so that a large one needs little more than itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from explain.errors import ConvScopeError

BAND = 1 << 18
"""Pixels converted at once."""
RANGES = (1.0, 255.0, 65535.0)
GREY_DEPTHS = {"L;2": 85, "L;4": 17}
"""What Pillow multiplies grey values of 2 and 4 bits by; the transparent one is kept as the file says it."""

Pixels = NDArray[np.uint8]


class ImageFileError(ConvScopeError, ValueError):
    """A picture could not be opened; the message names the cause and the next step, and is fit to show."""


@dataclass(frozen=True)
class Note:
    """One change that was made to a picture, as an id and its values."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


def to_rgb(image: Image.Image, raw: str, by: int = 1) -> tuple[Pixels, list[Note]]:
    """Return a decoded picture as (H, W, 3) uint8, and what was changed.

    `raw` is how the file stored its values, in Pillow's words. Transparent parts are laid on white; 16 bits are scaled
    by 1/257 (12 by 1/16.06), 32 bits and floats from 0..1, 0..255 or 0..65535 if they fit one, else from their own
    range. With `by` above 1 each square of `by` x `by` pixels becomes its mean.
    Raises ImageFileError "not_finite" for NaN or infinite values.
    """
    notes = _colour_notes(image, raw)
    read = _deep(image, raw, notes) if image.mode[0] in "IF" else _shallow(image, raw)
    shape = tuple(-(-side // by) for side in (image.height, image.width))
    pixels, clear, at = np.empty((*shape, 3), np.uint8), 0, 0
    for band in _bands(image, by):
        colours, opacity = read(band)
        seen_through = 0 if opacity is None else int((opacity < 255).sum())
        if seen_through:
            clear += seen_through
            colours = _on_white(colours, opacity)
        small = _reduced(colours, by)
        pixels[at : at + len(small)] = small
        at += len(small)
    if clear:
        notes.append(Note("on_white", {"share": clear / (image.width * image.height)}))
    return pixels, notes


def reduction(size: tuple[int, int], keep: int) -> int:
    """Return the side of the squares whose means leave at most `keep` pixels of a picture (width, height)."""
    by = max(1, math.isqrt(max(1, size[0] * size[1]) // max(1, keep)))
    while -(-size[0] // by) * -(-size[1] // by) > keep:
        by += 1
    return by


def turned(pixels: Pixels, mark: int) -> Pixels:
    """Return pixels (H, W, 3) turned upright by the camera's mark (EXIF orientation 1..8)."""
    turn: dict[int, Callable[[Pixels], Pixels]] = {
        2: lambda p: p[:, ::-1],
        3: lambda p: p[::-1, ::-1],
        4: lambda p: p[::-1],
        5: lambda p: p.swapaxes(0, 1),
        6: lambda p: np.rot90(p, -1),
        7: lambda p: p[::-1, ::-1].swapaxes(0, 1),
        8: lambda p: np.rot90(p, 1),
    }
    return np.ascontiguousarray(turn[mark](pixels)) if mark in turn else pixels


def _bands(image: Image.Image, by: int) -> Iterator[Image.Image]:
    rows = max(1, BAND // (image.width * by)) * by
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height)))


def _reduced(colours: Pixels, by: int) -> Pixels:
    return colours if by == 1 else np.asarray(Image.fromarray(np.ascontiguousarray(colours)).reduce(by), np.uint8)


def _colour_notes(image: Image.Image, raw: str) -> list[Note]:
    mode, notes = image.mode, []
    if ";16" in raw and mode[0] != "F" and not raw.startswith(("BGR", "I;16S")):
        notes.append(Note("scaled_16_bit", {"mode": mode}))
    if mode == "P":
        notes.append(Note("palette"))
    if mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        notes.append(Note("colour_space", {"mode": mode}))
    if mode in ("1", "L", "LA", "La") or raw.partition(";")[0] == "LA" or mode[0] in "IF":
        notes.append(Note("grey_to_colour"))
    return notes


Read = Callable[[Image.Image], tuple[Pixels, Pixels | None]]
"""Gets a band of a picture; returns its colours (H, W, 3) and their opacity (H, W, 1) 0..255, None for opaque."""


def _on_white(colours: Pixels, opacity: Any) -> Pixels:
    """Lay colours on white: the rounded mean of each and 255, so that what hides under clear pixels stays hidden."""
    share = opacity.astype(np.uint16)
    return np.asarray((colours * share + 255 * (255 - share) + 127) // 255, np.uint8)


def _shallow(image: Image.Image, raw: str) -> Read:
    """Read a picture of 8 bits a channel."""
    key = image.info.get("transparency")
    if image.mode in ("1", "L", "RGB") and key is not None:
        return lambda band: _keyed(band, key, raw)
    if image.has_transparency_data:
        return lambda band: _with_alpha(_alone(band))
    if image.mode == "LAB":
        return _lab()
    return lambda band: (np.array(_alone(band).convert("RGB"), np.uint8), None)


def _alone(band: Image.Image) -> Image.Image:
    """Return premultiplied grey as plain grey, which is all that Pillow turns into colours without losing its alpha."""
    return band.convert("LA") if band.mode == "La" else band


def _with_alpha(band: Image.Image) -> tuple[Pixels, Pixels]:
    values = np.asarray(band.convert("RGBA"), np.uint8)
    return values[..., :3], values[..., 3:]


def _keyed(band: Image.Image, key: Any, raw: str) -> tuple[Pixels, Pixels]:
    """Read a band in which one colour means transparent; it is matched at the depth that Pillow read."""
    band.info.pop("transparency", None)
    colours = np.array(band.convert("RGB"), np.uint8)
    shift = 8 if ";16" in raw else 0
    wanted = [int(one) >> shift for one in key] if isinstance(key, tuple) else [int(key) * GREY_DEPTHS.get(raw, 1)] * 3
    return colours, (colours != np.array(wanted)).any(axis=-1, keepdims=True) * np.uint8(255)


def _lab() -> Read:
    from PIL import ImageCms

    names = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    change = ImageCms.buildTransform(*names, "LAB", "RGB")
    return lambda band: (np.array(ImageCms.applyTransform(band, change), np.uint8), None)


def _deep(image: Image.Image, raw: str, notes: list[Note]) -> Read:
    """Read a grey picture of more than 8 bits."""
    if image.mode.startswith("I;16"):
        start, span = 0.0, 4095.0 if raw.startswith("I;12") else 65535.0
    else:
        start, span = _range(image)
        notes.insert(0, Note("scaled_range", {"low": start, "high": start + span}))
    key = image.info.get("transparency")

    def read(band: Image.Image) -> tuple[Pixels, Pixels | None]:
        values = np.asarray(band).astype(np.float64)[..., None]
        grey = np.rint((values - start) / (span or 1) * 255).astype(np.uint8)
        return np.repeat(grey, 3, axis=2), None if key is None else (values != key) * np.uint8(255)

    return read


def _range(image: Image.Image) -> tuple[float, float]:
    """Return the lowest value and the span that 0..255 stands for; the usual range that fits, else its own."""
    low, high = math.inf, -math.inf
    for band in _bands(image, 1):
        values = np.asarray(band)
        if not np.isfinite(values).all():
            raise ImageFileError("not_finite", "image: it holds NaN or infinite values; save it again without them")
        low, high = min(low, float(values.min())), max(high, float(values.max()))
    ranges = RANGES if image.mode.startswith("F") else RANGES[1:]
    fits = [most for most in ranges if low >= 0 and high <= most]
    return (0.0, fits[0]) if fits else (low, high - low)
