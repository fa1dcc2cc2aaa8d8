"""What a recording keeps: when a moment is taken, and how much of a large network fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

import numpy as np

MOST_MOMENTS, LEAST_MOMENTS = 40, 8
STEPS_A_MOMENT = 120
MOST_CHECKED, LEAST_CHECKED = 1000, 100
APART = 1.15
"""A moment is at least so many times as late as the one before."""

SHARE = 0.015
"""Of the training's own passes that the held-back pictures may cost."""

KERNEL_BYTES, MAP_BYTES = 8 << 20, 12 << 20
MOST_CELLS, MOST_SALIENCY = 28, 56
FEWEST_CELLS, FEW_PICTURES = 7, 3
MOST_CLASSES = 64

LeftOut = tuple[str, str, int, int]
"""A code, a layer ("" for none), how many are kept (0: none), of how many."""


def schedule(steps_per_epoch: int, epochs: int) -> tuple[int, ...]:
    """Return the steps at which a moment is taken, rising, from 0 to the last: dense early, sparse later.

    A step is one batch; 0 is before the first. At most 40, fewer for a short training, so that looking on stays cheap.
    Half of them grow by a factor, half with the third power: the early ones are there however soon a training stops.
    Raises ValueError for less than one step or epoch.
    """
    if steps_per_epoch < 1 or epochs < 1:
        raise ValueError(f"steps_per_epoch, epochs: expected at least 1 of each, got {steps_per_epoch} and {epochs}")
    total = steps_per_epoch * epochs
    count = int(np.clip(total // STEPS_A_MOMENT, LEAST_MOMENTS, MOST_MOMENTS))
    half = count // 2
    factors = np.geomspace(1, total, half)
    powers = total * (np.arange(1, count - half) / (count - half - 1)) ** 3
    kept = [0]
    for step in sorted({max(1, round(float(step))) for step in (*factors, *powers)} - {total}):
        if kept[-1] < 2 or kept[-1] * APART <= step <= total / APART:
            kept.append(step)
    return (*kept, total)


def checked(steps: Sequence[int], batch: int, pinned: int, offered: int) -> int:
    """Return how many held-back pictures are scored at each moment: 100 to 1,000, 1.5 % of the training's passes."""
    passes = 3 * batch * max(steps) * SHARE / len(steps) - 4 * pinned
    return min(offered, int(np.clip(passes, LEAST_CHECKED, MOST_CHECKED)))


@dataclass(frozen=True)
class Plan:
    """How much is kept of each layer, so that a recording stays within some 30 MB whatever the network.

    `inputs` the first input channels of each layer's kernels; `pictures` the first pinned pictures whose maps are kept,
    `cells` the most rows and columns of a map; a layer that is in neither is left out.
    """

    inputs: Mapping[str, int] = field(default_factory=dict)
    pictures: Mapping[str, int] = field(default_factory=dict)
    cells: Mapping[str, int] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()


def planned(
    kernels: Mapping[str, tuple[int, ...]], maps: Mapping[str, tuple[int, ...]], moments: int, pinned: int
) -> Plan:
    """Plan a recording: `kernels` (kh, kw, in, out) and `maps` (h, w, C) are the shapes by layer.

    Every layer gets the same share of the bytes.
    """
    inputs, pictures, cells, left = {}, {}, {}, []
    for name, (height, width, source, units) in kernels.items():
        room = KERNEL_BYTES // len(kernels) // max(1, 2 * moments * height * width * units)
        if room:
            inputs[name] = min(source, room)
        if room < source:
            left.append(("kernels", name, min(source, room), source))
    for name, shape in maps.items():
        found = _of_map(shape, MAP_BYTES // len(maps) // moments, pinned)
        if found is None:
            left.append(("maps", name, 0, pinned))
            continue
        pictures[name], cells[name] = found
        if pictures[name] < pinned:
            left.append(("maps", name, pictures[name], pinned))
        if cells[name] < max(shape[:2]):
            left.append(("cells", name, cells[name], max(shape[:2])))
    return Plan(inputs, pictures, cells, tuple(left))


def _of_map(shape: tuple[int, ...], room: int, pinned: int) -> tuple[int, int] | None:
    """Return pictures and cells of one layer: first fewer pictures, at least 3, then coarser maps, at least 7 cells."""
    cells = min(MOST_CELLS, max(shape[:2]))
    for least in (min(pinned, FEW_PICTURES), 1):
        side = cells
        while side >= min(cells, FEWEST_CELLS):
            factor = -(-max(shape[:2]) // side)
            pictures = min(pinned, room // (prod(-(-size // factor) for size in shape[:2]) * shape[2]))
            if pictures >= least:
                return pictures, side
            side //= 2
    return None
