"""A model of one's own in a real browser: uploaded, its kernels and a Grad-CAM seen; a refused file's message."""

from __future__ import annotations

import re

from corpus import CASES, controls
from driver import choose, expect, finished, follow, no_failure, opened, view
from test_journeys import LABELS, QUESTIONS
from test_own_loads import saved

from model_zoo import MODELS


def upload(page, path, weights_of=""):
    """Choose a file in the panel, say whose weights it holds if nothing else, and have it checked."""
    page.get_by_role("button", name="Your own model").first.click()
    panel = page.locator(".st-key-own_model")
    expect(panel.get_by_text("Model file")).to_be_visible()
    panel.locator("input[type=file]").set_input_files(path)
    start = panel.get_by_role("button", name="Check and open it")
    expect(start).to_be_enabled()
    if weights_of:
        choose(page, panel.locator(".st-key-own_architecture"), f"weights of {weights_of}")
    start.click()


def test_a_model_is_uploaded_seen_and_explained_and_a_bad_file_is_refused_in_words(page, app, tmp_path):
    good, bad = tmp_path / "my_net.keras", tmp_path / "theirs.keras"
    good.write_bytes(controls()["sequential.keras"])
    bad.write_bytes(next(case for case in CASES if case.number == 1).data())
    opened(page, app, "architecture", model="fashion_cnn")
    upload(page, good)
    page.wait_for_url(re.compile("model=own"), timeout=120_000)
    finished(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text(QUESTIONS["overview"])
    expect(page.get_by_text("Model card")).to_be_visible()
    expect(page.get_by_role("button", name="my_net").first).to_be_visible()
    mine = view(page)["model"]
    follow(page, LABELS["kernels"], QUESTIONS["kernels"])
    assert view(page)["model"] == mine
    follow(page, LABELS["attribution"], QUESTIONS["attribution"])
    expect(page.get_by_text("Grad-CAM", exact=False).first).to_be_visible()
    no_failure(page)
    upload(page, bad)
    expect(page.get_by_text("was not opened.")).to_contain_text("Lambda")
    assert view(page)["model"] == mine, "the model that was open stays"
    no_failure(page)


def test_weights_alone_are_opened_as_the_network_that_they_are_said_to_be_for(page, app, tmp_path):
    path = tmp_path / "mine.weights.h5"
    saved(MODELS["fashion_cnn"].build(), tmp_path, path.name)
    opened(page, app, model="fashion_cnn", picture="fashion/3")
    said = page.locator("h4").first.inner_text()
    upload(page, path, weights_of="Fashion CNN")
    page.wait_for_url(re.compile("model=own"), timeout=120_000)
    finished(page)
    expect(page.get_by_text("Model card")).to_be_visible()
    assert view(page)["picture"] == "fashion/3"
    expect(page.locator("h4").first).to_contain_text(said.partition(",")[0])
    no_failure(page)
