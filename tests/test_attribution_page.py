"""The Attribution page: which methods it offers, and which score it explains unless someone says otherwise."""

from __future__ import annotations

import pytest
from screen import address, assert_fine, make_ready, notes, opened, texts

from components.parts import targets
from components.parts.variants import GROUPS, RECOMMENDED, VARIANTS, groups
from explain import METHODS, Target

FASHION = {"model": "fashion_cnn"}


@pytest.fixture(scope="module", autouse=True)
def _ready():
    for model in ("fashion_cnn", "fashion_cnn_untrained"):
        make_ready(model)


def headline(at):
    (said,) = [text for text in texts(at) if text.startswith("#### ")]
    return said


def test_every_method_stands_once_under_what_it_answers():
    assert {method.group for method in METHODS.values()} <= set(GROUPS)
    offered = [*RECOMMENDED, *(key for keys in groups().values() for key in keys)]
    assert sorted(offered) == sorted(VARIANTS)
    assert len(RECOMMENDED) == 3
    assert all(VARIANTS[key].method.group == name for name, keys in groups().items() for key in keys)


def test_the_groups_are_on_screen_and_the_museum_says_what_failed():
    at = opened("attribution", **FASHION)
    assert_fine(at)
    labels = [one.label for one in at.button_group]
    asked = [GROUPS[name]() for name in groups()]
    assert [label for label in labels if label in asked] == asked
    assert len(asked) == len(GROUPS) - 1, "both gradient methods are among the recommended"
    (piece,) = groups()["museum"]
    assert any(VARIANTS[piece].method.doesnt_show[1:] in text for text in texts(at))


def test_the_switches_are_told_to_the_browser_in_every_run():
    """A browser that did not hear of them in the first run would send them back as off with its next click."""
    at = opened("attribution", model="fashion_cnn", methods="saliency")
    at.run()
    (first,) = [group for group in at.button_group if group.key == "methods_first"]
    assert first.proto.set_value
    assert list(first.value) == ["saliency"]


def test_why_is_a_class_rather_than_its_runner_up():
    at = opened("attribution", **FASHION, methods="saliency,score_cam,eigen_cam")
    assert_fine(at)
    assert "Why Ankle boot" in headline(at)
    assert "rather than Sneaker" in headline(at)
    said = "\n".join(texts(at))
    assert "logit of Ankle boot minus logit of Sneaker" in said
    assert "class Ankle boot alone, since this method explains one class" in said
    assert "whatever the class" in said
    assert "can't explain" not in notes(at)
    assert "minus" not in address(at)


def test_a_class_alone_is_a_choice_that_the_address_keeps():
    at = opened("attribution", **FASHION, methods="saliency")
    at.selectbox(key="pick_minus").set_value(targets.NONE).run()
    assert_fine(at)
    assert address(at)["minus"] == "-"
    assert "rather than" not in headline(at)
    assert "minus logit" not in "\n".join(texts(at))
    again = opened("attribution", **FASHION, methods="saliency", minus="-", target=3)
    assert_fine(again)
    assert address(again)["minus"] == "-"
    assert again.selectbox(key="pick_minus").value == targets.NONE


def test_a_pair_that_someone_chose_is_refused_by_a_method_of_one_class():
    at = opened("attribution", **FASHION, methods="score_cam,rise", target=9, minus=7)
    assert_fine(at)
    assert notes(at).count("can't explain one class rather than another") == 2
    assert "channels" not in notes(at).partition("can't explain")[0].rpartition("RISE")[2]


@pytest.mark.parametrize("view", [{"target": 5}, {"minus": 7}, {"minus": "-"}, {}])
def test_put_to_the_test_is_about_the_same_score(view):
    said = {page: opened(page, **FASHION, methods="saliency", **view) for page in ("attribution", "put_to_the_test")}
    names = [text.split(" · ")[1] for at in said.values() for text in texts(at) if text.startswith(":small[:gray[Sal")]
    assert len(names) == 2
    assert len(set(names)) == 1


def test_the_other_pictures_hold_their_own_class_against_their_own_runner_up():
    at = opened("attribution", **FASHION, also="fashion/1", methods="saliency")
    assert_fine(at)
    assert any("logit of Pullover minus logit of " in text for text in texts(at))


def test_units_that_do_not_exclude_each_other_have_no_runner_up():
    from types import SimpleNamespace

    import numpy as np

    glance = SimpleNamespace(logits=np.array([1.0, 3.0, 2.0]), output_kind="softmax")
    assert [targets.runner_up(glance, index) for index in range(3)] == [1, 2, 1]
    assert targets.usual(glance, 1) == Target(1, 2)
    glance.output_kind = "sigmoid"
    assert targets.runner_up(glance, 1) is None
    glance.logits = np.array([1.0])
    assert targets.usual(glance, 0) == Target(0)
