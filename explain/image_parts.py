"""The parts of a picture file that hold pixels, walked through before a decoder gets them.

A file of a few megabytes can hold millions of parts, or a text that unpacks to gigabytes. What is not needed for the
pixels is left out here, unread, and what is needed is counted.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass

MOST_PARTS = 100_000
MOST_TEXT = 1 << 22
ORIENTATION = 0x0112


class BrokenPartsError(ValueError):
    """A file whose parts can't be walked through; the text says what is wrong, without a subject: "is cut short"."""


@dataclass(frozen=True)
class Parts:
    """A file as its decoder gets it: `data`; `mark` the camera's orientation, 1..8; `frames` of an animation.

    `counted`: whether that is all of them. `more`: it holds further pictures. `unread`: it holds packed text too large
    to unpack. `scans`: how often a JPEG goes over all of its pixels.
    """

    data: bytes
    mark: int = 1
    frames: int = 1
    counted: bool = True
    more: bool = False
    unread: bool = False
    scans: int = 1


def png_parts(data: bytes) -> Parts:
    """Keep a PNG's header, palette, transparency and pixels, each held against its checksum.

    Raises BrokenPartsError for a checksum that doesn't match, and for a file that ends before its pixels do.
    """
    kept, pixels, at, mark, frames = [data[:8]], [], 8, 0, 1
    unread, room = False, MOST_TEXT
    for _count in range(MOST_PARTS):
        name, body = _png_chunk(data, at)
        at += 12 + len(body)
        if name == b"IDAT":
            pixels.append(body)
        elif name in (b"IHDR", b"PLTE", b"tRNS"):
            kept.append(_packed_chunk(name, body))
        elif name == b"eXIf":
            mark = orientation(bytes(body))
        elif name == b"acTL" and len(body) == 8:
            frames = max(1, struct.unpack(">I", body[:4])[0])
        elif name in (b"zTXt", b"iTXt") and not unread:
            text = _png_text(name, bytes(body), room)
            unread, room = text is None, room - len(text or b"")
            mark = mark or _mark_in_text(text or b"")
        elif name == b"IEND":
            kept += [_packed_chunk(b"IDAT", b"".join(pixels)), _packed_chunk(b"IEND", b"")]
            return Parts(b"".join(kept), mark or 1, frames, unread=unread)
    raise BrokenPartsError(f"has more than {MOST_PARTS:,} parts")


def _png_chunk(data: bytes, at: int) -> tuple[bytes, memoryview]:
    if len(data) < at + 12:
        raise BrokenPartsError("is cut short")
    size, name = struct.unpack(">I4s", data[at : at + 8])
    body = memoryview(data)[at + 8 : at + 8 + size]
    if len(data) < at + 12 + size:
        raise BrokenPartsError("is cut short")
    needed = name[:1].isupper() or name in (b"tRNS", b"eXIf", b"acTL")
    if needed and zlib.crc32(body, zlib.crc32(name)) != struct.unpack(">I", data[at + 8 + size : at + 12 + size])[0]:
        raise BrokenPartsError(
            f"is damaged: its part {name.decode() if name.isalpha() else '?'} doesn't match its checksum"
        )
    return name, body


def _packed_chunk(name: bytes, body: bytes | memoryview) -> bytes:
    return b"".join((struct.pack(">I", len(body)), name, body, struct.pack(">I", zlib.crc32(body, zlib.crc32(name)))))


def _png_text(name: bytes, body: bytes, room: int) -> bytes | None:
    """Return a text's words, None where it is packed and unpacks to more than there is room for."""
    key, _nul, rest = body.partition(b"\0")
    packed = name == b"zTXt" or rest[:1] == b"\1"
    rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2] if name == b"iTXt" else rest[1:]
    if not packed:
        return rest[:room] if key == b"XML:com.adobe.xmp" else b""
    unpacking = zlib.decompressobj()
    try:
        words = unpacking.decompress(rest, room + 1)
    except zlib.error:
        return b""
    return None if len(words) > room else words


