"""What the process of a training is told, on its standard input, and what it tells, in events.jsonl."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

PREFIX = "convscope-training-"
"""Of the folder of a training: only such a one is removed by its process, when nobody is left to do it."""


class Orders:
    """Reads "pause", "resume" and "stop", a line each. When the input ends, the server has: so does this process."""

    def __init__(self, descriptor: int, folder: Path) -> None:
        self._descriptor = descriptor
        self._folder = folder
        self._going = threading.Event()
        self._going.set()
        self.stopped = False

    def listen(self) -> None:
        """Start to read, in the background. Not by sys.stdin: its lock would be held when the interpreter ends."""
        threading.Thread(target=self._read, name="orders", daemon=True).start()

    @property
    def paused(self) -> bool:
        """Whether it was told to pause."""
        return not self._going.is_set()

    def wait(self) -> None:
        """Return when it was told to go on or to stop."""
        self._going.wait()

    def _read(self) -> None:
        said = b""
        while part := os.read(self._descriptor, 4096):
            *lines, said = (said + part).split(b"\n")
            for line in lines:
                self._follow(line.strip())
        if self._folder.name.startswith(PREFIX):
            shutil.rmtree(self._folder, ignore_errors=True)
        os._exit(3)

    def _follow(self, line: bytes) -> None:
        if line == b"stop":
            self.stopped = True
        if line == b"pause" and not self.stopped:
            self._going.clear()
        elif line in (b"resume", b"stop"):
            self._going.set()


class Events:
    """Writes what happens, one JSON object a line, each line at once and whole.

    A line that was cut, as on a full disk, is closed before the next one, which would be lost with it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._cut = False

    def tell(self, kind: str, **values: Any) -> None:
        """Write one event. Raises OSError where it can't be written whole."""
        line = "\n" * self._cut + json.dumps({"kind": kind, **values}) + "\n"
        self._cut = True
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(line)
        self._cut = False


def written(path: Path, write: Callable[[Path], object]) -> None:
    """Have `write` write a file, which gets its name only when it is whole; a part of it does not stay."""
    part = path.with_name(f"{path.stem}.part{path.suffix}")
    try:
        write(part)
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
