"""Moments walked inside a figure, and the same as a GIF."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageFont

from components import gif, raster, tokens
from components.colour import rgb
from components.figures import Words
from components.figures.contract import require_complete
from components.figures.film import Film, film
from components.figures.moments import moments

WORDS = Words("conv: kernel 2 moved furthest", "Kernels of conv.", "why.")
TILES = np.random.default_rng(0).normal(size=(4, 6, 3, 3)).astype(np.float32)
SAID = ("step 0", "step 1", "step 5", "step 9")


def shown(**more):
    limits = [raster.natural_limits(TILES, "weights")] * 4
    kernels = Film(TILES, list(range(6)), "weights", limits, SAID, "weight", noun="kernel", columns=3)
    return replace(kernels, **more)


def over_picture():
    tiles = np.abs(TILES[:, :1]).repeat(4, axis=2).repeat(4, axis=3)
    picture = np.full((12, 12, 3), 200, np.uint8)
    limits = [raster.natural_limits(one, "attribution") for one in tiles]
    return Film(tiles, [0], "attribution", limits, SAID, "|gradient|", picture=picture, notes=["One note."])


@pytest.mark.parametrize("which", [shown(), shown(labels="row"), over_picture()], ids=["plain", "row", "picture"])
def test_every_moment_is_a_frame_of_the_slider_and_of_the_play_button(which):
    drawn = require_complete(film(which, WORDS, start=1))
    figure = drawn.figure.to_plotly_json()
    (slider,), (menu,) = figure["layout"]["sliders"], figure["layout"]["updatemenus"]
    assert [step["label"] for step in slider["steps"]] == list(SAID)
    assert [step["args"][0] for step in slider["steps"]] == [[frame["name"]] for frame in figure["frames"]]
    assert slider["active"] == 1
    assert [one["label"] for one in menu["buttons"]] == ["Play", "Hold"]
    assert menu["buttons"][0]["args"][0] is None
    assert "4 moments" in drawn.alt
    assert "step 1" in drawn.alt


def test_a_frame_holds_the_raw_values_of_its_moment_and_the_first_trace_those_of_the_start():
    figure = film(shown(), WORDS, start=2).figure
    grid = shown().grid(640)
    for at, frame in enumerate(figure.frames):
        values = np.asarray(frame.data[0].z)
        for index in range(6):
            top, left = grid.corner(index)
            np.testing.assert_array_equal(values[top : top + 3, left : left + 3], TILES[at, index])
        assert (frame.data[0].zmin, frame.data[0].zmax) == shown().limits[at]
        assert np.isnan(values).sum() == values.size - 6 * 9
    np.testing.assert_array_equal(np.asarray(figure.data[0].z), np.asarray(figure.frames[2].data[0].z))


def test_over_a_picture_each_moment_has_its_own_range():
    which = over_picture()
    figure = film(which, WORDS).figure
    assert [frame.data[0].zmax for frame in figure.frames] == [limits[1] for limits in which.limits]
    assert "One note." in film(which, WORDS).caption


@pytest.mark.parametrize("wrong", [{"said": SAID[:3]}, {"numbers": [1]}, {"limits": [(0.0, 1.0)]}, {"tiles": TILES[0]}])
def test_a_film_whose_parts_disagree_is_refused(wrong):
    with pytest.raises(ValueError, match=r"tiles|limits"):
        shown(**wrong)


def frames_of(data):
    picture = Image.open(io.BytesIO(data))
    found = []
    for at in range(picture.n_frames):
        picture.seek(at)
        found.append(np.asarray(picture.convert("RGB")))
    return found


def test_a_gif_has_every_moment_in_the_colours_of_the_screen():
    which = shown()
    frames = frames_of(gif.of(which, "conv"))
    assert len(frames) == 4
    grid = which.grid(gif.SIDE)
    times = gif.SIDE // max(grid.shape)
    for at, frame in enumerate(frames):
        assert frame.shape[0] == grid.shape[0] * times + gif.BAND
        for index in (0, 5):
            top, left = grid.corner(index)
            wanted = tokens.SCALE["weights"].colour(float(TILES[at, index, 1, 1]), which.limits[at])
            got = frame[int((top + 1.5) * times), int((left + 1.5) * times)]
            np.testing.assert_allclose(got, wanted, atol=3)
        np.testing.assert_allclose(frame[0, 0], rgb(tokens.MAT), atol=3)
    bands = [frame[-gif.BAND :] for frame in frames]
    assert all((band < 100).any() for band in bands)
    assert not np.array_equal(bands[0], bands[3])


def test_a_gif_over_a_picture_is_the_overlay():
    which = over_picture()
    frames = frames_of(gif.of(which))
    expected = raster.overlay(which.picture, which.tiles[3, 0], "attribution", which.limits[3])
    times = gif.SIDE // 12
    np.testing.assert_allclose(
        frames[3][times // 2 : 12 * times : times, times // 2 : 12 * times : times], expected, atol=6
    )


def test_the_curve_has_a_place_for_each_moment():
    drawn = moments([0, 10, 1000], [0.1, 0.5, 0.9], [2, 1, 0.5], WORDS, jump=(0, 1))
    assert [trace.x for trace in drawn.figure.data] == [(0, 1, 2)] * 2
    assert drawn.figure.layout.shapes[0].x0 == 0
    assert "Grey" in drawn.caption
    assert "1,000" in drawn.alt
    with pytest.raises(ValueError, match="steps"):
        moments([], [], [], WORDS)


def test_many_cells_are_pooled_while_walking_and_stay_whole_in_the_gif():
    tiles = np.zeros((2, 32, 28, 28), np.float32)
    tiles[1, 5, 13, 20], tiles[1, 5, 12, 21] = 3, -4
    which = Film(tiles, list(range(32)), "activation_signed", [(-4.0, 4.0)] * 2, ("a", "b"), "activation", columns=8)
    drawn = film(which, WORDS)
    assert "each cell shows the strongest of 2×2 values" in drawn.caption
    values = np.asarray(drawn.figure.frames[1].data[0].z)
    assert np.nanmin(values) == -4
    assert np.isfinite(values).sum() == 32 * 14 * 14
    assert which.grid(gif.SIDE).height == 28


def test_the_words_of_a_gif_are_in_signs_that_its_font_has():
    font = ImageFont.load_default(14)
    said = "step 9,000, 9\u00a0% right \u00b7 caf\u00e9 \u2212\u202f2 \u00d7 \u65e5"
    assert gif.writable(said, font) == "step 9,000, 9 % right \u00b7 cafe - 2 x ?"
    box = bytes(font.getmask(gif.MISSING))
    assert all(bytes(font.getmask(one)) != box for one in gif.writable(said, font) if one != " ")
