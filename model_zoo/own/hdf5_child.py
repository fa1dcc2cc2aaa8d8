"""Run as a process of its own, by path: reads the structure of one HDF5 file, and prints it as JSON.

A damaged HDF5 file can keep its reader busy for ever inside C code, or crash it; so this process limits its own time
and memory before it opens the file, and imports nothing of ConvScope. Arguments: the file, then the limits as JSON.
Values of arrays are never read: only names, shapes and types, and the attributes that Keras keeps its config in.
"""

from __future__ import annotations

import contextlib
import json
import signal
import sys
from typing import Any

FILTERS = {1, 2, 3, 32000}  # gzip, shuffle, Fletcher's checksum, LZF: those that h5py brings along
NO_H5PY = 3
TEXT_ATTRIBUTES = ("model_config", "keras_version", "backend")
NAME_ATTRIBUTES = ("layer_names", "weight_names")


class Found(Exception):  # noqa: N818 - it isn't an error of this program
    """Something in the file that isn't accepted: a code, and values for the sentence."""


def limit(seconds: int, memory: int, written: int = 0) -> None:
    """Let the system end this process after `seconds` of CPU time, and refuse it more than `memory` bytes.

    It may write no file of more than `written` bytes.
    """
    with contextlib.suppress(ImportError):  # Windows has neither; there the parent's own clock remains
        import resource

        for kind, most in (
            (resource.RLIMIT_CPU, seconds + 1),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, written),
        ):
            resource.setrlimit(kind, (most, most))
        with contextlib.suppress(ValueError, OSError):  # macOS doesn't limit address space
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    if hasattr(signal, "ITIMER_PROF"):
        signal.signal(signal.SIGPROF, signal.SIG_DFL)  # the system's own handler: Python's would wait for C code
        signal.setitimer(signal.ITIMER_PROF, seconds)


class Reader:
    """Walks the groups of one file by hard links, each object once, and keeps what Keras needs."""

    def __init__(self, file: Any, most: dict[str, int]) -> None:
        import h5py

        self.file, self.most = file, most
        self.seen: set[int] = {h5py.h5o.get_info(file.id).addr}
        self.bytes = 0
        self.arrays: dict[str, list[int]] = {}
        self.names: dict[str, dict[str, list[str]]] = {}

    def walk(self) -> dict[str, Any]:
        """Return arrays by path, lists of names by group, and the file's own attributes."""
        import h5py

        todo = [("", h5py.h5g.open(self.file.id, b"/"))]
        while todo:
            path, group = todo.pop()
            self.note_names(path, group)
            for key in group:
                name = key.decode("utf-8", "surrogateescape")
                inner = f"{path}/{name}" if path else name
                found = self.member(inner, group, key)
                if found is not None:
                    todo.append((inner, found))
        texts = {name: text(self.file, name) for name in TEXT_ATTRIBUTES if name in self.file.attrs}
        return {"arrays": self.arrays, "names": self.names, "attributes": texts}

    def member(self, path: str, group: Any, key: bytes) -> Any:
        """Check one link and what it leads to. Returns a group to walk, None for an array."""
        import h5py

        sort = group.links.get_info(key).type
        if sort != h5py.h5l.TYPE_HARD:
            raise Found("link", path, "soft" if sort == h5py.h5l.TYPE_SOFT else "external")
        found = h5py.h5o.open(group, key)
        place = h5py.h5o.get_info(found).addr
        if place in self.seen:
            raise Found("twice", path)
        self.seen.add(place)
        if len(self.seen) > self.most["max_objects"] or path.count("/") > self.most["max_depth"]:
            raise Found("objects", path)
        if isinstance(found, h5py.h5g.GroupID):
            return found
        if not isinstance(found, h5py.h5d.DatasetID):
            raise Found("type", path)
        self.array(path, found)
        return None

    def array(self, path: str, found: Any) -> None:
        """Check one array without reading it."""
        import h5py

        plan, kind, shape = found.get_create_plist(), found.dtype, found.shape
        if plan.get_external_count():
            raise Found("external", path)
        if plan.get_layout() == h5py.h5d.VIRTUAL:
            raise Found("virtual", path)
        if shape is None or kind.kind not in "fiubV" or kind.itemsize > 8 or kind.fields:
            raise Found("type", path)
        size = kind.itemsize
        for side in shape:
            size *= side
        stored = found.get_storage_size()
        self.bytes += size
        if self.bytes > self.most["max_total"] or size > max(2**20, self.most["max_ratio"] * stored):
            raise Found("size", path, size, stored)
        if any(plan.get_filter(at)[0] not in FILTERS for at in range(plan.get_nfilters())):
            raise Found("filter", path)
        self.arrays[path] = [int(side) for side in shape]

    def note_names(self, path: str, place: Any) -> None:
        """Keep the lists that older files put their layers and weights in order by."""
        import h5py

        if path.startswith("layers/") or path.count("/") > 1:  # newer files order nothing by lists
            return
        group = h5py.Group(place)
        lists = {name: names(group, name) for name in NAME_ATTRIBUTES}
        if any(found is not None for found in lists.values()):
            self.names[path] = {name: found for name, found in lists.items() if found is not None}


def text(holder: Any, name: str) -> str:
    """Return an attribute that is text."""
    value = holder.attrs[name]
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if isinstance(value, str):
        return value
    raise Found("attribute", name)


def names(group: Any, name: str) -> list[str] | None:
    """Return a list of names, which Keras cuts into numbered parts where it is long. None: there is none."""
    attributes = group.attrs
    parts = [name] if name in attributes else []
    while not parts or parts[0] != name:
        part = f"{name}{len(parts)}"
        if part not in attributes:
            break
        parts.append(part)
    if not parts:
        return None
    values = [value for part in parts for value in attributes[part]]
    return [value.decode("utf-8") if isinstance(value, bytes) else str(value) for value in values]


def read(path: str, most: dict[str, int]) -> dict[str, Any]:
    """Return what is in a file, or why it isn't accepted, under "refused"."""
    import h5py  # before the limits: its own start isn't the file's doing

    limit(most["seconds"], most["memory_bytes"])
    try:
        with h5py.File(path, "r", locking=False) as file:
            return Reader(file, most).walk()
    except Found as found:
        return {"refused": list(found.args)}
    except MemoryError:
        return {"refused": ["memory"]}
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return {"refused": ["damaged"]}


if __name__ == "__main__":
    sys.path.extend(sys.argv[3:])
    try:
        import h5py  # noqa: F401
    except ImportError:
        sys.exit(NO_H5PY)
    sys.stdout.write(json.dumps(read(sys.argv[1], json.loads(sys.argv[2]))))
