"""One training under way, seen from the server: its process, what it is told, what it tells, and its end."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from model_zoo.own.worker import environment
from model_zoo.training.data import DATASETS
from model_zoo.training.orders import PREFIX
from model_zoo.training.pictures import Pictures
from model_zoo.training.places import Places
from model_zoo.training.recipe import Recipe
from model_zoo.training.tail import Tail

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "model_zoo.training.child")
TICK = 0.05
STOP_SECONDS = 10.0
SCORE_SECONDS = 600.0
BATCHES = 3
"""Who trains in batches that take long may finish so many more before a stop counts as unanswered."""


class Training:
    """One training, from waiting for its turn to what it leaves. May be asked and told from any thread.

    `token` names it and can't be guessed; `recipe` what is trained, `names` its classes; `folder` what it writes into.
    """

    def __init__(self, recipe: Recipe, own: Pictures | None, places: Places, command: Sequence[str] = COMMAND) -> None:
        self.token = secrets.token_urlsafe(16)
        self.recipe = recipe
        self.names: tuple[str, ...] = own.names if own is not None else DATASETS[recipe.data].names
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.seen = time.monotonic()
        self._places, self._command = places, [*command]
        self._lock = threading.Lock()
        self._tail = Tail(self.folder / "events.jsonl", recipe.epochs)
        self._process: subprocess.Popen[bytes] | None = None
        self._wants_pause = self._over = False
        self._stop_asked: float | None = None
        self._thread = threading.Thread(target=self._run, name="convscope-training", daemon=True)
        (self.folder / "job.json").write_text(json.dumps({"recipe": recipe.as_json()}), encoding="utf-8")
        if own is not None:
            own.save(self.folder / "pictures.npz")

    def start(self) -> None:
        """Begin as soon as there is a place."""
        self._thread.start()

    def pause(self) -> None:
        """Have it pause after its batch; another may train meanwhile."""
        self._wants_pause = True

    def resume(self) -> None:
        """Have it go on, as soon as there is a place."""
        self._wants_pause = False

    def stop(self) -> None:
        """Have it end after its batch; the best so far is kept. One that doesn't answer for ten seconds is ended."""
        with self._lock:
            self._stop_asked = self._stop_asked or time.monotonic()
            self._say("stop")

    @property
    def state(self) -> str:
        """One of "waiting", "running", "paused", "ended"."""
        if self._tail.ended is not None:
            return "ended"
        if self._tail.paused:
            return "paused"
        return "running" if self._process is not None else "waiting"

    @property
    def before(self) -> int:
        """How many trainings wait before this one."""
        return self._places.before(self)

    @property
    def started(self) -> dict[str, Any] | None:
        """The event of its start: parameters, pictures, steps an epoch, versions; None until then."""
        return self._tail.started

    @property
    def batches(self) -> list[dict[str, Any]]:
        """What was told between batches, at most four times a second."""
        return self._tail.batches

    @property
    def epochs(self) -> list[dict[str, Any]]:
        """What was told at each epoch's end."""
        return self._tail.epochs

    @property
    def ended(self) -> dict[str, Any] | None:
        """How it ended, None until then."""
        return self._tail.ended

    @property
    def settled(self) -> bool:
        """Whether its process has gone: scores and recording are whole then, or won't come."""
        return self._over

    @property
    def seconds(self) -> float:
        """How long it has trained, pauses left out."""
        return self._tail.seconds

    @property
    def left(self) -> float | None:
        """Seconds until its last epoch ends, None while that isn't known; it may stop earlier."""
        return self._tail.left

    @property
    def per_second(self) -> float | None:
        """Pictures a second, lately; None until there is a batch."""
        return self._tail.per_second

    @property
    def best(self) -> Path | None:
        """The best network so far, or the one that was kept."""
        return self._there("best.keras")

    @property
    def recording(self) -> Path | None:
        """What the flight recorder has so far."""
        return self._there("recording.npz")

    @property
    def scores(self) -> Path | None:
        """What the network that was kept says of the test's pictures, once it has been asked."""
        return self._there("scores.npz")

    def close(self) -> None:
        """End its process, if there is one, and remove what it wrote."""
        with self._lock:
            self._stop_asked = self._stop_asked or 0.0
            if self._process is not None and self._process.poll() is None:
                self._process.kill()
                self._process.wait()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(20 * TICK)
        self._places.leave(self)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _there(self, name: str) -> Path | None:
        path = self.folder / name
        return path if path.exists() else None

    def _run(self) -> None:
        try:
            while not self._places.ask(self):
                if self._stop_asked is not None:
                    self._tail.end("stopped", "It was stopped before it had begun.")
                    return
                time.sleep(TICK)
            self._watch(self._opened())
        except OSError as error:
            self._tail.end("failed", f"Its process could not be started ({error.strerror}). Try again later.")
        finally:
            self._over = True
            self._places.leave(self)

    def _opened(self) -> subprocess.Popen[bytes]:
        with self._lock, (self.folder / "child.log").open("wb") as log:
            self._process = subprocess.Popen(
                [*self._command, str(self.folder)],
                cwd=ROOT,
                env=environment(os.environ),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
            if self._stop_asked is not None:
                self._say("stop")
            return self._process

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        """Read what the process tells and pass orders on, until it has gone."""
        told_to_pause, ended_at = False, None
        while process.poll() is None:
            self._tail.read()
            told_to_pause = self._steer(told_to_pause)
            now = time.monotonic()
            ended_at = ended_at or (now if self._tail.ended else None)
            if self._too_long(now, ended_at):
                process.kill()
            time.sleep(TICK)
        self._tail.read()
        self._say_why_gone(process.returncode)
        if process.stdin is not None:
            process.stdin.close()

    def _steer(self, told_to_pause: bool) -> bool:
        """Pass a wish to pause or to go on; who pauses gives the place to another, and asks for one to go on."""
        if self._wants_pause and not told_to_pause:
            with self._lock:
                self._say("pause")
            return True
        if told_to_pause and self._tail.paused and self._wants_pause:
            self._places.leave(self)
        if told_to_pause and not self._wants_pause and self._places.ask(self):
            with self._lock:
                self._say("resume")
            return False
        return told_to_pause

    def _too_long(self, now: float, ended_at: float | None) -> bool:
        if ended_at is not None:
            return now - ended_at > SCORE_SECONDS
        batches = BATCHES * self.recipe.batch / (self.per_second or float("inf"))
        return self._stop_asked is not None and now - self._stop_asked > STOP_SECONDS + batches

    def _say_why_gone(self, code: int) -> None:
        if self._tail.ended is not None:
            return
        if self._stop_asked is not None:
            self._tail.end("stopped", "It didn't answer, and its process was ended; the best epoch so far is kept.")
            return
        self._tail.end(
            "failed",
            f"Its process ended on its own (code {code}), often for want of memory. "
            "Try a smaller batch or fewer pictures; the best epoch so far is kept.",
        )

    def _say(self, order: str) -> None:
        process = self._process
        if process is None or process.stdin is None or process.poll() is not None:
            return
        try:
            process.stdin.write(f"{order}\n".encode())
            process.stdin.flush()
        except OSError:
            return  # it has ended meanwhile, which _watch says
