"""The first two gates: is a user's file small enough, a model, and one that can be rebuilt? Without Keras."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from model_zoo.own import archive, budget, config_check, graph, json_check
from model_zoo.own.archive import CHUNK
from model_zoo.own.hdf5 import Structure, structure
from model_zoo.own.kind import check_size, kind_of
from model_zoo.own.types import DEFAULT, Checked, Limits, Note, Refused, shown


@dataclass(frozen=True)
class _File:
    """An open file with its hash and the name to show."""

    stream: IO[bytes]
    head: bytes
    sha256: str
    name: str


def inspect(data: bytes | Path, name: str, limits: Limits = DEFAULT, architecture: str = "") -> Checked:
    """Check a user's file without building anything, and return what may be rebuilt from it.

    `data` is the file or its path, `name` its name as shown, `architecture` the key of a shipped model for a file of
    weights only. The content decides what a file is, not its name. HDF5 is read in a child process only, nothing named
    in a config is imported, and memory and time are bounded by `limits`. Raises Refused, whose text is fit to show.
    """
    with _opened(data, name, limits) as file:
        if kind_of(file.head) == "zip":
            return _archive(file, limits)
        with _on_disk(file.stream) as path:
            return _hdf5(file, structure(path, limits), limits, architecture)


@contextmanager
def _opened(data: bytes | Path, name: str, limits: Limits) -> Iterator[_File]:
    if isinstance(data, bytes):
        check_size(len(data), limits)
        yield _File(io.BytesIO(data), data[:64], hashlib.sha256(data).hexdigest(), shown(name))
        return
    with data.open("rb") as stream:
        check_size(stream.seek(0, io.SEEK_END), limits)
        stream.seek(0)
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        stream.seek(0)
        yield _File(stream, stream.read(64), digest, shown(name))


@contextmanager
def _on_disk(stream: IO[bytes]) -> Iterator[Path]:
    """Yield the path of a file that the child process can open, under a name of ours."""
    with tempfile.TemporaryDirectory(prefix="convscope-") as folder:
        path = Path(folder) / "weights.h5"
        with path.open("wb") as copy:
            stream.seek(0)
            while part := stream.read(CHUNK):
                copy.write(part)
        yield path


def _archive(file: _File, limits: Limits) -> Checked:
    with archive.opened(file.stream, limits) as opened:
        raw = json_check.parse(archive.read_config(opened, limits), limits)
        config, notes, model = _config(raw, limits)
        with tempfile.TemporaryDirectory(prefix="convscope-") as folder:
            path = Path(folder) / "weights.h5"
            with path.open("wb") as target:
                archive.unpack_weights(opened, target, limits)
            held = structure(path, limits)
    budget.check_weights(model, held, legacy=False)
    return Checked("keras", file.sha256, file.name, config, held.arrays, notes)


def _config(raw: Any, limits: Limits) -> tuple[dict[str, Any], tuple[Note, ...], graph.Measured]:
    config, notes = config_check.check(raw, limits)
    model = graph.measure(config, limits)
    budget.check(model, limits)
    return config, notes, model


def _hdf5(file: _File, held: Structure, limits: Limits, architecture: str) -> Checked:
    text = held.attributes.get("model_config")
    if text is None:
        return _weights(file, held, architecture)
    raw = json_check.parse(text.encode("utf-8", "surrogateescape"), limits)
    config, notes, model = _config(raw, limits)
    budget.check_weights(model, held, legacy=True)
    return Checked("h5", file.sha256, file.name, config, budget.model_arrays(held), notes)


def _weights(file: _File, held: Structure, architecture: str) -> Checked:
    from model_zoo import MODELS

    if not held.arrays:
        raise Refused(
            "weights_none",
            "The HDF5 file holds neither a model nor weights.",
            'Save the model with model.save("model.keras").',
        )
    known = ", ".join(sorted(MODELS))
    if not architecture:
        raise Refused(
            "architecture",
            "The file holds weights only: it doesn't say what network they are for.",
            f"Pick the architecture that they are for ({known}), or save the whole model with "
            'model.save("model.keras").',
        )
    if architecture not in MODELS:
        raise Refused(
            "architecture", f"There is no architecture “{shown(architecture)}” here.", f"Pick one of these: {known}."
        )
    return Checked("weights", file.sha256, file.name, None, held.arrays, (), architecture)
