"""A cell is clicked, the slide is played and stepped by keys, in a real browser."""

from __future__ import annotations

from driver import click_mark, finished, headline, no_failure, opened, wait_for_view
from playwright.sync_api import expect

STEP = """() => {
  const plot = [...document.querySelectorAll('.js-plotly-plot')].find(one => one._fullLayout.sliders?.length);
  return plot && plot._fullLayout.sliders[0].active;
}"""

WHOLE = """begins => {
  for (const plot of document.querySelectorAll('.js-plotly-plot')) {
    for (const trace of plot._fullData) {
      const marks = (trace.customdata || []).map(data => [...data]);
      const found = marks.find(data => JSON.stringify(data.slice(0, begins.length)) === JSON.stringify(begins));
      if (trace.name === 'click' && found) return found;
    }
  }
}"""
"""The marks of a map's cells end in their value."""
HELD = """addEventListener('unhandledrejection', event => {
  if (event.reason === undefined) event.preventDefault();
})"""
"""Plotly rejects, without a reason, the promise of an animation that is held; nobody waits for it."""


def test_a_clicked_cell_is_taken_apart_and_the_next_one_by_keys(page, app):
    opened(page, app, "convolution", model="fashion_cnn", layer="conv_2", channel=13, cell="5-10")
    click_mark(page, *page.evaluate(WHOLE, ["cell", 11, 1]))
    wait_for_view(page, cell="11-1")
    expect(headline(page)).to_contain_text("conv_2, row 11, column 1, channel 13: 288 products")
    click_mark(page, "input", 5)
    wait_for_view(page, input="5")
    expect(page.get_by_text("It reads 3×3 cells of pool_1, channel 5")).to_be_visible()
    opened(page, app, "convolution", model="fashion_cnn", layer="predictions", channel=9)
    expect(headline(page)).to_contain_text("unit 9")
    row = page.get_by_label("Unit, 0 to 9")
    row.fill("3")
    row.press("Enter")
    wait_for_view(page, channel="3")
    page.get_by_role("button", name="Next unit").press("Enter")
    wait_for_view(page, channel="4")
    expect(headline(page)).to_contain_text("predictions, unit 4")
    expect(page.get_by_text("Equal to the model's own value")).to_be_visible()
    no_failure(page)


def test_the_slide_plays_by_itself_holds_and_a_click_goes_on_from_there(page, app):
    page.add_init_script(HELD)
    opened(page, app, "convolution", model="fashion_cnn", numbers="toy")
    assert page.evaluate(STEP) == 2, "the first cell, added up"
    page.locator(".updatemenu-button").get_by_text("Play").click()
    page.wait_for_function(f"() => ({STEP})() >= 4")
    page.locator(".updatemenu-button").get_by_text("Hold").click()
    click_mark(page, "cell", 2, 3)
    wait_for_view(page, toy_cell="2-3")
    page.wait_for_function(f"() => ({STEP})() === {3 * (2 * 5 + 3) + 2}")
    page.get_by_role("button", name="Start a cell later").press("Enter")
    wait_for_view(page, toy_cell="2-4")
    no_failure(finished(page))
