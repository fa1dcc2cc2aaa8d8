"""Open a picture from a user: size checked before decoding, upright, on white, 8 bits, and every change noted."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import BmpImagePlugin, GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

from explain.image_kinds import FORMATS, kind_of, other_kind
from explain.image_parts import BrokenPartsError, Parts, gif_parts, jpeg_parts, orientation, png_parts
from explain.image_pixels import ImageFileError as ImageFileError
from explain.image_pixels import Note as Note
from explain.image_pixels import reduction, to_rgb, turned

MOST_BYTES = 64 << 20
MOST_PIXELS = 50_000_000
MOST_SIDE = 65_535
KEPT_PIXELS = 3_100_000
"""Models read far fewer; a photograph of 12 megapixels is halved, and four of a session take 37 MB at most."""
MOST_SCANS = 100
MOST_TAGS = 4096
MOST_TILE = 1 << 24
MOST_PACKED = 8 << 20
DECODED = 4 * MOST_PIXELS
"""Bytes that a decoder may need: 4 a pixel for most; formats that need more may have fewer pixels."""

_DECODERS: dict[str, Callable[..., Image.Image]] = {
    "PNG": PngImagePlugin.PngImageFile,
    "JPEG": JpegImagePlugin.JpegImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
}
_PARTS: dict[str, Callable[[bytes], Parts]] = {"PNG": png_parts, "JPEG": jpeg_parts, "GIF": gif_parts}


@dataclass(frozen=True, eq=False)
class OpenedImage:
    """A picture as it will be used: `pixels` (H, W, 3) uint8, upright; `notes` what was changed to get there."""

    pixels: NDArray[np.uint8]
    notes: tuple[Note, ...]


def open_image(source: str | Path | bytes, keep: int = KEPT_PIXELS) -> OpenedImage:
    """Open a PNG, JPEG, WebP, GIF, TIFF or BMP file, given as its path or its bytes; the content says which it is.

    A picture of more than `keep` pixels is reduced to at most so many, by a whole factor. Raises ImageFileError:
    "empty", "too_many_bytes", "too_many_pixels", "too_long", "not_an_image", "damaged", "not_finite", "missing".
    """
    data = _read(source)
    kind = kind_of(data)
    if not kind:
        raise ImageFileError(
            "not_an_image",
            f"image: expected a file of {', '.join(FORMATS[:-1])} or {FORMATS[-1]}, got {other_kind(data)}; "
            "save the picture as PNG or JPEG and open that",
            {"formats": FORMATS},
        )
    try:
        return _decoded(kind, data, max(1, keep))
    except ImageFileError:
        raise
    except BrokenPartsError as error:
        raise _damaged(kind, str(error), error) from error
    except Exception as error:
        # A decoder may raise anything at all on bytes that were made to break it.
        raise _damaged(kind, "is damaged or cut short", error) from error


def _decoded(kind: str, data: bytes, keep: int) -> OpenedImage:
    parts = _PARTS.get(kind, Parts)(data)
    _check_before(kind, parts)
    with _DECODERS[kind](io.BytesIO(parts.data)) as image:
        _check_size(image.size, kind, _cost(kind, image, parts.scans))
        _check_tiles(kind, image, len(data))
        size, mark, raw = image.size, parts.mark, _stored(image)
        by = left = reduction(size, keep)
        if kind == "JPEG":
            left = _drafted(image, by)
        elif kind == "TIFF":
            mark = _tiff_mark(image)
        elif kind == "WEBP":
            mark = orientation(image.info.get("exif", b"")) or 1
        notes = _file_notes(kind, parts, image)
        image.load()
        pixels, changes = to_rgb(image, raw, left)
    # Pillow turns a TIFF by itself.
    pixels = pixels if kind == "TIFF" else turned(pixels, mark)
    if mark in range(2, 9):
        notes.append(Note("turned_upright", {"orientation": mark}))
    if by > 1:
        height, width = pixels.shape[:2]
        notes.append(Note("made_smaller", {"factor": by, "width": width, "height": height}))
    pixels.setflags(write=False)
    return OpenedImage(pixels, (*notes, *changes))


def _drafted(image: Image.Image, by: int) -> int:
    """Let a JPEG be decoded at a half, a quarter or an eighth of its size; returns the factor that is left to do."""
    half = next(scale for scale in (8, 4, 2, 1) if by % scale == 0)
    if half > 1 and min(image.size) >= half:
        image.draft(None, (image.width // half, image.height // half))
        return by // half
    return by


def _file_notes(kind: str, parts: Parts, image: Image.Image) -> list[Note]:
    notes = []
    frames = int(getattr(image, "n_frames", 1)) if kind == "WEBP" else parts.frames
    if frames > 1:
        notes.append(Note("first_frame", {"frames": frames} | ({} if parts.counted else {"more": True})))
    if parts.more or (kind == "TIFF" and getattr(image, "is_animated", False)):
        notes.append(Note("first_picture"))
    if parts.unread:
        notes.append(Note("text_unread"))
    return notes


def _stored(image: Image.Image) -> str:
    """Return how the file stores its values, in Pillow's words ("RGB;16B"), "" where a decoder says nothing."""
    args = image.tile[0].args if image.tile else ""  # type: ignore[attr-defined]
    first = args[0] if isinstance(args, tuple) and args else args
    return str(first) if isinstance(first, str) else ""


