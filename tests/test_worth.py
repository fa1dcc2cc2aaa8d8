"""What is worth a look follows the score that the page is about, the pinned difference too."""

from __future__ import annotations

import re

import pytest
from screen import make_ready, opened, texts

from components import compute
from components.parts import captions, worth
from components.parts.targets import Explained
from components.text import number
from explain.engine import Engine
from explain.types import Target


@pytest.fixture(scope="module")
def cat():
    return make_ready("efficientnet_lite0")


@pytest.fixture(scope="module")
def glance(cat):
    return compute.glance(cat)


def test_a_pinned_difference_is_what_is_worth_a_look(cat, glance):
    tiger = 282
    total = compute.answer_sum(cat, 285, tiger)
    found = worth.leads(cat, glance, Target(285, tiger), total)
    ahead = float(glance.logits[285] - glance.logits[tiger])
    assert f"The logit of Egyptian cat is {number(ahead)} above that of tiger cat." in found[0].sentence
    assert found[0].view == {"target": 285, "minus": tiger}
    assert "logit of Egyptian cat minus logit of tiger cat" in found[1].sentence
    assert number(float(total.cells.max())) in found[1].sentence
    assert not any("A close call" in lead.sentence for lead in found), "it is being asked already"
    behind = worth.leads(cat, glance, Target(tiger, 285), compute.answer_sum(cat, tiger, 285))
    assert f"The logit of tiger cat is {number(ahead)} below that of Egyptian cat." in behind[0].sentence


def test_without_a_pin_it_is_about_the_first_choice(cat, glance):
    found = worth.leads(cat, glance, Target(285), glance.total)
    assert "A close call" in found[0].sentence
    assert "to the logit of Egyptian cat:" in found[1].sentence


def test_a_close_call_shows_what_separates_the_two_first_and_the_whole_logit_on_request(cat):
    at = opened()
    assert any("Egyptian cat over tiger cat: most from" in one for one in texts(at))
    next(button for button in at.button if button.label == "Show the whole logit").click().run()
    assert any("Egyptian cat: 49 of 49 cells add to it" in one for one in texts(at))
    next(button for button in at.button if button.label.startswith("Show what separates")).click().run()
    assert any("Egyptian cat over tiger cat: most from" in one for one in texts(at))


def test_another_class_of_a_close_call_is_shown_alone(cat):
    said = [one for one in texts(opened(target=282)) if "cells add to it" in one]
    assert len(said) == 1
    assert said[0].startswith("**tiger cat: ")


def test_the_overview_takes_the_pinned_difference_along(cat):
    said = " ".join(texts(opened(target=285, minus=282)))
    assert "The logit of Egyptian cat is" in said
    assert "minus logit of tiger cat" in said


def test_a_caption_says_why_a_map_cost_less_than_its_method_says(monkeypatch):
    from explain import attribute

    subject = make_ready("fashion_cnn")
    fresh = Engine(subject.entry.build())
    monkeypatch.setattr(compute, "engine", lambda *_: fresh)
    x = compute.model_input(subject)
    costs = [
        captions.cost(
            Explained(subject, compute.glance(subject), Target(target), "boot"),
            attribute(fresh, x, "grad_cam", Target(target)),
        )
        for target in (3, 4, 4)
    ]
    seconds = re.compile(r", (under )?[\d.]+\S* s$")
    assert [seconds.sub("", cost) for cost in costs] == [
        "2 passes",
        "1 of at most 2 passes, the others known from before or not needed",
        "no new pass, all known from before",
    ]
