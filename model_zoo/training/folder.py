"""A zip of class folders as pictures to train on: bounded before it is unpacked, each opened as any user's picture."""

from __future__ import annotations

import copy
import io
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from explain.errors import ArgumentError
from explain.image_file import ImageFileError, open_image
from model_zoo.images import to_grey, to_rgb
from model_zoo.own.types import MIB, shown
from model_zoo.training.class_folders import LAYOUT, Member, check_apart, placed, written
from model_zoo.training.pictures import SEED, TEST_SHARE, Images, Labels, Pictures

Told = Callable[[int, int], bool | None]
"""Told (pictures read, pictures in all); returning False cancels."""

KINDS = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff", ".bmp")
MOST_BYTES, MOST_UNPACKED, MOST_FILE = 200 * MIB, 400 * MIB, 20 * MIB
MOST_FILES, MOST_CLASSES, MOST_RATIO = 20_000, 200, 100
MOST_KEPT = 512 * MIB
MOST_SECONDS = 180.0
SMALLEST, LARGEST = 8, 256
PACKED_MORE = 1024
"""Bytes that deflate may add to what can't be made smaller, besides an eighth: encoders add far less."""
TABLE_MARK = b"PK\1\2"
"""Begins each entry of a zip's table of contents: to count them needs no reading of the table, which may be a bomb."""
LEFT_OUT = ("__MACOSX", "Thumbs.db", "desktop.ini")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError)


def from_folder(
    data: bytes,
    side: int = 64,
    channels: int = 3,
    share: float = TEST_SHARE,
    seed: int = SEED,
    told: Told | None = None,
) -> Pictures:
    """Return the pictures of a zip whose folders are the classes: centre squares of `side` pixels.

    `channels` 1 for grey, 3 for colours. A folder named "test" with class folders in it holds the test; without one a
    `share` of each class, drawn by `seed`, does. Raises ArgumentError for a zip or picture that can't be used.
    """
    if type(side) is not int or not SMALLEST <= side <= LARGEST:
        raise ArgumentError(f"side: expected {SMALLEST} to {LARGEST} pixels, got {side!r}; 64 is usual")
    if channels not in (1, 3):
        raise ArgumentError(f"channels: expected 1 (grey) or 3 (colours), got {channels!r}; take one of them")
    if not 0.01 <= share <= 0.9:
        raise ArgumentError(f"share: expected 0.01 to 0.9 kept for the test, got {share!r}; 0.2 is usual")
    try:
        with zipfile.ZipFile(io.BytesIO(_bounded(data))) as archive:
            members, others = _members(archive.infolist())
            _check_room(len(members), side, channels)
            images = _read(archive, members, side, channels, told)
    except ArgumentError:
        raise
    except _BROKEN as error:
        raise ArgumentError(f"zip: it is damaged or no zip ({shown(error)}); zip the folder again") from error
    return _divided(members, images, share, seed, others)


def _bounded(data: bytes) -> bytes:
    if len(data) > MOST_BYTES:
        raise ArgumentError(
            f"zip: expected at most {MOST_BYTES // MIB} MiB, got {len(data) / MIB:.0f}; take fewer or smaller pictures"
        )
    if (count := data.count(TABLE_MARK)) > MOST_FILES:
        raise ArgumentError(f"zip: expected at most {MOST_FILES:,} files, got {count:,}; take fewer")
    return data


def _members(infos: list[zipfile.ZipInfo]) -> tuple[list[Member], int]:
    """Return the pictures among the files, checked, sorted by name, and how many other files are left out."""
    files = [one for one in infos if not one.is_dir() and not _is_litter(one.filename)]
    for one in files:
        _check_file(one)
    twice = next((name for name, count in Counter(one.filename for one in files).items() if count > 1), None)
    if twice is not None:
        raise ArgumentError(f"zip: “{shown(twice)}” is in it twice; zip the folder again")
    if (total := sum(one.file_size for one in files)) > MOST_UNPACKED:
        raise ArgumentError(
            f"zip: it would unpack to {total / MIB:.0f} MiB, at most {MOST_UNPACKED // MIB} are taken; take fewer "
            "or smaller pictures"
        )
    pictures = [one for one in files if one.filename.lower().endswith(KINDS)]
    members = sorted(map(placed, pictures), key=lambda one: one.info.filename)
    if not members:
        raise ArgumentError(f"zip: expected pictures ({', '.join(KINDS)}), got none; {LAYOUT}")
    check_apart(members)
    if (classes := len({one.name for one in members})) > MOST_CLASSES:
        raise ArgumentError(f"zip: expected at most {MOST_CLASSES} classes, got {classes}; {LAYOUT}")
    return members, len(files) - len(members)


def _is_litter(name: str) -> bool:
    """Say whether a file is what systems leave in folders by themselves."""
    parts = PurePosixPath(name).parts
    return any(part in LEFT_OUT or (part.startswith(".") and part != "..") for part in parts)


