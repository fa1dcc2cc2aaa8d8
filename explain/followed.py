"""What one picture does in a network: its shares, a map of each layer, and which pixels count for one class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explain.api import attribute
from explain.shift import Equivariance, centre_of_mass, equivariance
from explain.targets import probabilities_of

if TYPE_CHECKING:
    from explain.engine import Engine

MAPS, PIXELS = "grad_cam", "gradient_x_input"
"""How a class is attributed: at the last map layer, or pixel by pixel in a network without one."""


@dataclass(frozen=True, eq=False)
class Followed:
    """One picture in one network.

    `logits` and `probabilities` (K,); `maps` the activations of every layer with rows and columns, (h, w, C) by name;
    `layer` the one whose channels the attribution weighs, None for a network without a map; `attribution` (h, w) for
    one class, `method` its name; `centre` (row, column) in pixels of its positive part, None where nothing is positive.
    """

    logits: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    maps: Mapping[str, NDArray[np.float32]]
    layer: str | None
    attribution: NDArray[np.float32]
    method: str
    centre: tuple[float, float] | None


def follow(engine: Engine, x: NDArray[np.float32], target: int) -> Followed:
    """Follow a picture (H, W, C), as the network gets it, through the network; `target` is the class attributed."""
    from explain.attribution import METHODS

    layer = engine.default_layer()
    method = PIXELS if layer is None else MAPS
    result = attribute(engine, x, method=method, target=target)
    values = result.map if layer is None else result.native
    found = engine.activations(x[None])
    maps = {name: found[name][0] for name in engine.spatial_layers()}
    logits = engine.logits(x[None])[0]
    probabilities = probabilities_of(logits, "softmax")
    centre = centre_of_mass(values, (x.shape[0], x.shape[1]))
    return Followed(logits, probabilities, maps, layer, values, METHODS[method].title, centre)


def equivariances(
    engine: Engine, before: Followed, after: Followed, down: int, right: int, size: tuple[int, int]
) -> Mapping[str, Equivariance]:
    """Return how far each layer's map of the moved picture is from its moved map, by layer, for a move in pixels."""
    found: dict[str, Any] = {
        name: equivariance(engine.layer(name), values, after.maps[name], down, right, size)
        for name, values in before.maps.items()
    }
    return {name: one for name, one in found.items() if one is not None}


def strongest_channel(maps: NDArray[np.float32]) -> int:
    """Return the channel of (h, w, C) with the greatest sum of |values|."""
    return int(np.abs(maps).sum(axis=(0, 1)).argmax())
