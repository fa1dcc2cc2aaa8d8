"""HDF5 from a user, read in a child process only, which the system ends when it takes too long or too much."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model_zoo.own.hdf5_child import NO_H5PY
from model_zoo.own.kind import SAVE_AGAIN, megabytes
from model_zoo.own.types import Limits, Refused, shown

CHILD = Path(__file__).parent / "hdf5_child.py"
PASSED_ON = ("seconds", "memory_bytes", "max_objects", "max_depth", "max_total", "max_ratio")
GRACE = 15  # seconds on the clock beyond the CPU time allowed: the machine may be busy
MOST_ANSWER = 16 * 2**20
COPY_AGAIN = "Copy or save the file again; if it was downloaded, compare its size with the original."


@dataclass(frozen=True)
class Structure:
    """What an HDF5 file holds: shapes by path, lists of names by group, and the file's own texts."""

    arrays: Mapping[str, tuple[int, ...]]
    names: Mapping[str, Mapping[str, list[str]]]
    attributes: Mapping[str, str]


def structure(path: Path, limits: Limits) -> Structure:
    """Return the structure of an HDF5 file, read by a child process. Raises Refused for what isn't accepted."""
    said = ask(CHILD, [path], {name: getattr(limits, name) for name in PASSED_ON})
    arrays = {name: tuple(shape) for name, shape in said["arrays"].items()}
    return Structure(arrays=arrays, names=said["names"], attributes=said["attributes"])


def ask(script: Path, paths: Sequence[Path], most: Mapping[str, int]) -> dict[str, Any]:
    """Return what one of the child's scripts says of a file, within the limits `most`. Raises Refused."""
    command = [sys.executable, "-I", "-S", "-X", "utf8", str(script), *map(str, paths)]
    command += [json.dumps(dict(most)), *_libraries()]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=most["seconds"] + GRACE,
            env=_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise stuck(most["seconds"]) from error
    if -done.returncode in _overtime():
        raise stuck(most["seconds"])
    if done.returncode == NO_H5PY:
        raise RuntimeError("the process that reads HDF5 can't import h5py; install what requirements.txt names")
    if done.returncode or len(done.stdout) > MOST_ANSWER:
        raise damaged()
    said: dict[str, Any] = json.loads(done.stdout)
    if "refused" in said:
        raise _refusal(*said["refused"])
    return said


def _libraries() -> list[str]:
    """Return the folders that h5py and NumPy are imported from, without importing them."""
    found = [importlib.util.find_spec(name) for name in ("h5py", "numpy")]
    return sorted({str(Path(spec.origin).parent.parent) for spec in found if spec and spec.origin})


def _environment() -> dict[str, str]:
    """Return the child's environment: nothing of ours, one thread, and no filters loaded from outside."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "HDF5_PLUGIN_PRELOAD": "::"}


def _overtime() -> set[int]:
    import signal

    return {getattr(signal, name) for name in ("SIGPROF", "SIGXCPU", "SIGKILL") if hasattr(signal, name)}


def stuck(seconds: int) -> Refused:
    """Return the refusal of a file whose parsing didn't end in time."""
    return Refused(
        "hdf5_stuck",
        f"Reading the HDF5 file didn't end within {seconds} s of computing: it is damaged, or made to keep its "
        "reader busy.",
        COPY_AGAIN,
    )


def damaged() -> Refused:
    """Return the refusal of a file that HDF5 can't read."""
    return Refused("hdf5_broken", "The HDF5 file is damaged or cut off.", COPY_AGAIN)


def _refusal(code: str, path: str = "", *values: Any) -> Refused:
    where = f"“{shown(path)}” in the HDF5 file"
    if code == "size":
        size, stored = values
        return Refused(
            "hdf5_size",
            f"{where} declares {megabytes(size)}, and {megabytes(stored)} are stored.",
            SAVE_AGAIN,
        )
    if code == "link":
        (sort,) = values
        where_to = "another file" if sort == "external" else "another place by name"
        return Refused("hdf5_link", f"{where} is a link to {where_to} ({sort} link).", SAVE_AGAIN)
    causes = {
        "twice": f"{where} is stored under two names, or holds itself.",
        "objects": "The HDF5 file holds more groups and arrays, or deeper ones, than any model needs.",
        "type": f"{where} isn't an array of numbers.",
        "external": f"{where} keeps its numbers in another file.",
        "virtual": f"{where} is put together from other datasets (virtual dataset).",
        "filter": f"{where} is compressed by a filter that Keras never uses.",
        "attribute": f"{where} should be text.",
    }
    if code == "memory":
        return Refused("hdf5_memory", "Reading the HDF5 file takes more memory than is allowed.", SAVE_AGAIN)
    if code == "damaged" or code not in causes:
        return damaged()
    return Refused(f"hdf5_{code}", causes[code], SAVE_AGAIN)
