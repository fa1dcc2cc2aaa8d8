"""A recording: what a network was at chosen moments of its training, as arrays, in a file."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_zoo.training.recording_plan import LeftOut

Array = NDArray[Any]
ROOT = ("steps", "epochs", "predictions", "saliency", "confusion", "accuracy", "loss", "pinned", "labels")
BY_LAYER = ("kernels", "maps", "peaks", "statistics")
FORMAT = 1


@dataclass(frozen=True, eq=False)
class Recording:
    """A training's moments, T of them, with P pinned pictures and K classes.

    `steps` (T,) batches done, `epochs` (T,) the same in epochs; `kernels` by layer (T, kh, kw, in, out) float16;
    `maps` by layer (T, p, h, w, C) uint8 of the first p pictures, a value being (q - zero) x scale with the layer's
    (zero, scale) in `scales`; `peaks` by layer (T, C) the greatest |activation| on all pinned pictures; `statistics` by
    layer (T, 4) mean, standard deviation, least and greatest weight; `predictions` (T, P, K) probabilities; `saliency`
    (T, P, h, w) float16 the greatest |gradient| of the predicted class's logit over the colour channels; `confusion`
    (T, K, K) true by predicted, `accuracy` and `loss` (T,) on `checked` held-back pictures; `pinned` (P, H, W, C)
    uint8, `labels` (P,) their classes, -1 where unknown; `names` of the classes. What a network lacks is empty or NaN;
    `left_out` says what did not fit.
    """

    steps: Array
    epochs: Array
    kernels: Mapping[str, Array]
    maps: Mapping[str, Array]
    scales: Mapping[str, tuple[int, float]]
    peaks: Mapping[str, Array]
    statistics: Mapping[str, Array]
    predictions: Array
    saliency: Array
    confusion: Array
    accuracy: Array
    loss: Array
    pinned: Array
    labels: Array
    names: tuple[str, ...] = ()
    checked: int = 0
    left_out: tuple[LeftOut, ...] = ()

    @property
    def moments(self) -> int:
        """How many moments there are."""
        return len(self.steps)

    def values(self, layer: str, picture: int) -> NDArray[np.float32]:
        """Return a layer's feature maps of one pinned picture at every moment, (T, h, w, C) float32.

        They are right to two thirds of a step, of which the layer has 255, or 127 either way where it goes below 0.
        Raises ValueError for a layer or picture that wasn't kept.
        """
        kept = len(self.maps[layer][0]) if layer in self.maps else 0
        if not 0 <= picture < kept:
            raise ValueError(
                f"layer, picture: expected one of {', '.join(self.maps) or 'no layer'} and a picture below {kept}, "
                f"got {layer!r} and {picture}; choose what was recorded"
            )
        zero, scale = self.scales[layer]
        return (self.maps[layer][:, picture].astype(np.float32) - np.float32(zero)) * np.float32(scale)

    def predicted(self) -> NDArray[np.intp]:
        """Return the class with the highest probability, (T, P). Raises ValueError for a network without classes."""
        if not self.predictions.shape[-1]:
            raise ValueError("predictions: this network has no class output; look at its kernels and maps")
        found: NDArray[np.intp] = self.predictions.argmax(axis=-1)
        return found

    def save(self, path: Path | str, compressed: bool = False) -> None:
        """Write it as .npz: to a name beside `path` first, then renamed, so that a reader never finds half of one."""
        path = Path(path)
        said = {
            "format": FORMAT,
            "names": self.names,
            "checked": self.checked,
            "scales": dict(self.scales),
            "left_out": self.left_out,
        }
        arrays = {name: getattr(self, name) for name in ROOT}
        for group in BY_LAYER:
            arrays |= {f"{group}/{layer}": values for layer, values in getattr(self, group).items()}
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            with part.open("wb") as stream:
                (np.savez_compressed if compressed else np.savez)(stream, said=json.dumps(said), **arrays)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def load(path: Path | str) -> Recording:
    """Read a recording. Raises FileNotFoundError without a file, ValueError for one that is no whole recording."""
    try:
        with Path(path).open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        said = json.loads(str(arrays.pop("said")[()]))
        groups: dict[str, Any] = {group: {} for group in BY_LAYER}
        for name in [name for name in arrays if "/" in name]:
            group, _, layer = name.partition("/")
            groups[group][layer] = arrays.pop(name)
        made = Recording(
            **{name: arrays[name] for name in ROOT},
            **groups,
            scales={layer: (int(zero), float(scale)) for layer, (zero, scale) in said["scales"].items()},
            names=tuple(str(name) for name in said["names"]),
            checked=int(said["checked"]),
            left_out=tuple((str(c), str(layer), int(n), int(of)) for c, layer, n, of in said["left_out"]),
        )
    except (zipfile.BadZipFile, EOFError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: not a whole recording ({error}); record the training again") from error
    return _checked(made, path)


def _checked(made: Recording, path: Any) -> Recording:
    """Return a recording whose arrays agree on moments and pictures, none of them writable."""
    moments, pinned = len(made.steps), len(made.pinned)
    each = [getattr(made, name) for name in ROOT[:-2]]
    each += [values for group in BY_LAYER for values in getattr(made, group).values()]
    if not moments or any(len(values) != moments for values in each) or set(made.scales) != set(made.maps):
        raise ValueError(f"{path}: expected {moments} moments of everything; record the training again")
    if {made.predictions.shape[1], made.saliency.shape[1], len(made.labels)} != {pinned}:
        raise ValueError(f"{path}: expected {pinned} pinned pictures everywhere; record the training again")
    for values in (*each, made.pinned, made.labels):
        values.setflags(write=False)
    return made


def quantised(values: Sequence[Array]) -> tuple[Array, int, float]:
    """Return finite values as uint8 with their zero and scale, in which an exact 0 stays one.

    From 0 up where none is negative, else symmetric round 128. One after another: a recording is written often, and
    all of them at once would be several times as many bytes.
    """
    low, high = float(min(one.min() for one in values)), float(max(one.max() for one in values))
    most = max(-low, high) or 1.0
    zero, steps = (128, 127) if low < 0 else (0, 255)
    return np.stack([_bytes(one, steps / most, zero) for one in values]), zero, most / steps


def _bytes(values: Array, times: float, zero: int) -> Array:
    scaled = values.astype(np.float32)
    scaled *= times
    scaled += zero
    return np.rint(scaled, out=scaled).astype(np.uint8)
