"""Fetch a weights file, on request only: checked, cancellable, and once for all who ask at the same time."""

from __future__ import annotations

import contextlib
import errno
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
from model_zoo.entry import WeightsFile
from model_zoo.weights_file import file_status

Progress = Callable[[int, int], bool | None]
"""Told (bytes so far, bytes in all) a few times a second; returning False cancels."""

SPARE = 64 * 2**20
CHUNK = 2**18
POLL_SECONDS = 0.1
STALE_SECONDS = 3600


class DownloadError(ConvScopeError):
    """A weights file could not be fetched. Nothing was left at its path.

    `code` is one of no_network, http_status, stalled, cut, wrong_size, wrong_checksum, disk_full, not_writable;
    `values` hold what a copy by hand needs: url, path, bytes, checksum; and detail.
    """


class DownloadCancelled(ConvScopeError):  # noqa: N818 - a wish granted, not a fault
    """The one who asked for the download cancelled it."""


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
        job.error = _explained(job.file, error)
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
        raise _failure(job.file, "disk_full", f"{free:,} bytes are free, {job.file.bytes + SPARE:,} are needed")
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=f"{job.file.path.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
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
                raise _failure(job.file, "wrong_size", f"the server sent more than {job.file.bytes:,} bytes")
            seen.update(chunk)
            stream.write(chunk)
    return f"{algorithm}:{seen.hexdigest()}"


def _check(job: _Job, checksum: str) -> None:
    file, done = job.file, job.done
    if file.bytes and done != file.bytes:
        raise _failure(file, "cut", f"{done:,} of {file.bytes:,} bytes arrived")
    if checksum != file.checksum.lower():
        raise _failure(file, "wrong_checksum", f"what arrived has {checksum}")


def _clear_leftovers(path: Path) -> None:
    for part in path.parent.glob(f"{path.name}.*.part"):
        # Only what no process has written to for an hour: another server may be downloading beside us.
        with contextlib.suppress(FileNotFoundError):
            if time.time() - part.stat().st_mtime > STALE_SECONDS:
                part.unlink()


def _explained(file: WeightsFile, error: OSError) -> DownloadError:
    """Give an operating-system or network error its code (requests' errors are OSErrors too)."""
    import requests

    if isinstance(error, requests.HTTPError):
        code = "http_status"
    elif isinstance(error, requests.Timeout) or "timed out" in str(error).lower():
        code = "stalled"
    elif isinstance(error, requests.exceptions.ChunkedEncodingError):
        code = "cut"
    elif isinstance(error, requests.RequestException):
        code = "no_network"
    else:
        code = "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "not_writable"
    return _failure(file, code, str(error))


_WHAT = {
    "no_network": "the server could not be reached",
    "http_status": "the server refused",
    "stalled": "the server fell silent",
    "cut": "the connection was cut",
    "wrong_size": "the file is not the expected one",
    "wrong_checksum": "the file is not the expected one",
    "disk_full": "there is not enough space",
    "not_writable": "the folder can't be written to",
}


def _failure(file: WeightsFile, code: str, detail: str) -> DownloadError:
    size = f"{file.bytes:,} bytes, " if file.bytes else ""
    return DownloadError(
        code,
        f"download: {_WHAT[code]} ({detail}). Nothing was kept. Try again, or fetch {file.url} by hand and save it as "
        f"{file.path} ({size}{file.checksum}).",
        {"url": file.url, "path": str(file.path), "bytes": file.bytes, "checksum": file.checksum, "detail": detail},
    )
