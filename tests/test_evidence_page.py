"""Put to the test: what the page says with every model, what it spends, what it offers, and the line beside a map."""

from __future__ import annotations

import pytest
from screen import address, assert_fine, make_ready, notes, opened, switched, texts

from components import compute, frame, state, trials
from components.parts import evidence, evidence_line, targets
from components.parts.variants import VARIANTS
from components.subjects import Subject
from explain import stream
from explain.evidence import ROWS, Checked
from explain.types import Target
from model_zoo import MODELS

PAGE = "put_to_the_test"
WITH_CLASSES = ["fashion_cnn", "fashion_cnn_untrained", "simple_cnn_224", "efficientnet_lite0"]
CHANCE = ("Not distinguishable from a random map", "Not distinguishable from a map that knows no class")
WORDS = ("Supported", *CHANCE, "Contradicted", "Not tested", "Being tested")


@pytest.fixture(scope="module", autouse=True)
def _ready():
    for model in WITH_CLASSES:
        make_ready(model)


@pytest.fixture(autouse=True)
def _nothing_known():
    compute.st.session_state.clear()
    cache, _lock = compute._results()
    cache.clear()


def slow(monkeypatch, seconds=99.0):
    monkeypatch.setattr(trials, "seconds", lambda _subject, _count: seconds)


def badges(at):
    """The outcomes on the page, top down."""
    found = [text for text in texts(at) if "-badge[" in text]
    return [word for text in found for word in WORDS if text.rstrip("]").endswith(word)]


def button(at, words):
    return next(one for one in at.button if words in one.label)


@pytest.mark.parametrize("model", WITH_CLASSES)
def test_each_row_has_its_outcome_as_a_word_and_says_what_it_does_not_show(model, monkeypatch):
    slow(monkeypatch)
    at = opened(PAGE, model=model)
    assert_fine(at)
    said = "\n".join(texts(at))
    for row in ROWS.values():
        assert f"**{row.title}**" in said
        assert row.doesnt_show[1:] in said
    assert len(badges(at)) == len(ROWS)
    assert "no total" in notes(at)
    assert "why the model does so, whether it is right" in said
    assert "✓" not in said


def test_without_a_click_only_what_is_free_is_checked_where_passes_are_slow(monkeypatch):
    slow(monkeypatch)
    at = opened(PAGE, model="fashion_cnn")
    assert "Test it (at most 282 passes, about 99 s)" in [one.label for one in at.button]
    assert not any("On this picture" in text for text in texts(at))
    button(at, "282 passes").click().run()
    assert_fine(at)
    begins = "On this picture, for *Ankle boot* rather than *Sneaker*, removing the marked"
    assert any(text.startswith(begins) for text in texts(at))
    assert any("Cost: 280 passes." in text or "Cost: 281 passes." in text for text in texts(at))


def test_a_row_that_solves_long_is_not_begun_unasked_and_says_how_long(monkeypatch):
    slow(monkeypatch, 1.0)
    monkeypatch.setattr(trials, "solving", lambda row, *_asked: 30.0 if row == "removal" else 0.0)
    at = opened(PAGE, model="fashion_cnn", removal_fills="three")
    assert_fine(at)
    assert "Test it (at most 422 passes, about 31 s)" in [one.label for one in at.button]


def test_a_cheap_row_starts_by_itself_and_answers_the_page(monkeypatch):
    slow(monkeypatch, 1.0)
    at = opened(PAGE, model="fashion_cnn", method="saliency")
    assert_fine(at)
    (said,) = [text for text in texts(at) if text.startswith("#### ")]
    assert said.startswith("#### Saliency, Ankle boot: hiding the marked")
    assert said.endswith("class-blind activation does as well."), "a great fall alone is no support"
    assert "Not distinguishable from a map that knows no class" in badges(at)
    assert any("copy of the network" in one.label for one in at.button), "copying a network is never begun unasked"


