"""Every page in Chromium behind deploy/nginx.conf: with its login, and under its Content-Security-Policy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
import servers
from driver import follow, headline, no_failure, opened
from PIL import Image
from playwright.sync_api import Page, expect
from screens import DESKTOP

from components.screens import screens
from model_zoo.samples import PHOTOGRAPHS

QUESTIONS = {screen.key: screen.question for screen in screens()}
LABELS = {screen.key: screen.label for screen in screens()}
WATCH = """
window.refused = [];
document.addEventListener('securitypolicyviolation', event => window.refused.push(
  `${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile.split('/').pop()}`));
"""
WITHOUT_WEBASSEMBLY = re.compile(r"script-src wasm-eval protobuf\.\w+\.js")
"""A library of Streamlit's asks whether there is WebAssembly, and counts without it."""


@pytest.fixture(scope="module")
def secured(app, tmp_path_factory) -> Iterator[str]:
    if not servers.NEEDED:
        servers.without_nginx.append("tests/browser/test_proxy.py")
        pytest.skip("no nginx or no openssl on this machine")
    with servers.running_proxy([app], tmp_path_factory.mktemp("nginx")) as proxy:
        yield proxy.address


@pytest.fixture
def guest(visit: Callable[..., Page]) -> Page:
    """A window whose user knows the password, and which notes what the policy refuses."""
    known = {"username": servers.USER, "password": servers.PASSWORD}
    page = visit(DESKTOP, http_credentials=known, ignore_https_errors=True, accept_downloads=True)
    page.add_init_script(WATCH)
    return page


def refused(page: Page) -> list[str]:
    return [one for one in page.evaluate("window.refused") if not WITHOUT_WEBASSEMBLY.fullmatch(one)]


def test_every_page_is_drawn_under_the_policy(guest, secured):
    opened(guest, secured, "overview", model="fashion_cnn")
    for key, label in LABELS.items():
        follow(guest, label, QUESTIONS[key])
        no_failure(guest)
        assert refused(guest) == [], key


def test_an_upload_and_both_kinds_of_download_work_under_the_policy(guest, secured):
    opened(guest, secured)
    guest.get_by_text("Your own picture").click()
    guest.locator("input[type=file]").first.set_input_files(PHOTOGRAPHS["coffee"].path)
    expect(headline(guest)).to_contain_text("espresso", ignore_case=True)
    follow(guest, LABELS["attribution"], QUESTIONS["attribution"])
    for button in (
        guest.get_by_role("button", name="Overlay PNG").first,
        guest.locator('.modebar-btn[data-title^="Download"]').first,
    ):
        with guest.expect_download() as download:
            button.dispatch_event("click")
        with Image.open(download.value.path()) as picture:
            assert picture.format == "PNG"
    assert refused(guest) == []


def test_a_deep_link_and_our_own_scripts_work_under_the_policy(guest, secured):
    opened(guest, secured, "kernels", model="fashion_cnn", layer="conv_2", channel=5)
    expect(guest.get_by_label("Kernel, 0 to 63")).to_have_value("5")
    follow(guest, LABELS["overview"], QUESTIONS["overview"])
    card = guest.locator(".st-key-card_fashion-23 button")
    card.scroll_into_view_if_needed()
    expect(guest.get_by_role("heading", level=1)).not_to_be_in_viewport()
    card.focus()
    guest.keyboard.press("Enter")
    expect(guest.get_by_role("heading", level=1)).to_be_in_viewport()
    assert any(cookie["name"] == "convscope_model" for cookie in guest.context.cookies())
    assert refused(guest) == []
