"""Whether a weights file that isn't shipped is on this machine, and is the right one."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Literal

from model_zoo.entry import WeightsFile

Status = Literal["whole", "absent", "wrong_size", "wrong_checksum"]


def digest(path: Path, algorithm: str) -> str:
    """Return the hex digest of a file by a hashlib algorithm such as "sha256" or "md5"."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, algorithm).hexdigest()


def file_status(file: WeightsFile) -> Status:
    """Say whether `file` is there and whole.

    The checksum is computed once for each state of the file (size and time of change), then remembered.
    """
    try:
        found = file.path.stat()
    except OSError:
        return "absent"
    if file.bytes and found.st_size != file.bytes:
        return "wrong_size"
    return "whole" if _matches(file.path, found.st_size, found.st_mtime_ns, file.checksum) else "wrong_checksum"


@lru_cache(maxsize=32)
def _matches(path: Path, size: int, changed: int, checksum: str) -> bool:
    algorithm, _, expected = checksum.partition(":")
    return digest(path, algorithm) == expected.lower()
