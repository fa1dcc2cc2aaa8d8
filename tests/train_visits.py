"""The Train page opened, its buttons pressed, with trainings that a test drives."""

from __future__ import annotations

from screen import ROOT, assert_fine, texts
from streamlit.testing.v1 import AppTest

SMALL = {"train_data": "digits", "chain": "8x8x1.conv-4-3x3-relu.flatten.dense-10-softmax"}


def visiting(**view):
    """Open the page as a new session's first request."""
    at = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=180)
    for key, value in view.items():
        at.query_params[key] = str(value)
    return at.switch_page("pages/train.py").run()


def pressed(at, key):
    next(button for button in at.button if button.key == key).click()
    return at.run()


def keys(at):
    return [button.key for button in at.button]


def headline(at):
    return next(text for text in texts(at) if text.startswith("#### ")).removeprefix("#### ")


def begun(registry, **view):
    at = pressed(visiting(**(SMALL | view)), "train_start")
    assert_fine(at)
    (made,) = registry.all.values()
    return at, made
