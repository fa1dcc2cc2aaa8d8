"""The pictures that ship: photographs under free licences, and Fashion-MNIST's 10,000 test images.

A picture is named by a stable id: "chelsea", "fashion/123".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model_zoo.arrays import DATA
from model_zoo.fashion import CLASS_NAMES

FASHION = "fashion/"


@dataclass(frozen=True)
class Photograph:
    """A photograph that ships. `title` says what it shows; `target` is the ImageNet class of that, None if none is."""

    key: str
    title: str
    path: Path
    licence: str
    source: str
    target: int | None = None


def _photograph(filename: str, title: str, licence: str, source: str, target: int | None = None) -> Photograph:
    key = filename.partition(".")[0]
    return Photograph(key, title, DATA / "photographs" / filename, licence, source, target)


PHOTOGRAPHS: dict[str, Photograph] = {
    photograph.key: photograph
    for photograph in (
        _photograph("chelsea.png", "cat", "CC0", "Stefan van der Walt, in scikit-image", 285),
        _photograph("coffee.png", "coffee cup", "CC0", "Rachel Michetti, Pikolo Espresso Bar, in scikit-image", 967),
        _photograph("rocket.jpg", "rocket", "public domain", "SpaceX, in scikit-image", 657),
        _photograph("astronaut.png", "astronaut", "public domain", "NASA, in scikit-image"),
        _photograph("camera.png", "camera on a tripod", "CC0", "Lav Varshney, in scikit-image", 872),
        _photograph("brick.png", "brick wall", "CC0", "CC0Textures, in scikit-image"),
    )
}


@cache
def _fashion() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    with np.load(DATA / "fashion_mnist_test.npz") as arrays:
        images, labels = arrays["images"], arrays["labels"]
    images.setflags(write=False)
    labels.setflags(write=False)
    return images, labels


def fashion_images() -> NDArray[np.uint8]:
    """Return Fashion-MNIST's test images, (10000, 28, 28) uint8, read once and shared: not writable."""
    return _fashion()[0]


def fashion_labels() -> NDArray[np.uint8]:
    """Return the class of each test image, (10000,) uint8 in 0..9, read once and shared: not writable."""
    return _fashion()[1]


def load_sample(sample_id: str) -> NDArray[np.uint8]:
    """Return a picture that ships, (H, W, 3) or grey (H, W, 1) uint8, not writable.

    Raises ValueError for an id that names none.
    """
    if sample_id.startswith(FASHION):
        grey: NDArray[np.uint8] = fashion_images()[_index(sample_id), :, :, None]
        return grey
    if sample_id not in PHOTOGRAPHS:
        raise _unknown(sample_id)
    return _read(sample_id)


def sample_title(sample_id: str) -> str:
    """Return what a picture shows, as a person would say it: "cat", "Ankle boot". Raises ValueError as load_sample."""
    if sample_id.startswith(FASHION):
        return CLASS_NAMES[sample_target(sample_id) or 0]
    if sample_id not in PHOTOGRAPHS:
        raise _unknown(sample_id)
    return PHOTOGRAPHS[sample_id].title


def sample_target(sample_id: str) -> int | None:
    """Return the class that a picture belongs to, in its own data set's numbers; None where none fits."""
    if sample_id.startswith(FASHION):
        return int(fashion_labels()[_index(sample_id)])
    if sample_id not in PHOTOGRAPHS:
        raise _unknown(sample_id)
    return PHOTOGRAPHS[sample_id].target


@cache
def _read(key: str) -> NDArray[np.uint8]:
    with Image.open(PHOTOGRAPHS[key].path) as picture:
        pixels = np.array(picture, np.uint8)
    pixels = pixels if pixels.ndim == 3 else pixels[..., None]
    pixels.setflags(write=False)
    return pixels


def _index(sample_id: str) -> int:
    digits = sample_id.removeprefix(FASHION)
    # isascii too: isdigit alone lets superscripts through, which int() refuses.
    if not (digits.isascii() and digits.isdigit()) or int(digits) >= len(fashion_labels()):
        raise _unknown(sample_id)
    return int(digits)


def _unknown(sample_id: str) -> ValueError:
    known = ", ".join(repr(key) for key in PHOTOGRAPHS)
    return ValueError(f"sample id: expected {known} or 'fashion/0' to 'fashion/9999', got {sample_id[:40]!r}")


SAMPLES: dict[str, tuple[str, ...]] = {
    "photographs": tuple(PHOTOGRAPHS),
    "fashion": tuple(f"{FASHION}{index}" for index in range(10_000)),
}
"""Picture ids for each value of ModelEntry.pictures."""
