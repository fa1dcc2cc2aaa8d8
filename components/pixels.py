"""Pictures as pixels to draw: as they were opened, and as a model gets them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from components import raster
from components.subjects import Subject
from model_zoo import crop_box
from model_zoo.images import to_picture

Pixels = NDArray[np.uint8]


def as_drawn(picture: str, pixels: Pixels) -> Pixels:
    """Fashion-MNIST is drawn dark on light, as the notebooks do; everything else as it is."""
    return raster.as_rgb(255 - pixels if picture.startswith("fashion/") else pixels)


def given(subject: Subject) -> Pixels:
    """Return the picture as the model gets it, cropped and resized, as pixels to draw, (H, W, 3) uint8."""
    pixels = fitted(subject)
    return as_drawn(subject.picture, pixels) if pixels.shape[2] == 1 else pixels


def fitted(subject: Subject) -> Pixels:
    """Return the picture cropped and resized to the model's own size, (H, W, C) uint8, its colours as they are."""
    entry = subject.entry
    height, width, depth = entry.input_shape
    picture = to_picture(subject.pixels).convert("L" if depth == 1 else "RGB")
    part = picture.crop(crop_box(picture.size, entry))
    if part.size != (width, height):
        part = part.resize((width, height), Image.Resampling.BICUBIC)
    return np.array(part, np.uint8).reshape(height, width, depth)
