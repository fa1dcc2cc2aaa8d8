"""Pictures without a browser: the same colours as the figures, placed by half pixels."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from components import raster, tokens

rng = np.random.default_rng(3)
PICTURE = rng.integers(0, 256, (56, 84, 3), dtype=np.uint8)


def opened(png):
    return np.asarray(Image.open(io.BytesIO(png)))


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 7, 3), (5, 7, 4)])
def test_png_keeps_every_pixel(shape):
    pixels = rng.integers(0, 256, shape, dtype=np.uint8)
    np.testing.assert_array_equal(opened(raster.png_bytes(pixels)), pixels.squeeze(-1) if shape[-1] == 1 else pixels)


def test_png_refuses_what_is_not_coloured():
    with pytest.raises(ValueError, match="array: expected"):
        raster.png_bytes(np.zeros((4, 4)))


@pytest.mark.parametrize("kind", tokens.SCALE)
def test_colour_map_takes_ends_middle_and_gaps_from_the_registry(kind):
    scale = tokens.SCALE[kind]
    coloured = raster.colour_map(np.array([[-2.0, 0.0, 2.0, np.nan]]), kind, (-2, 2))
    for column, value in enumerate((-2.0, 0.0, 2.0)):
        assert tuple(coloured[0, column, :3]) == scale.colour(value, (-2, 2))
    assert coloured[0, :, 3].tolist() == [255, 255, 255, 0]
    with pytest.raises(ValueError, match="low < high"):
        raster.colour_map(np.zeros((2, 2)), kind, (1, 1))


@pytest.mark.parametrize(
    ("kind", "values", "limits"),
    [
        ("weights", [-1.0, 3.0], (-3, 3)), ("activation", [0.5, 3.0], (0, 3)), ("attribution", [0.0, 0.0], (0, 1)),
        ("attribution_signed", [0.0, np.nan], (-1, 1)), ("viridis", [2.0, 5.0], (2, 5)),
        ("viridis", [2.0, 2.0], (2, 3)),        ("activation", [np.nan, np.inf], (0, 1)),
    ],
)  # fmt: skip
def test_limits_follow_from_what_a_quantity_can_be(kind, values, limits):
    assert raster.natural_limits(np.array(values), kind) == limits


def test_robust_limits_let_one_percent_run_over():
    values = np.arange(1000.0)
    low, high = raster.robust_limits(values, "attribution")
    assert low == 0
    assert (values > high).mean() == pytest.approx(0.01, abs=0.001)
    assert raster.robust_limits(np.zeros(9), "attribution") == (0, 1)


def test_cells_spread_over_their_own_part():
    cells = rng.normal(size=(7, 7))
    np.testing.assert_array_equal(raster.spread(cells, (56, 84)), np.kron(cells, np.ones((8, 12))))


def test_an_overlay_leaves_unmarked_parts_alone_and_inks_the_strongest():
    cells = np.zeros((7, 7))
    cells[0, 0] = 2.0
    drawn, ground = raster.overlay(PICTURE, cells, "attribution"), raster.grey(PICTURE)
    np.testing.assert_array_equal(drawn[8:], ground[8:])
    wanted = 0.85 * np.array(tokens.rgb(tokens.FOR)) + 0.15 * ground[0, 0]
    np.testing.assert_allclose(drawn[0, 0], wanted, atol=0.51)
    against = raster.overlay(PICTURE, -cells, "attribution_signed")
    np.testing.assert_allclose(
        against[0, 0], 0.85 * np.array(tokens.rgb(tokens.AGAINST)) + 0.15 * ground[0, 0], atol=0.51
    )


def test_jet_is_half_picture_half_colour():
    cells = np.arange(49.0).reshape(7, 7)
    drawn = raster.jet(PICTURE, cells)
    np.testing.assert_allclose(drawn[0, 0], 0.5 * PICTURE[0, 0] + 0.5 * tokens.SCALE["jet"].lut()[0], atol=0.51)


def test_grey_pictures_are_repeated_and_others_refused():
    assert raster.as_rgb(PICTURE[..., :1]).shape == PICTURE.shape
    for wrong in (PICTURE[..., :2], PICTURE.astype(float)):
        with pytest.raises(ValueError, match="picture: expected"):
            raster.as_rgb(wrong)


def test_a_thumbnail_is_the_strongest_channel():
    maps = np.zeros((4, 4, 3), np.float32)
    maps[1, 2, 1], maps[0, 0, 2] = 5.0, 1.0
    pixels = opened(raster.thumbnail(maps, 72))
    assert pixels.shape == (72, 72, 3)
    assert tuple(pixels[18 + 9, 36 + 9]) == tokens.SCALE["activation"].colour(1, (0, 1))
    assert tuple(pixels[0, 0]) == tokens.SCALE["activation"].colour(0, (0, 1))
    with pytest.raises(ValueError, match="maps: expected"):
        raster.thumbnail(maps[None])


@pytest.mark.parametrize("shape", [(28, 28, 1), (300, 451, 3), (1, 1, 3), (10, 2000, 3)])
def test_small_pictures_keep_their_proportions(shape):
    small = opened(raster.picture_thumbnail(np.zeros(shape, np.uint8)))
    assert max(small.shape[:2]) <= 96


def test_a_picture_is_written_once_and_another_of_the_same_bytes_is_not_taken_for_it():
    wide, high = np.zeros((3, 4), np.uint8), np.zeros((4, 3), np.uint8)
    assert raster.png_bytes(wide) is raster.png_bytes(wide.copy())
    assert opened(raster.png_bytes(high)).shape == (4, 3)
