"""Cases 57 to 76: pictures that go wrong in the wild, each by its number, with the very words of the answer."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path

import corpus_images as corpus
import numpy as np
import pytest
from PIL import Image
from screen import address, assert_fine, make_ready, notes, opened

from components import sentences, subjects
from explain import ImageFileError, open_image

ROOT = Path(__file__).parent.parent
ONE_OF = (
    "image: expected a file of PNG, JPEG, WEBP, GIF, TIFF or BMP, got {what}; "
    "save the picture as PNG or JPEG and open that"
)
BROKEN = "image: the {kind} file {what}, so its pixels can't be read; save or copy the picture again"


def refusal(data):
    with pytest.raises(ImageFileError) as caught:
        open_image(data)
    return str(caught.value)


def said(image):
    """What the screen says was changed."""
    return [sentences.image_note(note) for note in image.notes]


def codes(image):
    return [note.code for note in image.notes]


IN_A_CHILD = """
import json, sys, time
from explain.image_file import ImageFileError, open_image
import numpy as np
open_image(sys.argv[1])
def held(): return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024
data = open(sys.argv[2], "rb").read()
before, began = held(), time.process_time()
try: said = repr(open_image(data).pixels.shape)
except ImageFileError as error: said = str(error)
print(json.dumps([said, time.process_time() - began, held() - before]))
"""


def in_a_child(data, folder):
    """Open a file in a process of its own: what it said, the seconds it computed, the megabytes it grew by."""
    (folder / "good.png").write_bytes(corpus.WHOLE)
    (folder / "bad.png").write_bytes(data)
    command = [sys.executable, "-c", IN_A_CHILD, str(folder / "good.png"), str(folder / "bad.png")]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=60)
    return json.loads(done.stdout)


@pytest.mark.parametrize("kind", corpus.huge_headers())
def test_57_a_header_of_400_megapixels(kind):
    size = "16383 x 16383" if kind == "WEBP" else "20000 x 20000"
    most = "12.5 million pixels in a WEBP file of this sort" if kind == "WEBP" else "50 million pixels"
    end = " or save it as PNG" if kind == "WEBP" else ""
    expected = f"image: expected at most {most}, got {size}; make the picture smaller{end}"
    assert refusal(corpus.huge_headers()[kind]) == expected


def test_58_64_real_megapixels_in_187_kb(tmp_path):
    data = corpus.real_64_megapixels()
    assert 180_000 < len(data) < 190_000
    words, seconds, grown = in_a_child(data, tmp_path)
    assert words == "image: expected at most 50 million pixels, got 8000 x 8000; make the picture smaller"
    assert seconds < 0.2
    assert grown < 50


@pytest.mark.parametrize("kind", corpus.truncated())
def test_59_truncated(kind):
    what = "is cut short" if kind == "PNG" else "is damaged or cut short"
    assert refusal(corpus.truncated()[kind]) == BROKEN.format(kind=kind, what=what)


@pytest.mark.parametrize("part", corpus.bad_checksums())
def test_60_bad_checksum(part):
    """Pillow alone opens the first of them, with other pixels."""
    what = f"is damaged: its part {part} doesn't match its checksum"
    assert refusal(corpus.bad_checksums()[part]) == BROKEN.format(kind="PNG", what=what)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_61_of_an_animation_the_first_frame(kind):
    image = open_image(corpus.animated(kind))
    assert (image.pixels == [255, 0, 0]).all()
    assert "An animation of 3 frames: the first one was taken." in said(image)


def test_61_several_pictures_in_a_tiff_and_in_a_photograph_are_no_animation():
    pages = [Image.new("RGB", (4, 4), colour) for colour in corpus.FRAMES]
    for kind in ("TIFF", "MPO"):
        image = open_image(corpus.saved(pages[0], kind, save_all=True, append_images=pages[1:]))
        assert said(image) == ["The file holds several pictures: the first one was taken."]
        assert np.abs(image.pixels.astype(int) - [255, 0, 0]).max() <= 2


@pytest.mark.parametrize("name", corpus.sixteen_bits()[1])
def test_62_sixteen_bits_are_scaled(name):
    values, files = corpus.sixteen_bits()
    image = open_image(files[name])
    truth = values[..., :1] if name == "grey" else values
    assert np.abs(image.pixels / 255 - truth / 65535).mean() < 1 / 255
    assert np.abs(image.pixels / 255 - truth / 65535).max() <= 1.01 / 255
    assert "16-bit values were scaled to 8 bits." in said(image)


def test_62_grey_with_alpha_and_tiffs_of_16_and_12_bits():
    values, data = corpus.grey_alpha_of_16_bits()
    assert np.abs(open_image(data).pixels / 255 - values / 65535).mean() < 1 / 255
    assert said(open_image(data)) == [
        "16-bit values were scaled to 8 bits.",
        "Grey was repeated in red, green and blue.",
    ]
    tiff = open_image(corpus.saved(values[..., 0], "TIFF"))
    assert np.abs(tiff.pixels / 255 - values / 65535).max() <= 0.51 / 255
    assert codes(tiff) == ["scaled_16_bit", "grey_to_colour"]
    low = np.linspace(0, 4095, 4 * 6).astype(np.uint16).reshape(4, 6)
    packed = np.stack([low[:, ::2] >> 4, (low[:, ::2] & 15) << 4 | low[:, 1::2] >> 8, low[:, 1::2] & 255], -1)
    plain = bytearray(corpus.saved(np.zeros((4, 9), np.uint8), "TIFF"))
    for tag, value in ((256, 6), (258, 12)):
        at = next(i for i in range(8, len(plain) - 12) if struct.unpack("<H", plain[i : i + 2])[0] == tag)
        plain[at + 8 : at + 12] = struct.pack("<I", value)
    plain[-36:] = packed.astype(np.uint8).tobytes()
    twelve = open_image(bytes(plain))
    assert np.abs(twelve.pixels[..., 0] / 255 - low / 4095).max() <= 0.51 / 255


def test_63_float_tiff():
    values = np.linspace(-2, 3, corpus.HEIGHT * corpus.WIDTH, dtype=np.float32).reshape(corpus.HEIGHT, corpus.WIDTH)
    image = open_image(corpus.saved(values, "TIFF"))
    assert np.abs(image.pixels[..., 0] / 255 - (values + 2) / 5).max() <= 0.51 / 255
    assert said(image) == [
        "Its values from \u22122 to 3 were scaled to 0 to 255.",
        "Grey was repeated in red, green and blue.",
    ]
    values[0, 0] = np.nan
    expected = "image: it holds NaN or infinite values; save it again without them"
    assert refusal(corpus.saved(values, "TIFF")) == expected


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_64_cmyk(kind):
    image = open_image(corpus.saved(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), kind))
    assert np.abs(image.pixels.astype(int) - [255, 0, 0]).max() <= 3
    assert said(image) == ["CMYK colours were turned into red, green and blue."]


def test_64_lab():
    image = open_image(corpus.saved(Image.new("LAB", (4, 4), (137, 208, 195)), "TIFF"))
    red, green, blue = image.pixels[0, 0].astype(int)
    assert red > 200
    assert max(green, blue) < 60
    assert said(image) == ["LAB colours were turned into red, green and blue."]


def test_65_palette_with_alpha():
    """Four colours with an opacity each; expected by hand: colour x share + white x the rest."""
    colours, shares = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (9, 9, 9)], [255, 128, 51, 0]
    image = Image.new("P", (4, 1))
    image.putdata(range(4))
    image.putpalette([value for colour in colours for value in colour])
    found = open_image(corpus.saved(image, "PNG", transparency=bytes(shares)))
    expected = [
        [round(value * share / 255 + 255 - share) for value in colour]
        for colour, share in zip(colours, shares, strict=True)
    ]
    np.testing.assert_array_equal(found.pixels[0], expected)
    assert said(found) == ["The palette was written out as colours.", "Laid on white: 75\u00a0% of it was transparent."]


@pytest.mark.parametrize("name", corpus.hidden_colours())
def test_66_no_colour_under_transparent_pixels_comes_out(name):
    image = open_image(corpus.hidden_colours()[name])
    assert (image.pixels == 255).all()
    assert said(image)[-1] == "Laid on white: 100\u00a0% of it was transparent."


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("mark", corpus.TURNED)
def test_67_every_orientation_comes_upright(kind, mark):
    image = open_image(corpus.oriented(kind, mark))
    assert image.pixels.shape == corpus.SCENE.shape
    assert np.abs(image.pixels.astype(int) - corpus.SCENE).max() <= (4 if kind == "JPEG" else 0)
    assert said(image) == ([] if mark == 1 else [f"Turned upright, as the camera's mark (EXIF {mark}) says."])


def test_67_a_mark_in_a_text_counts_too_and_one_that_is_none_is_ignored():
    words = b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    turned = corpus.with_chunk(corpus.saved(corpus.TURNED[6], "PNG"), b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + words)
    np.testing.assert_array_equal(open_image(turned).pixels, corpus.SCENE)
    for mark in (0, 9):
        exif = Image.Exif()
        exif[0x0112] = mark
        np.testing.assert_array_equal(open_image(corpus.saved(corpus.SCENE, "PNG", exif=exif)).pixels, corpus.SCENE)


@pytest.mark.parametrize("broken", [b"", b"Exif\0\0", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff" + bytes(9)])
def test_67_broken_camera_data_does_not_break_the_picture(broken):
    np.testing.assert_array_equal(open_image(corpus.with_chunk(corpus.WHOLE, b"eXIf", broken)).pixels, corpus.SCENE)


@pytest.mark.parametrize(("number", "size"), [(68, (1, 1)), (69, (20000, 10))])
def test_68_and_69_one_pixel_and_a_very_wide_one(number, size):
    image = open_image(corpus.saved(Image.new("RGB", size, (1, 2, 3)), "PNG"))
    assert image.pixels.shape == (size[1], size[0], 3)
    assert (image.pixels == [1, 2, 3]).all()
    assert said(image) == []


def test_69_a_side_that_is_too_long():
    expected = "image: expected at most 65,535 pixels a side, got 65536 x 1; make the picture smaller"
    assert refusal(corpus.saved(Image.new("1", (65536, 1)), "PNG")) == expected


@pytest.mark.parametrize("what", corpus.other_files())
def test_70_to_73_what_is_no_picture_is_named(what, monkeypatch):
    def never(*asked, **_):
        raise AssertionError(f"a program was called: {asked}")

    data = corpus.other_files()[what]
    for call in ("Popen", "run", "call", "check_call", "check_output"):
        monkeypatch.setattr(subprocess, call, never)
    assert refusal(data) == ONE_OF.format(what=what)


def test_75_a_text_bomb_is_left_unread(tmp_path):
    for name in (b"zTXt", b"iTXt"):
        image = open_image(corpus.text_bomb(name, megabytes=6))
        np.testing.assert_array_equal(image.pixels, corpus.SCENE)
        assert said(image) == ["The file holds packed text too large to unpack: it was left unread."]
    words, seconds, grown = in_a_child(corpus.text_bomb(), tmp_path)
    assert words == "(12, 16, 3)"
    assert seconds < 0.2
    assert grown < 50


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("PNG", "has more than 100,000 parts"),
        ("JPEG", "has more than 100,000 parts"),
        ("JPEG, again", "goes over its pixels 110 times, more than 100"),
        ("GIF", "is damaged or cut short"),
        ("TIFF", "has more than 4,096 parts"),
    ],
)
def test_files_of_endless_parts_are_refused(name, what):
    assert refusal(corpus.endless_parts()[name]) == BROKEN.format(kind=name[:4].rstrip(","), what=what)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_larger_than_is_kept_becomes_the_means_of_its_blocks(kind):
    y, x = np.mgrid[0:201, 0:302]
    large = np.stack([x * 0.8, y, (x + y) / 2], axis=-1).astype(np.uint8)
    image = open_image(
        corpus.saved(large, kind, **({"quality": 98, "subsampling": 0} if kind == "JPEG" else {})), keep=10_000
    )
    assert image.pixels.shape == (67, 101, 3)
    whole = large[:201, :300].reshape(67, 3, 100, 3, 3).mean(axis=(1, 3))
    assert np.abs(image.pixels[:, :100] - whole).max() <= (4 if kind == "JPEG" else 0.6)
    assert said(image) == ["Larger than a session keeps: blocks of 3\u00d73 pixels were averaged, to 101\u00d767."]


@pytest.mark.parametrize("by", [2, 4, 6])
def test_a_large_photograph_is_halved_while_it_is_decoded(by):
    y, x = np.mgrid[0:251, 0:355]
    large = np.stack([x * 0.7, y, (x + y) / 3], axis=-1).astype(np.uint8)
    image = open_image(corpus.saved(large, "JPEG", quality=98, subsampling=0), keep=large[::by, ::by].size // 3)
    assert image.pixels.shape == large[::by, ::by].shape
    rows, columns = 251 // by, 355 // by
    whole = large[: rows * by, : columns * by].reshape(rows, by, columns, by, 3).mean(axis=(1, 3))
    assert np.abs(image.pixels[:rows, :columns] - whole).max() <= 4
    assert image.notes[0].values["factor"] == by


@pytest.fixture
def app():
    make_ready("fashion_cnn")
    return opened("overview", model="fashion_cnn")


def test_74_of_fifty_files_three_are_bad(app):
    pictures = [
        (f"picture_{n}.png", corpus.saved(np.roll(corpus.SCENE, n, axis=1) + n, "PNG"), "image/png") for n in range(47)
    ]
    bad = {
        "half.png": corpus.truncated()["PNG"],
        "drawing.png": corpus.other_files()["an SVG drawing"],
        "wrong.png": corpus.bad_checksums()["IDAT"],
    }
    files = [*pictures[:20], *((name, data, "image/png") for name, data in bad.items()), *pictures[20:]]
    app.file_uploader(key="files").set_value(files).run()
    assert not app.exception
    offered = app.selectbox(key="pick_picture").options
    assert len([name for name in offered if name.startswith("picture_")]) == 47
    assert [
        name in error.value for name, error in zip((r"half.png", "drawing.png", "wrong.png"), app.error, strict=True)
    ] == [True] * 3
    assert "is cut short" in app.error[0].value
    assert "an SVG drawing" in app.error[1].value
    assert "checksum" in app.error[2].value
    assert address(app)["picture"].startswith("upload/")
    assert len(address(app)["also"].split(",")) == 3


NAMES = ["<script>alert(1)</script>.png", "../../x.png", "a" * 300 + ".png", "**`$x$`**\u202e\n[b](javascript:c).png"]


def test_76_the_names_of_bad_files_are_shown_as_text(app):
    """Nothing of them is read as markup."""
    assert [subjects.file_name(name) for name in NAMES[:2]] == NAMES[:2]
    assert len(subjects.file_name(NAMES[2])) == 60
    app.file_uploader(key="files").set_value([(name, b"no picture", "image/png") for name in NAMES]).run()
    boxes = "\n".join(error.value for error in app.error)
    assert len(app.error) == 4
    assert "`<script>alert(1)</script>.png`" in boxes
    assert "`../../x.png`" in boxes
    assert "\u202e" not in boxes
    assert "`**$x$**  [b](javascript:c).png`" in boxes


def test_76_the_names_of_good_files_are_titles_shown_as_text(app):
    good = [(name, corpus.saved(corpus.SCENE + n, "PNG"), "image/png") for n, name in enumerate(NAMES)]
    app.file_uploader(key="files").set_value(good).run()
    assert_fine(app)
    titles = app.selectbox(key="pick_picture").options
    assert {"<script>alert(1)</script>", "../../x"} <= set(titles)
    shown = [str(one.value) for kind in (app.markdown, app.caption) for one in kind]
    assert any(r"\<script\>" in text for text in shown)
    assert not any("<script>alert" in text for text in shown)


def test_changes_are_told_on_the_screen(app):
    app.file_uploader(key="files").set_value([("mine.jpg", corpus.oriented("JPEG", 6), "image/jpeg")]).run()
    assert_fine(app)
    assert "Turned upright, as the camera's mark (EXIF 6) says." in notes(app)


def test_there_is_one_door():
    """No other module opens a picture's bytes; the samples that ship are our own."""
    ours = {"explain/image_file.py", "model_zoo/samples.py"}
    opens = ("Image.open(", "imread(", "load_img(", "decode_image(", "decode_png(", "decode_jpeg(", "ImageFile(")
    for package in ("explain", "model_zoo", "components", "pages"):
        for path in (ROOT / package).rglob("*.py"):
            name = str(path.relative_to(ROOT))
            assert name in ours or not any(call in path.read_text() for call in opens), name
