"""Checks of what a caller gives: errors name the argument, what was expected, what came, and the next step."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np

from explain.errors import ArgumentError
from explain.memo import is_settled
from explain.types import Choice, Images, Number

MOST_FLOAT = float(np.finfo(np.float32).max)
USE = "use the entry's preprocess(image)"


def checked_images(x: Any, shape: tuple[int, int, int]) -> Images:
    """Return preprocessed images as float32 (N, H, W, C).

    Raises ValueError for another size, whole-number pixels, NaN or infinite values.
    """
    x = array_of(x)
    fits = x.ndim == 4 and x.size and all(want in (0, got) for want, got in zip(shape, x.shape[1:], strict=True))
    if not fits:
        wanted = ", ".join(str(size or "any") for size in shape)
        raise ArgumentError(
            f"x: expected images of shape (N, {wanted}), got {x.shape}; use the entry's preprocess(image)"
        )
    if x.dtype.kind != "f":
        raise ArgumentError(
            f"x: expected preprocessed float values, got {x.dtype}; use the entry's preprocess(image), "
            'or x.astype("float32") if the model takes plain pixel values'
        )
    if not is_settled(x) and not _finite(x):
        raise ArgumentError("x: expected finite values, got NaN or infinity; check the image and its preprocessing")
    if x.dtype.itemsize > 4 and np.abs(x).max() > MOST_FLOAT:
        raise ArgumentError(f"x: expected values that float32 holds, got {np.abs(x).max():.3g}; scale the image")
    return np.ascontiguousarray(x, np.float32)


def array_of(x: Any) -> Any:
    """Return an image as an array of numbers. Raises ValueError for what is none."""
    try:
        array = np.asarray(x)
    except (ValueError, TypeError) as error:
        raise ArgumentError(f"x: expected an array of numbers, got {type(x).__name__}; {USE}") from error
    if array.dtype.kind not in "fiub":
        raise ArgumentError(f"x: expected an array of numbers, got {type(x).__name__} of {array.dtype}; {USE}")
    return array


def _finite(x: Images) -> bool:
    """Whether all values are finite: then their sum is, unless it overflows, and a sum takes a quarter of the time."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(x.sum()) or np.isfinite(x).all())


def one_image(x: Any) -> Images:
    """Return one image (H, W, C) or (1, H, W, C) as a batch of one. Raises ValueError for any other shape."""
    images: Images = array_of(x)
    images = images[None] if images.ndim == 3 else images
    if images.ndim != 4 or len(images) != 1:
        raise ArgumentError(
            f"x: expected one image (H, W, C) or (1, H, W, C), got shape {images.shape}; pass images one by one"
        )
    return images


def whole(name: str, value: Any, low: int, high: int) -> int:
    """Return a whole number within low..high. Raises ValueError naming the argument."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or not low <= value <= high:
        what = f"expected a whole number from {low} to {high}, got {shown(value)}"
        raise ArgumentError(f"{name}: {what}; choose one of those")
    return int(value)


def fraction(name: str, value: Any) -> float:
    """Return a finite number of 0 or more. Raises ValueError naming the argument."""
    return between(name, value, 0.0, math.inf)


def between(name: str, value: Any, low: float, high: float) -> float:
    """Return a finite number within low..high. Raises ValueError naming the argument."""
    number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not low <= value <= high:
        what = f"expected a finite number from {low:g} to {high:g}, got {shown(value)}"
        raise ArgumentError(f"{name}: {what}; choose one of those")
    return float(value)


def one_of(name: str, value: Any, options: Sequence[str]) -> str:
    """Return a value that is among the options. Raises ValueError naming the argument."""
    if not isinstance(value, str) or value not in options:
        raise ArgumentError(f"{name}: expected one of {', '.join(options)}, got {shown(value)}; choose one of those")
    return str(value)


def of_param(param: Number | Choice, value: Any) -> Any:
    """Return a value that a declared parameter may have. Raises ValueError naming it."""
    if isinstance(param, Choice):
        return one_of(param.name, value, param.options)
    if param.whole:
        return whole(param.name, value, int(param.low), int(param.high))
    return between(param.name, value, param.low, param.high)


def switch(name: str, value: Any) -> bool:
    """Return True or False. Raises ValueError naming the argument for anything else."""
    if not isinstance(value, (bool, np.bool_)):
        raise ArgumentError(f"{name}: expected True or False, got {shown(value)}; choose one of those")
    return bool(value)


def shown(value: Any) -> str:
    """Write a value that was not expected, cut where it is long."""
    written = repr(value)
    return written if len(written) <= 60 else f"{written[:59]}\u2026"
