"""What kind of file a picture is, by its content; its name and ending say nothing."""

from __future__ import annotations

import re

BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "PNG": (b"\x89PNG\r\n\x1a\n",),
    "JPEG": (b"\xff\xd8\xff",),
    "WEBP": (b"RIFF",),
    "GIF": (b"GIF87a", b"GIF89a"),
    "TIFF": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    "BMP": (b"BM",),
}
FORMATS = tuple(BEGINNINGS)
HEIF_BRANDS = {
    b"heic": "a HEIC photograph",
    b"heix": "a HEIC photograph",
    b"hevc": "a HEIC photograph",
    b"mif1": "a HEIC photograph",
    b"msf1": "a HEIC photograph",
    b"avif": "an AVIF picture",
    b"avis": "an AVIF picture",
}
OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%!PS", "an EPS or PostScript file"),
    (b"\xc5\xd0\xd3\xc6", "an EPS or PostScript file"),
    (b"%PDF", "a PDF document"),
    (b"8BPS", "a Photoshop file"),
    (b"\x00\x00\x01\x00", "an icon file"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"RIFF", "a sound or film"),
)


def kind_of(data: bytes) -> str:
    """Return which of FORMATS a file begins as, "" for none of them."""
    found = next((kind for kind, begins in BEGINNINGS.items() if data.startswith(begins)), "")
    return "" if found == "WEBP" and data[8:12] != b"WEBP" else found


def other_kind(data: bytes) -> str:
    """Name what a file that is none of FORMATS seems to be, for a message: "an SVG drawing", "plain text"."""
    if data[4:8] == b"ftyp":
        return HEIF_BRANDS.get(data[8:12], "a film")
    for begins, name in OTHERS:
        if data.startswith(begins):
            return name
    start = data[:4096]
    if re.search(rb"<svg[\s>]", start, re.IGNORECASE):
        return "an SVG drawing"
    try:
        text = start.decode("utf-8", "strict" if len(data) <= len(start) else "ignore")
    except UnicodeDecodeError:
        return "a file of another kind"
    return (
        "plain text" if all(letter.isprintable() or letter.isspace() for letter in text) else "a file of another kind"
    )
