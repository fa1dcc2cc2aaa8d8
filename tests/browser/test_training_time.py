"""The moments of a training are walked inside the figure, by hand and by its play button, without the server."""

from __future__ import annotations

import io

from driver import no_failure, opened, painted
from PIL import Image
from playwright.sync_api import expect

FILM = ".st-key-film .js-plotly-plot"
RAIL = """() => {
  const plot = document.querySelector(".st-key-film .js-plotly-plot");
  plot.scrollIntoView({block: 'center'});
  window.walked = [];
  plot.on('plotly_animatingframe', event => window.walked.push(event.name));
  const rail = plot.querySelector('.slider-rail-touch-rect').getBoundingClientRect();
  return [rail.left, rail.top, rail.width, rail.height];
}"""
POINTED = """() => {
  const button = document.querySelector(".st-key-film .updatemenu-button");
  const ground = getComputedStyle(button.querySelector('.updatemenu-item-rect'));
  return [ground.fill, Number(ground.fillOpacity), getComputedStyle(button.querySelector('text')).fill];
}"""
SHOWN = """() => {
  const plot = document.querySelector(".st-key-film .js-plotly-plot");
  return [plot.querySelector('.slider-label').textContent, Math.max(...plot.calcdata[0][0].z
    .flatMap(row => [...row]).filter(Number.isFinite).map(Math.abs))];
}"""


def test_the_word_on_a_button_that_is_pointed_at_is_seen_on_both_themes(visit, app):
    for scheme in ("light", "dark"):
        page = visit(color_scheme=scheme)
        opened(page, app, "kernels", model="fashion_cnn", layer="conv_1", film="1")
        button = page.locator(f"{FILM} .updatemenu-button").first
        button.hover()
        fill, opacity, _ink = page.evaluate(POINTED)
        assert opacity < 0.2, (scheme, fill)
        page.mouse.move(0, 0)
        assert page.evaluate(POINTED)[0] == "rgba(0, 0, 0, 0)"


def test_the_moments_are_walked_in_the_figure_and_taken_along(page, app):
    opened(page, app, "kernels", model="fashion_cnn", layer="conv_1", film="1")
    expect(page.locator(FILM)).to_be_visible()
    left, top, width, height = page.evaluate(RAIL)
    painted(page)
    untrained, small = page.evaluate(SHOWN)
    assert untrained.startswith("step 0, epoch 0.00")
    page.mouse.move(left + 4, top + height / 2)
    page.mouse.down()
    for step in range(1, 41):
        page.mouse.move(left + 4 + step * (width - 8) / 40, top + height / 2)
    page.mouse.up()
    page.wait_for_function("() => window.walked.at(-1) === '26'")
    trained, large = page.evaluate(SHOWN)
    assert trained.startswith("step 9,000, epoch 6.00")
    assert large > 2 * small
    assert len(page.evaluate("() => window.walked")) > 5
    page.mouse.click(left + 4 + 23.5 * (width - 8) / 26, top + height / 2)
    page.wait_for_function("() => ['23', '24'].includes(window.walked.at(-1))")
    page.locator(f"{FILM} .updatemenu-button").first.click()
    page.wait_for_function("() => window.walked.slice(-2).join() === '25,26'")
    no_failure(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="GIF of all moments").click()
    picture = Image.open(io.BytesIO(download.value.path().read_bytes()))
    assert picture.format == "GIF"
    assert picture.n_frames == 27
