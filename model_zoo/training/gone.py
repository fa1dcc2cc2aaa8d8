"""Why a training's process has gone, as far as can be told: from its code, its folder and its last words."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

KILLED = (-9, 137)
"""Codes of a process that was killed outright, as Linux does where memory runs out; a shell adds 128."""
MOST_READ, MOST_SAID = 4096, 300


def last_words(log: BinaryIO | None) -> str:
    """Return the last line that a process wrote to its open log, "" for none; the log's name may be gone already."""
    if log is None:
        return ""
    log.seek(max(0, log.seek(0, os.SEEK_END) - MOST_READ))
    lines = [line.strip() for line in log.read().decode(errors="replace").splitlines() if line.strip()]
    return lines[-1][:MOST_SAID] if lines else ""


def while_training(code: int, words: str, folder: Path, kept: bool) -> str:
    """Say why a process ended in the midst of its training; `kept` where there is a network to keep."""
    rest = "the best network that it had written is kept." if kept else "no epoch is kept."
    if not folder.exists():
        return "Its folder was removed while it trained, and what it had learned with it. Begin it again."
    if code in KILLED:
        return f"{_killed(code)} Try a smaller batch or fewer pictures; {rest}"
    return _own_end(code, words, f" Begin it again; {rest}")


def while_scoring(code: int, words: str, folder: Path) -> str:
    """Say why a process ended after its training, before there were scores."""
    if not folder.exists():
        return "Its folder was removed meanwhile."
    return f"{_killed(code)} Try again when less is going on here." if code in KILLED else _own_end(code, words)


def unfollowed(error: Exception, started: bool) -> str:
    """Say that the server itself could not start a process, or not go on reading what it tells."""
    if not started and isinstance(error, OSError):
        return f"Its process could not be started ({error.strerror}). Try again later."
    about = f"{type(error).__name__}: {str(error)[:MOST_SAID]}"
    return f"The server could not go on following its process, and ended it ({about}). Begin it again."


def _killed(code: int) -> str:
    return f"Its process was ended from outside (code {code}), often for want of memory."


def _own_end(code: int, words: str, advice: str = "") -> str:
    wrote = f"The last line it wrote: {words}" if words else "It wrote no reason."
    return f"Its process ended on its own (code {code}).{advice} {wrote}"
