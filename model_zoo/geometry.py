"""Which part of a picture a model gets: the centre square, in the picture's own pixels."""

from __future__ import annotations

from model_zoo.entry import ModelEntry

Box = tuple[int, int, int, int]


def centre_square(width: int, height: int) -> Box:
    """Return the largest centred square as (left, top, right, bottom) in pixels, right and bottom excluded.

    Raises ValueError for a side below 1.
    """
    if width < 1 or height < 1:
        raise ValueError(f"image_size: expected a width and a height of at least 1 pixel, got {width} x {height}")
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    return left, top, left + side, top + side


def crop_box(image_size: tuple[int, int], entry: ModelEntry) -> Box:
    """Return the part of a (width, height) picture that `entry` preprocesses, as (left, top, right, bottom) pixels.

    Every bundled model takes a square input and crops the centre square; a model whose input isn't square gets the
    whole picture, resized.
    """
    height, width, _ = entry.input_shape
    if height != width:
        return 0, 0, *image_size
    return centre_square(*image_size)
