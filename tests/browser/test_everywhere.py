"""What holds on every page: a phone's width, the keyboard, nothing asked of other machines."""

from __future__ import annotations

import pytest
from driver import finished, no_failure, opened, too_wide, view, wait_for_view
from playwright.sync_api import expect
from screens import DESKTOP, HALF, PHONE

from components.screens import screens

SCREENS = {screen.key: screen for screen in screens()}
MOST_TABS = 60
DARK = "rgb(15, 20, 27)"
GROUND = "() => getComputedStyle(document.querySelector('[data-testid=\"stApp\"]')).backgroundColor"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("key", SCREENS)
def test_a_page_fits_a_phone_by_day_and_by_night(key, scheme, visit, app):
    page = visit(PHONE, color_scheme=scheme)
    opened(page, app, key, model={"light": "efficientnet_lite0", "dark": "fashion_cnn"}[scheme])
    expect(page.get_by_role("heading", level=1)).to_contain_text(SCREENS[key].question)
    assert too_wide(page) == [0, 0]
    assert (page.evaluate(GROUND) == DARK) == (scheme == "dark")
    no_failure(page)


def test_a_narrow_window_is_laid_out_for_its_width_and_a_wide_one_again(page, app):
    opened(page, app, "activations", model="fashion_cnn", layer="conv_1")
    strip, blocks = page.locator(".st-key-strip"), page.get_by_text("› Ankle boot")
    expect(strip).to_be_visible()
    expect(blocks).to_be_hidden()
    page.set_viewport_size(HALF)
    expect(page.locator(".st-key-turn_wide")).to_have_count(1)
    finished(page)
    expect(blocks).to_be_visible()
    expect(strip).to_be_hidden()
    assert too_wide(page) == [0, 0]
    picture, slider = page.locator(".js-plotly-plot:visible").first, page.locator(".st-key-layer_slider")
    assert slider.bounding_box()["y"] > picture.bounding_box()["y"], "controls come behind the picture"
    page.set_viewport_size(DESKTOP)
    expect(page.locator(".st-key-turn_narrow")).to_have_count(1)
    expect(strip).to_be_visible()
    no_failure(page)


def test_the_layer_is_reached_and_changed_by_keyboard(page, app):
    opened(page, app, "activations", model="fashion_cnn", layer="conv_1")
    page.get_by_role("heading", level=1).click()
    inside = "() => !!document.activeElement.closest('.st-key-layer_slider')"
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(inside):
            break
    assert page.evaluate(inside), f"{MOST_TABS} times Tab do not reach the layer slider"
    page.keyboard.press("ArrowRight")
    wait_for_view(page, layer="pool_1")
    assert page.evaluate(inside), "the slider keeps the focus"
    page.keyboard.press("ArrowRight")
    wait_for_view(page, layer="conv_2")
    expect(page.get_by_text("conv_2 · 3×3 Conv2D")).to_be_visible()


def test_the_way_along_the_strip_is_a_button_too(page, app):
    opened(page, app, "activations", model="fashion_cnn", layer="conv_1")
    page.locator(".st-key-strip_on button").first.focus()
    page.keyboard.press("Enter")
    wait_for_view(page, layer="pool_1")
    page.locator(".st-key-strip_back button").first.focus()
    page.keyboard.press("Space")
    wait_for_view(page, layer="conv_1")
    assert view(page)["layer"] == "conv_1"
