"""Why a weights file could not be fetched, in words that say how to get it by hand."""

from __future__ import annotations

import errno
from urllib.parse import urlsplit

from explain.errors import ConvScopeError
from model_zoo.entry import WeightsFile

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class DownloadError(ConvScopeError):
    """A weights file could not be fetched. Nothing was left at its path.

    `code` is one of no_network, http_status, stalled, cut, wrong_size, wrong_checksum, disk_full, not_writable;
    `values` hold what a copy by hand needs: url, path, bytes, checksum; and detail.
    """


class DownloadCancelled(ConvScopeError):  # noqa: N818 - a wish granted, not a fault
    """The one who asked for the download cancelled it."""


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


def failure(file: WeightsFile, code: str, detail: str) -> DownloadError:
    """Return the error to raise: what happened, that nothing was kept, and how to copy the file by hand."""
    size = f"{file.bytes:,} bytes, " if file.bytes else ""
    return DownloadError(
        code,
        f"download: {_WHAT[code]} ({detail}). Nothing was kept. Try again, or fetch {file.url} by hand and save it as "
        f"{file.path} ({size}{file.checksum}).",
        {"url": file.url, "path": str(file.path), "bytes": file.bytes, "checksum": file.checksum, "detail": detail},
    )


def explained(file: WeightsFile, error: OSError, done: int, timeout: float) -> DownloadError:
    """Give an operating-system or network error its code and detail (requests' errors are OSErrors too).

    `done` bytes had arrived; `timeout` is the silence, in seconds, after which the server was given up.
    """
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return failure(file, "http_status", f"it answered with status {error.response.status_code}")
    if isinstance(error, requests.Timeout) or "timed out" in str(error).lower():
        return failure(file, "stalled", f"no byte for {timeout:g} s, after {done:,} bytes")
    if isinstance(error, requests.RequestException):
        if done or isinstance(error, requests.exceptions.ChunkedEncodingError):
            return cut(file, done)
        return failure(file, "no_network", f"{urlsplit(file.url).hostname}: {_root(error)}")
    return failure(file, "disk_full" if error.errno in FULL else "not_writable", _root(error))


def cut(file: WeightsFile, done: int) -> DownloadError:
    """Return the error for a file of which no more than `done` bytes were received, counted in whole pieces."""
    expected = f" of {file.bytes:,}" if file.bytes else ""
    return failure(file, "cut", f"{done:,}{expected} bytes received")


def _root(error: BaseException) -> str:
    """Return what the operating system said, without addresses in memory or names of temporary files."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return str(cause.strerror)
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__
