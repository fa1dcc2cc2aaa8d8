"""From the confusion matrix to one picture: a cell is clicked, its pictures and mean maps come, one asks why."""

from __future__ import annotations

from driver import click_mark, finished, follow, headline, no_failure, opened, view, wait_for_view
from playwright.sync_api import expect


def test_a_cell_leads_to_its_pictures_its_mean_map_and_to_one_picture_on_attribution(page, app):
    opened(page, app, "mistakes", model="fashion_cnn")
    expect(headline(page)).to_contain_text("9,122 of 10,000 test pictures right")
    click_mark(page, "mistake", 6, 2)
    wait_for_view(page, mistake="6-2")
    expect(page.get_by_role("heading", name="Shirt taken for Pullover: 46 pictures")).to_be_visible()
    expect(page.get_by_text("Shirt taken for Pullover: mean of 46 maps")).to_be_visible()
    expect(page.get_by_text("Shirt, rightly told: mean of 50 maps")).to_be_visible()
    click_mark(page, "mistake", 6, 2)
    finished(page)
    assert view(page)["mistake"] == "6-2", "the same cell can be clicked twice"
    page.locator('[class*="st-key-why_cell_"] button').first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Which parts count")
    wait_for_view(page, target="2", minus="6")
    assert view(page)["picture"].startswith("fashion/")
    expect(headline(page)).to_contain_text("rather than Shirt")
    follow(page, "Mistakes", "Where is it wrong?")
    assert view(page)["mistake"] == "6-2", "the cell is there still"
    no_failure(page)
