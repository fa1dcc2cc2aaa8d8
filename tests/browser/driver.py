"""What a browser test does: open an address, wait until the page is finished, find marks in pictures."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import Locator, Page, expect

expect.set_options(timeout=30_000)
LINE = 35
"""Height of a line of a table in pixels."""
FINISHED = """() => {
  const has = name => document.querySelector(`[data-testid="${name}"]`);
  const app = has('stApp');
  const charts = [...document.querySelectorAll('[data-testid="stPlotlyChart"]')];
  return !!app && app.dataset.testScriptState === 'notRunning' && !has('stSkeleton') && !has('stSpinner')
    && !document.querySelector('[data-stale="true"]') && charts.length > 0
    && charts.every(chart => chart.querySelector('.main-svg'))
    && !document.body.innerText.includes('precomputed');
}"""
MARK = """mark => {
  for (const plot of document.querySelectorAll('.js-plotly-plot')) {
    for (const trace of plot._fullData) {
      const at = (trace.customdata || []).findIndex(data => JSON.stringify([...data]) === JSON.stringify(mark));
      if (trace.name !== 'click' || at < 0) continue;
      plot.scrollIntoView({block: 'center'});
      const box = plot.getBoundingClientRect(), {xaxis, yaxis} = plot._fullLayout;
      return [box.left + xaxis._offset + xaxis.l2p(trace.x[at]), box.top + yaxis._offset + yaxis.l2p(trace.y[at])];
    }
  }
}"""
WIDE = """() => ['html', '[data-testid="stMain"]'].map(name => document.querySelector(name))
  .map(node => node.scrollWidth - node.clientWidth)"""


def address(app: str, page: str = "", **view: object) -> str:
    """Write the address of a page; the overview is the bare one."""
    path = "" if page == "overview" else page
    return f"{app}/{path}" + (f"?{urlencode(view)}" if view else "")


def view(page: Page) -> dict[str, str]:
    """Read the parameters of the address."""
    return {key: values[-1] for key, values in parse_qs(urlsplit(page.url).query).items()}


def finished(page: Page) -> Page:
    """Wait until the model is live, the script has run and every picture is drawn."""
    page.wait_for_function(FINISHED)
    return page


def opened(page: Page, app: str, name: str = "", **asked: object) -> Page:
    page.goto(address(app, name, **asked))
    return finished(page)


def wait_for_view(page: Page, **wanted: str) -> Page:
    """Wait until the address holds these values and the page is finished."""

    def arrived(url: str) -> bool:
        found = {key: values[-1] for key, values in parse_qs(urlsplit(url).query).items()}
        return all(found.get(key) == value for key, value in wanted.items())

    page.wait_for_url(arrived)
    return finished(page)


def follow(page: Page, label: str, title: str) -> Page:
    """Go to another page by its link in the navigation."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=label).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    return finished(page)


def painted(page: Page) -> None:
    """Wait until what came into view is painted: the mouse does not meet it before."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def click_mark(page: Page, *mark: Any) -> None:
    """Click the mark of a picture that carries this tuple, as a person would: by the mouse, where it is drawn."""
    page.wait_for_function(MARK, arg=list(mark))
    painted(page)
    page.mouse.move(*page.evaluate(MARK, list(mark)))
    page.mouse.down()
    page.mouse.up()


def choose(page: Page, where: Locator, text: str) -> None:
    """Choose an entry of a list by keys. A list closes when the page is drawn anew: wait until nothing more comes."""
    finished(page)
    field = where.locator("input")
    field.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
    expect(page.get_by_role("option").and_(page.locator("[data-focused]"))).to_contain_text(text)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(field).to_have_value(re.compile(re.escape(text)))


def edit_cell(page: Page, line: int, rights: int, text: str, left: int = 90) -> None:
    """Give a cell of the page's first table another value: its line is clicked, `left` pixels in, then keys lead on."""
    finished(page)
    page.locator(".stDataFrameGlideDataEditor").first.click(position={"x": left, "y": LINE * (line + 1) + LINE // 2})
    for _ in range(rights):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    field = page.locator("#portal input, #portal textarea").first
    field.fill(text)
    expect(field).to_have_value(text)
    field.press("Enter")


def headline(page: Page) -> Locator:
    """The sentence that answers the page's question."""
    return page.get_by_role("heading", level=4).first


def too_wide(page: Page) -> list[int]:
    """By how many pixels the document and the page can be scrolled sideways."""
    return list(page.evaluate(WIDE))


def no_failure(page: Page) -> None:
    expect(page.get_by_text(re.compile("could not be drawn|Page not found|Traceback"))).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)
