"""Random choices of channels, and the sentences and figures of the page "What if"."""

from __future__ import annotations

import numpy as np
import pytest
from seeds import pictures

from components.figures import Words, conventions, reveal, switches
from components.figures.contract import require_complete
from components.interventions import fashion_statistics
from components.sentences import what_if as said
from explain.chance import random_switches
from explain.engine import Engine
from model_zoo.samples import fashion_images

WORDS = Words("A title", "A caption.", "something.")


def drawn_channels(engine, x, off, draws, seed=0):
    """Which channels each draw switched off, read from the values that reach the layer behind."""
    found, values = [], engine.activation(x, "conv_1")[0]
    import explain.chance as chance

    def spy(_engine, _x, _layer, channels, _by):
        found.append(tuple(channels))
        return engine.logits(x)

    kept, chance.switched_off = chance.switched_off, spy
    try:
        list(random_switches(engine, x, "conv_1", off, draws=draws, seed=seed))
    finally:
        chance.switched_off = kept
    return found, values


def test_draws_are_of_other_live_channels_and_repeatable(sequential_model):
    engine, x = Engine(sequential_model), pictures(1, (12, 10, 3))
    found, values = drawn_channels(engine, x, [1, 4], 6)
    live = set(np.flatnonzero(values.reshape(-1, 6).any(axis=0)).tolist())
    assert all(len(set(one)) == 2 and set(one) <= live - {1, 4} for one in found)
    assert len(set(found)) > 1
    assert drawn_channels(engine, x, [1, 4], 3)[0] == found[:3], "three more draws leave the first three as they were"
    assert drawn_channels(engine, x, [1, 4], 6, seed=1)[0] != found


def test_replacing_by_their_own_values_changes_nothing(sequential_model):
    engine, x = Engine(sequential_model), pictures(1, (12, 10, 3))
    *partial, last = random_switches(engine, x, "conv_1", [0], engine.activation(x, "conv_1"), draws=4)
    assert [one.done for one in (*partial, last)] == [1, 2, 3, 4]
    assert last.total == 4
    np.testing.assert_allclose(last.logits, np.repeat(engine.logits(x), 4, axis=0), rtol=1e-5, atol=1e-6)


def test_nothing_is_drawn_where_nothing_is_off_or_nothing_is_left(sequential_model):
    engine, x = Engine(sequential_model), pictures(1, (12, 10, 3))
    assert list(random_switches(engine, x, "conv_1", [])) == []
    assert list(random_switches(engine, x, "conv_1", range(5))) == []
    with pytest.raises(ValueError, match="draws"):
        list(random_switches(engine, x, "conv_1", [0], draws=0))


def test_sentences_carry_their_numbers_and_fit():
    assert said.switched_title([37], "Egyptian cat", 0.385, 0.21) == "Without channel 37: Egyptian cat 0.385 → 0.210"
    assert said.switched_title([3, 7], "cat", 0.5, 0.1, "dog").endswith("Without 2 channels: cat 0.500 → 0.100. "
                                                                       "First choice now: dog")  # fmt: skip
    long = "a class whose full name goes on for rather longer than any title has room for"
    assert len(said.switched_title([37], long, 0.385, 0.21, long)) <= 90
    assert len(said.switched_title([37], long, 0.385, 0.21, long, 140)) <= 140
    assert "channel 2 contributes most; 2 channels for, 1 against" in said.channels_title(
        np.array([1, -1, 2, 0]), "cat"
    )
    assert "no channel contributes" in said.channels_title(np.zeros(3), "cat")
    assert said.change_title("cat", -0.05, "dog", 0.02) == "cat: −5.0 points. Most gained: dog, +2.0"
    assert (
        said.switched_title([3], "cat", 0.385, 0.335, write=said.share)
        == "Without channel 3: cat 38.5\u00a0% → 33.5\u00a0%"
    )
    assert said.change_title("cat", -0.0004, "dog", 0.0002) == "No share moves by 0.1 points"
    assert said.change_title("cat", 0.0, "dog", 0.0) == "Every share stays as it is"


@pytest.mark.parametrize(
    ("broken", "mended", "p", "word"),
    [
        (31, 12, 0.0053, "More are broken"),
        (3, 30, 1e-6, "More are mended"),
        (5, 4, 1.0, "No difference shown"),
        (0, 0, 1.0, "No answer"),
    ],
)
def test_counts_are_judged_by_the_exact_test(broken, mended, p, word):
    assert said.paired_verdict(broken, mended, p).startswith(word)
    assert said.paired(31, 12, 0.0081) == "31 broken, 12 mended, p = 0.0081 (exact)"


