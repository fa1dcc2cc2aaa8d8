"""Notebook 003's assignment in a real browser: pictures, network, training, score, and what was learned."""

from __future__ import annotations

import re

from driver import choose, expect, finished, follow, headline, no_failure, opened, view
from test_journeys import LABELS, QUESTIONS

CHAIN = "28x28x1.conv-8-3x3-same-relu.max-2x2.conv-16-3x3-same-relu.max-2x2.flatten.dense-32-relu.dense-10-softmax"


def test_the_assignment_from_data_to_features(page, app, visit):
    opened(page, app, "train", train_data="digits", chain=CHAIN, train_most="1000", train_epochs="2")
    expect(page.get_by_text("The network takes 28×28×1, and these pictures are 8×8×1.")).to_be_visible()
    choose(page, page.locator(".st-key-set_train_data"), "Fashion-MNIST, 6,000")
    expect(headline(page)).to_contain_text("Ready: 26,698 parameters are to learn 10 classes from 1,000 pictures.")
    expect(page.get_by_text("10 classes with 600 pictures each")).to_be_visible()
    finished(page)
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile("training="))
    expect(headline(page)).to_contain_text(re.compile("Training on|In line"))
    page.reload()
    expect(headline(page)).to_contain_text("of the test pictures right. Epoch", timeout=120_000)
    finished(page)
    expect(page.get_by_text("The first 10 test pictures")).to_be_visible()
    expect(page.locator("strong", has_text=re.compile("^(right|wrong)$"))).to_have_count(10)
    no_failure(page)
    other = visit()
    opened(other, app, "train")
    expect(headline(other)).to_contain_text("Ready")
    other.close()
    page.get_by_role("button", name="Open it").click()
    page.wait_for_url(re.compile("model=own"), timeout=120_000)
    expect(page.get_by_text("It is open")).to_be_visible()
    finished(page)
    mine = view(page)["model"]
    page.get_by_role("link", name="Its kernels").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(QUESTIONS["kernels"])
    finished(page)
    assert view(page)["model"] == mine
    expect(page.get_by_text("conv_1").first).to_be_visible()
    page.get_by_text(re.compile("recorded moments of its training")).click()
    expect(page.locator(".st-key-film .js-plotly-plot")).to_be_visible()
    finished(page)
    follow(page, LABELS["activations"], QUESTIONS["activations"])
    assert view(page)["model"] == mine
    assert view(page)["picture"] == "fashion/0"
    no_failure(page)
