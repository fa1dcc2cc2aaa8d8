"""What the engine promises in numbers: against tf-keras-vis on the same weights, and against our own bare passes.

Run from the project's folder: python -m benchmarks.speed [--only PART ...] [--turns 5]

Parts, in this order, with the time each takes on two cores:
    small       fashion_cnn and EfficientNet-Lite0 against their own bare passes      2 minutes
    vgg16       VGG16 with seeded random weights, beside tf-keras-vis and itself      15 minutes, 4 GB of memory
    ready       VGG16 from files to its first scores, in processes of their own       1 minute, 553 MB of disk
    growth      memory of 200 maps in a row, the caches being full                    2 minutes
    gaps        the longest wait between partial maps, fashion_cnn and VGG16          3 minutes
    score_cam   Score-CAM after a quarter of its channels against the whole map       15 minutes
    sampling    samples that mirrored and quasi-random noise save                     20 minutes

Each line says what was asked for, and whether it was met. Pairs are interleaved in one run: each turn times both, the
order changing, on a picture that neither has met (functions traced before). Ratios are medians of the turns' own
ratios; CPU seconds count every thread. On small models tf-keras-vis's eager calls would make any ratio look good: there
the bare compiled pass is the measure. Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks import gaps, growth, ready, sampling, score_cam
from benchmarks.parity import random_vgg16
from benchmarks.timing import Bound, alone, at_least, at_most, fresh_from, head, pair
from explain import attribute, engine_for, stream
from explain.compiled import run
from explain.engine import Engine
from explain.reference import PEERS, _logit_view, _score
from explain.types import Target
from model_zoo import MODELS
from model_zoo.samples import load_sample

SIX = ("grad_cam", "grad_cam_plus_plus", "layer_cam", "hirescam", "xgrad_cam", "eigen_cam")
THREE = SIX[:3]


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
        engine, position = self.engine, self.engine.position(self.engine.default_layer())
        weights = engine.weighted(x[None], [Target(self.target)])[1]
        (values,) = run(engine.compiled.output_of(position), [x[None]])
        run(engine.compiled.gradients_from(position), [x[None], values, weights])

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


def against_the_peer(ours: Ours, fresh: Callable[[], np.ndarray], turns: int) -> None:
    theirs = Theirs(ours)
    for method, title in zip(THREE, ("Grad-CAM", "Grad-CAM++", "LayerCAM"), strict=True):
        work = partial(ours.maps, (method,))
        pair(f"one cold {title}", work, partial(theirs.map, method), fresh, turns, at_least(2.5))
    title = "three CAMs of theirs, six of ours"
    pair(title, partial(ours.maps, SIX), partial(theirs.maps, THREE), fresh, turns, at_least(7))
    switching(ours, theirs, fresh, turns)
    pair("saliency", partial(ours.maps, ("saliency",)), partial(theirs.map, "saliency"), fresh, turns, at_least(1.6))
    smooth = {"smooth_samples": 20, "smooth_noise": 0.2}
    pair(
        "SmoothGrad, 20 samples",
        partial(ours.maps, ("saliency",), **smooth),
        partial(theirs.map, "saliency", **smooth),
        fresh,
        max(2, turns // 2),
        at_least(2.5),
    )
    pair(
        "Score-CAM, top 10",
        partial(ours.maps, ("score_cam",), top_n=10),
        partial(theirs.map, "score_cam", max_N=10),
        fresh,
        turns,
        at_least(1),
    )


def switching(ours: Ours, theirs: Theirs, fresh: Callable[[], np.ndarray], turns: int) -> None:
    """Another class of a picture whose first class is known."""
    turn = [0]

    def known() -> np.ndarray:
        x = fresh()
        ours.maps(("grad_cam",), x)
        turn[0] += 1
        return x

    def switch(x: np.ndarray) -> None:
        ours.maps(("grad_cam",), x, target=(ours.target + turn[0]) % ours.engine.classes)

    pair("another class of the same image", switch, partial(theirs.map, "grad_cam"), known, turns, at_least(9))


def against_ourselves(ours: Ours, fresh: Callable[[], np.ndarray], turns: int, six: Bound) -> None:
    one = partial(ours.maps, ("grad_cam",))
    pair("six CAMs : one", one, partial(ours.maps, SIX), fresh, turns, six)
    pair("a cold CAM : bare forward + head's gradient", ours.bare_cam, one, fresh, turns, at_most(1.25))
    smooth = partial(ours.maps, ("saliency",), smooth_samples=20)
    few = max(2, turns // 2)
    pair("SmoothGrad, 20 : 20 saliencies", partial(ours.saliencies, 20), smooth, fresh, few, at_most(0.85))


def first_maps(ours: Ours, fresh: Callable[[], np.ndarray], turns: int) -> None:
    """The first partial map of everything that grows, from the press to the array."""

    def first(settings: dict[str, Any], x: np.ndarray) -> None:
        running = stream(ours.engine, x, target=ours.target, **settings)
        next(running)
        running.close()

    for title, settings in gaps.GROWING.items():
        alone(f"first map of {title}", partial(first, settings), fresh, turns, at_most(1, "s"))


def small(turns: int) -> None:
    for key, target in (("fashion_cnn", 9), ("efficientnet_lite0", 285)):
        entry = MODELS[key]
        print(entry.title)
        x = entry.preprocess(load_sample("fashion/0" if entry.pictures == "fashion" else "chelsea"))
        ours, fresh = Ours(entry.build(), target), fresh_from(x)
        tiny = key == "fashion_cnn"
        # A pass of 2 ms is hardly more than what every map costs besides: there the six have milliseconds to keep to.
        against_ourselves(ours, fresh, 4 * turns, Bound() if tiny else at_most(1.15))
        if tiny:
            alone("six CAMs, warm", partial(ours.maps, SIX), fresh, 20 * turns, at_most(15, "ms"))


def vgg16(turns: int) -> None:
    print("VGG16, seeded random weights; beside tf-keras-vis ours is first")
    ours = Ours(random_vgg16(), 285)
    fresh = fresh_from(MODELS["vgg16"].preprocess(load_sample("chelsea")))
    against_the_peer(ours, fresh, turns)
    against_ourselves(ours, fresh, turns, at_most(1.15))
    first_maps(ours, fresh, max(2, turns // 2))


PARTS: dict[str, Callable[[int], None]] = {
    "small": small,
    "vgg16": vgg16,
    "ready": ready.report,
    "growth": growth.report,
    "gaps": gaps.report,
    "score_cam": score_cam.report,
    "sampling": sampling.report,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=[*PARTS], default=[*PARTS], help="these parts alone")
    parser.add_argument("--turns", type=int, default=5, help="turns of each pair (default 5)")
    asked = parser.parse_args()
    for part in asked.only:
        print(f"\n== {part}: {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before")
        head()
        began = time.perf_counter()
        PARTS[part](asked.turns)
        print(f"({part} took {time.perf_counter() - began:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
