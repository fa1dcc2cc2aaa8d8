"""The same maps by Captum and by Xplique: seconds beside ours, on VGG16-shaped networks with random weights.

    python benchmarks/peers.py [--captum PYTHON] [--xplique PYTHON] [--turns 3] [--side 224]

PYTHON is the interpreter of an environment that has that peer (benchmarks/requirements-peers.txt; Captum wants torch,
Xplique the TensorFlow that is here). What the numbers are: processes of their own, ours and the peer's in turn, because
they can't share one; each process warms up once and gives the median of a few pictures. Captum runs on PyTorch with
weights drawn anew, so the two networks have one shape, not one set of weights: times are comparable, maps are not.
Each peer is called as its documentation does, without a graph of its own. Two minutes a turn at 224 pixels.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent
BLOCKS = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))
CLASSES, TARGET, LAYER = 1000, 285, "block5_conv3"
SAMPLES, NOISE, BATCH = 8, 0.2, 4
PICTURES = 3
ROW = "{:<12}{:<24}{:>10}{:>10}{:>9}"
Maker = Callable[[np.ndarray], object]


def ours(side: int) -> dict[str, Maker]:
    sys.path.insert(0, str(ROOT))
    from explain import attribute
    from explain.engine import Engine

    engine = Engine(keras_vgg16(side, "softmax"))
    return {
        "Grad-CAM": lambda x: attribute(engine, x, "grad_cam", TARGET, layer=LAYER),
        "saliency": lambda x: attribute(engine, x, "saliency", TARGET),
        f"SmoothGrad, {SAMPLES}": lambda x: attribute(
            engine, x, "saliency", TARGET, smooth_samples=SAMPLES, smooth_noise=NOISE
        ),
    }


def keras_vgg16(side: int, activation: str | None) -> object:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    return keras.applications.VGG16(weights=None, input_shape=(side, side, 3), classifier_activation=activation)


def xplique(side: int) -> dict[str, Maker]:
    from xplique.attributions import GradCAM, Saliency, SmoothGrad

    model = keras_vgg16(side, None)
    wanted = np.eye(CLASSES, dtype=np.float32)[[TARGET]]
    explainers = {
        "Grad-CAM": GradCAM(model, conv_layer=LAYER),
        "saliency": Saliency(model),
        f"SmoothGrad, {SAMPLES}": SmoothGrad(model, nb_samples=SAMPLES, noise=NOISE, batch_size=BATCH),
    }
    return {name: lambda x, one=one: one.explain(x[None], wanted) for name, one in explainers.items()}


def captum(side: int) -> dict[str, Maker]:
    import torch
    from captum.attr import LayerGradCam, NoiseTunnel, Saliency

    model, last = torch_vgg16(side)
    saliency, cam = Saliency(model), LayerGradCam(model, last)
    tunnel = {"nt_type": "smoothgrad", "nt_samples": SAMPLES, "nt_samples_batch_size": BATCH, "stdevs": NOISE}

    def given(x: np.ndarray) -> object:
        return torch.from_numpy(np.ascontiguousarray(x.transpose(2, 0, 1)[None])).requires_grad_()

    return {
        "Grad-CAM": lambda x: cam.attribute(given(x), target=TARGET).detach().numpy(),
        "saliency": lambda x: saliency.attribute(given(x), target=TARGET).numpy(),
        f"SmoothGrad, {SAMPLES}": lambda x: NoiseTunnel(saliency).attribute(given(x), target=TARGET, **tunnel).numpy(),
    }


def torch_vgg16(side: int) -> tuple[object, object]:
    """Return VGG16's shape in PyTorch, and its last convolution with the ReLU behind it."""
    from torch import nn

    parts, depth, last = [], 3, None
    for count, width in BLOCKS:
        for _ in range(count):
            last = nn.Sequential(nn.Conv2d(depth, width, 3, padding=1), nn.ReLU())
            parts.append(last)
            depth = width
        parts.append(nn.MaxPool2d(2))
    cells = (side // 32) ** 2 * depth
    head = [nn.Linear(cells, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, CLASSES)]
    return nn.Sequential(*parts, nn.Flatten(), *head).eval(), last


MAKERS: dict[str, Callable[[int], dict[str, Maker]]] = {"ours": ours, "captum": captum, "xplique": xplique}


def measure(who: str, side: int) -> dict[str, float]:
    draw = np.random.default_rng(0)
    found = {}
    for name, make in MAKERS[who](side).items():
        times = []
        for _ in range(PICTURES + 1):
            x = draw.normal(size=(side, side, 3)).astype(np.float32)
            began = time.perf_counter()
            make(x)
            times.append(time.perf_counter() - began)
        found[name] = statistics.median(times[1:])
    return found


def turn(who: str, python: str, side: int) -> dict[str, float]:
    command = [python, str(Path(__file__)), "--run", who, "--side", str(side)]
    said = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(said.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captum", help="the interpreter that has Captum")
    parser.add_argument("--xplique", help="the interpreter that has Xplique")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--side", type=int, default=224, help="pixels of a picture's side, a multiple of 32")
    parser.add_argument("--run", choices=[*MAKERS], help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.run:
        print(json.dumps(measure(asked.run, asked.side)))
        return
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before; pictures of {asked.side} pixels")
    print(ROW.format("peer", "map", "ours s", "theirs s", "ratio"))
    for peer in ("captum", "xplique"):
        python = getattr(asked, peer)
        if python is None:
            continue
        turns = [(turn("ours", sys.executable, asked.side), turn(peer, python, asked.side)) for _ in range(asked.turns)]
        for name in turns[0][0]:
            mine, theirs = (statistics.median(one[side][name] for one in turns) for side in (0, 1))
            ratio = statistics.median(b[name] / a[name] for a, b in turns)
            print(ROW.format(peer, name, f"{mine:.3f}", f"{theirs:.3f}", f"{ratio:.2f}x"), flush=True)


if __name__ == "__main__":
    main()
