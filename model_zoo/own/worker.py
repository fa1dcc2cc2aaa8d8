"""The one process that rebuilds users' models before this one does: started ahead, watched, ended where it overdoes."""

from __future__ import annotations

import atexit
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from model_zoo.own.kind import megabytes
from model_zoo.own.types import MIB, Limits, Refused

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 180
TICK = 0.05
MOST_ANSWER = 64 * MIB
MOST_LEFT = 400 * MIB
"""A worker that holds so much more than at its start is replaced before the next job."""
PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT", "VIRTUAL_ENV", "PYTHONPATH")
COMMAND = (sys.executable, "-m", "model_zoo.own.worker_child", str(2048 * MIB))
"""What is run, and the largest file that it may write: 600 MB for the most parameters that are accepted."""
Step = Callable[[str], None]
SMALLER = "Try again when less is going on here, or save a smaller part of the model."


def quiet(step: str) -> None:
    """Say nothing of how far it is."""


class _Answered(Refused):
    """A refusal that the process itself gave: it is well, and takes the next job."""


class Worker:
    """A child process with TensorFlow loaded, given one job at a time.

    A job that takes too long or too much memory, or whose process ends, is refused; the next gets a new process.
    """

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = [*command]
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._idle = 0

    @property
    def pid(self) -> int | None:
        """The number of the child process, None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def warm(self) -> None:
        """Start the process in the background, so that the first upload needn't wait for it."""
        threading.Thread(target=self._warm, name="convscope-worker", daemon=True).start()

    def run(self, folder: Path, limits: Limits, step: Step = quiet) -> dict[str, Any]:
        """Have the job in `folder`/job.json done; returns its answer.

        `step` is told "waiting", "starting" or "building" again and again meanwhile; what it raises ends the job and
        goes through. Raises Refused.
        """
        while not self._lock.acquire(timeout=4 * TICK):
            step("waiting")
        try:
            self._start(step)
            self._send(f"{folder}\n")
            self._wait(str(folder), limits, step)
            return self._read(folder)
        except BaseException as error:
            if not isinstance(error, _Answered):
                self._end()
            raise
        finally:
            self._lock.release()

    def stop(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _warm(self) -> None:
        with self._lock:
            try:
                self._start(quiet)
            except Refused:
                self._end()  # said to whoever uploads first

    def _start(self, step: Step) -> None:
        """Have a process that is ready: the one there is, or a new one."""
        if self._process is not None and (self._process.poll() is not None or self._holds_too_much()):
            self._end()
        if self._process is None:
            self._ready = False
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=environment(os.environ),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        if not self._ready:
            self._until("ready", time.monotonic() + START_SECONDS, None, lambda: step("starting"))
            self._ready, self._idle = True, resident(self._process.pid)

    def _holds_too_much(self) -> bool:
        return self._process is not None and self._ready and resident(self._process.pid) > self._idle + MOST_LEFT

    def _send(self, line: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode())
            self._process.stdin.flush()
        except OSError as error:
            raise gone() from error

    def _wait(self, line: str, limits: Limits, step: Step) -> None:
        until = time.monotonic() + limits.build_seconds
        self._until(line, until, limits, lambda: step("building"))

    def _until(self, wanted: str, until: float, limits: Limits | None, step: Callable[[], None]) -> None:
        """Wait for a line of the process, telling `step`. Raises Refused where it ends or overdoes."""
        assert self._process is not None
        assert self._process.stdout is not None
        out, said = self._process.stdout.fileno(), b""
        told = 0.0
        while not said.endswith(b"\n"):
            if select.select([out], [], [], TICK)[0]:
                part = os.read(out, 4096)
                if not part:
                    raise gone()
                said += part
            now = time.monotonic()
            if limits is not None and resident(self._process.pid) > self._idle + limits.build_memory_bytes:
                raise overdone_memory(limits.build_memory_bytes)
            if now > until:
                raise overdone_time(limits.build_seconds if limits else START_SECONDS)
            if now > told + 4 * TICK:
                told = now
                step()
        if said.decode(errors="replace").strip() != wanted:
            raise gone()

    def _read(self, folder: Path) -> dict[str, Any]:
        path = folder / "answer.json"
        if path.stat().st_size > MOST_ANSWER:
            raise gone()
        said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if "refused" in said:
            code, cause, mend = said["refused"]
            raise _Answered(str(code), str(cause), str(mend))
        if "failed" in said:
            raise _Answered(
                "rebuild",
                f"Keras could not rebuild the model from this file ({said['failed']}).",
                'Load it where it was trained, and save it again with model.save("model.keras").',
            )
        return said

    def _end(self) -> None:
        process, self._process, self._ready = self._process, None, False
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue  # what was still to be written goes nowhere: its reader has ended


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Return a child process's environment: what it needs to start, no password of ours, no graphics card."""
    kept = {name: value for name, value in ours.items() if name in PASSED_ON or name.startswith(("TF_", "KERAS_"))}
    return kept | {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "2"}


def resident(pid: int) -> int:
    """Return the bytes of memory that a process holds, 0 where the system doesn't say (not Linux)."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return 0


def gone() -> Refused:
    """Return the refusal of a job whose process ended in the middle of it."""
    return Refused(
        "worker_gone",
        "The process that tries out models ended while it had this one.",
        "Try again: a new one is started. If it happens again, this model is too much for this machine.",
    )


def overdone_time(seconds: int) -> Refused:
    """Return the refusal of a model that takes too long to rebuild."""
    return Refused("build_time", f"Rebuilding the model took more than {seconds} s, and was stopped.", SMALLER)


def overdone_memory(most: int) -> Refused:
    """Return the refusal of a model that takes too much memory to rebuild."""
    return Refused(
        "build_memory", f"Rebuilding the model took more than {megabytes(most)} of memory, and was stopped.", SMALLER
    )


WORKER = Worker()
atexit.register(WORKER.stop)


def warm() -> None:
    """Start the worker in the background. For a server that accepts models, once TensorFlow is loaded itself."""
    WORKER.warm()
