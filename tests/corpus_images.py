"""Picture files that go wrong in the wild, made anew from nothing: small, and the same each time."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

HEIGHT, WIDTH = 12, 16
SCENE = (np.indices((HEIGHT, WIDTH)).sum(axis=0)[..., None] * np.array([8, 6, 4]) + 20).astype(np.uint8)
"""A slope in three colours: no two of its turned or mirrored forms are equal."""
FRAMES = ("red", "blue", "lime")
PNG_START = b"\x89PNG\r\n\x1a\n"
TURNED = {
    1: SCENE,
    2: SCENE[:, ::-1],
    3: SCENE[::-1, ::-1],
    4: SCENE[::-1],
    5: SCENE.swapaxes(0, 1),
    6: np.rot90(SCENE, 1),
    7: SCENE[::-1, ::-1].swapaxes(0, 1),
    8: np.rot90(SCENE, -1),
}
"""The scene as a camera held otherwise stores it, by the orientation it notes beside it."""


def saved(image, kind, **options):
    """Return a picture, or an array of one, as a file's bytes."""
    buffer = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(np.ascontiguousarray(image))).save(
        buffer, kind, **options
    )
    return buffer.getvalue()


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width, height, depth, colour, rows=b"", *extra):
    """Return a PNG with a header of one's own choice; `extra` chunks stand before its pixels."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *extra, chunk(b"IDAT", zlib.compress(rows, 9)), chunk(b"IEND", b"")]
    return PNG_START + b"".join(parts)


def with_chunk(data, name, body):
    """Return a PNG with one more chunk before its pixels."""
    at = data.index(b"IDAT") - 4
    return data[:at] + chunk(name, body) + data[at:]


WHOLE = saved(SCENE, "PNG")


def huge_headers():
    """Case 57: pictures of 400 million pixels, or what their format allows, by their headers alone."""
    jpeg = bytearray(saved(SCENE, "JPEG"))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", 20000, 20000)
    gif = bytearray(saved(SCENE, "GIF"))
    gif[6:10] = struct.pack("<HH", 20000, 20000)
    bmp = bytearray(saved(SCENE, "BMP"))
    bmp[18:26] = struct.pack("<II", 20000, 20000)
    tiff = bytearray(saved(SCENE, "TIFF"))
    for tag in (256, 257):
        at = tiff.index(struct.pack("<HH", tag, 4)) if struct.pack("<HH", tag, 4) in tiff else 0
        at = at or tiff.index(struct.pack("<HH", tag, 3))
        tiff[at : at + 12] = struct.pack("<HHII", tag, 4, 1, 20000)
    webp = bytearray(saved(SCENE, "WEBP", quality=80))
    at = webp.index(b"\x9d\x01\x2a") + 3
    webp[at : at + 4] = struct.pack("<HH", 16383, 16383)
    made = {"JPEG": jpeg, "GIF": gif, "BMP": bmp, "TIFF": tiff, "WEBP": webp}
    return {"PNG": png(20000, 20000, 8, 2)} | {kind: bytes(data) for kind, data in made.items()}


def real_64_megapixels():
    """Case 58: 8000 x 8000 black pixels, really there, in 187 kB."""
    packer = zlib.compressobj(9)
    pixels = b"".join(packer.compress(bytes(1 + 3 * 8000)) for _row in range(8000)) + packer.flush()
    header = struct.pack(">IIBBBBB", 8000, 8000, 8, 2, 0, 0, 0)
    return PNG_START + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def truncated():
    """Case 59: files of each kind that end half-way."""
    noise = np.random.default_rng(59).integers(0, 255, (40, 40, 3), np.uint8)
    whole = {kind: saved(noise, kind) for kind in ("PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP")}
    return {kind: data[: len(data) // 2] for kind, data in whole.items()}


def bad_checksums():
    """Case 60: a PNG with one bit turned in its pixels, and one with a bit turned in its header."""
    pixels, header = bytearray(WHOLE), bytearray(WHOLE)
    pixels[WHOLE.index(b"IDAT") + 14] ^= 1
    header[WHOLE.index(b"IHDR") + 7] ^= 1
    return {"IDAT": bytes(pixels), "IHDR": bytes(header)}


def animated(kind):
    """Case 61: three frames; the first is red."""
    frames = [Image.new("RGB", (4, 4), colour) for colour in FRAMES]
    exact = {"lossless": True} if kind == "WEBP" else {}
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], **exact)


def sixteen_bits():
    """Case 62: values (H, W, C) from 0 to 65535, and the files that hold them, by colour type."""
    values = np.random.default_rng(62).integers(0, 65536, (HEIGHT, WIDTH, 3), np.uint16)
    clear = np.concatenate([values, np.full((HEIGHT, WIDTH, 1), 65535, np.uint16)], axis=-1)
    kinds = {"grey": (0, values[..., :1]), "colour": (2, values), "colour and alpha": (6, clear)}
    files = {}
    for name, (colour, some) in kinds.items():
        rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in some)
        files[name] = png(WIDTH, HEIGHT, 16, colour, rows)
    return values, files


def grey_alpha_of_16_bits():
    values = np.random.default_rng(62).integers(0, 65536, (HEIGHT, WIDTH, 1), np.uint16)
    both = np.concatenate([values, np.full_like(values, 65535)], axis=-1)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in both)
    return values, png(WIDTH, HEIGHT, 16, 4, rows)


def hidden_colours():
    """Case 66: a red picture, all of it transparent, in every way that a format has to say so."""
    red = np.zeros((2, 3, 4), np.uint8)
    red[..., 0] = 200
    grey = np.full((2, 3), 5, np.uint8)

    def key(depth, colour, value, row):
        return png(3, 2, depth, colour, (b"\0" + row) * 2, chunk(b"tRNS", value))

    deep = struct.pack(">3H", 51400, 0x1234, 0)
    return {
        "PNG, alpha": saved(red, "PNG"),
        "WebP, alpha": saved(red, "WEBP", lossless=True, exact=True),
        "TIFF, alpha": saved(red, "TIFF"),
        "PNG, grey and alpha": saved(Image.merge("LA", [Image.fromarray(grey), Image.new("L", (3, 2), 0)]), "PNG"),
        "PNG, one colour": key(8, 2, struct.pack(">3H", 200, 0, 0), b"\xc8\0\0" * 3),
        "PNG, one colour of 16 bits": key(16, 2, deep, deep * 3),
        "PNG, one grey": key(8, 0, struct.pack(">H", 5), b"\5" * 3),
        "PNG, one grey of 16 bits": key(16, 0, struct.pack(">H", 1285), struct.pack(">3H", 1285, 1285, 1285)),
        "PNG, one grey of 4 bits": key(4, 0, struct.pack(">H", 5), b"\x55\x50"),
        "PNG, one grey of 2 bits": key(2, 0, struct.pack(">H", 1), b"\x54"),
        "PNG, one grey of 1 bit": key(1, 0, struct.pack(">H", 0), b"\0"),
        "GIF, palette": saved(Image.fromarray(grey), "GIF", transparency=5),
    }


def oriented(kind, mark):
    """Case 67: the scene as a camera stored it, with its mark."""
    exif = Image.Exif()
    exif[0x0112] = mark
    exact = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100, "subsampling": 0}}.get(kind, {})
    return saved(TURNED[mark], kind, exif=exif, **exact)


def other_files():
    """Cases 70 to 73, and others that are no pictures: what they are called in the message, and their bytes."""
    heif = struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"mif1heic" + bytes(64)
    return {
        "an SVG drawing": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><rect width="9"/></svg>',
        "a HEIC photograph": heif,
        "an AVIF picture": heif.replace(b"ftypheic", b"ftypavif"),
        "an EPS or PostScript file": saved(SCENE, "EPS"),
        "plain text": b"Not a picture, whatever its name.\n",
        "a PDF document": b"%PDF-1.7\n",
        "a film": struct.pack(">I", 24) + b"ftypisom" + bytes(16),
        "a sound or film": b"RIFF" + bytes(4) + b"WAVEfmt ",
        "a zip archive": b"PK\x03\x04" + bytes(30),
        "a file of another kind": bytes(range(256)),
    }


def text_bomb(name=b"zTXt", megabytes=200):
    """Case 75: a PNG whose packed text unpacks to 200 MB."""
    packer = zlib.compressobj(9)
    text = b"".join(packer.compress(bytes(1 << 20)) for _part in range(megabytes)) + packer.flush()
    before = b"note\0\0" if name == b"zTXt" else b"note\0\1\0en\0\0"
    return with_chunk(WHOLE, name, before + text)


def endless_parts():
    """Files of a few megabytes made of very many parts, or that go over their pixels again and again."""
    jpeg = saved(SCENE, "JPEG", progressive=True)
    table, end = jpeg.rindex(b"\xff\xc4", 0, jpeg.rindex(b"\xff\xda")), len(jpeg) - 2
    gif = saved(SCENE, "GIF")
    at = gif.index(b",", 13 + (3 << ((gif[10] & 7) + 1)))
    tiff = bytearray(saved(SCENE, "TIFF"))
    start = struct.unpack("<I", tiff[4:8])[0]
    tiff[start : start + 2] = struct.pack("<H", 60000)
    first = WHOLE.index(b"IDAT") - 4
    return {
        "PNG": WHOLE[:first] + chunk(b"IDAT", b"") * 100_001 + WHOLE[first:],
        "JPEG": jpeg[:2] + b"\xff\xe0\0\2" * 100_001 + jpeg[2:],
        "JPEG, again": jpeg[:end] + jpeg[table:end] * 100 + jpeg[end:],
        "GIF": gif[:at] + b"\x21\xfe" + b"\1a" * 400_001 + b"\0" + gif[at:],
        "TIFF": bytes(tiff),
    }
