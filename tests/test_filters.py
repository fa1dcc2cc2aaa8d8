"""One kernel over a picture: Keras's and SciPy's numbers, known answers of the presets, kernels as text, nearness."""

from __future__ import annotations

import itertools

import keras
import numpy as np
import pytest
from scipy.signal import correlate2d

from explain.errors import ArgumentError
from explain.filter_text import read, written
from explain.filters import PRESETS, SIZES, checked, correlate, preset, resized, rules
from explain.nearness import by_chance, cosines, nearest
from model_zoo import MODELS
from model_zoo.arrays import DATA
from model_zoo.first_kernels import first_kernels

rng = np.random.default_rng(7)
SETTINGS = [
    (size, stride, padding, dilation)
    for size, stride, padding, dilation in itertools.product(SIZES, (1, 2, 3), ("same", "valid"), (1, 2, 3))
    if stride == 1 or dilation == 1
]


def test_it_is_keras_at_every_setting():
    picture = rng.normal(size=(83, 90, 2))
    for size, stride, padding, dilation in SETTINGS:
        kernel = rng.normal(size=size)
        ours = correlate(picture, kernel, stride, padding, dilation)
        batch, filters = np.moveaxis(picture, -1, 0)[..., None], kernel[..., None, None]
        theirs = keras.ops.conv(batch, filters, strides=stride, padding=padding, dilation_rate=dilation)
        theirs = np.moveaxis(np.asarray(theirs)[..., 0], 0, -1)
        assert ours.shape == theirs.shape, (size, stride, padding, dilation)
        np.testing.assert_allclose(ours, theirs, atol=1e-5 * np.abs(ours).max())
        expected = tuple(rule.keras for rule in rules((83, 90), size, stride, padding, dilation))
        assert ours.shape[:2] == expected


def test_a_layer_of_keras_makes_the_same_numbers_of_a_picture():
    picture, kernel = rng.random((19, 24, 1)), rng.normal(size=(3, 7))
    layer = keras.layers.Conv2D(1, (3, 7), strides=2, padding="same", use_bias=False)
    layer.build((None, 19, 24, 1))
    layer.set_weights([kernel[..., None, None]])
    np.testing.assert_allclose(correlate(picture, kernel, 2, "same"), np.asarray(layer(picture[None]))[0], atol=1e-5)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("size", SIZES)
def test_without_a_stride_it_is_scipys_correlation(size, padding):
    picture, kernel = rng.normal(size=(40, 33, 1)), rng.normal(size=size)
    ours = correlate(picture, kernel, 1, padding)[..., 0]
    np.testing.assert_allclose(ours, correlate2d(picture[..., 0], kernel, padding), atol=1e-10)


@pytest.mark.parametrize("size", SIZES)
def test_presets_have_known_answers(size):
    picture = rng.random((60, 64, 3))
    np.testing.assert_array_equal(correlate(picture, preset("identity", *size)), picture)
    for key in ("box", "gaussian", "motion", "sharpen", "emboss", "identity"):
        assert preset(key, *size).sum() == pytest.approx(1), key
    rows, columns = np.mgrid[:60, :64].astype(float)
    plane = (0.5 * rows - 0.25 * columns + 3)[..., None]
    np.testing.assert_allclose(correlate(plane, preset("laplacian", *size), padding="valid"), 0, atol=1e-12)
    for key in ("sobel", "scharr"):
        weight = {"sobel": 8, "scharr": 32}[key]
        across, along = preset(f"{key}_x", *size), preset(f"{key}_y", *size)
        np.testing.assert_allclose(correlate(columns[..., None], across, padding="valid"), weight)
        np.testing.assert_allclose(correlate(rows[..., None], across, padding="valid"), 0)
        np.testing.assert_allclose(correlate(rows[..., None], along, padding="valid"), weight)
    flat = np.full((60, 64, 1), 0.3)
    for key in PRESETS:
        total = preset(key, *size).sum()
        np.testing.assert_allclose(correlate(flat, preset(key, *size), padding="valid"), 0.3 * total, atol=1e-12)


def test_the_gaussian_is_what_repeated_averaging_of_two_gives():
    once = np.array([[0.5, 0.5]])
    row = once
    for _turn in range(25):
        row = np.apply_along_axis(np.convolve, 1, row, once[0])
    np.testing.assert_allclose(preset("gaussian", 27, 27), row.T @ row, atol=1e-15)
    np.testing.assert_array_equal(preset("gaussian") * 16, [[1, 2, 1], [2, 4, 2], [1, 2, 1]])


def test_what_cant_be_is_named():
    with pytest.raises(ArgumentError, match="stride of 2 beside a dilation of 2"):
        rules((20, 20), (3, 3), 2, "same", 2)
    with pytest.raises(ArgumentError, match="27 cells wide, but the input has 20"):
        correlate(np.zeros((20, 40, 1)), np.zeros((27, 27)), padding="valid")
    with pytest.raises(ArgumentError, match="stride: expected 1 or more, got 0"):
        rules((20, 20), (3, 3), 0)
    with pytest.raises(ArgumentError, match="preset: expected one of identity"):
        preset("magic")
    with pytest.raises(ArgumentError, match="size: expected one of 3x3"):
        preset("box", 4, 4)
    with pytest.raises(ArgumentError, match="finite weights"):
        checked(np.full((3, 3), np.nan))
    with pytest.raises(ArgumentError, match="got 2x3"):
        checked(np.zeros((2, 3)))