def _mark_in_text(text: bytes) -> int:
    found = re.search(rb'tiff:Orientation(?:="|>)([1-8])', text)
    return int(found[1]) if found else 0


def jpeg_parts(data: bytes) -> Parts:
    """Keep a JPEG's tables, frame and scans; read the orientation from its camera data, and leave that out.

    Raises BrokenPartsError for a file that ends before its first scan.
    """
    kept, at, mark, more = [data[:2]], 2, 0, False
    for _count in range(MOST_PARTS):
        while data[at : at + 2] == b"\xff\xff":
            at += 1
        head = data[at : at + 4]
        if len(head) < 4 or head[0] != 0xFF:
            raise BrokenPartsError("is damaged or cut short")
        code, size = struct.unpack(">xBH", head)
        if code <= 1 or 0xD0 <= code <= 0xD7:
            at += 2
            continue
        body = data[at + 4 : at + 2 + size]
        if code == 0xDA:
            rest = data[at:]
            return Parts(b"".join([*kept, rest]), mark or 1, more=more, scans=rest.count(b"\xff\xda"))
        if code == 0xE1:
            mark = mark or _jpeg_mark(body)
        elif code == 0xE2:
            more |= body.startswith(b"MPF\0") and b'hdrgm:Version="' not in data[: 1 << 20]
        elif code in (0xE0, 0xEE) or not 0xE0 <= code <= 0xFE:
            kept.append(data[at : at + 2 + size])
        at += 2 + size
    raise BrokenPartsError(f"has more than {MOST_PARTS:,} parts")


def _jpeg_mark(body: bytes) -> int:
    """Return the orientation that a part says, 0 for none."""
    if body.startswith(b"Exif\0"):
        return orientation(body)
    return _mark_in_text(body) if body.startswith(b"http://ns.adobe.com/xap/") else 0


def gif_parts(data: bytes) -> Parts:
    """Leave out what stands before a GIF's first picture but the block that says its transparent colour.

    Raises BrokenPartsError for a file without a picture.
    """
    if len(data) < 14:
        raise BrokenPartsError("is cut short")
    at = start = 13 + _table(data[10])
    control, first, frames, rest = b"", -1, 0, 4 * MOST_PARTS
    while rest > 0 and at < len(data) and data[at] != 0x3B:
        if data[at] == 0x2C and len(data) > at + 10:
            first, frames = first if frames else at, frames + 1
            at += 11 + _table(data[at + 9])
        elif data[at] == 0x21:
            if data[at + 1 : at + 3] == b"\xf9\x04" and not frames:
                control = data[at : at + 8]
            at += 2
        else:
            break
        while rest > 0 and at < len(data) and data[at]:
            at, rest = at + 1 + data[at], rest - 1
        at, rest = at + 1, rest - 1
    if not frames:
        raise BrokenPartsError("is damaged or cut short")
    return Parts(data[:start] + control + data[first:], frames=frames, counted=rest > 0)


def _table(flags: int) -> int:
    """Return the bytes of a GIF's colour table."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def orientation(exif: bytes) -> int:
    """Return the orientation 1..8 that camera data (a TIFF directory, with or without "Exif") says; 0 for none."""
    exif = exif[6:] if exif.startswith(b"Exif\0") else exif
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None or len(exif) < 8:
        return 0
    at = struct.unpack(f"{order}I", exif[4:8])[0]
    count = struct.unpack(f"{order}H", exif[at : at + 2])[0] if len(exif) >= at + 2 else 0
    for i in range(min(count, 1000)):
        entry = exif[at + 2 + 12 * i : at + 14 + 12 * i]
        if len(entry) < 12:
            break
        tag, kind = struct.unpack(f"{order}HH", entry[:4])
        if tag == ORIENTATION:
            value = struct.unpack(f"{order}I" if kind == 4 else f"{order}H2x", entry[8:])[0]
            return int(value) if value in range(1, 9) else 0
    return 0
