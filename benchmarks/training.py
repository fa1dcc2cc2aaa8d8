"""What training in the app costs against a bare model.fit, and how fast a stop is answered.

    python -m benchmarks.training [--data fashion_mnist_small] [--epochs 20] [--turns 3] [--most 0]

Three trainings by the same recipe, each in a process of its own, run half a second at a time in turn: model.fit with
nothing at all; the same with deterministic operations, without which the same seed doesn't give the same curve; and
ours, which has them, events, best checkpoint and flight recorder. All are timed from the beginning of the training to
the end of the last epoch's validation, without what they stood still for; loading and importing are left out, tracing
is in. All run at the low priority of a training.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.slices import awake, in_turn
from benchmarks.timing import Bound, at_least, at_most
from model_zoo.own.worker import environment
from model_zoo.training.orders import Events, Orders
from model_zoo.training.process import Training
from model_zoo.training.recipe import NETWORKS, Recipe
from model_zoo.training.run import Trainings

SHARE = 0.95
TICKS_SECONDS = 0.5
"""What a stop may take beside its batch: two looks at the file of events, and writing the network."""
KINDS = ("bare", "deterministic", "ours")


def bare(recipe: Recipe, deterministic: bool) -> None:
    """Train by `recipe` with model.fit alone, and print the seconds and those of the processor."""
    import keras
    import tensorflow as tf

    from model_zoo.training import child, data, fitting

    child.give_way()
    if deterministic:
        tf.config.experimental.enable_op_determinism()

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


def ours(recipe: Recipe) -> None:
    """Train by `recipe` as the app's process does, and print the same."""
    from model_zoo.training import child

    class Heard(Events):
        def tell(self, kind: str, **values: Any) -> None:
            super().tell(kind, **values)
            if kind == "epoch":
                self.seconds = values["seconds"], values["cpu"]

    child.give_way()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "job.json").write_text(json.dumps({"recipe": recipe.as_json()}), encoding="utf-8")
        orders, events = Orders(0, folder), Heard(folder / "events.jsonl")
        orders.listen()
        child.work(folder, orders, events)
    print(json.dumps(events.seconds), flush=True)
    os._exit(0)


def command(kind: str, recipe: Recipe) -> list[str]:
    """Return what runs one kind of training in a process of its own."""
    given = json.dumps(recipe.as_json()).replace("{", "{{").replace("}", "}}")
    return [sys.executable, "-m", "benchmarks.training", "--kind", kind, "--recipe", given, "--away", "{away}"]


def settled(training: Training) -> Training:
    """Wait until a training's process has gone."""
    while not training.settled:
        time.sleep(0.1)
    return training


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


def throughput(recipe: Recipe, turns: int) -> None:
    """Time the three kinds in turn, and print the medians of the turns' own ratios of throughput."""
    ratios: list[list[float]] = []
    for turn in range(turns):
        order = KINDS if turn % 2 == 0 else KINDS[::-1]
        lines = in_turn([command(kind, recipe) for kind in order], environment(os.environ))
        spent = {kind: json.loads(line) for kind, line in zip(order, lines, strict=True)}
        ratios.append([spent[kind][unit] / spent["ours"][unit] for kind in KINDS[:2] for unit in (0, 1)])
        shown = ", ".join(f"{kind} {wall:.2f} s ({cpu:.2f} s of CPU)" for kind, (wall, cpu) in spent.items())
        print(f"  turn {turn + 1}: {shown}; throughput " + ", ".join(f"{one:.3f}x" for one in ratios[-1]))
    wall, cpu, fixed_wall, fixed_cpu = (statistics.median(one) for one in zip(*ratios, strict=True))
    said("throughput, recorder on, against a bare model.fit", f"{wall:.3f}x", at_least(SHARE), wall)
    said("the same by processor time", f"{cpu:.3f}x", Bound(), cpu)
    said("against a bare model.fit that gives the same curve again", f"{fixed_wall:.3f}x", Bound(), fixed_wall)
    said("the same by processor time", f"{fixed_cpu:.3f}x", Bound(), fixed_cpu)


def work(kind: str, recipe: Recipe, away: str) -> None:
    """Be one of the trainings that are timed."""
    awake(away)
    if kind == "ours":
        ours(recipe)
    else:
        bare(recipe, kind == "deterministic")


def main() -> None:
    """Time throughput, then stops."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="fashion_mnist_small")
    parser.add_argument("--epochs", type=int, default=Recipe.epochs, help="as many as the Train page offers at first")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--most", type=int, default=0, help="training pictures at most")
    parser.add_argument("--kind", choices=KINDS, help=argparse.SUPPRESS)
    for hidden in ("--recipe", "--away"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.kind:
        work(options.kind, Recipe(**json.loads(options.recipe)), options.away)
        return
    recipe = Recipe(data=options.data, network=NETWORKS["003"], epochs=options.epochs, patience=0, most=options.most)
    throughput(recipe, options.turns)
    trainings = Trainings()
    for batch in (32, 1024):
        took, each = stopped(trainings, replace(recipe, batch=batch))
        title = f"stop to ended, batches of {batch} ({each:.2f} s each)"
        said(title, f"{took:.2f} s", at_most(round(each + TICKS_SECONDS, 2), "s"), took)
    trainings.close()


if __name__ == "__main__":
    main()
