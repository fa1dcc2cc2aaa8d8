"""What a user's model is fed: the ways that networks are usually trained with, chosen by the user and shown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model_zoo.geometry import centre_square
from model_zoo.images import to_picture
from model_zoo.own.types import Note, Refused

if TYPE_CHECKING:
    from explain.engine import Engine

Values = NDArray[np.float32]
Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Preprocessing:
    """(pixels / scale - mean) / deviation, a number for each channel or one for all; `order` of the colours.

    Pixels are 0..255, so `scale` 255 makes 0..1. `title` and `text` are what a screen shows.
    """

    key: str
    title: str
    text: str
    scale: float = 1.0
    mean: tuple[float, ...] = (0.0,)
    deviation: tuple[float, ...] = (1.0,)
    order: str = "RGB"

    def apply(self, pixels: NDArray[np.uint8], depth: int) -> Values:
        """Turn pixels (H, W, 1) or (H, W, 3) into the input of a model with `depth` channels, float32."""
        values = pixels.astype(np.float32) / np.float32(self.scale)
        if self.order == "BGR":
            values = values[..., ::-1]
        mean, deviation = (self._of(part, values.shape[-1]) for part in (self.mean, self.deviation))
        made: Values = np.zeros((*values.shape[:2], depth), np.float32)
        some = min(depth, values.shape[-1])
        made[..., :some] = ((values - mean) / deviation)[..., :some]
        return made

    def range_of(self, depth: int) -> tuple[float, float]:
        """Return the least and greatest value that any picture can have after this."""
        ends = [self.apply(np.full((1, 1, 1 if depth == 1 else 3), value, np.uint8), depth) for value in (0, 255)]
        return float(min(end.min() for end in ends)), float(max(end.max() for end in ends))

    def _of(self, part: Sequence[float], depth: int) -> Values:
        """Return a number for each channel; a grey picture takes the mean of three."""
        values = np.asarray(part, np.float32)
        return np.asarray([values.mean()], np.float32) if depth == 1 and len(values) > 1 else values


_ALL = (
    Preprocessing("0_1", "0 to 1", "pixels divided by 255", scale=255),
    Preprocessing("-1_1", "−1 to 1", "pixels divided by 127.5, less 1 (MobileNet, Inception, Xception)", 127.5, (1.0,)),
    Preprocessing("0_255", "0 to 255", "pixels as they are (EfficientNet of Keras, models that begin with Rescaling)"),
    Preprocessing(
        "caffe",
        "BGR less ImageNet's means",
        "blue-green-red order, less ImageNet's channel means (VGG16, VGG19, ResNet50 of Keras)",
        mean=(103.939, 116.779, 123.68),
        order="BGR",
    ),
    Preprocessing(
        "torch",
        "ImageNet's mean and deviation",
        "0 to 1, less ImageNet's channel means, divided by their deviations (DenseNet of Keras, PyTorch)",
        255,
        (0.485, 0.456, 0.406),
        (0.229, 0.224, 0.225),
    ),
)
CHOICES: Mapping[str, Preprocessing] = MappingProxyType({one.key: one for one in _ALL})
"""The ways to choose from, by key; `custom` makes others."""

FAMILIES = (
    ("caffe", ("vgg16", "vgg19", "resnet50", "resnet101", "resnet152")),
    ("-1_1", ("mobilenet", "inception", "xception", "resnet50v2", "resnet101v2", "resnet152v2", "nasnet")),
    ("torch", ("densenet",)),
    ("0_255", ("efficientnet", "convnext")),
)


def custom(
    mean: Sequence[float] = (0.0,), deviation: Sequence[float] = (1.0,), *, scale: float = 1.0, order: str = "RGB"
) -> Preprocessing:
    """Return (pixels / scale - mean) / deviation, with one number for all channels or three.

    Raises ValueError for numbers that aren't finite, a scale or deviation that isn't above 0, another count or order.
    """
    for name, part in (("mean", mean), ("deviation", deviation)):
        if len(part) not in (1, 3) or not all(math.isfinite(value) for value in part):
            raise ValueError(f"{name}: expected one finite number or three, got {tuple(part)}; one a channel, in order")
    if not math.isfinite(scale) or scale <= 0 or min(deviation) <= 0:
        raise ValueError(f"scale, deviation: expected above 0, got {scale} and {tuple(deviation)}; 255 makes 0 to 1")
    if order not in ("RGB", "BGR"):
        raise ValueError(f'order: expected "RGB" or "BGR", got {order!r}; choose the one it was trained with')
    text = f"{order}, pixels divided by {scale:g}, less {_numbers(mean)}, divided by {_numbers(deviation)}"
    return Preprocessing("custom", "own mean and deviation", text, scale, tuple(mean), tuple(deviation), order)


def _numbers(part: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in part)


def guessed(config: Mapping[str, Any] | None) -> tuple[Preprocessing, Note]:
    """Return what a model of this checked config most likely takes, and a note that says what the guess rests on."""
    from model_zoo.own.doctor import NESTED, layers

    first = [layer for _, layer in layers(config)][:6] if config else []
    if any(layer["class_name"] in ("Rescaling", "Normalization") for layer in first):
        key, why = "0_255", "it begins with a layer that scales its pictures itself"
    else:
        inside = [layer for _, layer in layers(config) if layer["class_name"] in NESTED] if config else []
        names = [str(one["config"].get("name", "")).lower() for one in [*([config] if config else []), *inside]]
        known = {name: key for key, family in FAMILIES for name in family}
        best = max((name for name in known if any(held.startswith(name) for held in names)), key=len, default="")
        key, why = known.get(best, "0_1"), f"a part of it is named {best}" if best else "most networks are trained so"
    chosen = CHOICES[key]
    text = (
        f"The file doesn't say how pictures were prepared. Guessed: {chosen.text}, since {why}. Choose what is right."
    )
    return chosen, Note("preprocessing_guessed", text)


def chosen(value: Preprocessing | str) -> Preprocessing:
    """Return a choice by its key, or as it is. Raises Refused for an unknown key."""
    if isinstance(value, Preprocessing):
        return value
    if value not in CHOICES:
        raise Refused(
            "preprocessing", "There is no such way to prepare pictures.", f"Pick one of {', '.join(CHOICES)}."
        )
    return CHOICES[value]


def fitted(image: Any, shape: Shape) -> NDArray[np.uint8]:
    """Return a picture at a model's size, (H, W, 1) in grey or (H, W, 3), uint8, bicubic.

    A square model gets the centre square, another the whole picture (as `geometry.crop_box` says).
    """
    height, width, depth = shape
    picture = to_picture(image).convert("L" if depth == 1 else "RGB")
    if height == width:
        picture = picture.crop(centre_square(*picture.size))
    if picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.BICUBIC)
    return np.array(picture, np.uint8).reshape(height, width, -1)


@dataclass(frozen=True)
class Preparer:
    """Prepares pictures for one model."""

    way: Preprocessing
    shape: Shape

    def __call__(self, image: Any) -> Values:
        """Turn a PIL image or (H, W, C) uint8 array of any size into the model's input, (H, W, C) float32."""
        return self.way.apply(fitted(image, self.shape), self.shape[2])


