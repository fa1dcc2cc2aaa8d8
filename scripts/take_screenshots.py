"""Take pictures of the running app: it is started, each page is waited for until it is live and finished, and shot.

    make shots                                                      the README's pictures, into docs/screenshots
    python -m scripts.take_screenshots --out FOLDER --schemes light dark --widths 1440 390 --full

Files are called <page>-<scheme>-<width>.png. Only the README's pictures (light, 1440 pixels wide, one window high) go
into docs/screenshots, each brought under 150 kB; everything else needs --out. Needs Chromium: in the PATH, or named in
$CHROMIUM.
"""

from __future__ import annotations

import argparse
import io
import itertools
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
NARROW = 600
PHONE = (
    "Mozilla/5.0 (Linux; Android 15; Mobile) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Mobile Safari/537.36"
)
"""A phone says what it is, and the app plans its figures by that."""
README = ROOT / "docs" / "screenshots"
MOST_BYTES = 150_000
HEIGHTS = {1440: 900, 390: 844}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
SETTLED_MS = 1500
VIEWS = {"mistakes": "model=fashion_cnn"}
"""What a page is shown with where the model that a bare address opens has nothing for it."""
FINISHED = """settled => {
  const app = document.querySelector('[data-testid="stApp"]');
  const charts = [...document.querySelectorAll('[data-testid="stPlotlyChart"]')];
  const busy = ['stSkeleton', 'stSpinner', 'stProgress', 'stStatusWidget'].some(
    name => document.querySelector(`[data-testid="${name}"]`)) || document.querySelector('[data-stale="true"]');
  const calm = app && app.dataset.testScriptState === 'notRunning' && !busy && charts.length > 0
    && charts.every(chart => chart.querySelector('.main-svg'))
    && !document.body.innerText.includes('precomputed');
  if (!calm) window.calmSince = 0;
  else window.calmSince ||= performance.now();
  return calm && performance.now() - window.calmSince >= settled;
}"""
CONTENT_HEIGHT = "() => document.querySelector('[data-testid=\"stMain\"]').scrollHeight"


def pages() -> list[str]:
    """Return the keys of everybody's pages in their order; the first is the one that a bare address opens."""
    said = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "pages").glob("*.py")}

    def order(key: str) -> int:
        found = re.search(r"^order: (\d+)$", said[key], re.MULTILINE)
        return int(found[1]) if found else 0

    everybodys = (key for key, text in said.items() if key != "__init__" and "\nfor: operator\n" not in text)
    return sorted(everybodys, key=order)


@contextmanager
def running_app() -> Iterator[str]:
    """Start the app on a free port of this machine and yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1", "--logger.level", "warning"]
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    server = subprocess.Popen(command, cwd=ROOT, env=quiet, stdout=subprocess.DEVNULL)
    try:
        yield _answering(f"http://127.0.0.1:{port}", server)
    finally:
        server.terminate()
        server.wait(20)


def _answering(address: str, server: subprocess.Popen[bytes], seconds: float = 60) -> str:
    until = time.monotonic() + seconds
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).read()
        except OSError:
            time.sleep(0.2)
        else:
            return address
    raise SystemExit(f"the app did not answer at {address}; start it with `make run` and read what it says")


def shoot(page: Page, address: str, width: int, full: bool) -> bytes:
    """Open an address, wait until it is finished, and return its picture as PNG; `full` shows the whole page."""
    page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
    page.goto(address)
    page.wait_for_function(FINISHED, arg=SETTLED_MS, polling=200)
    if full:
        height = page.evaluate(CONTENT_HEIGHT)
        page.set_viewport_size({"width": width, "height": max(height, HEIGHTS[width])})
        page.wait_for_function(FINISHED, arg=SETTLED_MS, polling=200)
    return page.screenshot()


def small(png: bytes, most: int = MOST_BYTES) -> bytes:
    """Return a PNG of at most `most` bytes by using fewer colours. Raises ValueError where 16 are still too many."""
    with Image.open(io.BytesIO(png)) as picture:
        rgb = picture.convert("RGB")
    for colours in (256, 192, 128, 96, 64, 48, 32, 16):
        kept = io.BytesIO()
        rgb.quantize(colours, dither=Image.Dither.NONE).save(kept, "PNG", optimize=True)
        if kept.tell() <= most:
            return kept.getvalue()
    raise ValueError(f"picture: expected one that fits in {most:,} bytes, got {kept.tell():,} with 16 colours")


def take(browser: Browser, address: str, options: argparse.Namespace) -> None:
    """Take every picture asked for, one browser context a scheme and width; a narrow one is a phone's."""
    first = pages()[0]
    options.out.mkdir(parents=True, exist_ok=True)
    for scheme, width in itertools.product(options.schemes, options.widths):
        phone = {"user_agent": PHONE, "has_touch": True} if width < NARROW else {}
        context = browser.new_context(color_scheme=scheme, **phone)
        context.set_default_timeout(120_000)
        page = context.new_page()
        for name in options.pages:
            place = "" if name == first else name
            view = options.view or VIEWS.get(name, "")
            query = f"?{view}" if view else ""
            png = shoot(page, f"{address}/{place}{query}", width, options.full)
            written = small(png) if options.out == README else png
            path = options.out / f"{name}-{scheme}-{width}.png"
            path.write_bytes(written)
            print(f"{path}  {len(written):,} bytes", flush=True)
        context.close()


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; refuses to put anything but the README's pictures into docs/screenshots."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", nargs="+", choices=pages(), default=pages())
    parser.add_argument("--schemes", nargs="+", choices=["light", "dark"], default=["light"])
    parser.add_argument("--widths", nargs="+", type=int, choices=sorted(HEIGHTS), default=[1440])
    parser.add_argument("--full", action="store_true", help="the whole page, not one window of it")
    parser.add_argument("--view", default="", help='what to open, as in the address: "model=fashion_cnn&layer=conv_1"')
    parser.add_argument("--out", type=Path, default=README)
    read = parser.parse_args(arguments)
    read.out = read.out.resolve()
    plain: Any = (["light"], [1440], False, "")
    if read.out == README.resolve() and (read.schemes, read.widths, read.full, read.view) != plain:
        parser.error("docs/screenshots holds the README's pictures only (light, 1440, one window); give --out FOLDER")
    return read


def main() -> None:
    """Start the app and Chromium, take the pictures, stop both."""
    asked = options()
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    chromium = os.environ.get("CHROMIUM") or next(filter(None, found), None)
    if chromium is None:
        raise SystemExit("no Chromium was found; install it (Debian: apt-get install chromium) or name it in $CHROMIUM")
    with running_app() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        take(browser, address, asked)
        browser.close()


if __name__ == "__main__":
    main()
