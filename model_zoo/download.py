"""Fetch a weights file, on request only: checked, cancellable, and once for all who ask at the same time."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from explain.errors import ConvScopeError
from model_zoo.download_errors import DownloadCancelled, DownloadError, cut, explained, failure
from model_zoo.entry import WeightsFile
from model_zoo.weights_file import file_status

__all__ = ["DownloadCancelled", "DownloadError", "Progress", "download"]

Progress = Callable[[int, int], bool | None]
"""Told (bytes so far, bytes in all) a few times a second; returning False cancels."""

SPARE = 64 * 2**20
CHUNK = 2**18
POLL_SECONDS = 0.1
STALE_SECONDS = 5


@dataclass
class _Job:
    """One download under way, and how many are waiting for it."""

    file: WeightsFile
    timeout: float
    done: int = 0
    waiting: int = 0
    cancelled: bool = False
    error: BaseException | None = None
    finished: threading.Event = field(default_factory=threading.Event)


_jobs: dict[Path, _Job] = {}
_lock = threading.Lock()


def download(file: WeightsFile, progress: Progress | None = None, timeout: float = 30.0) -> Path:
    """Fetch `file` to its path and return it; a file that is already there and whole is left alone.

    The bytes go to a temporary file beside it, renamed only once size and checksum are right. `timeout` is the longest
    silence of the server in seconds. A second caller for the same path joins the download under way; it ends early
    only when the last caller has cancelled.

    Raises DownloadError, DownloadCancelled when `progress` returns False, and whatever `progress` raises.
    """
    if file_status(file) == "whole":
        return file.path
    job = _join(file, timeout)
    try:
        _wait(job, progress)
    finally:
        _leave(job)
    if job.error is not None:
        raise job.error
    return file.path


def _join(file: WeightsFile, timeout: float) -> _Job:
    with _lock:
        job = _jobs.get(file.path)
        if job is None or job.finished.is_set() or job.cancelled:
            job = _jobs[file.path] = _Job(file, timeout)
            threading.Thread(target=_run, args=(job,), name="weights download", daemon=True).start()
        job.waiting += 1
    return job


def _leave(job: _Job) -> None:
    with _lock:
        job.waiting -= 1
        job.cancelled = job.waiting == 0
        if job.cancelled and _jobs.get(job.file.path) is job:
            del _jobs[job.file.path]


def _wait(job: _Job, progress: Progress | None) -> None:
    while True:
        over = job.finished.wait(POLL_SECONDS)
        if progress is not None and progress(job.done, job.file.bytes) is False and not over:
            raise DownloadCancelled(
                "cancelled",
                f"download: cancelled after {job.done:,} bytes; nothing was kept",
                {"done": job.done, "bytes": job.file.bytes},
            )
        if over:
            return


def _run(job: _Job) -> None:
    try:
        _fetch(job)
    except ConvScopeError as error:
        job.error = error
    except OSError as error:
        job.error = explained(job.file, error, job.done, job.timeout)
        job.error.__cause__ = error
    except BaseException as error:  # carried to the callers: this thread has nobody to tell
        job.error = error
    finally:
        job.finished.set()


def _fetch(job: _Job) -> None:
    folder = job.file.path.parent
    folder.mkdir(parents=True, exist_ok=True)
    _clear_leftovers(job.file.path)
    free = shutil.disk_usage(folder).free
    if free < job.file.bytes + SPARE:
        raise failure(job.file, "disk_full", f"{free:,} bytes are free, {job.file.bytes + SPARE:,} are needed")
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=f"{job.file.path.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            _locked(descriptor)
            checksum = _receive(job, stream)
            stream.flush()
            os.fsync(stream.fileno())
        _check(job, checksum)
        part.chmod(0o644)
        part.replace(job.file.path)
    finally:
        part.unlink(missing_ok=True)


def _receive(job: _Job, stream: BinaryIO) -> str:
    """Write what the server sends, and return its checksum; stop at a cancel, or at a byte too many."""
    import requests

    algorithm = job.file.checksum.partition(":")[0]
    seen = hashlib.new(algorithm, usedforsecurity=False)
    plain = {"Accept-Encoding": "identity"}
    with requests.get(job.file.url, stream=True, timeout=job.timeout, headers=plain) as response:
        response.raise_for_status()
        for chunk in response.iter_content(CHUNK):
            if job.cancelled:
                raise DownloadCancelled("cancelled", "download: cancelled by all who asked for it")
            job.done += len(chunk)
            if 0 < job.file.bytes < job.done:
                raise failure(job.file, "wrong_size", f"the server sent more than {job.file.bytes:,} bytes")
            seen.update(chunk)
            stream.write(chunk)
    return f"{algorithm}:{seen.hexdigest()}"


def _check(job: _Job, checksum: str) -> None:
    file, done = job.file, job.done
    if file.bytes and done != file.bytes:
        raise cut(file, done)
    if checksum != file.checksum.lower():
        raise failure(file, "wrong_checksum", f"what arrived has {checksum}, and was deleted")


def _clear_leftovers(path: Path) -> None:
    """Delete what killed downloads left. Another server may be downloading beside us: what it writes to is locked."""
    for part in path.parent.glob(f"{path.name}.*.part"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime < STALE_SECONDS:
                continue
            with part.open("rb") as stream:
                abandoned = _locked(stream.fileno())
            if abandoned:
                part.unlink()


def _locked(descriptor: int) -> bool:
    """Lock a partial file for as long as it is open; False where somebody holds it.

    Where there are no such locks (Windows), a file that is open elsewhere can't be deleted, which serves as well.
    """
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
