"""The page "What if" with every model: what it says without a click, what its address keeps, what its buttons do."""

from __future__ import annotations

import re

import pytest
from screen import address, assert_fine, make_ready, notes, opened, texts

from components import estimates
from explain.costs import Estimate
from model_zoo import MODELS

WITH_CLASSES = [key for key, entry in MODELS.items() if entry.labels()]


@pytest.fixture(scope="module", autouse=True)
def _ready():
    for model in WITH_CLASSES:
        make_ready(model)


def headline(at):
    (said,) = [text.removeprefix("#### ") for text in texts(at) if text.startswith("#### ")]
    return said


def press(at, label):
    next(button for button in at.button if label in button.label).click().run()
    assert_fine(at)
    return at


@pytest.mark.parametrize("model", WITH_CLASSES)
def test_the_first_view_says_something_without_a_click(model):
    at = opened("what_if", model=model)
    assert_fine(at)
    assert re.search(r"^Without channel \d+: .+ → ", headline(at))
    assert "off" not in address(at)
    said = " ".join(texts(at)) + notes(at)
    assert "random orders" in said
    assert "as declared" in said
    assert "squares is covered" in said
    assert "of the softmax before" in said
    assert "For comparison" in said
    charts = len(at.get("plotly_chart")) - 1
    assert charts == sum("Does not show" in text for text in texts(at)) == 12, "every figure but the strip says it"


def test_the_address_says_which_channels_are_off():
    at = opened("what_if", model="fashion_cnn", layer="conv_2", off="conv_2:3,7", replace="zero")
    assert_fine(at)
    assert re.match(r"Without 2 channels: logit of Ankle boot .+ → ", headline(at)), "its share stays near 1"
    assert at.multiselect(key="pick_off").value == [3, 7]
    assert "Channels 3, 7 of conv_2 are set to zero." in " ".join(texts(at))
    assert address(at)["off"] == "conv_2:3,7"


def test_the_pinned_channel_is_offered_first_and_is_off():
    at = opened("what_if", model="fashion_cnn", layer="conv_2", channel=37)
    assert_fine(at)
    assert headline(at).startswith("Without channel 37:")
    assert at.multiselect(key="pick_off").options[0].startswith("37 · ")


def test_channels_are_switched_on_again_and_off_one_by_one():
    at = opened("what_if", model="fashion_cnn")
    first = at.multiselect(key="pick_off").value
    press(at, "Switch all on again")
    assert address(at)["off"] == "conv_2:-"
    assert headline(at) == f"All channels of conv_2 are on. Channel {first[0]} contributes most to Ankle boot"
    press(at, "Switch off the next strongest")
    assert at.multiselect(key="pick_off").value == first
    press(at, "Switch off the next strongest")
    assert at.multiselect(key="pick_off").value[:1] == first
    assert headline(at).startswith("Without 2 channels")
    at.multiselect(key="pick_off").set_value([5]).run()
    assert address(at)["off"] == "conv_2:5"
    assert address(at)["layer"] == "conv_2", "a channel belongs to its layer"


def test_another_layer_has_channels_of_its_own():
    at = opened("what_if", model="fashion_cnn", layer="conv_2", off="conv_2:63")
    at.select_slider(key="layer_slider").set_value("conv_1").run()
    assert_fine(at)
    assert "63" not in headline(at)
    at.select_slider(key="layer_slider").set_value("conv_2").run()
    assert headline(at).startswith("Without channel 63:")


@pytest.mark.parametrize("off", ["conv_2:9999", "conv_2:x", "nowhere:1"])
def test_channels_that_dont_exist_are_left_out_and_said(off):
    at = opened("what_if", model="fashion_cnn", layer="conv_2", off=off)
    assert_fine(at)
    assert "can't be used here: `off`" in notes(at)


def test_answers_are_counted_on_test_pictures_when_asked():
    at = opened("what_if", model="fashion_cnn", off="conv_2:13,31,53", layer="conv_2", replace="zero")
    assert "mended" not in " ".join(texts(at))
    press(at, "Count over 1,000 test pictures")
    said = " ".join(texts(at))
    broken, mended = (int(n) for n in re.search(r"(\d+) broken, (\d+) mended, p = \S+ \(exact\)", said).groups())
    before, after = (int(n) for n in re.search(r"Right before: (\d+) of 1,000; after: (\d+)\.", said).groups())
    assert before - broken + mended == after
    assert before == right_of_keras()
    again = opened("what_if", model="fashion_cnn", off="conv_2:13,31,53", layer="conv_2", replace="zero")
    assert f"{broken} broken, {mended} mended" in " ".join(texts(again)), "what one session counted all others have"


def right_of_keras():
    from model_zoo.samples import fashion_images, fashion_labels

    pictures = fashion_images()[:1000, ..., None].astype("float32") / 255
    answers = MODELS["fashion_cnn"].build().predict(pictures, verbose=0, batch_size=250).argmax(axis=-1)
    return int((answers == fashion_labels()[:1000]).sum())


def test_photographs_have_no_answers_to_count():
    at = opened("what_if", model="simple_cnn_224")
    assert not [button for button in at.button if "Count over" in button.label]


def test_one_class_against_another_is_told_in_logits():
    at = opened("what_if", model="fashion_cnn", target=9, minus=7)
    assert_fine(at)
    assert re.match(r"Without channel \d+: Ankle boot over Sneaker ", headline(at))
    assert "Logit difference while" in " ".join(texts(at))


def test_any_map_orders_the_picture():
    at = opened("what_if", model="fashion_cnn", map="saliency")
    assert_fine(at)
    assert at.selectbox(key="set_map").value == "saliency"
    assert "highest first by Vanilla saliency" in " ".join(texts(at)) or "highest first by Saliency" in " ".join(
        texts(at)
    )


def test_the_picker_says_what_the_page_is_about():
    """Attribution holds a class against its runner-up by itself; this page is about the class alone."""
    at = opened("what_if", model="fashion_cnn")
    assert at.selectbox(key="pick_minus").value == -1
    assert "over" not in headline(at)
    at = opened("what_if", model="fashion_cnn", minus="7")
    assert at.selectbox(key="pick_minus").value == 7
    assert "Ankle boot over Sneaker" in headline(at)


def test_a_dear_reveal_says_what_it_costs_and_waits_for_a_click(monkeypatch):
    monkeypatch.setattr(estimates, "forward", lambda _subject, count: Estimate(count, 25.4))
    at = opened("what_if", model="fashion_cnn", picture="fashion/5")
    assert_fine(at)
    assert any("Revealing it takes at most 101 passes, about 25 s on this machine" in text for text in texts(at))
    assert "random orders" not in notes(at) + " ".join(texts(at))
    press(at, "Reveal it (about 25 s)")
    assert "random orders" in notes(at) + " ".join(texts(at))
