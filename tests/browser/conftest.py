"""A running app and a real Chromium; where no browser can be had the tests are skipped, and the last line says so."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from screens import DESKTOP
from servers import App, running_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = os.environ.get("CHROMIUM") or next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
skipped: list[str] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if ROOT / "tests" / "browser" in item.path.parents:
            item.add_marker("browser")


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if skipped:
        terminalreporter.write_line(
            f"NO BROWSER: {len(skipped)} browser tests were SKIPPED. Install chromium, or name it in $CHROMIUM.",
            red=True,
            bold=True,
        )


@pytest.fixture(autouse=True)
def _needs_browser(request: pytest.FixtureRequest) -> None:
    if CHROMIUM is None:
        skipped.append(request.node.nodeid)
        pytest.skip("no Chromium on this machine")


@pytest.fixture(scope="session")
def app() -> Iterator[App]:
    with running_app() as address:
        yield address


@pytest.fixture
def fresh_app() -> Iterator[App]:
    """A server that nobody has visited yet."""
    with running_app() as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser) -> Iterator[Callable[..., Page]]:
    """Open windows of browsers that know nothing of each other. No window may ask another host or log an error."""
    contexts, problems = [], []

    def open_one(size: ViewportSize = DESKTOP, **options: object) -> Page:
        context = browser.new_context(viewport=size, **options)
        contexts.append(context)
        context.set_default_timeout(90_000)
        page = context.new_page()
        page.on("request", lambda request: problems.extend(foreign(request.url)))
        page.on("websocket", lambda socket: problems.extend(foreign(socket.url)))
        page.on("console", lambda message: problems.extend(complaint(message)))
        page.on("pageerror", lambda error: problems.append(f"uncaught: {error}"))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not problems


def foreign(address: str) -> list[str]:
    """Name a request that leaves this machine."""
    url = urlsplit(address)
    inside = url.scheme in ("data", "blob") or url.hostname == "127.0.0.1"
    return [] if inside else [f"asked {address}"]


def complaint(message: ConsoleMessage) -> list[str]:
    """Name an error of the console, but for Streamlit's own: a deep link first looks for its server under the page."""
    known = message.location["url"].partition("?")[0].endswith(("/_stcore/health", "/_stcore/host-config"))
    return [] if message.type != "error" or known else [f"console: {message.text} {message.location['url']}"]


@pytest.fixture
def page(visit) -> Page:
    return visit()
