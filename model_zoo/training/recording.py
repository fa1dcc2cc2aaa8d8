"""The flight recorder: looks at a network at chosen moments of its training, from before the first step on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explain.activations import pool_strongest
from explain.reduce import strongest
from explain.targets import coefficients, probabilities_of
from explain.types import Target
from model_zoo.training.recorded import Recording as Recording
from model_zoo.training.recorded import load as load
from model_zoo.training.recorded import quantised
from model_zoo.training.recording_plan import MOST_CLASSES, MOST_SALIENCY, LeftOut, checked, planned
from model_zoo.training.recording_plan import schedule as schedule

if TYPE_CHECKING:
    import keras

Array = NDArray[Any]
TOGETHER = ("predictions", "saliency", "confusion")
HALF = float(np.finfo(np.float16).max)


@dataclass(frozen=True, eq=False)
class _Moment:
    step: int
    epoch: float
    kernels: Mapping[str, Array]
    maps: Mapping[str, Array]
    peaks: Mapping[str, Array]
    statistics: Mapping[str, Array]
    predictions: Array
    saliency: Array
    confusion: Array
    accuracy: float
    loss: float


class Recorder:
    """Records the training of a Sequential model that it never changes; one capture costs some ten milliseconds.

    `pinned` (P, H, W, C) are the pictures it looks at each time, some ten; `check_images` (N, H, W, C) with
    `check_labels` (N,) held-back ones for the confusion matrix: all uint8, divided by 255, or float already in 0..1.
    `schedule` are the steps at which it is due; of the held-back pictures it takes the first 100 to 1,000, so that they
    cost at most 1.5 % of the training's passes in batches of `batch`. `labels` (P,) are the pinned pictures' classes;
    feature maps are kept of the first `map_pictures` of them, as far as they fit. A pass takes at most `at_once`
    pictures.

    Its passes are explain's own, traced once; they read the weights as they are at each capture.
    Raises ValueError for images that the model can't be given.
    """

    def __init__(
        self,
        model: keras.Model,
        pinned: Array,
        check_images: Array,
        check_labels: Array,
        schedule: Sequence[int],
        *,
        labels: Array | None = None,
        names: Sequence[str] = (),
        batch: int = 32,
        map_pictures: int = 4,
        at_once: int = 256,
    ) -> None:
        from explain.checks import checked_images
        from explain.engine import Engine

        self._steps = frozenset(int(step) for step in schedule)
        count = checked(tuple(self._steps), batch, len(pinned), len(check_images))
        self._engine = Engine(model)
        self._x = checked_images(_scaled(pinned), self._engine.input_shape)
        self._check = checked_images(_scaled(check_images[:count]), self._engine.input_shape) if count else None
        self._answers = np.asarray(check_labels[:count]).astype(np.int64).reshape(-1)
        self._pinned = np.rint(self._x * 255).clip(0, 255).astype(np.uint8)
        self._labels = np.full(len(pinned), -1) if labels is None else np.asarray(labels, np.int64).reshape(-1)
        self._names = tuple(names)
        self._moments: list[_Moment] = []
        self._at_once = min(at_once, self._engine.at_once(self._x, back=True))
        self._look_over(min(map_pictures, len(self._x)))

    def due(self, step: int) -> bool:
        """Whether a moment is to be taken after this many batches."""
        return step in self._steps and not (self._moments and self._moments[-1].step == step)

    def capture(self, step: int, epoch: float) -> None:
        """Take the moment after `step` batches, `epoch` epochs.

        A step that isn't later than the last one taken drops what came from there on: the weights went back to it, as
        they do where the best are restored. So the last moment is always what the model is.
        """
        self._moments = [moment for moment in self._moments if moment.step < step]
        self._moments.append(self._moment(step, epoch))

    def recording(self) -> Recording:
        """Return what was recorded so far. Raises ValueError before the first capture."""
        if not self._moments:
            raise ValueError("recording: nothing was captured yet; capture a moment first")
        maps = {layer: quantised([one.maps[layer] for one in self._moments]) for layer in self._plan.pictures}
        return Recording(
            steps=np.array([one.step for one in self._moments], np.int64),
            epochs=np.array([one.epoch for one in self._moments], np.float32),
            kernels=self._stacked("kernels"),
            maps={layer: values for layer, (values, _zero, _scale) in maps.items()},
            scales={layer: (zero, scale) for layer, (_values, zero, scale) in maps.items()},
            peaks=self._stacked("peaks"),
            statistics=self._stacked("statistics"),
            **{name: np.stack([getattr(one, name) for one in self._moments]) for name in TOGETHER},
            accuracy=np.array([one.accuracy for one in self._moments], np.float32),
            loss=np.array([one.loss for one in self._moments], np.float32),
            pinned=self._pinned,
            labels=self._labels,
            names=self._names,
            checked=len(self._answers) if self._engine.classes else 0,
            left_out=self._left_out,
        )

    def _look_over(self, pictures: int) -> None:
        """Decide what is kept of each layer."""
        from explain.kernels import kernel_of

        engine = self._engine
        layers = [info for info in engine.layers if info.has_kernel]
        self._plan = planned(
            {info.name: kernel_of(engine, info.name).shape for info in layers},
            {info.name: info.output_shape for info in layers},
            len(self._steps),
            pictures,
        )
        left: list[LeftOut] = list(self._plan.left_out)
        side = max(self._x.shape[1:3])
        if side > MOST_SALIENCY:
            left.append(("gradients", "", MOST_SALIENCY, side))
        if engine.classes > MOST_CLASSES:
            left.append(("confusion", "", 0, engine.classes))
        self._left_out = tuple(left)

    def _stacked(self, name: str) -> dict[str, Array]:
        layers = getattr(self._moments[0], name)
        return {layer: np.stack([getattr(one, name)[layer] for one in self._moments]) for layer in layers}

    def _moment(self, step: int, epoch: float) -> _Moment:
        maps, peaks = self._maps()
        predictions, saliency = self._answered()
        confusion, accuracy, loss = self._scored()
        return _Moment(
            step, epoch, self._kernels(), maps, peaks, self._statistics(), predictions, saliency, confusion, accuracy,
            loss,
        )  # fmt: skip

    def _maps(self) -> tuple[dict[str, Array], dict[str, Array]]:
        """Return the maps that are kept, pooled, as float16, and each channel's greatest |activation| on all pinned."""
        layers = [info for info in self._engine.layers if info.has_kernel]
        if not layers:
            return {}, {}
        maps: dict[str, list[Array]] = {name: [] for name in self._plan.pictures}
        peaks: dict[str, Array] = {info.name: np.zeros(1, np.float32) for info in layers}
        for start, some in self._some(self._x):
            every = self._run(self._engine.compiled.everything(), some)
            for info in layers:
                values = every[info.index]
                peaks[info.name] = np.maximum(peaks[info.name], np.abs(values).max(axis=(0, 1, 2)))
                wanted = values[: max(0, self._plan.pictures.get(info.name, 0) - start)]
                maps.get(info.name, []).extend(
                    _half(np.nan_to_num(pool_strongest(one, self._plan.cells[info.name])[0])) for one in wanted
                )
        return {name: np.stack(values) for name, values in maps.items()}, peaks

    def _answered(self) -> tuple[Array, Array]:
        """Return the pinned pictures' probabilities (P, K), and the saliency of each one's predicted class."""
        engine, count = self._engine, len(self._x)
        side = min(MOST_SALIENCY, max(self._x.shape[1:3]))
        if not engine.classes:
            return np.zeros((count, 0), np.float32), np.zeros((count, 0, 0), np.float16)
        logits = self._logits(self._x)
        targets = [Target(int(k)) for k in np.nan_to_num(logits).argmax(axis=1)]
        weights, maps = coefficients(targets, engine.classes, engine.output_kind)[0], []
        for start, some in self._some(self._x):
            gradient = self._run(engine.compiled.input_gradients(), some, weights[start : start + len(some)])[0]
            maps += [_half(pool_strongest(one[..., None], side)[0][..., 0]) for one in strongest(gradient)]
        return self._probabilities(logits), np.stack(maps)

    def _scored(self) -> tuple[Array, float, float]:
        """Return the confusion matrix (K, K), the accuracy and the mean cross-entropy on the held-back pictures."""
        classes = self._engine.classes
        if not classes or self._check is None:
            return np.zeros((0, 0), np.int32), float("nan"), float("nan")
        shares = self._probabilities(self._logits(self._check))
        found, true = np.nan_to_num(shares).argmax(axis=1), self._answers
        kept = shares.shape[1] if classes <= MOST_CLASSES else 0
        confusion = np.zeros((kept, kept), np.int32)
        if kept:
            np.add.at(confusion, (true, found), 1)
        loss = -np.log(np.clip(shares[np.arange(len(true)), true].astype(np.float64), 1e-7, 1)).mean()
        return confusion, float((found == true).mean()), float(loss)

    def _kernels(self) -> dict[str, Array]:
        from explain.kernels import kernel_of

        return {name: _half(kernel_of(self._engine, name)[:, :, :kept]) for name, kept in self._plan.inputs.items()}

    def _statistics(self) -> dict[str, Array]:
        found = {}
        for info in self._engine.layers:
            kernel = getattr(self._engine.keras_layer(info.name), "kernel", None)
            if kernel is not None:
                values = kernel.numpy()
                found[info.name] = np.array([values.mean(), values.std(), values.min(), values.max()], np.float32)
        return found

    def _logits(self, x: Array) -> Array:
        return np.concatenate([self._run(self._engine.compiled.logits(), some)[0] for _start, some in self._some(x)])

    def _probabilities(self, logits: Array) -> Array:
        """Return probabilities (N, K), plain scores as their softmax; of one unit (N, 2), its class the second."""
        if logits.shape[1] == 1:
            likely = probabilities_of(logits, "sigmoid")
            return np.concatenate([1 - likely, likely], axis=1)
        kind = self._engine.output_kind
        return probabilities_of(logits, "softmax" if kind == "linear" else kind)

    def _some(self, x: Array) -> Iterator[tuple[int, Array]]:
        """Yield images in batches that a pass takes at once, each with its start; nothing is remembered of them."""
        for start in range(0, len(x), self._at_once):
            yield start, x[start : start + self._at_once]

    def _run(self, function: Any, *arrays: Array) -> list[Array]:
        from explain.compiled import run

        return run(function, arrays)


def _scaled(images: Array) -> Array:
    """Return pictures in 0..1, float32: uint8 ones divided by 255."""
    images = np.asarray(images)
    return images / np.float32(255) if images.dtype == np.uint8 else images


def _half(values: Array) -> Array:
    """Return values as float16, those beyond its range as its ends."""
    return np.clip(values, -HALF, HALF).astype(np.float16)