def test_the_outcomes_stand_over_the_rows_the_gravest_first(monkeypatch):
    """On a laptop's screen only the rows that are free, and mostly supported, are in sight."""
    slow(monkeypatch, 1.0)
    at = opened(PAGE, model="fashion_cnn", method="saliency")
    (said,) = [text for text in texts(at) if text.count(":material/") == 3 and "can be read" in text]
    lines = said.split("  \n")
    assert "Not distinguishable from a map that knows no class**]: hiding what it marks" in lines[0]
    assert lines[1].endswith("**Not tested**]: adds up, scrambled weights")
    assert lines[2].endswith("**Supported**]: can be read, comes out the same, record over other pictures")


def test_a_map_that_an_untrained_network_would_make_says_so_in_its_own_title(monkeypatch):
    slow(monkeypatch, 1.0)
    same = {"rank": 0.95, "ssim": 0.9}
    values = {"alike": {"all": same}, "random_pair": same, "empty": [], "unmoved": ["all"], "layers": {"all": 4}}
    check = trials.check

    def stubborn(row, *rest):
        return (one for one in [Checked(row, "contradicted", values)]) if row == "weights" else check(row, *rest)

    monkeypatch.setattr(trials, "check", stubborn)
    at = opened(PAGE, model="fashion_cnn")
    button(at, "copy of the network").click().run()
    assert_fine(at)
    assert any("Grad-CAM**]  \n**This map would look the same for an untrained network**" in t for t in texts(at))


def test_what_was_tested_once_is_there_at_once_for_everybody(monkeypatch):
    slow(monkeypatch, 1.0)
    opened(PAGE, model="fashion_cnn")
    monkeypatch.setattr(trials, "check", lambda row, *_rest: pytest.fail(f"{row} is known"))
    assert_fine(opened(PAGE, model="fashion_cnn"))


def test_a_model_that_is_itself_undecided_is_said_first(monkeypatch):
    slow(monkeypatch)
    at = opened(PAGE, model="efficientnet_lite0", picture="chelsea")
    (said,) = [text for text in texts(at) if text.startswith("#### ")]
    assert said.startswith("#### The model itself is undecided: Egyptian cat leads tiger cat by 0.1")


def test_a_model_without_classes_says_why_and_what_to_do():
    make_ready("vgg16")
    at = opened(PAGE, model="vgg16")
    assert_fine(at)
    assert "no class output yet" in notes(at)
    assert any("Fetch" in one.label for one in at.button)


def test_the_address_keeps_method_and_options(monkeypatch):
    slow(monkeypatch)
    view = {
        "model": "fashion_cnn",
        "picture": "fashion/3",
        "method": "layer_cam",
        "removal_nulls": "20",
        "test_seed": "5",
    }
    at = opened(PAGE, **view)
    assert_fine(at)
    assert address(at) == view
    assert any("LayerCAM" in text for text in texts(at))
    assert any("order of 20 random maps" in text for text in texts(at))


@pytest.mark.parametrize(("name", "value"), [("method", "crystal_ball"), ("removal_nulls", "3"), ("test_seed", "x")])
def test_a_wrong_setting_falls_back_and_says_so(name, value, monkeypatch):
    slow(monkeypatch)
    at = opened(PAGE, model="fashion_cnn", **{name: value})
    assert_fine(at)
    assert name in notes(at)


def test_a_method_that_cant_explain_the_target_says_so_and_tests_nothing(monkeypatch):
    slow(monkeypatch)
    at = opened(PAGE, model="fashion_cnn", method="score_cam", target=9, minus=7)
    assert_fine(at)
    assert "can't explain one class rather than another" in notes(at)
    assert not badges(at)


def test_a_row_that_fails_offers_its_mend(monkeypatch):
    slow(monkeypatch, 1.0)
    at = opened(PAGE, model="fashion_cnn", method="grad_cam")
    assert "Not distinguishable from a random map" in badges(at)
    other = next(one for one in at.button if one.label.startswith("Test ") and "passes" not in one.label)
    other.click().run()
    assert_fine(at)
    assert address(at)["method"] != "grad_cam"


