"""Opening pictures: what comes out is the picture as it was meant, every change is noted, and bad files are named."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from explain import ImageFileError, open_image

SCENE = (np.indices((6, 8)).sum(axis=0)[..., None] * np.array([15, 10, 5]) + 20).astype("uint8")


def saved(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def codes(opened):
    return [note.code for note in opened.notes]


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "WEBP", "GIF", "JPEG"])
def test_every_format(kind):
    opened = open_image(saved(Image.fromarray(SCENE), kind, **({"lossless": True} if kind == "WEBP" else {})))
    assert opened.pixels.shape == (6, 8, 3)
    assert opened.pixels.dtype == np.uint8
    assert np.abs(opened.pixels.astype(int) - SCENE).max() <= (12 if kind == "JPEG" else 0)
    assert codes(opened) == (["palette"] if kind == "GIF" else [])


def test_from_a_path(tmp_path):
    path = tmp_path / "scene.JPG"
    path.write_bytes(saved(Image.fromarray(SCENE), "PNG"))
    np.testing.assert_array_equal(open_image(path).pixels, SCENE)
    np.testing.assert_array_equal(open_image(str(path)).pixels, SCENE)


@pytest.mark.parametrize("mark", range(1, 9))
def test_every_orientation_comes_upright(mark):
    """The camera's mark says how the stored picture must be turned; all eight must give the same scene."""
    turned = {
        1: SCENE,
        2: SCENE[:, ::-1],
        3: SCENE[::-1, ::-1],
        4: SCENE[::-1],
        5: SCENE.transpose(1, 0, 2),
        6: np.rot90(SCENE, 1),
        7: np.rot90(SCENE, 2).transpose(1, 0, 2),
        8: np.rot90(SCENE, -1),
    }
    exif = Image.Exif()
    exif[0x0112] = mark
    opened = open_image(saved(Image.fromarray(np.ascontiguousarray(turned[mark])), "PNG", exif=exif))
    np.testing.assert_array_equal(opened.pixels, SCENE)
    assert codes(opened) == ([] if mark == 1 else ["turned_upright"])


def test_transparency_is_laid_on_white_and_hides_what_is_under_it():
    values = np.dstack([SCENE, np.full((6, 8), 255, "uint8")])
    values[0, 0] = (255, 0, 0, 0)
    values[0, 1] = (0, 0, 0, 51)
    opened = open_image(saved(Image.fromarray(values), "PNG"))
    assert opened.pixels[0, 0].tolist() == [255, 255, 255]
    assert opened.pixels[0, 1].tolist() == [204, 204, 204]
    np.testing.assert_array_equal(opened.pixels[1:], SCENE[1:])
    assert opened.notes[0].values["share"] == pytest.approx(2 / 48)
    opaque = open_image(saved(Image.fromarray(np.dstack([SCENE, np.full((6, 8), 255, "uint8")])), "PNG"))
    assert codes(opaque) == []


def test_a_palette_with_transparency():
    image = Image.fromarray(SCENE).quantize(8)
    opened = open_image(saved(image, "PNG", transparency=image.getpixel((0, 0))))
    assert codes(opened) == ["palette", "on_white"]
    assert opened.pixels[0, 0].tolist() == [255, 255, 255]


@pytest.mark.parametrize("mode", ["L", "1", "LA"])
def test_grey_becomes_three_equal_channels(mode):
    opened = open_image(saved(Image.fromarray(SCENE).convert(mode), "PNG"))
    assert codes(opened) == ["grey_to_colour"]
    assert (opened.pixels == opened.pixels[..., :1]).all()
    assert opened.pixels.shape == (6, 8, 3)


def test_sixteen_bits_are_scaled_not_clipped():
    values = np.linspace(0, 65535, 48).reshape(6, 8).astype("uint16")
    opened = open_image(saved(Image.fromarray(values), "PNG"))
    assert codes(opened) == ["scaled_16_bit", "grey_to_colour"]
    assert np.abs(opened.pixels[..., 0] / 255 - values / 65535).max() <= 0.5 / 255 + 1e-9


