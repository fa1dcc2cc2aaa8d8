"""How a page answers while a network is trained on the same cores: layer steps before a training and during it.

Run from the project's folder: python -m benchmarks.beside_training [--steps 12]

A step is timed as in benchmarks.app, on a page at rest. The training is the Train page's first suggestion, begun in a
tab of its own, which stays open. Needs Chromium in the PATH or in $CHROMIUM.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.app import FLAGS, LIVE, REST, ROOT, ROW, server, show, step, window

TIMES = 4
PAGE = "activations?layer=block3a_expand_conv"
UNDER_WAY = "() => /Epoch \\d+ of \\d+/.test(document.body.innerText)"


def steps(page: Page, count: int) -> float:
    """Return the median milliseconds of layer steps, the first left out."""
    return statistics.median([step(page, REST) for _turn in range(count + 1)][1:])


def measure(browser: Browser, count: int) -> None:
    with server(ROOT / "streamlit_app.py") as (address, _health):
        page, other = window(browser), window(browser)
        page.goto(f"{address}/{PAGE}")
        page.wait_for_function(LIVE)
        idle = steps(page, count)
        show(f"layer step, nothing trained, median of {count}", idle, None, "ms")
        other.goto(f"{address}/train")
        other.get_by_role("button", name="Start training").click()
        other.wait_for_function(UNDER_WAY)
        page.goto(f"{address}/{PAGE}")
        page.wait_for_function(LIVE)
        show(f"layer step beside a training, median of {count}", steps(page, count), TIMES * idle, "ms")
        if not other.evaluate(UNDER_WAY):
            raise SystemExit("the training ended before the steps did: take fewer steps")
        other.get_by_role("button", name="Stop", exact=True).click()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=12, help="layer steps in each state (default 12)")
    count = parser.parse_args().steps
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before the start")
    print(ROW.format("", "measured", "at most", ""))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        measure(browser, count)
        browser.close()


if __name__ == "__main__":
    main()
