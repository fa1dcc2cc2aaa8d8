"""A stand-in for VGG16's published weights file: the same layout, seeded random weights."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

from model_zoo.models.vgg16 import BLOCKS


def shapes() -> dict[str, tuple[int, ...]]:
    """Return layer name -> kernel shape, worked out from the paper's table."""
    found: dict[str, tuple[int, ...]] = {}
    depth = 3
    for block, (convolutions, width) in enumerate(BLOCKS, start=1):
        for conv in range(1, convolutions + 1):
            found[f"block{block}_conv{conv}"] = (3, 3, depth, width)
            depth = width
    return found | {"fc1": (7 * 7 * 512, 4096), "fc2": (4096, 4096), "predictions": (4096, 1000)}


def write_random_vgg16(path: Path, seed: int) -> None:
    """Write He-normal kernels and small biases in the published file's layout; about 553 MB and two seconds."""
    rng = np.random.default_rng(seed)
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name in shapes()]
        for layer, shape in shapes().items():
            group = file.create_group(layer)
            names = [f"{layer}_W_1:0", f"{layer}_b_1:0"]
            group.attrs["weight_names"] = [name.encode() for name in names]
            scale = np.float32(np.sqrt(2 / np.prod(shape[:-1])))
            group[names[0]] = rng.standard_normal(shape, np.float32) * scale
            group[names[1]] = rng.standard_normal(shape[-1], np.float32) * np.float32(0.01)