FAR = 8.0
NARROW = 1e-3


def suspicious(engine: Engine, x: Values) -> Note | None:
    """Return a note where a picture's activations don't look like those that the network was trained on, else None.

    x (1, H, W, C). The first batch normalisation remembers mean and variance of what it met in training: a channel
    mean beyond 8 of its deviations in half of the channels, or a variance below a thousandth of the remembered, is
    no picture prepared alike. A network without one is held against nothing but activations that are all zero.
    """
    info = next((one for one in engine.layers if one.type == "BatchNormalization"), None)
    if info is not None and info.inputs:
        op = engine.keras_layer(info.name)
        values = engine.activation(x, info.inputs[0])[0]
        flat = values.reshape(-1, values.shape[-1]).astype(np.float64)
        mean, variance = (np.asarray(part, np.float64) for part in (op.moving_mean, op.moving_variance))
        away = np.abs(flat.mean(axis=0) - mean) / np.sqrt(variance + op.epsilon)
        if np.median(away) > FAR:
            return Note("preprocessing", _doubt(f"“{info.name}” meets values far from those of its training"))
        if len(flat) > 1 and np.median(flat.var(axis=0) / (variance + op.epsilon)) < NARROW:
            return Note("preprocessing", _doubt(f"“{info.name}” meets values far closer together than in its training"))
    layer = engine.default_layer()
    if layer is not None and not engine.activation(x, layer).any():
        return Note("preprocessing", _doubt(f"all activations of “{layer}” are zero"))
    return None


def _doubt(why: str) -> str:
    return f"The pictures may be prepared in another way than this model was trained with: {why}. Try another way."
