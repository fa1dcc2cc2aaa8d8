"""Sentences and figures of the evidence: every row, outcome and reason of the numerics has its words."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest

from components import figures, sentences
from components.figures import Words
from components.figures.contract import TITLE_LIMIT
from components.sentences.evidence import MOST, REASONS
from components.sentences.evidence_rows import ROWS as SAID
from explain.evidence import ROWS, Checked

SOURCES = sorted((Path(__file__).parent.parent / "explain" / "evidence" / "rows").glob("*.py"))
ABOUT = sentences.About("Grad-CAM", "Egyptian cat", "tiger cat")
LONG = "a class whose full name goes on for rather longer than any title in this application has room for"
INTERVAL = {"mean": 1.5, "low": 0.8, "high": 2.3, "n": 200}
REMOVAL = {
    "base": 5.0,
    "share": 0.1,
    "drop": 1.9,
    "null_drop": 0.2,
    "as_much": 0,
    "nulls": 10,
    "fills_agree": True,
    "gain": {"blurred": 4.0, "surroundings": 4.5},
    "null_gains": {"blurred": np.linspace(-1, 1, 10), "surroundings": np.linspace(-1, 1, 10)},
    "rival_gains": {
        "blurred": {"edges": 1.0, "centre": 2.0, "class_blind": 3.0},
        "surroundings": {"edges": 1.0, "centre": 2.0, "class_blind": 3.0},
    },
    "margins": {fill: {"edges": 0.5, "centre": 0.5, "class_blind": 0.5} for fill in ("blurred", "surroundings")},
    "beaten_by": {"blurred": 0, "surroundings": 0},
    "outcomes": {"blurred": "supported", "surroundings": "supported"},
}
WEIGHTS = {
    "alike": {stage: {"rank": 0.9, "ssim": 0.85} for stage in ("head", "half", "all")},
    "random_pair": {"rank": 0.95, "ssim": 0.9},
    "layers": {"head": 1, "half": 2, "all": 4},
    "empty": [],
    "unmoved": ["head", "half", "all"],
}
RECORD = {
    "gain": INTERVAL,
    "over": {"shifted": INTERVAL, "edges": INTERVAL | {"mean": -0.4, "low": -0.9, "high": 0.1}},
    "n": 200,
    "few": False,
    "pictures": "fashion",
}
HEALTH = {"cells": 49, "grid": (7, 7), "above_zero": 0.5, "not_finite": 0, "coarse": False, "rank": 2, "classes": 1000}
ADDS = {"how": "cells", "total": 8.99, "difference": 8.99, "error": 0.0, "bias": 0.1}
HALVES = {"agreement": 0.92, "samples": 20, "how": "split_half"}
REASON = re.compile(r"or \"(\w+)\"|reason = \"(\w+)\"|reason=\"(\w+)\"|\"(\w+)\" if|else \"(\w+)\"|return \"(\w+)\"")


def removed(**more):
    return Checked("removal", more.pop("outcome", "supported"), REMOVAL | more, reason=more.pop("reason", ""))


def test_the_headline_template_is_filled_with_its_numbers():
    said = sentences.row_said(removed(), ABOUT)
    assert said.startswith(
        "On this picture, for *Egyptian cat* rather than *tiger cat*, removing the marked 10\u00a0% lowers the "
        "log-odds by 1.9; same-shaped random maps: 0.20 (0 of 10 did as much). Both fills agree."
    )
    assert "above every map that knows no class by more than the levels differ by" in said
    assert said.endswith("(class-blind activation: 3.0, margin 0.50).")


def test_a_rise_is_called_a_rise():
    said = sentences.row_said(removed(drop=-0.63, null_drop=-0.67, as_much=5), ABOUT)
    assert "raises the log-odds by 0.63; same-shaped random maps raise it by 0.67 (5 of 10 did no worse)" in said


def test_what_does_as_well_is_named():
    rivals = {fill: {"edges": 1.0, "centre": 9.0} for fill in REMOVAL["gain"]}
    only_rivals = removed(outcome="not_distinguishable", rival_gains=rivals)
    assert (
        "more than all 10 random maps, but these, which know no class, do as well, or fall behind"
        in sentences.row_said(only_rivals, ABOUT)
    )
    assert sentences.row_said(only_rivals, ABOUT).endswith("differ by: centre.")
    both = removed(outcome="not_distinguishable", rival_gains=rivals, beaten_by={"blurred": 3, "surroundings": 1})
    assert sentences.row_said(both, ABOUT).endswith("do at least as well: 3 random maps, centre.")
    near = {fill: {"edges": 1.0, "centre": 3.8} for fill in REMOVAL["gain"]}
    behind = removed(outcome="not_distinguishable", rival_gains=near, beaten_by={"blurred": 3, "surroundings": 1})
    assert sentences.row_said(behind, ABOUT).endswith("do at least as well: 3 random maps."), "it does not do as well"


def test_the_headline_is_never_better_than_the_outcome():
    """A great fall that no random map does is no support while a map that knows no class does as well."""
    rivals = {fill: {"edges": 1.0, "centre": 9.0} for fill in REMOVAL["gain"]}
    random = {"blurred": 3, "surroundings": 1}
    cases = [
        (removed(), "0 of 10 did as much). Both fills agree."),
        (removed(outcome="not_distinguishable", rival_gains=rivals), "Over all levels centre does as well."),
        (
            removed(outcome="not_distinguishable", rival_gains={fill: {"centre": 3.9} for fill in REMOVAL["gain"]}),
            "Over all levels centre does nearly as well.",
        ),
        (removed(outcome="not_distinguishable", beaten_by=random), "Over all levels 3 random maps do as well."),
        (removed(outcome="not_distinguishable", reason="fills_disagree"), "The two fills disagree."),
        (removed(outcome="contradicted"), "What it marks least costs more."),
        (removed(outcome="not_distinguishable"), "it gains nothing."),
    ]
    for checked, end in cases:
        said = sentences.evidence_headline(checked, sentences.About("Grad-CAM", "cat"))
        assert said.endswith(end)
        assert len(said) <= MOST


def test_no_better_than_chance_is_said_only_where_random_maps_do_as_well():
    rivals = {fill: {"centre": 9.0} for fill in REMOVAL["gain"]}
    known = removed(outcome="not_distinguishable", rival_gains=rivals)
    assert sentences.outcome(known).said == "Not distinguishable from a map that knows no class"
    both = removed(outcome="not_distinguishable", rival_gains=rivals, beaten_by={"blurred": 0, "surroundings": 1})
    assert sentences.outcome(both).said == "Not distinguishable from a random map"
    record = Checked("record", "not_distinguishable", RECORD)
    assert sentences.outcome(record).said == "Not distinguishable from a map that knows no class"
    shifted = RECORD | {"over": RECORD["over"] | {"shifted": INTERVAL | {"low": -0.1}}}
    assert sentences.outcome(Checked("record", "not_distinguishable", shifted)).said.endswith("a random map")


def test_a_gain_that_is_hardly_above_is_written_so_that_it_is_seen():
    close = {fill: {"class_blind": gain - 0.02} for fill, gain in REMOVAL["gain"].items()}
    margins = {fill: {"class_blind": 0.01} for fill in REMOVAL["gain"]}
    said = sentences.row_said(removed(rival_gains=close, margins=margins), ABOUT)
    assert "4.00, is above every map that knows no class" in said
    assert "(class-blind activation: 3.98, margin 0.01" in said
    assert sentences.gain_title(REMOVAL | {"rival_gains": close}).endswith("class-blind activation 3.98")


def test_fills_that_disagree_are_told_apart():
    outcomes = {"blurred": "supported", "surroundings": "not_distinguishable"}
    checked = Checked(
        "removal",
        "not_distinguishable",
        REMOVAL | {"fills_agree": False, "outcomes": outcomes},
        reason="fills_disagree",
    )
    said = sentences.row_said(checked, ABOUT)
    assert "The two fills disagree." in said
    assert "blurred picture: it does better; mean of the surroundings: it does no better" in said


def test_a_reversed_map_is_told_by_its_gain():
    gains = {"blurred": -2.0, "surroundings": -1.5}
    said = sentences.row_said(removed(outcome="contradicted", gain=gains), ABOUT)
    assert said.endswith("What it marks least costs more than what it marks most: gain \u22122.0.")


def test_a_map_of_an_untrained_network_is_named_in_the_figures_title():
    contradicted = Checked("weights", "contradicted", WEIGHTS)
    assert sentences.weights_title(contradicted) == "This map would look the same for an untrained network"
    assert sentences.row_said(contradicted, ABOUT).startswith("This map would look the same for an untrained network.")


def test_a_map_that_keeps_its_place_without_the_head_says_so():
    alike = WEIGHTS["alike"] | {"all": {"rank": 0.1, "ssim": 0.0}}
    said = sentences.row_said(
        Checked("weights", "supported", WEIGHTS | {"alike": alike, "unmoved": ["head"], "random_pair": None}), ABOUT
    )
    assert "which is all that this says" in said
    assert "the classes' own weights do not enter it" in said
    assert "two random networks" not in said
    empty = WEIGHTS | {"alike": alike, "unmoved": [], "empty": ["all"]}
    assert "comes out empty" in sentences.weights_title(Checked("weights", "supported", empty))


def test_a_record_is_held_against_its_strongest_rival():
    said = sentences.row_said(Checked("record", "not_distinguishable", RECORD), ABOUT)
    assert "Over 200 Fashion-MNIST test pictures its mean gain is 1.5" in said
    assert "Against edges, its strongest rival there, it gains 0.40 less (\u22120.90 to 0.10)" in said
    assert "few" not in said
    few = Checked("record", "not_distinguishable", RECORD | {"n": 6, "few": True})
    assert sentences.row_said(few, ABOUT).endswith("6 pictures are few.")
    assert "0.40 below that of edges" in sentences.line_said(few, ABOUT)


@pytest.mark.parametrize(
    ("checked", "said"),
    [
        (Checked("health", "supported", HEALTH), "Of the model's 1,000 classes Egyptian cat is number 2."),
        (Checked("health", "supported", HEALTH | {"coarse": True, "cells": 9}), "Only 9 cells"),
        (Checked("health", "contradicted", HEALTH | {"not_finite": 3}, reason="not_finite"), "3 of 49 values"),
        (Checked("health", "contradicted", HEALTH, reason="all_zero"), "0 everywhere"),
        (Checked("health", "contradicted", HEALTH, reason="constant"), "one value everywhere"),
        (Checked("reproducible", "supported", {}, reason="deterministic"), "Nothing in it is drawn at random"),
        (
            Checked("reproducible", "supported", HALVES),
            "split-half 0.92",
        ),
        (
            Checked("reproducible", "not_distinguishable", {"agreement": 0.1, "samples": 2, "how": "second_seed"}),
            "too few samples to read it",
        ),
        (
            Checked("reproducible", "not_tested", HALVES | {"agreement": 0.6}, reason="more_samples"),
            "more samples would",
        ),
        (Checked("adds_up", "supported", ADDS | {"positive_only": True, "left_out": -0.3}), "leaves out to \u22120.3"),
        (Checked("adds_up", "not_tested", ADDS | {"positive_only": True, "left_out": -9.0}, reason="left_out"), "9.00"),
        (Checked("adds_up", "contradicted", ADDS | {"how": "promise", "error": np.inf}), "no difference of scores"),
        (Checked("adds_up", "contradicted", ADDS | {"how": "promise", "error": 0.4}), "40\u00a0% apart"),
        (Checked("adds_up", "not_tested", {}, reason="no_promise"), "makes no such promise"),
    ],
)  # fmt: skip
def test_rows_say_what_they_found(checked, said):
    assert said in sentences.row_said(checked, ABOUT)


def test_every_row_has_its_sentence_and_every_reason_its_words():
    assert set(SAID) == set(ROWS)
    found = {word for path in SOURCES for words in REASON.findall(path.read_text()) for word in words if word}
    assert {"flat_map", "no_promise", "no_record", "partial", "other_settings"} <= found
    values = {"nulls": 4, "error": "a layer", "n": 4}
    for reason in REASONS:
        said = sentences.row_said(Checked("removal", "not_tested", values, reason=reason), ABOUT)
        assert said.endswith((".", "layer"))
        assert "{" not in said
    known = set(REASONS) | {
        "not_finished",
        "not_finite",
        "all_zero",
        "constant",
        "deterministic",
        "more_samples",
        "fills_disagree",
    }
    outcomes = {"supported", "not_distinguishable", "contradicted", "not_tested", "split_half", "second_seed"}
    assert found - known - outcomes - {"promise", "cells", "probability"} == set()


def test_an_unknown_reason_is_said_as_such():
    assert "odd thing" in sentences.row_said(Checked("removal", "not_tested", reason="odd_thing"), ABOUT)


def test_outcomes_are_icon_and_word_and_no_tick():
    words = [
        sentences.outcome(Checked("health", one))
        for one in ("supported", "not_distinguishable", "contradicted", "not_tested")
    ]
    assert len({word.icon for word in words}) == len({word.said for word in words}) == 4
    assert not any("check" in word.icon or "thumb" in word.icon for word in words)
    begun = Checked("removal", "not_tested", done=3, total=2_000, reason="not_finished")
    assert sentences.outcome(begun).said == "Being tested"
    assert sentences.outcome(begun, halted=True).said == "Stopped"
    assert sentences.row_said(begun, ABOUT) == "3 of 2,000 so far; the outcome waits for all of them."


@pytest.mark.parametrize("name", ["cat", LONG])
def test_headlines_and_titles_fit(name):
    about = dataclasses.replace(ABOUT, name=name, other=name)
    assert len(sentences.evidence_headline(None, about)) <= MOST
    assert len(sentences.evidence_headline(removed(drop=-1.0, null_drop=-2.0), about)) <= MOST
    assert len(sentences.model_undecided(name, name, 0.1)) <= MOST
    assert len(sentences.gain_title(REMOVAL)) <= TITLE_LIMIT
    assert len(sentences.record_title(RECORD)) <= TITLE_LIMIT


LEVELS = np.array([0, 0.05, 0.1, 0.2, 0.3, 0.5])
CURVES = np.random.default_rng(0).normal(size=(14, 2, 6))
TITLED = Words("Gain 4.0; best random map 1.0", "Gain of removal.")


@pytest.mark.parametrize("width", [350, 720])
@pytest.mark.parametrize("ended", [1, 3, 14])
def test_removal_is_drawn_as_far_as_it_came(width, ended):
    names = dict(zip(("edges", "centre", "class-blind"), CURVES[1:ended], strict=False))
    curves = figures.Removed(LEVELS, CURVES[0], names, CURVES[4:ended])
    drawn = figures.removal_curves(curves, TITLED, quantity="log-odds", width=width)
    lines = [trace for trace in drawn.figure.data if trace.line.width]
    assert len(lines) == 2 * (1 + len(names))
    np.testing.assert_array_equal(lines[-1].y, CURVES[0, 1])
    assert drawn.figure.layout.width == width
    assert sum(trace.fill == "tonexty" for trace in drawn.figure.data) == (2 if ended == 14 else 0)


def test_every_gain_is_a_mark():
    rows = [figures.Gains(fill, 4.0, {"edges": 1.0}, np.linspace(-1, 1, 10)) for fill in ("blurred", "surroundings")]
    drawn = figures.gain_strip(rows, TITLED, quantity="gain")
    assert sum(len(trace.x) for trace in drawn.figure.data) == 2 * 12
    assert "4.00" in drawn.alt


@pytest.mark.parametrize("width", [350, 720])
def test_likeness_records_and_published_curves_are_drawn(width):
    stages = [("all", 0.2, 0.1), ("pair", 0.8, 0.9)]
    likeness = figures.likeness(stages, TITLED, same=0.8, changed=0.5, width=width)
    marks = [trace.x[0] for trace in likeness.figure.data if trace.mode == "markers"]
    assert marks == [0.1, 0.2, 0.9, 0.8]
    record = figures.intervals([("gain", INTERVAL), ("edges", INTERVAL)], TITLED, quantity="gain", width=width)
    zero, *lines = [trace for trace in record.figure.data if trace.mode == "lines"]
    assert [tuple(trace.x) for trace in lines] == [(0.8, 2.3)] * 2
    assert tuple(zero.x) == (0, 0, None) * 2
    above = [name.y for name in record.figure.layout.annotations if name.xanchor == "left"]
    assert bool(above) == (width < 400), "on a phone a name stands over its line"
    assert not any(top <= y <= end for y in above for top, end in zip(zero.y[::3], zero.y[1::3], strict=True))
    shares = np.linspace(0, 1, 5)
    classic = figures.classic_curves(shares, shares[::-1], np.full(5, np.nan), TITLED, width=width)
    assert "At 50\u00a0%: deletion 0.500, insertion NaN." in classic.alt
    assert sentences.classic_title(0.5, float("nan")) == "Area under deletion 0.50, under insertion not done yet"


def test_why_there_is_no_record_is_told_apart():
    said = lambda **values: sentences.row_said(Checked("record", "not_tested", values, reason="no_record"), ABOUT)  # noqa: E731
    assert "this method on this model" in said(trained=True, of_model=True)
    assert "random weights" in said(trained=False, of_model=False)
    assert "its trained weights are not part of ConvScope" in said(trained=True, of_model=False)
    assert said() == said(trained=True, of_model=True), "without a declared model"


def test_three_fills_are_counted():
    three = {"gain": REMOVAL["gain"] | {"imputed": 4.1}}
    three["rival_gains"] = REMOVAL["rival_gains"] | {"imputed": REMOVAL["rival_gains"]["blurred"]}
    three["margins"] = REMOVAL["margins"] | {"imputed": REMOVAL["margins"]["blurred"]}
    assert "All three fills agree." in sentences.row_said(removed(**three), ABOUT)
    headline = sentences.evidence_headline(removed(**three), sentences.About("CAM", "a"))
    assert headline.endswith("All three fills agree.")
    apart = removed(**three, fills_agree=False, outcome="not_distinguishable", reason="fills_disagree")
    assert "The three fills disagree." in sentences.row_said(apart, ABOUT)
