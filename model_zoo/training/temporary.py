"""Temporary folders that a later server can tell from those in use: each holds a lock that ends with its server."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path

LOGGER = logging.getLogger(__name__)
LOCK = "server.lock"
PICTURES = "convscope-pictures-"
"""Of the folder of a session's own pictures."""


class Folder:
    """A new temporary folder for this user alone, locked by this process until it is removed or the process ends.

    `path` is where it is. Raises OSError, and leaves nothing, where it can't be made.
    """

    def __init__(self, prefix: str) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=prefix))
        try:
            self._lock = _locked(self.path)
        except BaseException:
            shutil.rmtree(self.path, ignore_errors=True)
            raise

    def remove(self) -> None:
        """Remove it with all that is in it; doing so again does nothing."""
        shutil.rmtree(self.path, ignore_errors=True)
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)


def clear_left(*prefixes: str) -> None:
    """Remove what servers that are gone have left: this user's folders with such a name whose lock nobody holds.

    A lock, not a process's number, which may be another's by now, and means nothing to another container. Windows has
    no such locks: there nothing is removed.
    """
    try:
        found = [path for path in Path(tempfile.gettempdir()).iterdir() if path.name.startswith(prefixes)]
    except OSError as error:
        LOGGER.warning("what earlier servers left was not looked for: %s", error)
        return
    for path in found:
        if _is_left(path):
            LOGGER.info("removed what a server that is gone had left: %s", path)


def _locked(folder: Path) -> int | None:
    """Return the descriptor of a lock in `folder`, which is held already when it gets its name."""
    if sys.platform == "win32":
        return None
    import fcntl

    part = folder / f"{LOCK}.part"
    lock = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        part.rename(folder / LOCK)
    except BaseException:
        os.close(lock)
        raise
    return lock


def _is_left(path: Path) -> bool:
    """Remove `path` if it is a folder of this user's whose lock nobody holds; say whether it was."""
    if sys.platform == "win32":
        return False
    import fcntl

    opened: list[int] = []
    try:
        opened.append(os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW))
        if os.fstat(opened[0]).st_uid != os.geteuid():
            return False
        opened.append(os.open(LOCK, os.O_RDWR | os.O_NOFOLLOW, dir_fd=opened[0]))
        fcntl.flock(opened[1], fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path, ignore_errors=True)
        return True
    except OSError:
        return False  # in use, somebody else's, a link, without a lock, or gone meanwhile: not ours to remove
    finally:
        for one in opened:
            os.close(one)
