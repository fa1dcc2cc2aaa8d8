"""Without a mouse: on every page each control is reached by Tab, shows its focus, and each kind is changed by keys."""

from __future__ import annotations

import pytest
from driver import finished, no_failure, opened, wait_for_view
from playwright.sync_api import expect

from components.screens import screens

MOST_TABS = 400
LOOK = """e => {
  const style = (n, s = getComputedStyle(n)) =>
    [s.outlineStyle, s.outlineWidth, s.boxShadow, s.borderColor, s.backgroundColor].join('|');
  let said = [...e.children].map(n => style(n)).join(';');
  for (let n = e, up = 0; n && up < 4; n = n.parentElement, up++) said += style(n);
  return said;
}"""
COLLECT = f"""() => {{
  window.look = {LOOK};
  // a table is drawn anew at times, and its cells stand inside its canvas
  window.held = e => (c => c ? c.parentElement.closest('[data-testid]') : e)(e.closest('canvas'));
  const drawn = e => e.getBoundingClientRect().width > 1 && getComputedStyle(e).visibility !== 'hidden';
  const kinds = 'button, a[href], input, select, textarea, summary, canvas, [role=slider], [tabindex]';
  return [...document.querySelectorAll(kinds)]
    .filter(e => drawn(e) && !e.disabled && e.tabIndex >= 0 && !e.closest('.modebar'))
    .map((e, at) => {{
      window.held(e).dataset.walked = at;
      e.before = window.look(e);
      const group = e.closest('[role=radiogroup], [role=group], [data-testid="stButtonGroup"]');
      if (group && !group.dataset.group) group.dataset.group = `group ${{at}}`;
      const said = e.getAttribute('aria-label') || e.innerText || e.tagName;
      return {{at: `${{at}}`, group: group ? group.dataset.group : '', name: said.slice(0, 60), tag: e.tagName}};
    }});
}}"""
FOCUSED = """() => {
  const e = document.activeElement;
  return {at: window.held(e).dataset.walked || '', seen: e.before !== undefined && window.look(e) !== e.before};
}"""
OWN_RING = {"MAIN", "CANVAS"}
"""What shows its focus otherwise: the page itself scrolls, and a table draws a ring round its cell."""
PAGES = {
    **{screen.key: (screen.key, {"model": "fashion_cnn"}) for screen in screens()},
    "a dense layer": ("activations", {"model": "fashion_cnn", "layer": "dense_1"}),
    "several pictures": ("attribution", {"model": "fashion_cnn", "also": "fashion/1", "methods": "grad_cam"}),
}


def unfold(page):
    closed = page.locator("details:not([open]) > summary:visible")
    while closed.count():
        closed.first.press("Enter")
        page.wait_for_timeout(200)
    finished(page)


def walk(page):
    """Press Tab until the focus has come round; returns what was reached and whether the focus showed."""
    reached: dict[str, bool] = {}
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        now = page.evaluate(FOCUSED)
        if reached and now["at"] == next(iter(reached)):
            return reached
        if now["at"] and now["at"] not in reached:
            if not now["seen"]:
                page.wait_for_timeout(350)  # borders fade in
                now = page.evaluate(FOCUSED)
            reached[now["at"]] = now["seen"]
    raise AssertionError(f"{MOST_TABS} times Tab do not go round the page")


@pytest.mark.parametrize("name", PAGES)
def test_tab_reaches_every_control_and_the_focus_shows(name, page, app):
    key, asked = PAGES[name]
    opened(page, app, key, **asked)
    unfold(page)
    controls = page.evaluate(COLLECT)
    assert len(controls) > 15
    reached = walk(page)
    groups = {one["group"] for one in controls if one["at"] in reached} - {""}
    missed = [one["name"] for one in controls if one["at"] not in reached and one["group"] not in groups]
    assert not missed, f"Tab does not reach {missed}"
    unseen = [one["name"] for one in controls if reached.get(one["at"]) is False and one["tag"] not in OWN_RING]
    assert not unseen, f"the focus does not show on {unseen}"


