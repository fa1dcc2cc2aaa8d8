"""A chain is edited in a real browser, cell by cell, and its address brings it back."""

from __future__ import annotations

from driver import edit_cell, finished, no_failure, opened, wait_for_view
from playwright.sync_api import expect

SEED = "28x56x3.conv-8-3x3-same.conv-5-3x2-s2x3.max-3x3.flatten.dense-3"


def test_a_chain_is_edited_and_its_address_brings_it_back(page, app, visit):
    opened(page, app, "shapes", chain=SEED)
    expect(page.get_by_text("832 parameters")).to_be_visible()
    edit_cell(page, 0, 1, "16")
    wait_for_view(page, chain=SEED.replace("conv-8", "conv-16"))
    edit_cell(page, 1, 2, "5")
    wait_for_view(page, chain=SEED.replace("conv-8", "conv-16").replace("3x2-s", "5x5-s"))
    edit_cell(page, 1, 2, "50")
    expect(page.get_by_text("A window of 28 would fit")).to_be_visible()
    edit_cell(page, 1, 2, "3x2")
    wait_for_view(page, chain=SEED.replace("conv-8", "conv-16"))
    expect(page.get_by_text("A window of 28 would fit")).to_have_count(0)
    finished(page)
    no_failure(page)
    other = visit()
    other.goto(page.url)
    expect(other.get_by_role("heading", level=4)).to_have_text(page.get_by_role("heading", level=4).inner_text())
    no_failure(other)