@pytest.mark.parametrize(("low", "high", "as_read"), [(0, 1, (0, 1)), (0, 255, (0, 255)), (-3, 7, (-3, 7))])
def test_float_tiff_is_scaled_from_the_range_it_fits(low, high, as_read):
    values = np.linspace(low, high, 48).reshape(6, 8).astype("float32")
    opened = open_image(saved(Image.fromarray(values), "TIFF"))
    assert codes(opened) == ["scaled_range", "grey_to_colour"]
    expected = (values - as_read[0]) / (as_read[1] - as_read[0])
    assert np.abs(opened.pixels[..., 0] / 255 - expected).max() <= 0.5 / 255 + 1e-6


def test_a_constant_float_picture_and_one_with_nan():
    flat = open_image(saved(Image.fromarray(np.full((3, 3), -5, "float32")), "TIFF"))
    assert flat.pixels.max() == 0
    with pytest.raises(ImageFileError, match="NaN") as caught:
        open_image(saved(Image.fromarray(np.full((3, 3), np.nan, "float32")), "TIFF"))
    assert caught.value.code == "not_finite"


def test_print_colours_become_screen_colours():
    opened = open_image(saved(Image.new("CMYK", (3, 2), (0, 255, 255, 0)), "TIFF"))
    assert codes(opened) == ["colour_space"]
    assert opened.pixels[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_of_an_animation_the_first_frame_is_taken_and_said(kind):
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue", "lime")]
    data = saved(
        frames[0], kind, save_all=True, append_images=frames[1:], **({"lossless": True} if kind == "WEBP" else {})
    )
    opened = open_image(data)
    assert opened.notes[0].code == "first_frame"
    assert opened.notes[0].values == {"frames": 3}
    assert opened.pixels[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("size", [(1, 1), (20000, 10)])
def test_odd_sizes(size):
    assert open_image(saved(Image.new("RGB", size), "PNG")).pixels.shape == (size[1], size[0], 3)


def png_header(width, height):
    """A PNG that declares a size and holds no pixels."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(20000, 20000), (8000, 8000), (2**31 - 1, 2**31 - 1)])
def test_size_is_checked_before_decoding(size):
    with pytest.raises(ImageFileError, match="50 million pixels") as caught:
        open_image(png_header(*size))
    assert caught.value.code == "too_many_pixels"


WHOLE = saved(Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 40, 3), "uint8")), "PNG")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"this is text", "not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_an_image"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "not_an_image"),
        (WHOLE[: len(WHOLE) // 2], "damaged"),
        (WHOLE[:60] + bytes([WHOLE[60] ^ 255]) + WHOLE[61:], "damaged"),
        (png_header(4, 4), "damaged"),
    ],
)
def test_bad_files_are_named_with_the_next_step(data, code):
    with pytest.raises(ImageFileError, match=r"^image: .+;|^image: .+ \(0 bytes\)") as caught:
        open_image(data)
    assert caught.value.code == code


def test_a_missing_and_a_huge_file(tmp_path, monkeypatch):
    from explain import image_file

    with pytest.raises(ImageFileError, match=r"no file 'nowhere\.png'") as caught:
        open_image(tmp_path / "nowhere.png")
    assert str(tmp_path) not in str(caught.value)
    monkeypatch.setattr(image_file, "MOST_BYTES", 100)
    with pytest.raises(ImageFileError, match="at most") as caught:
        open_image(WHOLE)
    assert caught.value.code == "too_many_bytes"


def test_a_text_bomb_in_a_png_is_left_unread():
    """A 200 MB text chunk packed into a small file: the picture is opened, the text stays packed, and that is said."""
    body = b"note\x00\x00" + zlib.compress(b"a" * (200 << 20), 9)
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    at = WHOLE.index(b"IDAT") - 4
    opened = open_image(WHOLE[:at] + chunk + WHOLE[at:])
    np.testing.assert_array_equal(opened.pixels, open_image(WHOLE).pixels)
    assert codes(opened) == ["text_unread"]
