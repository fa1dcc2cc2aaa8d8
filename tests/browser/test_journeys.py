"""What people do with the app, in a real browser, from the first visit to the picture they take away."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from driver import address, click_mark, finished, follow, headline, no_failure, opened, view, wait_for_view
from PIL import Image
from playwright.sync_api import expect

from components.presets import presets
from components.screens import screens
from model_zoo.samples import PHOTOGRAPHS

QUESTIONS = {screen.key: screen.question for screen in screens()}
PRESETS = [preset for preset in presets() if preset.view.get("model") != "vgg16"]
LABELS = {screen.key: screen.label for screen in screens()}


def test_a_first_visit_shows_an_answer_at_once_and_the_live_model_without_a_click(fresh_app, page):
    page.goto(fresh_app)
    badge = page.get_by_text("precomputed")
    expect(badge.first).to_be_visible()
    expect(headline(page)).to_contain_text("Egyptian cat, 38")
    before = headline(page).inner_text()
    expect(badge).to_have_count(0, timeout=90_000)  # TensorFlow's import takes what it takes
    finished(page)
    assert headline(page).inner_text() == before
    said = page.get_by_text(
        re.compile("^Logit of Egyptian cat minus logit of tiger cat, .* the model itself says .*: difference ")
    ).inner_text()
    terms = [number(one) for one in re.findall(r"(?:sum is|says) (\S+?)[;:] ", said)]
    assert len(terms) == 2, said
    assert abs(terms[0] - terms[1]) < 1e-3, said
    assert view(page) == {}, "a bare address stays bare"
    no_failure(page)


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def test_a_deep_link_may_be_the_very_first_request_of_a_server(fresh_app, page):
    opened(page, fresh_app, "kernels", model="fashion_cnn", layer="conv_2", channel=5)
    expect(page.get_by_role("heading", level=1)).to_contain_text(QUESTIONS["kernels"])
    expect(page.get_by_label("Kernel, 0 to 63")).to_have_value("5")
    expect(page.get_by_text("conv_2 · 3×3 Conv2D · 14×14×64")).to_be_visible()
    no_failure(page)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_a_preset_is_one_choice_of_its_menu_away(preset, page, app):
    opened(page, app, preset.page, model="fashion_cnn")
    page.get_by_role("button", name="Presets").click()
    page.get_by_text(preset.title).click()
    defaults = {"model": "efficientnet_lite0", "picture": "chelsea"}
    wait_for_view(page, **{key: value for key, value in preset.view.items() if defaults.get(key) != value})
    assert {key: view(page).get(key, defaults.get(key)) for key in preset.view} == dict(preset.view)
    expect(page.get_by_role("heading", level=1)).to_contain_text(QUESTIONS[preset.page])
    no_failure(page)


def test_an_upload_becomes_an_overlay_on_disk(page, app, tmp_path):
    mine = tmp_path / "My mug (1).png"
    mine.write_bytes(PHOTOGRAPHS["coffee"].path.read_bytes())
    opened(page, app)
    page.get_by_text("Your own picture").click()
    page.locator("input[type=file]").first.set_input_files(mine)
    expect(headline(page)).to_contain_text("espresso", ignore_case=True)
    follow(page, LABELS["attribution"], QUESTIONS["attribution"])
    expect(headline(page)).to_contain_text("espresso", ignore_case=True)
    with page.expect_download() as download:
        page.get_by_role("button", name="Overlay PNG").first.click()
    saved = Path(tmp_path / download.value.suggested_filename)
    download.value.save_as(saved)
    assert saved.name.endswith("overlay.png")
    assert {"efficientnet_lite0", "my_mug", "967"} <= set(re.findall("efficientnet_lite0|my_mug|967", saved.name))
    with Image.open(saved) as picture:
        assert min(picture.size) >= 448
        pixels = np.asarray(picture.convert("RGB")).astype(float)
    assert pixels.std() > 10, "a blank picture"
    orange = (pixels[..., 0] - pixels[..., 2] > 60).mean()
    assert 0.005 < orange < 0.6, "marked where it counts, and not all over"


def test_a_channel_pinned_on_activations_is_the_kernel_that_opens(page, app):
    opened(page, app, "activations", model="fashion_cnn", layer="conv_2")
    click_mark(page, "channel", 37)
    wait_for_view(page, channel="37", layer="conv_2")
    expect(page.get_by_text("channel 37", exact=True)).to_be_visible()
    expect(page.get_by_label("Channel, 0 to 63")).to_have_value("37")
    follow(page, LABELS["kernels"], QUESTIONS["kernels"])
    expect(page.get_by_label("Kernel, 0 to 63")).to_have_value("37")
    assert {key: view(page)[key] for key in ("layer", "channel")} == {"layer": "conv_2", "channel": "37"}
    click_mark(page, "kernel", 12)
    wait_for_view(page, channel="12")
    follow(page, LABELS["activations"], QUESTIONS["activations"])
    expect(page.get_by_label("Channel, 0 to 63")).to_have_value("12")


def test_back_leaves_a_page_in_one_step_and_brings_the_one_before_as_it_was(page, app):
    opened(page, app, "filters", model="fashion_cnn")
    page.get_by_role("link", name="Activations", exact=True).click()
    page.wait_for_url(re.compile("/activations"))
    finished(page)
    before = page.evaluate("history.length")
    for layer in ("pool_1", "conv_2"):
        page.get_by_role("button", name="Next", exact=True).click()
        wait_for_view(page, layer=layer)
        finished(page)
    assert page.evaluate("history.length") == before
    page.go_back()
    page.wait_for_url(re.compile("/filters"))
    finished(page)
    expect(page.locator("h1")).to_contain_text("What does a kernel do to a picture?")


def test_the_strip_moves_the_layer_by_a_click(page, app):
    opened(page, app, "activations", model="fashion_cnn", layer="conv_1")
    click_mark(page, "block", 1)
    wait_for_view(page, layer="pool_1")
    expect(page.get_by_text("pool_1 · 2×2 MaxPooling2D")).to_be_visible()


def test_why_not_the_runner_up_asks_for_the_difference(page, app):
    opened(page, app, picture="chelsea")
    page.get_by_role("button", name="Why not tiger cat?").click()
    wait_for_view(page, target="285")
    expect(page.get_by_role("heading", level=1)).to_contain_text(QUESTIONS["attribution"])
    expect(headline(page)).to_contain_text(re.compile(r"Why Egyptian cat \(\d+.%\) rather than tiger cat \(\d+.%\)\?"))
    no_failure(page)


def seconds_computed(process: int) -> float:
    """The processor time a process has used so far; 0 where the system does not say."""
    said = Path(f"/proc/{process}/stat")
    if not said.exists():
        return 0.0
    fields = said.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def test_stop_says_partial_and_no_further_pass_starts(page, app):
    page.goto(address(app, "attribution", picture="rocket", methods="smoothgrad", smooth_samples=200))
    stop, begin = page.get_by_role("button", name="Stop"), page.get_by_role("button", name="Compute (about")
    expect(stop.or_(begin).first).to_be_visible()
    if begin.count():  # on this machine it would take more than 20 s
        begin.click()
    expect(page.get_by_text(re.compile(r"\d+ of 200 · about"))).to_be_visible()
    stop.click()
    said = page.get_by_text(re.compile(r"Partial: \d+ of 200"))
    expect(said).to_be_visible()
    done = int(re.search(r"Partial: (\d+) of 200", said.inner_text()).group(1))
    assert 0 < done < 200
    finished(page)
    before = seconds_computed(app.process)
    page.wait_for_timeout(1500)  # long enough for a dozen passes, had one started
    assert seconds_computed(app.process) - before < 0.5
    assert f"Partial: {done} of 200" in said.inner_text()
    page.get_by_role("button", name="Go on").click()
    expect(said).to_have_count(0)
    running = page.get_by_text(re.compile(r"\d+ of 200 · about"))
    expect(running).to_be_visible()
    assert int(re.search(r"(\d+) of 200", running.inner_text()).group(1)) >= done, "from where it was, not from zero"
    page.get_by_role("button", name="Stop").click()
    expect(said).to_be_visible()


def test_two_browsers_at_once_each_keep_their_own(visit, app):
    one, two = visit(), visit()
    one.goto(address(app, "activations", model="fashion_cnn", layer="conv_2", channel=3))
    two.goto(address(app, "activations", model="simple_cnn_224", picture="rocket", layer="conv_3"))
    finished(one)
    finished(two)
    click_mark(two, "channel", 9)
    wait_for_view(two, channel="9")
    follow(one, LABELS["kernels"], QUESTIONS["kernels"])
    expect(one.get_by_label("Kernel, 0 to 63")).to_have_value("3")
    assert (view(one)["model"], view(one)["channel"]) == ("fashion_cnn", "3")
    assert (view(two)["model"], view(two)["picture"], view(two)["channel"]) == ("simple_cnn_224", "rocket", "9")
    two.reload()
    finished(two)
    expect(two.get_by_label(re.compile("^Channel, 0 to"))).to_have_value("9")
    expect(two.get_by_text("RANDOM WEIGHTS").first).to_be_visible()
    expect(one.get_by_text("RANDOM WEIGHTS")).to_have_count(0)