def test_a_line_stands_beside_every_map_with_the_way_here(monkeypatch):
    slow(monkeypatch)
    at = opened("attribution", model="fashion_cnn", methods="saliency,layer_cam")
    assert_fine(at)
    assert len([text for text in texts(at) if "gain by removal" in text]) == 2
    assert len([one for one in at.button if one.label == "Put it to the test"]) == 2
    at = switched(at, PAGE)
    assert any("**LayerCAM**" in text for text in texts(at)), "the last map that was on, without a word in the address"


@pytest.mark.parametrize("at", [0, 1])
def test_the_way_here_takes_picture_target_and_method_along(at, monkeypatch):
    one, went = make_ready("fashion_cnn"), {}
    shown = targets.Explained(Subject(one.model, one.state, "fashion/1"), compute.glance(one), Target(3), "shirt", at)
    monkeypatch.setattr(frame, "go", lambda page, **view: went.update(page=page, **view))
    state.put(model="fashion_cnn", picture="fashion/1" if not at else "fashion/0", target=None if at else 3)
    evidence_line.go(shown, VARIANTS["layer_cam"])
    assert went == {"page": PAGE, "method": "layer_cam"}
    kept = state.view()
    assert (kept["picture"], kept["target"]) == ("fashion/1", "3")


def test_published_curves_stand_outside_the_rows(monkeypatch):
    slow(monkeypatch)
    at = opened(PAGE, model="fashion_cnn", classic=1)
    assert_fine(at)
    assert len(badges(at)) == len(ROWS)
    assert any("Area under deletion 0." in text for text in texts(at))


def test_the_method_is_offered_by_the_registry_in_its_groups():
    at = opened(PAGE, model="fashion_cnn")
    offered = at.selectbox(key="set_method").options
    assert len(offered) == len(VARIANTS)
    groups = [one.rpartition(" · ")[2] for one in offered]
    assert groups == sorted(groups, key=groups.index), "methods of a group stand together"


def test_what_a_row_costs_is_told_from_the_models_pace_and_long_rows_tell_it(monkeypatch):
    one = make_ready("fashion_cnn")
    ready, told = compute.engine(one.model, one.state), []
    monkeypatch.setattr(trials, "pace_of", lambda engine: 0.25)
    assert trials.seconds(one, 512) == 128
    monkeypatch.setattr(trials, "noted", lambda engine, **seconds: told.append(seconds["forward_batched"]))
    *_, result = stream(ready, compute.model_input(one), "saliency", Target(9))
    *_, last = trials.check("removal", one, result, 4321, {})  # a seed that no test before it had: nothing is known
    assert last.passes >= trials.ENOUGH
    assert len(told) == 1
    assert 0 < told[0] < 1


def test_results_of_other_seeds_options_and_maps_are_others():
    one = make_ready("fashion_cnn")
    ready, x = compute.engine(one.model, one.state), compute.model_input(one)
    first, other = (compute.attribute(ready, x, "saliency", Target(target)) for target in (9, 7))
    keys = {
        trials.key_of("removal", one, first, 0, {"nulls": 10}),
        trials.key_of("removal", one, first, 1, {"nulls": 10}),
        trials.key_of("removal", one, first, 0, {"nulls": 20}),
        trials.key_of("removal", one, other, 0, {"nulls": 10}),
        trials.key_of("weights", one, first, 0, {"nulls": 10}),
    }
    assert len(keys) == 5
    assert trials.key_of("removal", one, first, 0, {"nulls": 10}) in keys


def test_every_model_with_classes_is_tested_here():
    assert set(WITH_CLASSES) == {key for key, entry in MODELS.items() if entry.labels()}
    assert evidence.BY_ITSELF_SECONDS > 0
