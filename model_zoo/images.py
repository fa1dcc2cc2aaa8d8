"""Pictures on their way to a model: decoded by Pillow or NumPy, cropped to the centre square, resized."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model_zoo.geometry import centre_square


def to_picture(image: Any) -> Image.Image:
    """Return `image`, a PIL image or a uint8 array (H, W), (H, W, 1) or (H, W, 3), as a PIL image without alpha.

    Transparent parts are laid on white. Raises ValueError for any other type or shape, and for values that aren't
    8 bits deep.
    """
    if isinstance(image, Image.Image):
        return _opaque(image)
    array = np.asarray(image)
    if array.dtype != np.uint8:
        raise ValueError(f"image: expected uint8 pixels 0..255, got {array.dtype}; scale and convert it first")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] != 3) or 0 in array.shape:
        raise ValueError(f"image: expected pixels (H, W), (H, W, 1) or (H, W, 3), got {np.shape(image)}")
    return Image.fromarray(array)


def _opaque(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        raise ValueError(f"image: expected 8 bits a channel, got mode {image.mode}; open it with explain.open_image")
    if not image.has_transparency_data:
        return image
    # Dropping the alpha instead would bring out colours that nobody saw.
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")


def to_rgb(image: Any, side: int) -> NDArray[np.uint8]:
    """Return the picture's centre square, bicubic, in three colours: (side, side, 3) uint8."""
    return _square(to_picture(image).convert("RGB"), side)


def to_grey(image: Any, side: int) -> NDArray[np.uint8]:
    """Return the picture's centre square, bicubic, as luma (ITU-R 601): (side, side) uint8."""
    return _square(to_picture(image).convert("L"), side)


def _square(picture: Image.Image, side: int) -> NDArray[np.uint8]:
    box = centre_square(*picture.size)
    square = picture.crop(box)
    if square.size != (side, side):
        square = square.resize((side, side), Image.Resampling.BICUBIC)
    return np.array(square, np.uint8)
