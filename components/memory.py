"""How much memory is left, and what to do when it is short: let go what can be made again, then say no, never die."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from components import logs
from components.text import _, bytes_text
from explain.errors import ConvScopeError

if TYPE_CHECKING:
    from model_zoo import ModelEntry

MB = 1 << 20
RESERVE = 200 * MB
"""Bytes that have to be left when something heavy begins, on top of what it needs itself."""

FLOOR = 80 * MB
"""Bytes under which a computation that is under way is ended."""

FOR_A_JOB = 150 * MB
"""Bytes that a long computation takes beside its model: a batch's activations and its own sums."""

BUDGET = "CONVSCOPE_MEMORY_MB"
"""Environment variable: the most that this server may hold, in megabytes (of 2**20 bytes)."""

_CGROUPS = (
    (Path("/sys/fs/cgroup"), "memory.max", "memory.current", "inactive_file"),
    (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)


class MemoryShort(ConvScopeError):  # noqa: N818 - says the state
    """There is too little memory for what was asked."""

    def __init__(self, needs: int, free: int) -> None:
        self.needs, self.free = needs, free
        said = _(
            "Memory is short on this server: this needs about {needs}, and {free} are free. Nothing was begun, and "
            "what you have is kept. Try again in a minute, or choose a smaller model."
        ).format(needs=bytes_text(needs), free=bytes_text(max(free, 0)))
        super().__init__("memory_short", said, {"needs": needs, "free": free})


def held() -> int:
    """Return the bytes of memory that this process holds; 0 where the system does not say."""
    said = _text(Path("/proc/self/statm")).split()
    return int(said[1]) * os.sysconf("SC_PAGE_SIZE") if len(said) > 1 else 0


def budget() -> int | None:
    """Return the most bytes that this process may hold by the operator's word, None without one."""
    said = os.environ.get(BUDGET, "").strip()
    return int(said) * MB if said.isdigit() and int(said) else None


def free() -> int | None:
    """Return the bytes left: by the operator's word, the container's limit and the machine; None if none is known."""
    found = [_of_machine(), *(_of_container(*where) for where in _CGROUPS)]
    most = budget()
    if most is not None:
        found.append(most - held())
    return min((one for one in found if one is not None), default=None)


def for_model(entry: ModelEntry) -> int:
    """Return about how many bytes building a model takes: its file, its weights, and what a first pass needs."""
    file = entry.fetchable().bytes if entry.fetchable is not None and entry.labels() else 0
    return FOR_A_JOB + 3 * max(entry.weights.bytes, file)


def make_room(needs: int = FOR_A_JOB) -> None:
    """See to it that there is room for something heavy; lets go of caches first. Raises MemoryShort."""
    if _short(needs + RESERVE):
        let_go()
        left = _short(needs + RESERVE)
        if left:
            logs.event("memory_refused", level=logging.WARNING, needs=needs, free=left[0], held=held())
            raise MemoryShort(needs, left[0] - RESERVE)


def runs_out() -> bool:
    """Whether so little is left that what is under way has to end; lets go of caches first."""
    if not _short(FLOOR):
        return False
    let_go()
    return bool(_short(FLOOR))


def collect() -> None:
    """Free what nobody uses any more, and spare what is left from later collections until this is asked for again.

    Streamlit collects after each run of a page; with TensorFlow loaded that held everybody up for 0.2 s.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def let_go() -> None:
    """Let go of everything that can be made again, and give it back to the system."""
    from components.forgetting import forget  # it knows every cache, and caches ask here for room

    before = held()
    forget()
    collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError):
        logs.once("memory_not_trimmed")  # not glibc: what is freed stays with the process for its next need
    logs.event("caches_let_go", level=logging.WARNING, before=before, after=held())


def _short(needs: int) -> tuple[int, ...]:
    """Return what is free where it is less than needed, else nothing."""
    left = free()
    return (left,) if left is not None and left < needs else ()


def _of_machine() -> int | None:
    for line in _text(Path("/proc/meminfo")).splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _of_container(folder: Path, most: str, now: str, files: str) -> int | None:
    """Return what a control group leaves; files that could be read again don't count as taken."""
    limit, used = _text(folder / most).strip(), _text(folder / now).strip()
    if not limit.isdigit() or not used.isdigit() or int(limit) >= 1 << 60:
        return None
    said = dict(line.split() for line in _text(folder / "memory.stat").splitlines() if len(line.split()) == 2)
    return int(limit) - int(used) + int(said.get(files, 0))


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # another system, or another kind of container: this source has nothing to say
