"""Small good pictures of each format, and what damages them: bits turned, bytes overwritten, cut, spliced; seeded."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

EDGES = (0, 1, 0x7F, 0x80, 0xFF)
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "TIFF")


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def good_files(seed: int = 0) -> dict[str, list[bytes]]:
    """Return small good files of each format, in the modes that its decoder has branches for."""
    draw = np.random.default_rng(seed)
    y, x = np.mgrid[0:48, 0:64]
    scene = np.stack([x * 4, y * 5, (x + y) * 2], -1) + draw.integers(0, 30, (48, 64, 3))
    colour = Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8))
    grey, palette, clear = colour.convert("L"), colour.quantize(64), colour.convert("RGBA")
    clear.putalpha(grey)
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    float32 = Image.fromarray(np.asarray(grey, np.float32) / 255)
    exif = Image.Exif()
    exif[0x0112] = 6
    frames = {"save_all": True, "append_images": [colour.rotate(90 * n) for n in (1, 2)]}
    return {
        "PNG": [
            saved(colour, "PNG", exif=exif),
            saved(clear, "PNG"),
            saved(palette, "PNG", transparency=bytes(range(64))),
            saved(deep, "PNG"),
            saved(grey, "PNG", transparency=7),
            saved(colour, "PNG", **frames),
            saved(grey.convert("1"), "PNG"),
        ],
        "JPEG": [
            saved(colour, "JPEG", exif=exif),
            saved(colour, "JPEG", progressive=True, quality=90),
            saved(colour.convert("CMYK"), "JPEG"),
            saved(grey, "JPEG"),
            saved(colour, "JPEG", restart_marker_blocks=2, subsampling=2),
        ],
        "GIF": [saved(palette, "GIF"), saved(colour, "GIF", **frames), saved(palette, "GIF", transparency=3)],
        "WEBP": [
            saved(colour, "WEBP", exif=exif),
            saved(clear, "WEBP", lossless=True),
            saved(clear, "WEBP", quality=50),
            saved(colour, "WEBP", **frames),
        ],
        "TIFF": [
            saved(colour, "TIFF", exif=exif),
            saved(colour, "TIFF", compression="tiff_lzw"),
            saved(colour, "TIFF", compression="jpeg"),
            saved(clear, "TIFF", compression="tiff_deflate"),
            saved(deep, "TIFF", compression="packbits"),
            saved(float32, "TIFF", compression="tiff_adobe_deflate"),
            saved(grey.convert("1"), "TIFF", compression="group4"),
            saved(palette, "TIFF", **{**frames, "append_images": [palette]}),
            saved(colour, "TIFF", big_tiff=True),
            saved(colour.convert("CMYK"), "TIFF"),
        ],
    }


def mutated(draw: np.random.Generator, good: dict[str, list[bytes]], kind: str) -> bytes:
    """Return a good file of a format with one to three mutations, those of a PNG often with right checksums again."""
    files = good[kind]
    data = bytearray(files[draw.integers(len(files))])
    for _turn in range(int(draw.integers(1, 4))):
        other = good[FORMATS[draw.integers(len(FORMATS))] if draw.random() < 0.3 else kind]
        _mutate(draw, data, other[draw.integers(len(other))])
    return with_checksums(bytes(data)) if kind == "PNG" and draw.random() < 0.7 else bytes(data)


def _mutate(draw: np.random.Generator, data: bytearray, other: bytes) -> None:
    size = len(data)
    if size < 16:
        return
    head = draw.random() < 0.5
    at = int(draw.integers(0, min(size, 256) if head else size))
    count = int(min(2 ** draw.integers(0, 10), size - at))
    way = draw.choice(
        ["flip", "edge", "number", "cut", "drop", "splice", "repeat"], p=[0.3, 0.2, 0.2, 0.08, 0.07, 0.1, 0.05]
    )
    if way == "flip":
        for place in draw.integers(0, size, int(draw.integers(1, 33))) if not head else [at]:
            data[place] ^= 1 << int(draw.integers(8))
    elif way == "edge":
        data[at] = EDGES[draw.integers(len(EDGES))]
    elif way == "number":
        value = int(2 ** draw.uniform(0, 32)) - int(draw.integers(0, 2))
        data[at : at + 4] = struct.pack("<I" if draw.random() < 0.5 else ">I", max(0, min(value, 2**32 - 1)))
    elif way == "cut":
        del data[int(draw.integers(1, size)) :]
    elif way == "drop":
        del data[at : at + count]
    elif way == "splice":
        start = int(draw.integers(len(other)))
        data[at : at + count] = other[start : start + int(2 ** draw.integers(0, 12))]
    else:
        data[at:at] = data[at : at + count] * int(draw.integers(1, 50))


def with_checksums(data: bytes) -> bytes:
    """Give every chunk of a PNG the checksum that it should have, so that its decoder gets to see it."""
    fixed, at = bytearray(data), 8
    while at + 12 <= len(fixed):
        size = struct.unpack(">I", fixed[at : at + 4])[0]
        end = at + 8 + size
        if end + 4 > len(fixed):
            break
        fixed[end : end + 4] = struct.pack(">I", zlib.crc32(bytes(fixed[at + 4 : end])))
        at = end + 4
    return bytes(fixed)
