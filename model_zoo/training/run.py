"""Trainings under way: a process for each, at most two at once, seen from any session that knows the token."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Sequence

from explain.errors import ConvScopeError
from model_zoo.training import data
from model_zoo.training.fits import fits
from model_zoo.training.orders import PREFIX
from model_zoo.training.pictures import Pictures
from model_zoo.training.places import Places
from model_zoo.training.process import COMMAND
from model_zoo.training.process import Training as Training
from model_zoo.training.recipe import Recipe
from model_zoo.training.temporary import PICTURES, clear_left

AT_ONCE, MOST_OPEN = 2, 8
ALONE_SECONDS, ALONE_RUNNING_SECONDS = 30 * 60.0, 2 * 60 * 60.0
SWEEP_SECONDS = 20.0


class Trainings:
    """All trainings of this server, by token. At most `at_once` train, the others wait in the order they came.

    What servers that were killed have left behind is removed first.
    """

    def __init__(self, at_once: int = AT_ONCE, command: Sequence[str] = COMMAND) -> None:
        self._lock = threading.Lock()
        self._places, self._command = Places(at_once), command
        self._all: dict[str, Training] = {}
        self._sweeper: threading.Thread | None = None
        clear_left(PREFIX, PICTURES)

    def begin(self, recipe: Recipe, pictures: Pictures | None = None) -> Training:
        """Start a training, on a session's own `pictures` in place of a data set's.

        Raises ArgumentError for what can't be trained, ConvScopeError "trainings_full" where too many are open, and
        what loading the data set raises.
        """
        fits(recipe, pictures if pictures is not None else data.pictures(recipe.data))
        with self._lock:
            if sum(one.ended is None for one in self._all.values()) >= MOST_OPEN:
                raise ConvScopeError(
                    "trainings_full",
                    f"trainings: {MOST_OPEN} are open on this server already; try again when one has ended",
                    {"most": MOST_OPEN},
                )
            training = Training(recipe, pictures, self._places, self._command)
            self._all[training.token] = training
            if self._sweeper is None:
                self._sweeper = threading.Thread(target=self._keep_sweeping, name="convscope-trainings", daemon=True)
                self._sweeper.start()
        try:
            training.start()
        except BaseException:
            self.let_go(training.token)
            raise
        return training

    def get(self, token: str) -> Training | None:
        """Return the training of that token, None where there is none (any more). Counts as a visit."""
        with self._lock:
            training = self._all.get(token)
        if training is not None:
            training.seen = time.monotonic()
        return training

    def let_go(self, token: str) -> None:
        """End a training and remove what it wrote."""
        with self._lock:
            training = self._all.pop(token, None)
        if training is not None:
            training.close()

    def sweep(self, now: float) -> None:
        """Let go of what ended and nobody has looked at for half an hour; stop what runs alone for two hours."""
        with self._lock:
            alone = {token: (one, now - one.seen) for token, one in self._all.items()}
        for token, (one, seconds) in alone.items():
            if one.ended is not None and seconds > ALONE_SECONDS:
                self.let_go(token)
            elif one.ended is None and seconds > ALONE_RUNNING_SECONDS:
                one.stop()

    def close(self) -> None:
        """End all."""
        with self._lock:
            everything = [*self._all]
        for token in everything:
            self.let_go(token)

    def _keep_sweeping(self) -> None:
        while True:
            time.sleep(SWEEP_SECONDS)
            self.sweep(time.monotonic())


TRAININGS = Trainings()
atexit.register(TRAININGS.close)
