"""A picture is painted on by clicks in a real browser, moved, and its address brings it back."""

from __future__ import annotations

import re

from driver import click_mark, finished, headline, no_failure, opened, painted, wait_for_view
from playwright.sync_api import expect

CELL = """([at, row, column]) => {
  const plot = document.querySelectorAll('.js-plotly-plot')[at];
  const box = plot.getBoundingClientRect(), {xaxis, yaxis} = plot._fullLayout;
  return [box.left + xaxis._offset + xaxis.l2p(column), box.top + yaxis._offset + yaxis.l2p(row)];
}"""
WATCHED = """() => {
  window.tops = new Set();
  const look = () => {
    const plot = document.querySelector('.js-plotly-plot');
    const scrolled = document.querySelector('[data-testid="stMain"]').scrollTop;
    if (plot && plot.offsetHeight) window.tops.add(Math.round(plot.getBoundingClientRect().top + scrolled));
    requestAnimationFrame(look);
  };
  look();
}"""


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


def test_both_pictures_take_paint_and_stay_under_the_pointer_while_it_is_worked_out(page, app):
    opened(page, app, "shift", model="fashion_cnn", shift_brush="paint", shift_side=6, shift_right=4)
    page.locator(".js-plotly-plot").first.scroll_into_view_if_needed()
    painted(page)
    page.evaluate(WATCHED)
    page.mouse.click(*page.evaluate(CELL, [0, 4, 6]))
    wait_for_view(page, shift_paint="2-4-6")
    page.mouse.click(*page.evaluate(CELL, [1, 20, 24]))
    wait_for_view(page, shift_paint="2-4-6~18-18-6")
    finished(page)
    no_failure(page)
    tops = page.evaluate("[...window.tops]")
    assert len(tops) == 1, f"the picture moved: {tops}"
