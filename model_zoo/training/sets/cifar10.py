"""CIFAR-10: Keras's cache, or fetched on request. Its files are pickles: read by one that makes nothing but arrays."""

from __future__ import annotations

import io
import pickle
import tarfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from model_zoo.download import Progress
from model_zoo.training.files import absent, checked, fetch, keras_cache, remote, there
from model_zoo.training.pictures import DataSet, Images, Labels, Pictures

TITLE, LICENCE = "CIFAR-10", "free to use, Alex Krizhevsky, University of Toronto"
NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
FOLDER = "cifar-10-batches-py"
PARTS = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch")
SIDE, MOST_PART = 32, 40_000_000
FILE = remote(
    "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    170498071,
    "sha256:6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    LICENCE,
)
ALLOWED = {("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode")} | {
    (f"numpy.{core}.multiarray", "_reconstruct") for core in ("core", "_core")
}


class _Arrays(pickle.Unpickler):
    """Makes arrays, numbers, texts, lists and dicts, and refuses all else: a pickle may name any function."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise ValueError(f"{TITLE}: its files hold arrays only, got {module}.{name}; fetch it again")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def unpickled(data: bytes) -> tuple[Images, Labels]:
    """Return the pictures (N, 32, 32, 3) and labels (N,) of one of its files. Raises ValueError where it isn't one."""
    try:
        held = _Arrays(io.BytesIO(data), encoding="bytes").load()
        pixels, labels = np.asarray(held[b"data"], np.uint8), np.asarray(held[b"labels"], np.int64)
        return pixels.reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1), labels
    except (pickle.UnpicklingError, KeyError, TypeError, EOFError, AttributeError, IndexError) as error:
        raise ValueError(f"{TITLE}: a file of it is damaged ({type(error).__name__}); fetch it again") from error


def places() -> tuple[tuple[Path, str], ...]:
    """Return the folders and archives it may be in, each with a name for it."""
    cache = keras_cache()
    return (
        (cache / f"{FOLDER}-target" / FOLDER, "Keras's cache"),
        (cache / FOLDER, "Keras's cache"),
        (FILE.path, "fetched from the University of Toronto"),
    )


def _whole(path: Path) -> bool:
    return all(there(path / part) for part in PARTS) if path.suffix != ".gz" else there(path, FILE.bytes)


def find() -> str:
    """Say where it is, "" where it is nowhere."""
    return next((name for path, name in places() if _whole(path)), "")


def load() -> Pictures:
    """Return 50,000 pictures to train on and 10,000 to test with, 32 by 32 pixels, in colour."""
    found = next(((path, name) for path, name in places() if _whole(path)), None)
    if found is None:
        raise absent(TITLE)
    path, name = found
    if path.suffix == ".gz":
        try:
            with tarfile.open(checked(path, FILE.checksum)) as archive:
                read = [_part(archive, part) for part in PARTS]
        except (tarfile.TarError, KeyError, EOFError, zlib.error) as error:
            raise ValueError(f"{path}: not a whole archive ({error}); delete it, and fetch it again") from error
    else:
        read = [(path / part).read_bytes() for part in PARTS]
    return _together([unpickled(data) for data in read], name)


def _part(archive: tarfile.TarFile, part: str) -> bytes:
    stream = archive.extractfile(f"{FOLDER}/{part}")
    if stream is None:
        raise KeyError(part)
    return stream.read(MOST_PART)


def _together(parts: list[tuple[Images, Labels]], name: str) -> Pictures:
    images, labels = (np.concatenate([part[at] for part in parts[:-1]]) for at in (0, 1))
    source = f"Alex Krizhevsky, {TITLE}: {name}"
    return Pictures(images, labels, np.ascontiguousarray(parts[-1][0]), parts[-1][1], NAMES, source)


def get(progress: Progress | None = None) -> None:
    """Fetch it. Raises DownloadError, DownloadCancelled."""
    fetch((FILE,), progress)


SET = DataSet(
    key="cifar10",
    title=TITLE,
    licence=LICENCE,
    shape=(SIDE, SIDE, 3),
    counts=(50_000, 10_000),
    names=NAMES,
    find=find,
    load=load,
    download=get,
    bytes=FILE.bytes,
    order=40,
)
