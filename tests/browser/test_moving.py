"""A picture is painted on by clicks in a real browser, moved, and its address brings it back."""

from __future__ import annotations

import re

from driver import click_mark, finished, headline, no_failure, opened, wait_for_view
from playwright.sync_api import expect


def test_a_painted_and_moved_picture_comes_back_by_its_address(page, app, visit):
    opened(page, app, "shift", model="fashion_cnn", shift_brush="paint", shift_side=6)
    expect(headline(page)).to_contain_text("As it is: all three networks say Ankle boot")
    click_mark(page, "cell", 4, 6, 0)
    wait_for_view(page, shift_paint="2-4-6")
    expect(headline(page)).to_contain_text("Changed: ")
    slider = page.get_by_role("slider", name=re.compile("Move right"))
    slider.focus()
    slider.press("ArrowRight")
    wait_for_view(page, shift_right="1", shift_paint="2-4-6")
    finished(page)
    no_failure(page)
    other = visit()
    other.goto(page.url)
    expect(headline(other)).to_have_text(headline(page).inner_text())
    no_failure(other)
