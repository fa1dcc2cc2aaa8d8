"""The numbers of a user's weights, taken out of HDF5 by a child process: nothing else of the file is used again."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from model_zoo.own import archive, hdf5
from model_zoo.own.archive import CHUNK
from model_zoo.own.kind import kind_of
from model_zoo.own.types import MIB, Limits

CHILD = Path(__file__).parent / "arrays_child.py"
LONGER = 4  # reading the numbers takes longer than reading their names


@dataclass(frozen=True)
class Arrays:
    """What an .npz file of numbered arrays holds: their paths in the HDF5 file, and that file's lists of names."""

    path: Path
    paths: list[str]
    names: Mapping[str, Mapping[str, list[str]]]


def extract(data: bytes | Path, folder: Path, limits: Limits) -> Arrays:
    """Write the weights of a checked file into an .npz file in `folder`. Raises Refused where they can't be read."""
    source, target = folder / "source.h5", folder / "arrays.npz"
    try:
        _copy_weights(data, source, limits)
        names = ("max_objects", "max_depth", "max_total", "max_ratio")
        most = {name: getattr(limits, name) for name in names} | {
            "seconds": LONGER * limits.seconds,
            "memory_bytes": limits.memory_bytes + 3 * limits.max_total,
            "file_bytes": 2 * limits.max_total + 32 * MIB,
        }
        said = hdf5.ask(CHILD, [source, target], most)
    finally:
        source.unlink(missing_ok=True)
    return Arrays(target, [str(path) for path in said["paths"]], said["names"])


def _copy_weights(data: bytes | Path, target: Path, limits: Limits) -> None:
    stream = io.BytesIO(data) if isinstance(data, bytes) else data.open("rb")
    with stream, target.open("wb") as copy:
        if kind_of(stream.read(64)) == "zip":
            with archive.opened(stream, limits) as opened:
                archive.unpack_weights(opened, copy, limits)
            return
        stream.seek(0)
        while part := stream.read(CHUNK):
            copy.write(part)