def _tiff_mark(image: Image.Image) -> int:
    mark = image.tag_v2.get(274, 1)  # type: ignore[attr-defined]
    return mark if isinstance(mark, int) and mark in range(1, 9) else 1


def _cost(kind: str, image: Image.Image, scans: int) -> int:
    """Return the bytes a pixel that decoding needs: for the picture itself, and what its decoder holds beside it."""
    if kind == "WEBP":
        return 16
    if kind == "JPEG" and (scans > 1 or image.info.get("progressive")):
        return 10
    if kind == "TIFF":
        rows = min(image.tag_v2.get(278, image.height), image.height)  # type: ignore[attr-defined]
        in_one = image.info.get("compression") != "raw" and rows * image.width > MOST_TILE
        return 4 + 4 * (_tiff_mark(image) > 1) + 8 * in_one
    return 4


def _check_before(kind: str, parts: Parts) -> None:
    """Refuse what a decoder would spend minutes or gigabytes on before its size is known."""
    data = parts.data
    if kind == "WEBP":
        size = WebPImagePlugin._get_size(data[:30])
        if size is not None:
            _check_size(size, kind, 16)
    elif kind == "TIFF":
        order, wide = "<" if data[:1] == b"I" else ">", data[2:4] in (b"+\0", b"\0+")
        at = struct.unpack(f"{order}Q" if wide else f"{order}I", data[8:16] if wide else data[4:8])[0]
        count = struct.unpack(f"{order}Q" if wide else f"{order}H", data[at : at + (8 if wide else 2)])[0]
        if count > MOST_TAGS:
            raise BrokenPartsError(f"has more than {MOST_TAGS:,} parts")
    elif kind == "JPEG" and parts.scans > MOST_SCANS:
        raise BrokenPartsError(f"goes over its pixels {parts.scans:,} times, more than {MOST_SCANS}")


def _check_tiles(kind: str, image: Image.Image, count: int) -> None:
    """Refuse tiles far larger than the picture, and packed BMPs, which Pillow unpacks in Python, of many bytes."""
    if kind == "TIFF":
        sides = [image.tag_v2.get(tag, 1) for tag in (322, 323)]  # type: ignore[attr-defined]
        if sides[0] * sides[1] > MOST_TILE:
            raise BrokenPartsError(f"says that it has tiles of {sides[0]} x {sides[1]} pixels")
    elif kind == "BMP" and image.tile[0].codec_name == "bmp_rle" and count > MOST_PACKED:  # type: ignore[attr-defined]
        raise _too_many_bytes(count, MOST_PACKED, " for a packed BMP")


def _damaged(kind: str, what: str, error: Exception) -> ImageFileError:
    return ImageFileError(
        "damaged",
        f"image: the {kind} file {what}, so its pixels can't be read; save or copy the picture again",
        {"kind": kind, "reason": type(error).__name__},
    )


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
        raise _too_many_bytes(count, MOST_BYTES)


def _too_many_bytes(count: int, most: int, such: str = "") -> ImageFileError:
    return ImageFileError(
        "too_many_bytes",
        f"image: expected a file of at most {most >> 20} MB{such}, got {count / (1 << 20):.0f} MB; "
        "make the picture smaller",
        {"bytes": count, "most": most},
    )


def _check_size(size: tuple[int, int], kind: str, cost: int) -> None:
    width, height = size
    if min(size) < 1:
        raise BrokenPartsError(f"says that it is {width} x {height} pixels large")
    most = DECODED // cost
    if width * height > most:
        such = "" if most == MOST_PIXELS else f" in a {kind} file of this sort"
        raise ImageFileError(
            "too_many_pixels",
            f"image: expected at most {most / 10**6:g} million pixels{such}, got {width} x {height}; "
            f"make the picture smaller{' or save it as PNG' if such else ''}",
            {"width": width, "height": height, "most": most},
        )
    if max(size) > MOST_SIDE:
        raise ImageFileError(
            "too_long",
            f"image: expected at most {MOST_SIDE:,} pixels a side, got {width} x {height}; make the picture smaller",
            {"width": width, "height": height, "most": MOST_SIDE},
        )
