"""Processes that take turns: one runs for a moment while the others stand still, so that all meet the same machine.

What a busy machine gives a process differs by a tenth from one minute to the next; between two half seconds it doesn't.
"""

from __future__ import annotations

import mmap
import signal
import struct
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

SLICE_SECONDS = 0.5


def awake(path: str) -> None:
    """Make this process's time.monotonic leave out what it stood still for, which the file at `path` says."""
    with open(path, "rb") as file:
        away, real = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ), time.monotonic
    time.monotonic = lambda: real() - struct.unpack("d", away[:8])[0]


class Slept:
    """A process that is let run and made to stand still; `{away}` in its command is its file for `awake`."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._away, self._seconds = folder / "away", 0.0
        self._tell()
        self._since = time.monotonic()
        self._process = subprocess.Popen(
            [part.format(away=self._away) for part in command],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._process.send_signal(signal.SIGSTOP)

    @property
    def gone(self) -> bool:
        """Whether it has ended."""
        return self._process.poll() is not None

    def run(self, seconds: float) -> None:
        """Let it run for so long, at most to its end."""
        self._seconds += time.monotonic() - self._since
        self._tell()
        self._process.send_signal(signal.SIGCONT)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGSTOP)
            self._since = time.monotonic()

    def said(self) -> str:
        """Return the last line it printed. Raises RuntimeError where it failed."""
        lines = self._process.communicate()[0].strip().splitlines()
        if self._process.returncode or not lines:
            raise RuntimeError(f"{self._process.args}: expected it to end well, got {self._process.returncode}")
        return lines[-1]

    def end(self) -> None:
        """Kill it, if it is still there."""
        if not self.gone:
            self._process.kill()
            self._process.wait()

    def _tell(self) -> None:
        with self._away.open("r+b" if self._away.exists() else "wb") as file:
            file.write(struct.pack("d", self._seconds))


def in_turn(commands: Sequence[Sequence[str]], environment: Mapping[str, str]) -> list[str]:
    """Run all to their ends, half a second each in turn; return the last line each printed."""
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name, f"{at}") for at in range(len(commands))]
        for folder in folders:
            folder.mkdir()
        every = [Slept(command, folder, environment) for command, folder in zip(commands, folders, strict=True)]
        try:
            while left := [one for one in every if not one.gone]:
                for one in left:
                    one.run(SLICE_SECONDS)
            return [one.said() for one in every]
        finally:
            for one in every:
                one.end()
