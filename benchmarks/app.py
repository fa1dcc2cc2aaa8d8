"""How quickly the app answers a person: start, scrubbing, stepping from layer to layer, in a real Chromium.

Run from the project's folder: python -m benchmarks.app [--steps 16]

Server and browser share this machine. A step is timed from the key press to the first frame in which the new title and
the new picture are painted; steps of the app and of a bare Streamlit app (a slider, a line of text, one heatmap of
224 x 224) are taken in turn, so that noise meets both. Needs Chromium in the PATH or in $CHROMIUM.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parent.parent
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
VIEWPORT = {"width": 1440, "height": 900}
REST = 600
"""Milliseconds that a page is left alone after a run: what it still draws then belongs to the step before."""
CHANNELS, MOMENTS = "activations?layer=stem_relu", "activations?model=fashion_cnn&layer=conv_1&film=1"
"""64 channels of 112 x 112, one at a time; 32 feature maps of 28 x 28 at each of 27 moments of a training."""
SCRUBS, WARM = 6, 6
"""Drags of each kind, and the first steps of each that are left out: the browser compiles what it runs."""
ROW = "{:<72}{:>12}{:>12}   {}"
BARE = """
import numpy as np, plotly.graph_objects as go, streamlit as st
st.set_page_config(layout="wide")
names = [f"layer_{n}" for n in range(143)]
name = st.select_slider("Layer", names, key="layer_slider")
st.markdown(f"**{name}: a line of text**")
z = np.random.default_rng(names.index(name)).random((224, 224), np.float32)
figure = go.Figure(go.Heatmap(z=z, colorscale="Viridis")).update_layout(width=640, height=640)
st.plotly_chart(figure, key="mosaic", alt=f"{name}: a picture")
"""
LIVE = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  const charts = [...document.querySelectorAll('[data-testid="stPlotlyChart"]')];
  return app.dataset.testScriptState === 'notRunning' && !document.body.innerText.includes('precomputed')
    && charts.length > 0 && charts.every(chart => chart.querySelector('.main-svg'));
}"""
FIRST_LIVE = """() => {
  const sum = document.querySelector('[class*="st-key-sum"]');
  return sum && sum.dataset.stale !== 'true' && sum.querySelector('.main-svg')
    && !document.body.innerText.includes('precomputed');
}"""
ARM = """() => {
  const thumb = document.querySelector('.st-key-layer_slider input[type=range]');
  thumb.focus();
  const named = '[class*="st-key-mosaic"] [role="figure"], [class*="st-key-mosaic"] figure';
  const title = () => document.querySelector(named)?.getAttribute('aria-label') || '';
  const plot = () => document.querySelector('[class*="st-key-mosaic"] .js-plotly-plot');
  const before = title();
  let pressed = 0, drawn = 0, watched = null;
  window.step = null;
  addEventListener('keydown', () => { pressed = performance.now(); }, {once: true, capture: true});
  const look = () => {
    const now = plot();
    if (now && now !== watched && now.on) {
      if (watched) drawn = performance.now();
      watched = now;
      now.on('plotly_afterplot', () => { if (pressed) drawn = performance.now(); });
    }
    const name = title().split(':')[0];
    const said = [...document.querySelectorAll('[data-testid="stMarkdown"] strong')].some(node =>
      node.innerText.startsWith(name + ':'));
    if (pressed && drawn > pressed && title() !== before && said) {
      window.step = performance.now() - pressed;
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
SCRUB = """async key => {
  const plot = document.querySelector(`.st-key-${key} .js-plotly-plot`);
  plot.scrollIntoView({block: 'center'});
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));  // painted: the mouse meets it
  window.painted = [];
  plot.on('plotly_animatingframe', () => requestAnimationFrame(() => requestAnimationFrame(
    () => window.painted.push(performance.now()))));
  const rail = plot.querySelector('.slider-rail-touch-rect').getBoundingClientRect();
  return [rail.left, rail.top, rail.width, rail.height, plot._fullLayout.sliders[0].steps.length];
}"""


@contextmanager
def server(script: Path) -> Iterator[tuple[str, float]]:
    """Run a Streamlit script on a free port; yields its address and the seconds until its health answered."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    command += ["--server.headless", "true", "--server.address", "127.0.0.1"]
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        while process.poll() is None:
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.02)
        yield address, time.monotonic() - began
    finally:
        process.terminate()
        process.wait(20)


def window(browser: Browser) -> Page:
    page = browser.new_context(viewport=VIEWPORT).new_page()
    page.set_default_timeout(120_000)
    return page


def start(page: Page, address: str) -> tuple[float, float]:
    """Visit a server for the first time; returns the seconds to the first text, and from then to the live model."""
    began = time.monotonic()
    page.goto(address)
    page.wait_for_selector("h1")
    first = time.monotonic()
    page.wait_for_function(FIRST_LIVE)
    return first - began, time.monotonic() - first


