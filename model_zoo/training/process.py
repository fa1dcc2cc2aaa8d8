"""One training under way, seen from the server: its process, what it is told, what it tells, and its end."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from model_zoo.own.worker import environment
from model_zoo.training import gone
from model_zoo.training.data import DATASETS
from model_zoo.training.orders import PREFIX
from model_zoo.training.pictures import Pictures
from model_zoo.training.places import Places
from model_zoo.training.recipe import Recipe
from model_zoo.training.temporary import Folder
from model_zoo.training.told import Told

LOGGER = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "model_zoo.training.child")
TICK = 0.05
STOP_SECONDS = 10.0
SCORE_SECONDS = 600.0
BATCHES = 3
"""Who trains in batches that take long may finish so many more before a stop counts as unanswered."""


class Training(Told):
    """One training, from waiting for its turn to what it leaves. May be asked and told from any thread.

    `token` names it and can't be guessed; `recipe` what is trained, `names` its classes; `folder` what it writes into.
    """

    def __init__(self, recipe: Recipe, own: Pictures | None, places: Places, command: Sequence[str] = COMMAND) -> None:
        self.token = secrets.token_urlsafe(16)
        self.recipe = recipe
        self.names: tuple[str, ...] = own.names if own is not None else DATASETS[recipe.data].names
        self._held = prepared(recipe, own)
        super().__init__(self._held.path, recipe.epochs)
        self.seen = time.monotonic()
        self._places, self._command = places, [*command]
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._log: BinaryIO | None = None
        self._wants_pause = self._over = self._overdue = self._closed = False
        self._stop_asked: float | None = None
        self._thread = threading.Thread(target=self._run, name="convscope-training", daemon=True)

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
    def pending(self) -> str:
        """What it was asked and has not done yet: "stop", "pause" or "resume"; nothing else is awaited."""
        if self._tail.ended is not None:
            return ""
        if self._stop_asked is not None:
            return "stop"
        return "" if self._wants_pause == self._tail.paused else "pause" if self._wants_pause else "resume"

    @property
    def before(self) -> int:
        """How many trainings wait before this one."""
        return self._places.before(self)

    @property
    def settled(self) -> bool:
        """Whether its process has gone: scores and recording are whole then, or won't come."""
        return self._over

    def close(self) -> None:
        """End its process, if there is one, and remove what it wrote."""
        with self._lock:
            self._stop_asked, self._closed = self._stop_asked or 0.0, True
        self._kill()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(20 * TICK)
        self._places.leave(self)
        self._held.remove()

    def _run(self) -> None:
        try:
            if self._came_in():
                self._watch(self._opened())
        except Exception as error:
            LOGGER.exception("a training could not be followed")
            self._tail.end("failed", gone.unfollowed(error, self._process is not None))
        finally:
            self._kill()
            if self._log is not None:
                self._log.close()
            self._over = True
            self._places.leave(self)

    def _came_in(self) -> bool:
        """Wait for a place; say whether it got one before it was stopped."""
        while not self._places.ask(self):
            if self._stop_asked is not None:
                self._tail.end("stopped", "It was stopped before it had begun.")
                return False
            time.sleep(TICK)
        return True

    def _kill(self) -> None:
        """End its process, if there is one that goes on, and say nothing to it any more."""
        with self._lock:
            process = self._process
            if process is None:
                return
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stdin is not None:
                with contextlib.suppress(OSError):  # an order that it no longer took
                    process.stdin.close()

    def _opened(self) -> subprocess.Popen[bytes]:
        with self._lock:
            self._log = (self.folder / "child.log").open("a+b")
            self._process = subprocess.Popen(
                [*self._command, str(self.folder)],
                cwd=ROOT,
                env=environment(os.environ),
                stdin=subprocess.PIPE,
                stdout=self._log,
                stderr=self._log,
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
                self._overdue = True
                process.kill()
            time.sleep(TICK)
        self._tail.read()
        self._say_why_gone(process.returncode)

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
        """Put the reason where the process itself didn't tell one: of its end, or of scores that didn't come."""
        ended, words = self._tail.ended, gone.last_words(self._log)
        if ended is None and (self._overdue or self._closed):
            said = "It didn't answer, and its process was ended; the best network that it had written is kept."
            self._tail.end("stopped", said)
        elif ended is None:
            self._tail.end("failed", gone.while_training(code, words, self.folder, self.best is not None))
        elif not (self._closed or self.scores or ended["why"] == "failed" or "unscored" in ended):
            late = f"It took more than {SCORE_SECONDS / 60:g} minutes and was ended."
            self._tail.end("failed", late if self._overdue else gone.while_scoring(code, words, self.folder))

    def _say(self, order: str) -> None:
        process = self._process
        if process is None or process.stdin is None or process.stdin.closed or process.poll() is not None:
            return
        try:
            process.stdin.write(f"{order}\n".encode())
            process.stdin.flush()
        except OSError:
            return  # it has ended meanwhile, which _watch says


def prepared(recipe: Recipe, own: Pictures | None) -> Folder:
    """Return a new folder with the job in it. Raises OSError, and leaves no folder, where it can't be written."""
    folder = Folder(PREFIX)
    try:
        (folder.path / "job.json").write_text(json.dumps({"recipe": recipe.as_json()}), encoding="utf-8")
        if own is not None:
            own.save(folder.path / "pictures.npz")
    except BaseException:
        folder.remove()
        raise
    return folder