def test_random_orders_are_counted_in_the_reveals_title():
    levels, scores = np.array([0, 0.5, 1]), np.array([0, 0.6, 1.0])
    assert "half of its score is back with 50" in said.reveal_title(levels, scores, np.zeros(0), 0.5, "cat")
    title = said.reveal_title(levels, scores, np.array([0.6, 0.4, 0.5]), 0.5, "cat")
    assert title == "cat: 2 of 3 random orders do as well as this map"
    flat = said.reveal_title(levels, 0.11 + 0.001 * scores, np.array([0.2]), 0.11, "cat", share=True)
    assert flat == "cat: its share stays near 11\u00a0%, however much is sharp"
    assert "1 of 3 random orders does" in said.reveal_title(levels, scores, np.array([0.6, 0.4, 0.4]), 0.5, "cat")


def test_channel_bars_ink_hatch_and_report_channels():
    drawn = require_complete(switches.channel_bars([254, 7], [0.5, -0.2], WORDS, quantity="adds", off={7}))
    bar, *_texts, clicks = drawn.figure.data
    assert list(bar.marker.color) == [switches.tokens.FOR, switches.tokens.AGAINST]
    assert list(bar.marker.pattern.shape) == ["", "/"]
    assert [tuple(one) for one in clicks.customdata] == [("channel", 254), ("channel", 7)]
    assert "switched off" in clicks.hovertext[1]
    low, high = drawn.figure.layout.xaxis.range
    assert low < -0.2
    assert high > 0.5


def test_before_and_after_stand_on_one_row_with_their_numbers():
    drawn = require_complete(
        switches.before_after(["cat", "dog"], [0.6, 0.4], [0.1, 0.9], WORDS, target=0, indices=[285, 7])
    )
    before, after, names, numbers, clicks = drawn.figure.data
    assert (list(before.x), list(after.x)) == ([0.6, 0.4], [0.1, 0.9])
    assert names.text[0] == "<b>cat</b>"
    assert numbers.text[0] == "60\u00a0% → 10\u00a0%"
    assert [tuple(one) for one in clicks.customdata] == [("class", 285), ("class", 7)]


def test_the_reveal_has_a_frame_a_level_and_no_band_before_the_first_order():
    levels, scores = np.linspace(0, 1, 5), np.array([0, 0.1, 0.6, 0.9, 0.8])
    frames = np.random.default_rng(0).integers(0, 256, (5, 28, 28, 3), dtype=np.uint8)
    none = np.full(5, np.nan)
    first = reveal.reveal(levels, scores, none, none, none, frames, WORDS, quantity="share", start=2)
    drawn = reveal.reveal(levels, scores, scores - 0.1, scores, scores + 0.1, frames, WORDS, quantity="share", start=2)
    assert len(drawn.figure.data) == len(first.figure.data) + 2
    assert len(drawn.figure.frames) == 5
    assert drawn.figure.layout.sliders[0].active == 2
    assert drawn.figure.frames[3].data[1].x[0] == 0.75
    assert drawn.figure.frames[3].data[1].y[0] == 0.9
    assert drawn.figure.data[0].source == drawn.figure.frames[2].data[0].source
    assert drawn.figure.frames[3].data[0].source != drawn.figure.data[0].source
    assert drawn.figure.layout.yaxis.range == (223.5, -0.5), "small pixels are enlarged in whole steps"


def test_a_convention_stands_beside_what_it_amounts_to():
    picture = np.full((28, 28, 3), 255, np.uint8)
    with_picture = require_complete(conventions.fed(picture, ["cat", "dog"], [0.7, 0.2], WORDS))
    without = conventions.fed(None, ["cat", "dog"], [0.7, 0.2], WORDS)
    assert len(with_picture.figure.layout.images) == 1
    assert len(without.figure.layout.images) == 0
    assert list(with_picture.figure.data[1].x) == [0.7, 0.2]


def test_the_data_sets_statistics_are_those_of_its_pictures():
    scaled = fashion_images().astype("float64") / 255
    np.testing.assert_allclose(fashion_statistics(), (scaled.mean(), scaled.std()), rtol=1e-6)
