"""Pictures without a browser: maps to colours with numpy, and PNG bytes with Pillow."""

from __future__ import annotations

import base64
import hashlib
import io
from functools import cache
from threading import Lock
from typing import Any

import numpy as np
from cachetools import LRUCache, cached
from cachetools.keys import hashkey
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from components import tokens
from components.colour import rgb

Pixels = NDArray[np.uint8]
GREY_SHARE = 0.7
PNG_BYTES = 8 << 20
"""Of pictures written last, kept for all sessions: a class looks at the same few."""


def colour_map(values: NDArray[Any], kind: str, limits: tuple[float, float] | None = None) -> Pixels:
    """Colour a map, (H, W) numbers to (H, W, 4) uint8; NaN and infinity come out transparent.

    `kind` is a key of SCALE; without `limits` they follow from the values and from what the quantity can be.
    """
    values = np.asarray(values, dtype=np.float64)
    low, high = natural_limits(values, kind) if limits is None else limits
    if not low < high:
        raise ValueError(f"limits: expected low < high, got {low} and {high}; choose two different ends")
    finite = np.isfinite(values)
    steps = np.rint(255 * np.clip((np.where(finite, values, low) - low) / (high - low), 0, 1)).astype(np.int64)
    alpha = np.where(finite, 255, 0).astype(np.uint8)
    return np.concatenate([tokens.SCALE[kind].lut()[steps], alpha[..., None]], axis=-1)


def natural_limits(values: NDArray[Any], kind: str) -> tuple[float, float]:
    """Limits that follow from what a quantity can be: symmetric, from zero, or from least to most.

    A map with nothing to show still gets limits with low < high. NaN and infinity are left out.
    """
    finite = np.asarray(values, dtype=np.float64)
    finite = finite[np.isfinite(finite)]
    scale = tokens.SCALE[kind]
    if scale.signed:
        most = float(np.abs(finite).max(initial=0.0)) or 1.0
        return -most, most
    high = float(finite.max(initial=0.0)) if scale.zero == "start" else float(finite.max() if finite.size else 1.0)
    low = float(finite.min()) if scale.zero == "free" and finite.size else 0.0
    return (low, high) if low < high else (low, low + 1.0)


def robust_limits(values: NDArray[Any], kind: str, share: float = 0.99) -> tuple[float, float]:
    """Limits that let the strongest 1 % run over, for maps that a few cells dominate; say the clipped share."""
    finite = np.asarray(values, dtype=np.float64)
    finite = np.abs(finite[np.isfinite(finite)])
    if tokens.SCALE[kind].zero == "free" or not finite.size or np.quantile(finite, share) == 0:
        return natural_limits(values, kind)
    most = float(np.quantile(finite, share))
    return (-most if tokens.SCALE[kind].signed else 0.0), most


def as_rgb(picture: Pixels) -> Pixels:
    """A picture as (H, W, 3) uint8, from (H, W), (H, W, 1) or (H, W, 3)."""
    picture = np.asarray(picture)
    if picture.ndim == 2:
        picture = picture[..., None]
    if picture.ndim != 3 or picture.shape[-1] not in (1, 3) or picture.dtype != np.uint8:
        raise ValueError(f"picture: expected (H, W, 3) uint8, got {picture.shape} {picture.dtype}; convert it first")
    return np.repeat(picture, 3, axis=-1) if picture.shape[-1] == 1 else picture


def grey(picture: Pixels) -> Pixels:
    """The picture in grey, paled to 70 % on white, as the ground of an overlay: (H, W, 3) uint8."""
    luma = as_rgb(picture).astype(np.float64) @ np.array([0.299, 0.587, 0.114])
    pale = np.rint(GREY_SHARE * luma + (1 - GREY_SHARE) * 255).astype(np.uint8)
    return np.repeat(pale[..., None], 3, axis=-1)


def over(ground: Pixels, layer: NDArray[np.float64]) -> Pixels:
    """Lay an RGBA layer (0 to 255, alpha 0 to 1) over a picture of the same size, (H, W, 3) uint8."""
    alpha = layer[..., 3:]
    return np.rint(alpha * layer[..., :3] + (1 - alpha) * ground).astype(np.uint8)


def overlay(picture: Pixels, values: NDArray[Any], kind: str, limits: tuple[float, float] | None = None) -> Pixels:
    """A map over its picture in grey, opacity proportional to the value: (H, W, 3) uint8.

    `values` (h, w) may be coarser than the picture: each cell covers its own part of it. `kind` is a key of INKS.
    """
    _low, high = natural_limits(values, kind) if limits is None else limits
    signed = tokens.SCALE[kind].signed
    share = np.clip(np.nan_to_num(spread(values, picture.shape[:2]) / high), -1 if signed else 0, 1)
    above, below = (rgb(ink) for ink in tokens.INKS[kind])
    ink = np.where((share >= 0)[..., None], above, below)
    alpha = tokens.OVERLAY_ALPHA * np.abs(share)[..., None]
    return over(grey(picture), np.concatenate([ink, alpha], axis=-1))


