"""A kernel is edited in a real browser, its address brings it back, and the learned one opens on its page."""

from __future__ import annotations

from driver import edit_cell, finished, headline, no_failure, opened, view, wait_for_view
from playwright.sync_api import expect


def test_a_kernel_is_edited_and_its_address_brings_it_back(page, app, visit):
    opened(page, app, "filters", model="fashion_cnn")
    expect(headline(page)).to_contain_text("Edges, Sobel across: 28×28 becomes 28×28")
    edit_cell(page, 0, 0, "5", left=30)
    wait_for_view(page, filter="sobel_x-3x3~0:5")
    expect(headline(page)).to_contain_text("By hand: 28×28")
    no_failure(page)
    other = visit()
    other.goto(page.url)
    expect(headline(other)).to_have_text(headline(page).inner_text())
    page.get_by_role("button", name="Open it on the Kernels page").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("What has each layer learned")
    finished(page)
    assert {"layer", "channel"} <= set(view(page))
    no_failure(page)