def scrub(page: Page, address: str, key: str) -> list[float]:
    """Drag through a figure's frames, two moves a frame; returns the milliseconds between painted frames."""
    page.wait_for_function(LIVE)
    page.goto(address)
    page.wait_for_function(LIVE)
    left, top, width, height, count = page.evaluate(SCRUB, key)
    page.mouse.move(left + 4, top + height / 2)
    page.mouse.down()
    for step in range(1, 2 * count + 1):
        page.mouse.move(left + 4 + step * (width - 8) / (2 * count), top + height / 2)
    page.mouse.up()
    page.wait_for_function("() => performance.now() - window.painted.at(-1) > 500")
    painted = page.evaluate("() => window.painted")
    return [later - sooner for sooner, later in pairwise(painted)]


def step(page: Page, rest: int) -> float:
    """Press the key for the next layer, `rest` ms after the last run; returns the milliseconds until it is painted."""
    page.bring_to_front()
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"
    )
    page.wait_for_timeout(rest)
    page.evaluate(ARM)
    page.wait_for_function(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
    )
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => window.step !== null")
    return float(page.evaluate("() => window.step"))


def paired_steps(app: Page, bare: Page, count: int, rest: int) -> tuple[list[float], list[float]]:
    ours, floor = [], []
    for turn in range(count + 1):
        pair = [(ours, app), (floor, bare)]
        for found, page in pair if turn % 2 else reversed(pair):
            found.append(step(page, rest))
    return ours[1:], floor[1:]  # the first of each warms the browser


def importing() -> float:
    """Import TensorFlow and Keras in a process of their own; returns the seconds, which no first picture can beat."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import tensorflow, keras"], check=True, capture_output=True)
    return time.monotonic() - began


def show(what: str, value: float, target: float | None, unit: str) -> None:
    most = "" if target is None else f"{target:.4g} {unit}"
    verdict = "" if target is None else "met" if value <= target else "MISSED"
    print(ROW.format(what, f"{value:.4g} {unit}", most, verdict), flush=True)


def measure(browser: Browser, steps: int) -> None:
    bare_script = Path(tempfile.mkdtemp()) / "bare.py"
    bare_script.write_text(BARE)
    show("TensorFlow's and Keras's import alone (the floor of the live picture)", importing(), None, "s")
    with server(ROOT / "streamlit_app.py") as (address, health):
        show("health answered after the start", health, 3, "s")
        page = window(browser)
        first, live = start(page, address)
        show("first text after health", first, 2, "s")
        show("first live picture after that", live, 10, "s")
        say_scrubs(page, address)
        with server(bare_script) as (bare_address, _):
            bare = window(browser)
            for one, where in ((page, f"{address}/activations?layer=block3a_expand_conv"), (bare, bare_address)):
                one.goto(where)
                one.wait_for_function(LIVE)
            for rest, when in ((0, "at once"), (REST, "at rest")):
                say_steps(*paired_steps(page, bare, steps, rest), when)


def say_scrubs(page: Page, address: str) -> None:
    """Drag over channels and over a training in turn; a screen shows a step at its next sixtieth of a second only."""
    frames: list[float] = []
    walked: list[float] = []
    for turn in range(SCRUBS):
        both = [(frames, CHANNELS, "scrub"), (walked, MOMENTS, "film")]
        for found, where, key in both if turn % 2 else reversed(both):
            found.extend(scrub(page, f"{address}/{where}", key)[WARM:])
    show(f"scrub step while dragging, median of {len(frames)}", statistics.median(frames), 150, "ms")
    show(f"the same over a training, median of {len(walked)}", statistics.median(walked), 150, "ms")
    show("over a training : over channels, of the means", statistics.mean(walked) / statistics.mean(frames), None, "x")


def say_steps(ours: list[float], floor: list[float], when: str) -> None:
    """Show the steps of one way of pressing: the moment the last run ends ("at once"), or on a page at rest."""
    least = statistics.median(floor)
    show(f"bare app's step {when} (the floor), median of {len(floor)}", least, None, "ms")
    show(f"layer step on Activations {when}, median of {len(ours)}", statistics.median(ours), least + 150, "ms")
    extra = statistics.median(one - other for one, other in zip(ours, floor, strict=True))
    show(f"layer step {when} less its pair's floor, median", extra, 150, "ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=16, help="pairs of layer steps (default 16)")
    steps = parser.parse_args().steps
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    print(
        f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before the start (other work slows all of this)"
    )
    print(ROW.format("", "measured", "at most", ""))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        measure(browser, steps)
        browser.close()


if __name__ == "__main__":
    main()
