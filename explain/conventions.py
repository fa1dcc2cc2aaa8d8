"""One picture fed to a model in six ways: the ranges, means and orders of colours that networks are trained with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explain.targets import probabilities_of
from explain.types import Finding, Images

if TYPE_CHECKING:
    from explain.engine import Engine

COUNT = 6
SAME = 1e-4
"""Two inputs are one convention if they differ by less than this share of their range: rounding, not a choice."""
SURER = 0.2
"""A convention is much surer than the declared one from this much more of the softmax on."""
IMAGENET_MEAN = np.array((0.485, 0.456, 0.406), np.float32)
IMAGENET_STD = np.array((0.229, 0.224, 0.225), np.float32)
CAFFE_MEAN_BGR = np.array((103.939, 116.779, 123.68), np.float32)
LEAST_STD = 1e-6
HALF = 0.5

Pixels = NDArray[np.float32]
Make = Callable[[Pixels], Pixels]


@dataclass(frozen=True, eq=False)
class Convention:
    """One way to feed a picture: its key, and the input it makes, `x` (H, W, C) float32; `declared` if the model's own.

    The key is that of a known way, or "own" where the model's own preprocessing is none of those. `taken_for` (H, W, C)
    uint8 is the picture that the model's own preprocessing would have turned into nearly these numbers, cut to 0..255;
    `outside` the share of the values that were cut. Both None where that preprocessing can't be turned round.
    """

    key: str
    x: Images
    declared: bool
    taken_for: NDArray[np.uint8] | None = None
    outside: float | None = None

    @property
    def span(self) -> tuple[float, float]:
        """Least and greatest value of the input."""
        return float(self.x.min()), float(self.x.max())


@dataclass(frozen=True, eq=False)
class Reading:
    """What a model answers to one convention: classes, likeliest first, with logits and shares (None without any)."""

    convention: Convention
    classes: tuple[int, ...]
    logits: tuple[float, ...]
    shares: tuple[float, ...] | None


def colour_ways() -> Mapping[str, Make]:
    """Return what networks for RGB pictures are usually fed, by key; each takes (H, W, 3) in 0..255.

    "imagenet" is mean and deviation over ImageNet's 0..1 (torchvision), "caffe" blue-green-red less ImageNet's means
    (Keras's VGG16 and ResNet50), "per_picture" the picture's own mean and deviation.
    """
    return {
        "0_255": lambda p: p,
        "0_1": lambda p: p / 255,
        "-1_1": lambda p: p / 127.5 - 1,
        "imagenet": lambda p: (p / 255 - IMAGENET_MEAN) / IMAGENET_STD,
        "caffe": lambda p: p[..., ::-1] - CAFFE_MEAN_BGR,
        "per_picture": _standardised,
    }


def grey_ways(data: tuple[float, float]) -> Mapping[str, Make]:
    """Return what networks for grey pictures are usually fed, by key; each takes (H, W, 1) in 0..255.

    `data` is mean and standard deviation of the training pictures in 0..1, for the key "data".
    """
    mean, std = (np.float32(value) for value in data)
    return {
        "0_1": lambda p: p / 255,
        "inverted": lambda p: 1 - p / 255,
        "0_255": lambda p: p,
        "-1_1": lambda p: p / 127.5 - 1,
        "data": lambda p: (p / 255 - mean) / std,
        "per_picture": _standardised,
    }


def _standardised(pixels: Pixels) -> Pixels:
    return np.asarray((pixels - pixels.mean()) / max(float(pixels.std()), LEAST_STD), np.float32)


def conventions(
    pixels: NDArray[np.uint8], preprocess: Callable[[Any], Any], *, data: tuple[float, float] | None = None
) -> tuple[Convention, ...]:
    """Return six ways to feed one picture, the model's own first.

    `pixels` (H, W, 3) or (H, W, 1) uint8 of the model's own size; `preprocess` is the model's own. `data` as in
    `grey_ways`, needed for a grey picture only. Where the model's own is one of the known ways, it carries that key,
    and "per_picture" is the sixth. Raises ValueError for a preprocessing that changes the size.
    """
    plain, own = np.asarray(pixels, np.float32), np.asarray(preprocess(pixels), np.float32)
    if plain.shape != own.shape or plain.ndim != 3 or plain.shape[-1] not in (1, 3):
        raise ValueError(
            f"pixels: expected (H, W, 1) or (H, W, 3) of the model's own size, {own.shape}, got {plain.shape}; "
            "crop and resize the picture first"
        )
    ways, probe = _ways(plain.shape[-1], data), _probe(plain.shape)
    made = {key: np.asarray(make(plain), np.float32) for key, make in ways.items()}
    probed = np.asarray(preprocess(probe), np.float32)
    key = next((key for key, make in ways.items() if _same(make(probe.astype(np.float32)), probed)), "own")
    back = _backward(probe.astype(np.float32), probed)
    fed = {key: own} | {name: x for name, x in made.items() if name != key}
    return tuple(Convention(name, x, name == key, *back(x)) for name, x in list(fed.items())[:COUNT])


def _ways(depth: int, data: tuple[float, float] | None) -> Mapping[str, Make]:
    if depth == 3:
        return colour_ways()
    if data is None:
        raise ValueError("data: expected mean and deviation of the grey training pictures in 0..1, got None")
    return grey_ways(data)


def _probe(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """A picture of every brightness: a black one would be the same by several conventions."""
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def _same(x: Images, own: Images) -> bool:
    return bool(np.abs(x - own).max() <= SAME * max(float(np.ptp(own)), LEAST_STD))


def _backward(pixels: Pixels, own: Images) -> Callable[[Images], tuple[NDArray[np.uint8] | None, float | None]]:
    """Turn a preprocessing round that multiplies, shifts and reorders colours; found from one picture and its input."""
    depth = pixels.shape[-1]
    flat, made = pixels.reshape(-1, depth).astype(np.float64), own.reshape(-1, depth).astype(np.float64)
    source, slope, shift = [], [], []
    for c in range(depth):
        k = int(np.argmax([abs(np.corrcoef(flat[:, k], made[:, c])[0, 1]) for k in range(depth)]))
        a, b = np.polyfit(flat[:, k], made[:, c], 1)
        source.append(k)
        slope.append(a)
        shift.append(b)
    exact = np.abs(flat[:, source] * slope + shift - made).max() <= SAME * max(float(np.ptp(made)), LEAST_STD)

    def back(x: Images) -> tuple[NDArray[np.uint8] | None, float | None]:
        if not exact or sorted(source) != list(range(depth)):
            return None, None
        values = np.empty(x.shape)
        values[..., source] = (x - shift) / slope
        outside = float(((values < -HALF) | (values > 255 + HALF)).mean())
        return np.rint(np.clip(values, 0, 255)).astype(np.uint8), outside

    return back


def read(engine: Engine, ways: Sequence[Convention], top: int = 3) -> tuple[Reading, ...]:
    """Return the model's `top` classes for each convention, from one forward pass an image.

    Raises NoClassOutput without a class output.
    """
    logits = engine.logits(np.stack([way.x for way in ways]))
    shares = None if engine.output_kind == "linear" else probabilities_of(logits, engine.output_kind)
    readings = []
    for i, way in enumerate(ways):
        order = np.argsort(-logits[i], kind="stable")[:top]
        readings.append(
            Reading(
                way,
                tuple(int(k) for k in order),
                tuple(float(logits[i, k]) for k in order),
                None if shares is None else tuple(float(shares[i, k]) for k in order),
            )
        )
    return tuple(readings)


def findings(readings: Sequence[Reading]) -> tuple[Finding, ...]:
    """Return "convention_surer" where another convention gives the top class much more of the softmax.

    It names the surest: being surer is a hint to check what the model was trained with, never a proof.
    """
    own = next((one for one in readings if one.convention.declared), None)
    if own is None or own.shares is None:
        return ()
    rivals = [one for one in readings if one.shares is not None and not one.convention.declared]
    surest = max(rivals, key=lambda one: one.shares[0] if one.shares else 0.0, default=None)
    if surest is None or surest.shares is None or surest.shares[0] < own.shares[0] + SURER:
        return ()
    values = {
        "declared": own.convention.key,
        "convention": surest.convention.key,
        "class": surest.classes[0],
        "share": surest.shares[0],
        "declared_class": own.classes[0],
        "declared_share": own.shares[0],
    }
    return (Finding("convention_surer", "info", values, "see_training"),)