def _check_file(one: zipfile.ZipInfo) -> None:
    name, said = one.filename, shown(one.filename)
    if ".." in name.replace("\\", "/").split("/") or name.startswith(("/", "\\")) or ":" in name or "\0" in name:
        raise ArgumentError(f"zip: “{said}” is a name that leads out of it; zip the folder again")
    if one.flag_bits & 0x1:
        raise ArgumentError(f"zip: “{said}” is encrypted; zip the folder without a password")
    if one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArgumentError(f"zip: “{said}” is compressed in an unusual way; zip the folder with your system's own zip")
    if one.file_size > MOST_FILE:
        raise ArgumentError(
            f"zip: “{said}” has {one.file_size / MIB:.0f} MiB, at most {MOST_FILE // MIB} are taken; make it smaller"
        )
    if one.compress_size > one.file_size + one.file_size // 8 + PACKED_MORE:
        raise ArgumentError(
            f"zip: “{said}”: expected about the {one.file_size:,} bytes that its table of contents declares, or fewer, "
            f"got {one.compress_size:,} still packed; zip the folder again with your system's own zip"
        )
    if one.file_size > MIB and one.file_size > MOST_RATIO * max(1, one.compress_size):
        raise ArgumentError(
            f"zip: “{said}” grows more than {MOST_RATIO} times when unpacked; no picture does. Remove it"
        )


def _check_room(count: int, side: int, channels: int) -> None:
    if (needed := count * side * side * channels) > MOST_KEPT:
        most = int((MOST_KEPT / (count * channels)) ** 0.5)
        raise ArgumentError(
            f"side: {count:,} pictures of {side} x {side} pixels take {needed / MIB:.0f} MiB, at most "
            f"{MOST_KEPT // MIB} are kept; take {most} pixels or fewer, or fewer pictures"
        )


def _read(archive: zipfile.ZipFile, members: list[Member], side: int, channels: int, told: Told | None) -> Images:
    images = np.empty((len(members), side, side, channels), np.uint8)
    until = time.monotonic() + MOST_SECONDS
    for at, one in enumerate(members):
        if told is not None and told(at, len(members)) is False:
            raise ArgumentError(f"zip: cancelled after {at:,} of {len(members):,} pictures; nothing was kept")
        if time.monotonic() > until:
            raise ArgumentError(
                f"zip: after {MOST_SECONDS:.0f} s {at:,} of {len(members):,} pictures were read; make them smaller"
            )
        try:
            pixels = open_image(_unpacked(archive, one.info), keep=4 * LARGEST * LARGEST).pixels
        except ImageFileError as error:
            raise ArgumentError(f"zip: “{shown(one.info.filename)}” can't be opened ({error}); remove it") from error
        images[at] = to_rgb(pixels, side) if channels == 3 else to_grey(pixels, side)[..., None]
    return images


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Return a file of the archive, never unpacked further than a byte beyond the size that the table declares.

    `ZipFile.read` unpacks all there is and then cuts it to that size: two packed megabytes can be two gigabytes.
    """
    packed, said = copy.copy(info), shown(info.filename)
    packed.compress_type, packed.file_size = zipfile.ZIP_STORED, info.compress_size
    del packed.CRC  # it is that of the unpacked bytes
    with archive.open(packed) as stream:
        data = stream.read()
    if info.compress_type == zipfile.ZIP_DEFLATED:
        data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, info.file_size + 1)
    if len(data) != info.file_size:
        came = f"more than {info.file_size:,}" if len(data) > info.file_size else f"{len(data):,}"
        raise ArgumentError(
            f"zip: “{said}”: expected the {info.file_size:,} bytes that its table of contents declares, got {came}; "
            "zip the folder again with your system's own zip"
        )
    if zlib.crc32(data) != info.CRC:
        raise ArgumentError(f"zip: “{said}” doesn't match its checksum, so it is damaged; zip the folder again")
    return data


def _divided(members: list[Member], images: Images, share: float, seed: int, others: int) -> Pictures:
    folders = sorted({one.name for one in members})
    labels: Labels = np.array([folders.index(one.name) for one in members], np.int64)
    test = np.array([one.test for one in members])
    given = 0 < np.count_nonzero(test) < len(test)
    test = test if given else _drawn(labels, share, seed)
    source = f"a zip of {len(members):,} pictures" + (f"; {others:,} other files were left out" if others else "")
    return Pictures(images[~test], labels[~test], images[test], labels[test], written(folders), source)


def _drawn(labels: Labels, share: float, seed: int) -> NDArray[np.bool_]:
    """Draw `share` of each class, at least one where there are two."""
    rng, test = np.random.default_rng(seed), np.zeros(len(labels), bool)
    for label in np.unique(labels):
        own = rng.permutation(np.flatnonzero(labels == label))
        count = min(len(own) - 1, max(1, round(share * len(own))))
        test[own[:count]] = True
    return test
