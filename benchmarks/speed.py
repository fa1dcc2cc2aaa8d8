"""How fast attribution is: against tf-keras-vis on the same VGG16-shaped weights, and against our own bare passes.

Run from the project's folder: python -m benchmarks.speed [--pairs 5] [--small]

Pairs are interleaved in one run: each turn times both, the order changing, on a picture that neither has met (functions
traced before). Ratios are medians of the turns' own ratios; CPU seconds count every thread. `--small` leaves VGG16 out.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks.parity import random_vgg16
from explain import attribute, engine_for
from explain.attribution import METHODS
from explain.engine import Engine
from explain.reference import PEERS, _logit_view, _score
from explain.types import Target
from model_zoo import MODELS
from model_zoo.samples import load_sample

ROW = "{:<58}{:>9}{:>9}{:>9}{:>9}{:>8}  {}"
SIX = ("grad_cam", "grad_cam_plus_plus", "layer_cam", "hirescam", "xgrad_cam", "eigengrad_cam")
THREE = SIX[:3]
Work = Callable[[np.ndarray], Any]


def spent(work: Work, x: np.ndarray) -> tuple[float, float]:
    """Return wall and CPU seconds of one piece of work."""
    began, used = time.perf_counter(), cpu()
    work(x)
    return time.perf_counter() - began, cpu() - used


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def pair(title: str, first: Work, second: Work, fresh: Callable[[], np.ndarray], pairs: int, asked: str) -> None:
    """Time two pieces of work in turn, and print both with the ratio second : first."""
    times: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([], [])
    for turn in range(pairs + 1):
        order = [(times[0], first), (times[1], second)]
        for kept, work in order if turn % 2 else reversed(order):
            both = spent(work, fresh())
            if turn:
                kept.append(both)
    wall = [statistics.median(kept[0] for kept in side) for side in times]
    used = [statistics.median(kept[1] for kept in side) for side in times]
    ratio = statistics.median(b[0] / a[0] for a, b in zip(*times, strict=True))
    numbers = (f"{value:.4f}" for value in (wall[0], wall[1], used[0], used[1]))
    print(ROW.format(title, *numbers, f"{ratio:.2f}x", asked), flush=True)


class Ours:
    """Our engine on one model, for pictures that it has not met."""

    def __init__(self, model: Any, target: int) -> None:
        self.model, self.target = model, target
        self.engine: Engine = engine_for(model)

    def maps(self, methods: tuple[str, ...], x: np.ndarray, target: int | None = None, **settings: Any) -> None:
        for method in methods:
            attribute(self.engine, x, method, self.target if target is None else target, **settings)

    def bare_cam(self, x: np.ndarray) -> None:
        """One compiled forward pass, and the gradient of what follows the layer: nothing else."""
        layer = self.engine.default_layer()
        assert layer is not None
        self.engine.activation(x[None], layer)
        self.engine.layer_gradients(x[None], layer, [Target(self.target)])

    def saliencies(self, count: int, x: np.ndarray) -> None:
        for i in range(count):
            self.maps(("saliency",), x + np.float32(1e-4 * (i + 1)))


class Theirs:
    """tf-keras-vis on the same weights: bare logits, cloned once before the clock runs."""

    def __init__(self, ours: Ours) -> None:
        self.ours, self.made = ours, {}

    def map(self, method: str, x: np.ndarray, **more: Any) -> None:
        peer = PEERS[method]
        if method not in self.made:
            import importlib

            module = importlib.import_module(f"tf_keras_vis.{peer.module}")
            self.made[method] = getattr(module, peer.name)(_logit_view(self.ours.engine))
        if peer.reads_layer:
            more |= {"penultimate_layer": self.ours.engine.default_layer(), "seek_penultimate_conv_layer": False}
        self.made[method](partial(_score, target=Target(self.ours.target)), x[None].astype(np.float32), **more)

    def maps(self, methods: tuple[str, ...], x: np.ndarray) -> None:
        for method in methods:
            self.map(method, x)


def fresh_from(x: np.ndarray) -> Callable[[], np.ndarray]:
    """Return a source of pictures that differ from one another in every value."""
    rng = np.random.default_rng(0)
    return lambda: (x + rng.normal(0, 1e-3 * float(np.ptp(x)), x.shape)).astype(np.float32)


def against_the_peer(ours: Ours, fresh: Callable[[], np.ndarray], pairs: int) -> None:
    theirs = Theirs(ours)
    for method, title in zip(THREE, ("Grad-CAM", "Grad-CAM++", "LayerCAM"), strict=True):
        work = partial(ours.maps, (method,))
        pair(f"one cold {title}", work, partial(theirs.map, method), fresh, pairs, "at least 2.5x")
    known = tuple(name for name in SIX if name in METHODS)
    title = f"three CAMs of theirs, {len(known)} of ours"
    pair(title, partial(ours.maps, known), partial(theirs.maps, THREE), fresh, pairs, "at least 7x")
    switching(ours, theirs, fresh, pairs)
    pair("saliency", partial(ours.maps, ("saliency",)), partial(theirs.map, "saliency"), fresh, pairs, "at least 1.6x")
    smooth = {"smooth_samples": 20, "smooth_noise": 0.2}
    pair(
        "SmoothGrad, 20 samples",
        partial(ours.maps, ("saliency",), **smooth),
        partial(theirs.map, "saliency", **smooth),
        fresh,
        max(2, pairs // 2),
        "at least 2.5x",
    )
    pair(
        "Score-CAM, top 10",
        partial(ours.maps, ("score_cam",), top_n=10),
        partial(theirs.map, "score_cam", max_N=10),
        fresh,
        pairs,
        "at least 1x",
    )


def switching(ours: Ours, theirs: Theirs, fresh: Callable[[], np.ndarray], pairs: int) -> None:
    """Another class of a picture whose first class is known."""
    turn = [0]

    def known() -> np.ndarray:
        x = fresh()
        ours.maps(("grad_cam",), x)
        turn[0] += 1
        return x

    def switch(x: np.ndarray) -> None:
        ours.maps(("grad_cam",), x, target=(ours.target + turn[0]) % ours.engine.classes)

    pair("another class of the same image", switch, partial(theirs.map, "grad_cam"), known, pairs, "at least 9x")


def against_ourselves(ours: Ours, fresh: Callable[[], np.ndarray], pairs: int) -> None:
    known = tuple(name for name in SIX if name in METHODS)
    one = partial(ours.maps, ("grad_cam",))
    pair(f"{len(known)} CAMs : one", one, partial(ours.maps, known), fresh, pairs, "at most 1.15x")
    pair("a cold CAM : bare forward + head's gradient", ours.bare_cam, one, fresh, pairs, "at most 1.25x")
    smooth = partial(ours.maps, ("saliency",), smooth_samples=20)
    few = max(2, pairs // 2)
    pair("SmoothGrad, 20 : 20 saliencies", partial(ours.saliencies, 20), smooth, fresh, few, "at most 0.85x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5, help="turns of each pair (default 5)")
    parser.add_argument("--small", action="store_true", help="leave VGG16 out")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before the start")
    print(ROW.format("", "first s", "second s", "CPU s", "CPU s", "ratio", ""))
    for key, target in (("fashion_cnn", 9), ("efficientnet_lite0", 285)):
        entry = MODELS[key]
        print(entry.title)
        x = entry.preprocess(load_sample("fashion/0" if entry.pictures == "fashion" else "chelsea"))
        against_ourselves(Ours(entry.build(), target), fresh_from(x), 4 * options.pairs)
    if not options.small:
        print("VGG16, seeded random weights: ours first, tf-keras-vis second")
        ours = Ours(random_vgg16(), 285)
        fresh = fresh_from(MODELS["vgg16"].preprocess(load_sample("chelsea")))
        against_the_peer(ours, fresh, options.pairs)
        against_ourselves(ours, fresh, options.pairs)


if __name__ == "__main__":
    main()
