"""Open a picture from a user: size checked before decoding, upright, on white, 8 bits, and every change noted."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from explain.errors import ConvScopeError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP")
MOST_BYTES = 64 << 20
MOST_PIXELS = 50_000_000


class ImageFileError(ConvScopeError, ValueError):
    """A picture could not be opened; the message names the cause and the next step, and is fit to show."""


@dataclass(frozen=True)
class Note:
    """One change that was made to a picture, as an id and its values."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class OpenedImage:
    """A picture as it will be used: `pixels` (H, W, 3) uint8, upright; `notes` what was changed to get there."""

    pixels: NDArray[np.uint8]
    notes: tuple[Note, ...]


def open_image(source: str | Path | bytes) -> OpenedImage:
    """Open a PNG, JPEG, WebP, GIF, TIFF or BMP file, given as its path or its bytes.

    Raises ImageFileError: "empty", "too_many_bytes", "too_many_pixels", "not_an_image", "damaged", "missing".
    """
    data = _read(source)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(image)
            notes: list[Note] = []
            frames = int(getattr(image, "n_frames", 1))
            if frames > 1:
                notes.append(Note("first_frame", {"frames": frames}))
            image.load()
            return _upright(image, notes)
    except UnidentifiedImageError as error:
        raise ImageFileError(
            "not_an_image",
            f"image: this file is not one of {', '.join(FORMATS)}; save the picture as PNG or JPEG and open that",
            {"formats": FORMATS},
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(0, 0) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, ImageFileError):
            raise
        raise ImageFileError(
            "damaged",
            "image: the file is damaged or cut short, so its pixels can't be read; save or copy the picture again",
            {"reason": type(error).__name__},
        ) from error


def _read(source: str | Path | bytes) -> bytes:
    if isinstance(source, (str, Path)):
        path = Path(source)
        if not path.is_file():
            raise ImageFileError(
                "missing", f"image: there is no file {path.name!r}; check the name", {"name": path.name}
            )
        _check_bytes(path.stat().st_size)
        return path.read_bytes()
    _check_bytes(len(source))
    return bytes(source)


def _check_bytes(count: int) -> None:
    if count == 0:
        raise ImageFileError("empty", "image: the file is empty (0 bytes); save or copy the picture again")
    if count > MOST_BYTES:
        raise ImageFileError(
            "too_many_bytes",
            f"image: expected a file of at most {MOST_BYTES >> 20} MB, got {count / (1 << 20):.0f} MB; "
            "make the picture smaller",
            {"bytes": count, "most": MOST_BYTES},
        )


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise _too_many_pixels(image.width, image.height)


def _too_many_pixels(width: int, height: int) -> ImageFileError:
    size = f"{width} x {height}" if width else "more"
    return ImageFileError(
        "too_many_pixels",
        f"image: expected at most {MOST_PIXELS // 10**6} million pixels, got {size}; make the picture smaller",
        {"width": width, "height": height, "most": MOST_PIXELS},
    )


def _upright(image: Image.Image, notes: list[Note]) -> OpenedImage:
    """Turn a decoded picture by its EXIF mark and bring it to 8-bit RGB."""
    mark = image.getexif().get(0x0112, 1)
    turned = ImageOps.exif_transpose(image)
    if mark in range(2, 9):
        notes.append(Note("turned_upright", {"orientation": int(mark)}))
    pixels = _rgb(turned, notes)
    pixels.setflags(write=False)
    return OpenedImage(pixels, tuple(notes))


def _rgb(image: Image.Image, notes: list[Note]) -> NDArray[np.uint8]:
    mode = image.mode
    if mode[0] in "IF":
        notes.append(Note("scaled_16_bit" if mode.startswith("I;16") else "scaled_range", {"mode": mode}))
        grey = _eight_bits(image)
        notes.append(Note("grey_to_colour"))
        return np.repeat(grey[..., None], 3, axis=2)
    if mode == "P":
        notes.append(Note("palette"))
    if mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        notes.append(Note("colour_space", {"mode": mode}))
    if mode in ("1", "L", "LA", "La"):
        notes.append(Note("grey_to_colour"))
    if mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        return _on_white(image.convert("RGBA"), notes)
    return np.array(image.convert("RGB"), np.uint8)


def _on_white(image: Image.Image, notes: list[Note]) -> NDArray[np.uint8]:
    """Lay a picture with transparency on white, so that colours hidden under it stay hidden."""
    values = np.asarray(image, np.float64)
    share = values[..., 3:] / 255
    if share.min() < 1:
        notes.append(Note("on_white", {"share": float((share < 1).mean())}))
    return np.rint(values[..., :3] * share + 255 * (1 - share)).astype(np.uint8)


def _eight_bits(image: Image.Image) -> NDArray[np.uint8]:
    """Scale a 16-bit, 32-bit or float grey picture to 0..255.

    16 bits by 1/257; 32 bits and floats from 0..1, 0..255 or 0..65535 if they fit one, else from their own range.
    """
    values = np.asarray(image).astype(np.float64)
    if not np.isfinite(values).all():
        raise ImageFileError("not_finite", "image: it holds NaN or infinite values; save it again without them")
    if image.mode.startswith("I;16"):
        return np.rint(values / 257).astype(np.uint8)
    low, high = float(values.min()), float(values.max())
    fits = [most for most in (1.0, 255.0, 65535.0) if low >= 0 and high <= most]
    if image.mode.startswith("I"):
        fits = [most for most in fits if most > 1]
    start, span = (0.0, fits[0]) if fits else (low, high - low)
    return np.rint((values - start) / (span or 1) * 255).astype(np.uint8)
