"""The Shift page: an address moves the picture, three networks answer, and paint is kept."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pytest
from screen import address, assert_fine, opened, texts

from components.figures import Words
from components.figures.shift import Shares, centred_map, shift_curves
from components.parts import shift, shift_guess, shift_measured, shift_settings
from components.parts.shift import Shown
from explain.shift import Change, Stroke, moved


def answer(at):
    return next(text for text in texts(at) if text.startswith("#### "))


def test_a_bare_address_shows_the_picture_as_it_is():
    at = opened("shift")
    assert_fine(at)
    assert answer(at) == "#### As it is: all three networks say Ankle boot. Its own class is Ankle boot."
    assert [one.value for one in at.subheader][:3] == [
        "Dense layers only",
        "Ends in Flatten and Dense",
        "Ends in averaging",
    ]
    assert any("do nothing else to it" in str(one.value) for one in at.info)
    assert set(address(at)) <= {"model", "picture"}


def test_a_link_moves_the_picture_and_the_maps_are_compared():
    at = opened("shift", shift_right=4, shift_of=0)
    assert_fine(at)
    said = answer(at)
    assert said.startswith("#### Moved 4 px right: dense says ")
    assert "averaging says Ankle boot" in said
    table = at.dataframe[0].value
    assert len(table) == 9
    assert set(table["interior"]) == {"0, to rounding"}
    assert list(table["move in cells"])[:4] == ["4, 0", "2, 0", "2, 0", "1, 0"]
    at.slider(key="set_shift_right").set_value(-1).run()
    assert_fine(at)
    assert address(at)["shift_right"] == "-1"
    assert "Moved 1 px left" in answer(at)
    assert any("≈" in text for text in texts(at))


def test_a_guess_comes_before_the_networks_and_the_table():
    at = opened("shift", shift_right=4, guess=1)
    assert_fine(at)
    assert answer(at) == "#### Moved 4 px right. Where will its feature map be?"
    assert not at.dataframe
    assert "Dense layers only" not in [one.value for one in at.subheader]
    next(button for button in at.button if button.label == "It moves along, 4 px right").click().run()
    assert_fine(at)
    assert "dense says" in answer(at)
    assert len(at.dataframe) == 1


@pytest.mark.parametrize(
    ("by", "moves", "right", "known"),
    [((0, 4), (0, 4), 0, True), ((0, 4), (0, 0), 1, False), ((-2, 0), (3, 3), 2, False)],
)
def test_what_was_measured_decides_the_guess(by, moves, right, known):
    values = np.zeros((28, 28, 2), np.float32)
    values[10:13, 10:13, 1] = 1
    before, now = (SimpleNamespace(layer="conv_2", maps={"conv_2": one}) for one in (values, moved(values, *moves)))
    picture = np.ones((28, 28, 1), np.float32)
    one = Shown(0, 9, picture, picture, Change(down=by[0], right=by[1]))
    asked = shift_guess.question(one, {"fashion_cnn": (before, now)})
    assert (asked.right, asked.known) == (right, known)
    assert f"channel 1 of conv_2: {moves[1]}" in asked.why
    assert ("nothing left the picture" in asked.why) is (not known)
    less = Shown(0, 9, picture, picture * 0.5, one.change)
    assert (
        "50\u00a0% of the picture's ink left it" in shift_guess.question(less, {"fashion_cnn": (before, now)}).why
    ) is (not known)


def test_nothing_is_asked_where_no_map_can_be_expected_to_move():
    picture = np.ones((28, 28, 1), np.float32)
    follows = {"fashion_cnn": (SimpleNamespace(layer="conv_2", maps={}), None)}
    for change in (Change(), Change(right=1, noise=0.1)):
        assert shift_guess.question(Shown(0, 9, picture, picture, change), follows) is None
    silent = SimpleNamespace(layer="a", maps={"a": np.zeros((7, 7, 3))})
    assert (
        shift_guess.question(Shown(0, 9, picture, picture, Change(right=1)), {"fashion_cnn": (silent, silent)}) is None
    )


def test_everything_at_once_from_an_address():
    link = {"picture": "fashion/7", "model": "fashion_cnn", "shift_turn": 30, "shift_size": 80, "shift_cover": 6}
    link |= {"shift_noise": 0.2, "shift_seed": 3, "shift_paint": "3-4-2~10-10-6w"}
    at = opened("shift", **link)
    assert_fine(at)
    assert answer(at).startswith("#### Changed: ")
    assert any("test picture 7**" in text for text in texts(at))
    assert {key: address(at)[key] for key in link} == {key: str(value) for key, value in link.items()}
    next(button for button in at.button if button.label == "Wipe all paint away").click().run()
    assert_fine(at)
    assert "shift_paint" not in address(at)


def test_paint_that_cant_be_read_is_left_out_and_said():
    at = opened("shift", shift_paint="1-2-9")
    assert_fine(at)
    assert "`shift_paint`" in "".join(str(one.value) for one in at.caption)


@pytest.mark.parametrize("paint", ["what", "1-2", "1-2-9", "1-2-3x", "~".join(["1-1-1"] * 201), "1-1-1~"])
def test_what_is_no_paint_is_dropped(paint, monkeypatch):
    dropped = []
    fake = SimpleNamespace(own=lambda name: None, view=lambda: {"shift_paint": paint}, drop=dropped.append)
    monkeypatch.setattr(shift_settings, "state", fake)
    assert shift_settings.strokes() == ()
    assert dropped == ["shift_paint"]


def test_a_click_paints_where_a_brush_is_chosen(monkeypatch):
    kept = {}
    fake = SimpleNamespace(
        view=lambda: kept,
        put=lambda **more: kept.update(more),
        number=lambda key: int(kept[key]) if key in kept else None,
    )
    monkeypatch.setattr(shift_settings, "state", fake)
    shift_settings.paint(5, 6)
    assert not kept
    kept["shift_brush"] = "paint"
    shift_settings.paint(5, 6)
    kept |= {"shift_brush": "wipe", "shift_side": "3"}
    shift_settings.paint(0, 9)
    assert kept["shift_paint"] == "5-6-2~0-8-3w"
    for at in range(300):
        shift_settings.paint(at % 28, 1)
    assert kept["shift_paint"].count("~") == 199, "the oldest goes"


def test_paint_belongs_to_the_picture_before_and_now():
    one = shift.shown(0, Change(right=3, strokes=(Stroke(0, 0, 2, 1.0),)))
    assert one.before[0, 0] == one.after[0, 3] == 1
    assert (one.name, one.target) == ("Ankle boot", 9)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Change(), "As it is"),
        (Change(right=-2, down=1), "Moved 2 px left, 1 px down"),
        (Change(down=-3), "Moved 3 px up"),
        (Change(right=2, noise=0.1), "Changed"),
    ],
)
def test_headlines_say_what_was_done_and_stay_short(change, said):
    one = Shown(0, 0, np.zeros((28, 28, 1)), np.zeros((28, 28, 1)), change)
    follows = {key: (None, SimpleNamespace(probabilities=np.eye(10)[at])) for key, at in (("a", 0), ("b", 9), ("c", 0))}
    words = shift.headline(one, follows)
    assert words.startswith(f"{said}: dense says T-shirt/top, Flatten says Ankle boot")
    assert len(words) <= 140


def test_the_curves_are_named_and_told():
    lines = {
        name: Shares(np.full(17, share), np.full(17, share - 0.02), np.full(17, share + 0.02))
        for name, share in (("one", 0.5), ("two", 0.51), ("three", 0.9))
    }
    for width in (900, 350):
        drawn = shift_curves(range(-8, 9), lines, Words("title", "caption"), at=3, width=width)
        assert "one: 50\u00a0% unmoved" in drawn.alt
        named = {re.sub(r"^\W+", "", note.text): note.y for note in drawn.figure.layout.annotations}
        assert set(named) == set(lines)
        if width == 900:
            assert named["two"] - named["one"] > 0.05, "names stand apart where curves meet"


def test_a_map_carries_both_centres_and_says_where():
    values = np.eye(7)
    drawn = centred_map(
        values,
        "attribution",
        Words("title", "caption"),
        quantity="attribution",
        limits=(0, 1),
        picture=np.zeros((28, 28, 3), np.uint8),
        before=(1.0, 2.0),
        now=(13.5, 3.25),
    )
    assert "centre is at row 13.5, column 3.25" in drawn.alt
    symbols = {trace.marker.symbol for trace in drawn.figure.data if trace.type == "scatter"}
    assert {"circle-open", "x-thin"} <= symbols


def test_a_line_of_the_table_tells_zero_from_no_cell():
    measured = SimpleNamespace(right=1, down=0, whole=False, cells=0, interior=None, everywhere=0.125)
    line = shift_measured._line("fashion_cnn", "pool_2", measured)
    assert list(line.values()) == ["Ends in Flatten and Dense", "pool_2", "1, 0 ≈", "no such cell", "12\u00a0%", 0]
