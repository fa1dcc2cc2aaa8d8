"""The archive of a .keras file: its table of contents checked before anything in it is unpacked."""

from __future__ import annotations

import errno
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from model_zoo.own.kind import SAVE_AGAIN, megabytes
from model_zoo.own.types import MIB, Limits, Refused, shown

CONFIG, WEIGHTS, METADATA = "config.json", "model.weights.h5", "metadata.json"
CHUNK = MIB
MEMBER_BYTES = 1024  # what a member may take in the table of contents: 46 and its name
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, OverflowError, RuntimeError)
NOT_WHOLE = "Copy or save the file again: it was probably cut off on its way."


def broken(why: str) -> Refused:
    """Return the refusal of an archive that can't be read."""
    return Refused("archive_broken", f"The file is a damaged archive ({why}).", NOT_WHOLE)


@contextmanager
def opened(stream: IO[bytes], limits: Limits) -> Iterator[zipfile.ZipFile]:
    """Open an archive whose contents passed every check. Raises Refused."""
    _check_table(stream, limits)
    try:
        archive = zipfile.ZipFile(stream)
    except (*_DAMAGED, OSError) as error:
        raise broken("its table of contents can't be read") from error
    with archive:
        check_members(archive.infolist(), limits)
        yield archive


def _check_table(stream: IO[bytes], limits: Limits) -> None:
    """Raise Refused where the table of contents is too large to be read: a million members take 600 MB."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - 2**16 - 98))
    tail = stream.read()
    at = len(tail) - 22 if tail[-22:-18] == b"PK\5\6" and tail[-2:] == b"\0\0" else tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) < at + 22:
        raise broken("its end is missing")
    (length,) = struct.unpack_from("<I", tail, at + 12)
    if at >= 76 and tail[at - 20 : at - 16] == b"PK\6\7":
        (length,) = struct.unpack_from("<Q", tail, at - 76 + 40)
    if length > limits.max_members * MEMBER_BYTES:
        raise Refused(
            "archive_members",
            f"The archive's table of contents has {megabytes(length)}; a .keras file has three files in it, at most "
            f"{limits.max_members} are accepted.",
            SAVE_AGAIN,
        )


def check_members(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Raise Refused where the table of contents isn't that of a .keras file within the limits."""
    if len(members) > limits.max_members:
        raise Refused(
            "archive_members",
            f"The archive holds {len(members)} files; a .keras file has three, and at most {limits.max_members} "
            "are accepted.",
            SAVE_AGAIN,
        )
    names = [one.filename for one in members]
    _check_names(names)
    for one in members:
        _check_member(one, limits)
    total = sum(one.file_size for one in members)
    if total > limits.max_total:
        raise Refused(
            "archive_total",
            f"The archive would unpack to {megabytes(total)}; at most {megabytes(limits.max_total)} are accepted.",
            SAVE_AGAIN,
        )
    _check_contents(names)


def _check_names(names: list[str]) -> None:
    for name in names:
        parts = name.replace("\\", "/").split("/")
        if ".." in parts or name.startswith(("/", "\\")) or ":" in name or "\0" in name:
            raise Refused(
                "archive_path",
                f"The archive holds “{shown(name)}”, a name that leads out of the archive.",
                SAVE_AGAIN,
            )
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        raise Refused(
            "archive_twice",
            f"The archive holds “{shown(twice)}” twice, so it isn't clear which one is meant.",
            SAVE_AGAIN,
        )


def _check_member(one: zipfile.ZipInfo, limits: Limits) -> None:
    if one.flag_bits & 0x1:
        raise Refused(
            "archive_encrypted",
            f"“{shown(one.filename)}” in the archive is encrypted.",
            "Upload the file as Keras saved it, without a password.",
        )
    if one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused(
            "archive_method",
            f"“{shown(one.filename)}” in the archive is compressed in a way that Keras never uses.",
            SAVE_AGAIN,
        )
    if one.file_size > CHUNK and one.file_size > limits.max_ratio * max(1, one.compress_size):
        raise Refused(
            "archive_ratio",
            f"“{shown(one.filename)}” in the archive grows from {megabytes(one.compress_size)} to "
            f"{megabytes(one.file_size)} when unpacked; no model does.",
            SAVE_AGAIN,
        )


def _check_contents(names: list[str]) -> None:
    if any(name.split("/")[-1] in ("saved_model.pb", "saved_model.pbtxt") for name in names):
        raise Refused(
            "saved_model",
            "The file is a zipped SavedModel, whose graph of operations can run code.",
            "Load it where you trained it and save it as one file: "
            'keras.models.load_model("folder").save("model.keras") with tf.keras, or model.save("model.keras").',
        )
    if CONFIG not in names:
        raise Refused(
            "archive_config",
            "The file is an archive, but not one of Keras: there is no config.json in it.",
            "Upload the .keras file itself, not a folder or archive that holds it.",
        )
    if WEIGHTS not in names:
        raise Refused(
            "weights_absent",
            "The archive has no weights: there is no model.weights.h5 in it.",
            SAVE_AGAIN,
        )


def read_config(archive: zipfile.ZipFile, limits: Limits) -> bytes:
    """Return the bytes of config.json. Raises Refused above the limit and for damaged data."""
    with _damage(CONFIG), archive.open(CONFIG) as stream:
        data = stream.read(limits.max_config_bytes + 1)
        check_config_size(max(len(data), archive.getinfo(CONFIG).file_size), limits)
        return data


def check_config_size(size: int, limits: Limits) -> None:
    """Raise Refused where the text of a config is over the limit."""
    if size > limits.max_config_bytes:
        raise Refused(
            "config_size",
            f"The model's config has {megabytes(size)}; at most {megabytes(limits.max_config_bytes)} are accepted.",
            "A config describes layers only: keep tables and constants out of them.",
        )


def unpack_weights(archive: zipfile.ZipFile, target: IO[bytes], limits: Limits) -> None:
    """Copy model.weights.h5 into `target`, never more than its table of contents declares. Raises Refused."""
    declared = archive.getinfo(WEIGHTS).file_size
    with _damage(WEIGHTS), archive.open(WEIGHTS) as stream:
        shutil.copyfileobj(stream, target, CHUNK)
    if target.tell() != declared or declared > limits.max_total:
        raise broken("model.weights.h5 has another size than declared")
    target.flush()


@contextmanager
def _damage(name: str) -> Iterator[None]:
    """Turn what zipfile raises on damaged data into a refusal; a full disk stays what it is."""
    try:
        yield
    except Refused:
        raise
    except _DAMAGED as error:
        raise broken(f"{name} doesn't pass its checksum or is cut off") from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # a place before the beginning of the file
            raise
        raise broken(f"{name} isn't where its table of contents says") from error