def test_a_kernel_keeps_its_middle_at_another_size():
    kernel = rng.normal(size=(3, 3))
    for size in SIZES:
        large = resized(kernel, *size)
        assert large.shape == size
        np.testing.assert_array_equal(resized(large, 3, 3), kernel)
    np.testing.assert_array_equal(resized(preset("box", 7, 7), 3, 7), np.full((3, 7), 1 / 49))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("key", PRESETS)
def test_a_named_kernel_is_a_short_text_and_comes_back(key, size):
    kernel = preset(key, *size)
    text = written(kernel, key)
    assert text == f"{key}-{size[0]}x{size[1]}"
    again, base = read(text)
    np.testing.assert_array_equal(again, kernel)
    assert base == key
    changed = kernel.copy()
    changed[1, 2] = -7.25
    again, _base = read(written(changed, key))
    np.testing.assert_allclose(again, changed, atol=1e-5)
    assert again[1, 2] == -7.25
    assert len(written(changed, key)) < 40


def test_a_kernel_by_hand_comes_back_to_six_digits():
    for size in SIZES:
        kernel = np.round(rng.normal(size=size), 3) * 10.0 ** rng.integers(-3, 4, size)
        text = written(kernel)
        again, base = read(text)
        assert base == ""
        np.testing.assert_allclose(again, kernel, rtol=1e-5)
        assert written(again) == text
    assert written(np.array([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]])) == "3x3~1~0~-1~2~0~-2~1~0~-1"
    assert written(np.zeros((27, 27))) == "27x27~729*0"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a size of 3x3"),
        ("4x4~16*0", "a size of 3x3"),
        ("3x3", "expected 9 weights, got 0"),
        ("3x3~10*1", "expected 9 weights, got 10"),
        ("3x3~8*1~x", "expected a weight as 0.5"),
        ("3x3~8*1~-", "expected a number"),
        ("3x3~8*1~99999", "finite weights"),
        ("3x3~8*1~nan", "expected a weight"),
        ("sobel-3x3", "preset: expected one of"),
        ("sobel_x-3x3~9:1", "a place below 9"),
        ("sobel_x-3x3~4=1", "a place below 9"),
        ("27x27~" + "9" * 100_000, "expected a weight"),
    ],
)
def test_a_text_that_is_no_kernel_says_why(text, said):
    with pytest.raises(ArgumentError, match=said):
        read(text)


def test_nearness_is_the_correlation_of_the_weights():
    kernel, others = rng.normal(size=(3, 3)), rng.normal(size=(20, 3, 3))
    found = cosines(kernel, others)
    np.testing.assert_allclose(found, [np.corrcoef(kernel.ravel(), one.ravel())[0, 1] for one in others])
    best = nearest(kernel, others)
    assert best.at == np.abs(found).argmax()
    assert best.cosine == found[best.at]
    turned = nearest(kernel, np.stack([others[0], 5 - 2 * kernel]))
    assert (turned.at, turned.among) == (1, 2)
    assert turned.cosine == pytest.approx(-1)
    assert nearest(np.full((3, 3), 0.1), others) is None
    with pytest.raises(ArgumentError, match="9 weights"):
        cosines(kernel, rng.normal(size=(4, 5, 5)))


@pytest.mark.parametrize(("count", "size"), [(1, 3), (128, 3), (144, 5)])
def test_chance_reaches_what_it_reaches_when_drawn(count, size):
    draws = 600
    kernel = preset("sobel_x", size, size)
    best = [np.abs(cosines(kernel, rng.normal(size=(count, size, size)))).max() for _draw in range(draws)]
    for share in (0.5, 0.95):
        below = np.mean(np.array(best) <= by_chance(count, size * size, share))
        assert abs(below - share) < 4 * np.sqrt(share * (1 - share) / draws)


def test_chance_needs_something_to_draw():
    with pytest.raises(ArgumentError, match="got 0, 9"):
        by_chance(0, 9)


def test_the_first_kernels_are_those_of_the_files():
    banks = {bank.model: bank for bank in first_kernels(3, 3)}
    assert set(banks) == {"efficientnet_lite0", "fashion_cnn", "vgg16"} <= set(MODELS)
    assert {bank.layer for bank in banks.values()} == {"stem_conv", "conv_1", "block1_conv1"}
    with np.load(DATA / "fashion_cnn.npz") as arrays:
        np.testing.assert_array_equal(banks["fashion_cnn"].slices[5], arrays["conv_1/kernel"][:, :, 0, 5])
    with np.load(DATA / "efficientnet_lite0.npz") as arrays:
        mean = arrays["stem_conv/kernel"][..., 7].mean(axis=2)
    np.testing.assert_array_equal(banks["efficientnet_lite0"].slices[7], mean)
    assert (banks["efficientnet_lite0"].meaned, banks["fashion_cnn"].meaned) == (True, False)
    (five,) = first_kernels(5, 5)
    assert (five.model, five.slices.shape, five.meaned) == ("efficientnet_lite0", (144, 5, 5), False)
    assert first_kernels(27, 27) == ()
