"""The Filters page: a kernel from an address, from a picker and by hand, and what comes of it."""

from __future__ import annotations

import numpy as np
import pytest
from screen import address, assert_fine, notes, opened, texts

from components.parts import filter_editor, filters, filters_learned
from components.parts.filter_editor import Setting, columns_of, kernel_of
from components.subjects import Subject
from explain.filters import PRESETS, correlate, preset
from explain.nearness import Nearest

CAT = Subject("efficientnet_lite0", "ready", "chelsea")
SHIRT = Subject("fashion_cnn", "ready", "fashion/0")


def setting(key="sobel_x", size=(3, 3), stride=1, padding="same", dilation=1):
    return Setting(preset(key, *size), key, stride, padding, dilation)


def answer(at):
    return next(text for text in texts(at) if text.startswith("#### "))


def test_a_bare_address_shows_an_edge_kernel_and_stays_bare():
    at = opened("filters")
    assert_fine(at)
    assert "Edges, Sobel across: 170×256 becomes 170×256; values from" in answer(at)
    assert "filter" not in address(at)
    said = "\n".join(texts(at))
    assert "an even surface becomes 0" in said
    assert "The learned kernel nearest to it" in [one.value for one in at.subheader]
    assert "Cosine −0.978" in said


def test_a_link_gives_the_kernel_and_how_it_slides():
    link = {"model": "fashion_cnn", "filter": "3x3~4*0~2~4*0", "filter_stride": 2, "filter_padding": "valid"}
    at = opened("filters", **link)
    assert_fine(at)
    assert "By hand: 28×28 becomes 13×13; values from 0 to 1.6." in answer(at)
    assert at.selectbox(key="filter_name").value == "hand"
    assert "only with a stride of 1" in notes(at)
    assert {key: address(at)[key] for key in link} == {key: str(value) for key, value in link.items()}


def test_pickers_of_name_and_size():
    at = opened("filters", model="fashion_cnn", filter="sobel_x-3x3")
    at.selectbox(key="filter_name").set_value("gaussian").run()
    assert_fine(at)
    assert address(at)["filter"] == "gaussian-3x3"
    assert "brightness stays as it is" in "\n".join(texts(at))
    at.segmented_control(key="filter_size").set_value("27x27").run()
    assert_fine(at)
    assert address(at)["filter"] == "gaussian-27x27"
    assert "No bundled network begins with kernels of 27×27" in notes(at)
    at.selectbox(key="filter_name").set_value("hand").run()
    assert_fine(at)
    assert address(at)["filter"] == "27x27~729*0"


def test_a_kernel_by_hand_keeps_its_middle_at_another_size():
    at = opened("filters", model="fashion_cnn", filter="3x3~1~2~3~4~5~6~7~8~9")
    at.segmented_control(key="filter_size").set_value("3x7").run()
    assert_fine(at)
    assert address(at)["filter"] == "3x7~2*0~1~2~3~4*0~4~5~6~4*0~7~8~9~2*0"


def test_an_address_that_holds_no_kernel_is_left_out_and_said():
    at = opened("filters", filter="magic-3x3")
    assert_fine(at)
    assert "`filter`" in "".join(str(one.value) for one in at.caption)


def test_a_window_larger_than_the_picture_says_so():
    at = opened("filters", model="fashion_cnn", filter="box-27x27", filter_padding="valid", filter_dilation=2)
    assert not at.exception
    assert "53 cells wide, but the input has 28" in at.error[0].value
    assert "no window of this kernel fits" in answer(at)


def test_a_kernel_of_equal_weights_has_no_nearest():
    at = opened("filters", filter="box-3x3")
    assert_fine(at)
    assert "no pattern to compare" in notes(at)


def test_each_colour_by_itself():
    at = opened("filters", filter_in="colours")
    assert_fine(at)
    kickers = [text.split("**")[1] for text in texts(at) if text.startswith(":blue[**")]
    assert kickers == ["Red", "Green", "Blue"]
    at = opened("filters", filter_in="colours", filter_as="picture")
    assert_fine(at)
    assert any("cut off at 0 and 1" in text for text in texts(at))


def test_the_picture_is_the_opened_one_made_smaller():
    values, shrunk = filters.prepared(CAT, "colours")
    assert (values.shape, shrunk) == ((170, 256, 3), (300, 451))
    assert filters.prepared(CAT, "grey")[0].shape == (170, 256, 1)
    values, shrunk = filters.prepared(SHIRT, "grey")
    np.testing.assert_array_equal(values, SHIRT.pixels / 255)
    assert shrunk is None


def test_what_is_drawn_is_what_was_computed():
    one = setting("sharpen", stride=2)
    found = filters.filtered(SHIRT, one, "grey")
    np.testing.assert_array_equal(found.result, correlate(SHIRT.pixels / 255, one.kernel, 2))
    assert found.rules[0].keras == 14


def test_the_table_gives_the_kernel_back():
    kernel = preset("scharr_y", 3, 7)
    np.testing.assert_array_equal(kernel_of(columns_of(kernel)), kernel)
    table = {"0": [1.0, None], "1": [float("nan"), 2.0]}
    np.testing.assert_array_equal(kernel_of(table), [[1, 0], [0, 2]])


@pytest.mark.parametrize(
    ("cosine", "said"),
    [(0.5, "no nearer than chance"), (-0.9, "chance comes as near at times"), (0.99, "19 of 20 draws")],
)
def test_what_nearness_means(cosine, said):
    words = filters_learned.meaning(9, Nearest(0, cosine, 128))
    assert said in words
    assert "8 directions only: the best of 128 random kernels comes as near as 0.83" in words
    assert ("sign is turned" in words) is (cosine < 0)


def test_every_preset_has_a_name():
    names = {filter_editor.name_of(key) for key in PRESETS}
    assert len(names) == len(PRESETS)