def jet(picture: Pixels, values: NDArray[Any], *, opacity: float = 0.5) -> Pixels:
    """The notebook's overlay: the picture under jet from least to most, at one opacity. (H, W, 3) uint8."""
    colours = colour_map(spread(values, picture.shape[:2]), "jet", natural_limits(values, "jet")).astype(np.float64)
    alpha = opacity * colours[..., 3:] / 255
    return over(as_rgb(picture), np.concatenate([colours[..., :3], alpha], axis=-1))


def spread(values: NDArray[Any], size: tuple[int, ...]) -> NDArray[np.float64]:
    """Repeat each cell of (h, w) over its own part of a (H, W) picture, placed by half pixels."""
    values = np.asarray(values, dtype=np.float64)
    rows = (np.arange(size[0]) + 0.5) * values.shape[0] / size[0]
    columns = (np.arange(size[1]) + 0.5) * values.shape[1] / size[1]
    cells: NDArray[np.float64] = values[rows.astype(int)][:, columns.astype(int)]
    return cells


def png_bytes(array: Pixels) -> bytes:
    """Write (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) uint8 as PNG."""
    array = np.asarray(array)
    if array.dtype != np.uint8 or array.ndim not in (2, 3):
        raise ValueError(f"array: expected (H, W[, C]) uint8, got {array.shape} {array.dtype}; colour it first")
    if array.ndim == 3 and array.shape[-1] == 1:
        array = array[..., 0]
    return _png(np.ascontiguousarray(array))


@cached(
    LRUCache(PNG_BYTES, getsizeof=len),
    key=lambda array: hashkey(array.shape, hashlib.blake2b(array.data, digest_size=16).digest()),
    lock=Lock(),
)
def _png(array: Pixels) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, format="PNG", compress_level=6)
    return buffer.getvalue()


def forget() -> None:
    """Let go of the pictures that were written."""
    _png.cache_clear()


def data_uri(picture: Pixels | bytes) -> str:
    """A picture, or PNG bytes, as a "data:" address that a figure can hold."""
    png = picture if isinstance(picture, bytes) else png_bytes(picture)
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def thumbnail(maps: NDArray[Any], side: int = 72) -> bytes:
    """The strongest channel of a layer, (h, w, C) to a PNG of `side` pixels square: the face of a block.

    The strongest channel is the one with the largest |value| for this picture; cells stay square, unsmoothed.
    """
    maps = np.asarray(maps)
    if maps.ndim != 3:
        raise ValueError(f"maps: expected (h, w, C), got shape {maps.shape}; take one picture's activations")
    magnitude = np.nan_to_num(np.abs(maps))
    one = maps[..., int(magnitude.max(axis=(0, 1)).argmax())]
    kind = "activation_signed" if np.nanmin(one) < 0 else "activation"
    small = Image.fromarray(colour_map(one, kind))
    filter_ = Image.Resampling.BOX if max(one.shape) >= side else Image.Resampling.NEAREST
    return png_bytes(np.asarray(small.resize((side, side), filter_).convert("RGB")))


def picture_thumbnail(picture: Pixels, side: int = 96) -> bytes:
    """A small PNG of a picture, at most `side` pixels wide and high, in its own proportions."""
    image = Image.fromarray(as_rgb(picture))
    if max(image.size) < side:
        factor = side // max(image.size)
        size = (image.width * factor, image.height * factor)
        return png_bytes(np.asarray(image.resize(size, Image.Resampling.NEAREST)))
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return png_bytes(np.asarray(image))


def stamped(pixels: Pixels, words: str) -> Pixels:
    """The picture (H, W, 3) with a hatched band below that says what it is: (H + 28, W, 3) uint8."""
    width = pixels.shape[1]
    across = (np.add.outer(np.arange(28), np.arange(width)) // 6) % 2
    band = np.where(across[..., None] == 1, np.uint8(255), np.uint8(232)).repeat(3, axis=-1)
    below = Image.fromarray(band)
    draw = ImageDraw.Draw(below)
    draw.rectangle((6, 5, 14 + draw.textlength(words), 23), fill="white")
    draw.text((10, 8), words, fill="black")
    return np.concatenate([pixels, np.asarray(below)], axis=0)


@cache
def icon(side: int = 64) -> str:
    """The app's own icon as a "data:" address: a 3 by 3 edge kernel in the colours of weights."""
    kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    return data_uri(colour_map(spread(kernel, (side, side)), "weights"))