MINE = {"model": "fashion_cnn"}
KEYS = {
    "slider": ("kernels", {"layer": "conv_2"}, ".st-key-set_input input", ["ArrowRight"], {"input": "1"}),
    "slider over layers": ("activations", {}, ".st-key-layer_slider input", ["ArrowRight"], {"layer": "pool_1"}),
    "list": ("kernels", {}, ".st-key-strip_layer input", ["Control+a", "conv_2", "Enter"], {"layer": "conv_2"}),
    "list of several": ("overview", {}, ".st-key-pick_also input", ["trouser", "Enter"], {"also": "fashion/2"}),
    "switch": ("kernels", {}, ".st-key-set_twin input", ["Space"], {"twin": "1"}),
    "number": ("kernels", {}, ".st-key-pick_kernel input", ["Control+a", "5", "Enter"], {"channel": "5"}),
    "row of buttons": (
        "kernels", {}, ".st-key-set_limits [tabindex='0']", ["ArrowRight", "Enter"], {"limits": "kernel"},
    ),
    "pills": (
        "attribution", {}, ".st-key-methods_first button >> nth=0", ["Enter"], {"methods": "grad_cam,hirescam"},
    ),
    "button": ("overview", {}, ".st-key-model_simple_cnn_224 button", ["Enter"], {"model": "simple_cnn_224"}),
    "menu": (
        "activations", {}, ".st-key-presets_activations button", ["Enter", "ArrowDown", "Enter"], {"range": "fixed"},
    ),
    "fields of the place": (
        "activations", {}, ".st-key-place_open input", ["Space", "Tab", "7", "Enter"], {"channel": "7"},
    ),
    "table": ("architecture", {}, "canvas", [*["ArrowDown"] * 3, "Shift+Space"], {"layer": "conv_2"}),
}  # fmt: skip


@pytest.mark.parametrize("kind", KEYS)
def test_a_control_is_changed_by_keys(kind, page, app):
    key, asked, where, keys, wanted = KEYS[kind]
    opened(page, app, key, **MINE, **asked)
    page.locator(where).first.focus()
    for pressed in keys:
        if pressed[0].isupper():
            page.keyboard.press(pressed)
        else:
            page.keyboard.type(pressed)
        page.wait_for_timeout(400)
        finished(page)
    wait_for_view(page, **wanted)
    no_failure(page)


def tab_to(page, where, most=MOST_TABS):
    """Press Tab until something that matches has the focus."""
    inside = f"() => !!document.activeElement.closest({where!r})"
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(inside):
            return
    raise AssertionError(f"{most} times Tab do not reach {where}")


def test_links_popovers_and_downloads_work_by_keys(page, app):
    opened(page, app, "attribution", also="fashion/1", methods="grad_cam", **MINE)
    page.get_by_role("button", name="Title and target").nth(1).focus()
    page.keyboard.press("Enter")
    tab_to(page, ".st-key-title_1")
    page.keyboard.press("Control+a")
    page.keyboard.type("My pullover")
    page.keyboard.press("Enter")
    wait_for_view(page, titles=",My pullover")
    page.keyboard.press("Escape")
    expect(page.locator(".st-key-title_1")).to_be_hidden()
    page.get_by_role("button", name="Overlay PNG").first.focus()
    with page.expect_download():
        page.keyboard.press("Enter")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Kernels").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("What has each layer learned")
    finished(page)
    page.get_by_role("link", name="What does this channel respond to").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("What does this picture set off?")
    no_failure(page)


def test_a_card_far_down_brings_its_headline_into_view(page, app):
    opened(page, app, **MINE)
    card = page.locator(".st-key-card_fashion-23 button")
    card.scroll_into_view_if_needed()
    expect(page.get_by_role("heading", level=1)).not_to_be_in_viewport()
    card.focus()
    page.keyboard.press("Enter")
    wait_for_view(page, picture="fashion/23")
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport()
    page.locator(".st-key-lead_0 button").scroll_into_view_if_needed()
    page.get_by_test_id("stPaginationNext").press("Enter")
    expect(page.locator(".st-key-card_fashion-23")).to_have_count(0)
    finished(page)
    expect(page.get_by_role("heading", level=1)).not_to_be_in_viewport()


def test_a_training_is_begun_held_and_stopped_by_keys_without_losing_the_place(page, app):
    opened(page, app, "train", train_most="1000", train_epochs="100")
    held, stop = page.locator(".st-key-train_pause button"), page.get_by_role("button", name="Stop")
    page.get_by_role("button", name="Start training").focus()
    page.keyboard.press("Enter")
    expect(held).to_be_enabled(timeout=120_000)
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.locator(".st-key-train_run")).to_contain_text("accuracy", timeout=120_000)
    tab_to(page, ".st-key-train_pause", most=3)
    for wanted in ("Resume", "Pause"):
        page.keyboard.press("Enter")
        expect(held).to_contain_text(wanted)
        expect(held).to_be_enabled()
        expect(held).to_be_focused()
    stop.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Open it")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    tab_to(page, ".st-key-train_open", most=3)
    no_failure(page)
