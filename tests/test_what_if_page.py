"""The page "What if" with every model: what it says without a click, what its address keeps, what its buttons do."""

from __future__ import annotations

import re

import pytest
from screen import address, assert_fine, make_ready, notes, opened, texts

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
