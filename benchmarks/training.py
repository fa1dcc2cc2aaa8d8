"""What training in the app costs against a bare model.fit, and how fast a stop is answered.

    python -m benchmarks.training [--data fashion_mnist_small] [--epochs 20] [--turns 3] [--most 0]

Pairs are taken in turn, each in a process of its own with the same recipe: ours with events, best checkpoint and flight
recorder, the other model.fit with nothing at all. Both are timed from the beginning of the training to the end of the
last epoch's validation; loading and importing are left out of both, tracing is in both. Both run at the low priority of
a training, so that what else the machine does slows them alike.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.timing import Bound, at_least, at_most
from model_zoo.own.worker import environment
from model_zoo.training.process import Training
from model_zoo.training.recipe import NETWORKS, Recipe
from model_zoo.training.run import Trainings

ROOT = Path(__file__).resolve().parents[1]
Spent = tuple[float, float]
SHARE = 0.95
TICKS_SECONDS = 0.5
"""What a stop may take beside its batch: two looks at the file of events, and writing the network."""


def bare(recipe: Recipe) -> None:
    """Train by `recipe` with model.fit alone, and print the seconds and those of the processor."""
    import keras

    from model_zoo.training import child, data, fitting

    child.give_way()

    class Clock(keras.callbacks.Callback):
        def on_train_begin(self, logs: object = None) -> None:
            self.began = time.monotonic(), time.process_time()

        def on_epoch_end(self, epoch: int, logs: object = None) -> None:
            self.seconds = time.monotonic() - self.began[0], time.process_time() - self.began[1]

    pictures = data.pictures(recipe.data)
    model, clock = fitting.compiled(recipe), Clock()
    train, held = fitting.parted(recipe, pictures)
    model.fit(
        fitting.scaled(pictures.images[train]),
        pictures.labels[train],
        batch_size=recipe.batch,
        epochs=recipe.epochs,
        validation_data=(fitting.scaled(pictures.images[held]), pictures.labels[held]),
        callbacks=[clock],
        verbose=0,
    )
    print(json.dumps(clock.seconds))


def bare_seconds(recipe: Recipe) -> Spent:
    """Return the seconds, and those of the processor, of a bare training in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.training", "--bare", json.dumps(recipe.as_json())]
    done = subprocess.run(command, cwd=ROOT, env=environment(os.environ), capture_output=True, text=True, check=True)
    wall, cpu = json.loads(done.stdout.strip().splitlines()[-1])
    return wall, cpu


def settled(training: Training) -> Training:
    """Wait until a training's process has gone."""
    while not training.settled:
        time.sleep(0.1)
    return training


def our_seconds(trainings: Trainings, recipe: Recipe) -> Spent:
    """Return the seconds, and those of the processor, of a training as the app does it."""
    training = settled(trainings.begin(recipe))
    if training.ended is None or training.ended["why"] != "finished":
        raise RuntimeError(f"{recipe}: expected it to finish, got {training.ended}")
    last = training.epochs[-1]
    trainings.let_go(training.token)
    return float(last["seconds"]), float(last["cpu"])


def stopped(trainings: Trainings, recipe: Recipe) -> tuple[float, float]:
    """Return the seconds from a stop in the first epoch to its end, and those of one batch."""
    training = trainings.begin(replace(recipe, epochs=1000))
    while len(training.batches) < 4:
        time.sleep(0.01)
    began = time.monotonic()
    training.stop()
    while training.ended is None:
        time.sleep(0.005)
    took = time.monotonic() - began
    each = recipe.batch / (training.per_second or 1.0)
    settled(training)
    trainings.let_go(training.token)
    return took, each


def said(title: str, value: str, bound: Bound, measured: float) -> None:
    print(f"{title:<62}{value:>12}  {bound.verdict(measured)}")


def pairs(trainings: Trainings, recipe: Recipe, turns: int) -> None:
    """Time pairs in turn, and print the median of the pairs' own ratios of throughput."""
    ratios: list[Spent] = []
    for turn in range(turns):
        order = (bare_seconds, lambda one: our_seconds(trainings, one))
        times = [work(recipe) for work in (order if turn % 2 == 0 else order[::-1])]
        alone, ours = times if turn % 2 == 0 else times[::-1]
        ratios.append((alone[0] / ours[0], alone[1] / ours[1]))
        print(
            f"  pair {turn + 1}: model.fit {alone[0]:.2f} s ({alone[1]:.2f} s of CPU), ours {ours[0]:.2f} s "
            f"({ours[1]:.2f} s), throughput {ratios[-1][0]:.3f}x ({ratios[-1][1]:.3f}x)"
        )
    wall, cpu = (statistics.median(one) for one in zip(*ratios, strict=True))
    said("throughput, recorder on, against a bare model.fit", f"{wall:.3f}x", at_least(SHARE), wall)
    said("the same by processor time, which others disturb less", f"{cpu:.3f}x", at_least(SHARE), cpu)


def main() -> None:
    """Time pairs, then stops."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="fashion_mnist_small")
    parser.add_argument("--epochs", type=int, default=Recipe.epochs, help="as many as the Train page offers at first")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--most", type=int, default=0, help="training pictures at most")
    parser.add_argument("--bare", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bare:
        bare(Recipe(**json.loads(options.bare)))
        return
    recipe = Recipe(data=options.data, network=NETWORKS["003"], epochs=options.epochs, patience=0, most=options.most)
    trainings = Trainings()
    pairs(trainings, recipe, options.turns)
    for batch in (32, 1024):
        took, each = stopped(trainings, replace(recipe, batch=batch))
        title = f"stop to ended, batches of {batch} ({each:.2f} s each)"
        said(title, f"{took:.2f} s", at_most(round(each + TICKS_SECONDS, 2), "s"), took)
    trainings.close()


if __name__ == "__main__":
    main()
