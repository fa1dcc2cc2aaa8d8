"""Where a data set's files are on this machine: Keras's own cache, ours, or the address to fetch them from on request.

Keras's loaders fetch in silence what isn't there; nothing here does.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray

from model_zoo.download import Progress, download
from model_zoo.entry import WeightsFile
from model_zoo.weights_file import digest

KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def keras_cache() -> Path:
    """Return the folder in which Keras keeps its data sets, whether it is there or not."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "datasets"


def our_cache() -> Path:
    """Return the folder into which data sets are fetched on request."""
    return Path(platformdirs.user_cache_dir("convscope", appauthor=False)) / "datasets"


def remote(url: str, size: int, checksum: str, licence: str, name: str = "") -> WeightsFile:
    """Declare a file to fetch; `checksum` is "algorithm:hex digest", `name` its path in our cache, else the url's."""
    return WeightsFile(url, our_cache() / (name or url.rsplit("/", 1)[1]), size, checksum, licence)


def there(path: Path, size: int = 0) -> bool:
    """Say whether a file is there, of `size` bytes where that is known."""
    try:
        return path.is_file() and (not size or path.stat().st_size == size)
    except OSError:
        return False


def fetch(files: Sequence[WeightsFile], progress: Progress | None = None) -> None:
    """Fetch what isn't there, one file after another; `progress` is told bytes of all. Raises as `download` does."""
    whole, before = sum(one.bytes for one in files), 0
    for one in files:
        start = before
        told = None if progress is None else lambda done, _, start=start: progress(start + done, whole)
        download(one, told)
        before += one.bytes


def checked(path: Path, checksum: str) -> Path:
    """Return `path`. Raises ValueError where the file isn't the one that was published."""
    algorithm, _, expected = checksum.partition(":")
    if digest(path, algorithm) != expected:
        raise ValueError(f"{path}: its {algorithm} isn't {expected}; delete it, and fetch it again")
    return path


def absent(title: str) -> FileNotFoundError:
    """Return the error for a data set that isn't on this machine."""
    return FileNotFoundError(f"{title} is not on this machine; fetch it first, or choose a data set that ships")


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Read a gzipped IDX file of bytes: 4 bytes of type and rank, then a big-endian size for each axis."""
    raw = gzip.decompress(path.read_bytes())
    if raw[:3] != b"\0\0\x08":
        raise ValueError(f"{path}: expected an IDX file of unsigned bytes, got a header of {raw[:4]!r}")
    shape = np.frombuffer(raw, ">u4", count=raw[3], offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape)
