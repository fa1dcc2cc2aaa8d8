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
    assert at.success[0].value.startswith("Right: It moves along, 4 px right. It could be known: convolution has")
    assert "channel 13 of conv_2, before against now: correlation 0.97 moved 4 px right; 0.76 unmoved" in (
        at.success[0].value
    )
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
    found = f"1.0 moved {shift.way(moves[1], moves[0])}" if any(moves) else "1.0 unmoved"
    assert f"channel 1 of conv_2, before against now: correlation {found}" in asked.why
    assert ("nothing left the picture" in asked.why) is (not known)
    less = Shown(0, 9, picture, picture * 0.5, one.change)
    assert (
        "50\u00a0% of the picture's ink left it" in shift_guess.question(less, {"fashion_cnn": (before, now)}).why
    ) is (not known)


@pytest.mark.parametrize("by", [(0, 4), (0, -8), (2, -4)])
@pytest.mark.parametrize("picture", [0, 1, 18])
def test_a_real_map_moves_along_by_whole_cells_whatever_its_ground(picture, by):
    one = shift.shown(picture, Change(down=by[0], right=by[1]))
    asked = shift_guess.question(one, shift.followed(one))
    assert asked.options[asked.right] == f"It moves along, {shift.way(by[1], by[0])}"
    assert asked.known


def test_a_flat_bright_ground_does_not_hold_a_pattern_back():
    ground = np.full((14, 14, 1), 0.5, np.float32)
    pattern = np.zeros((14, 14, 1), np.float32)
    pattern[4:8, 3:6] = np.random.default_rng(0).random((4, 3, 1))
    before, now = (SimpleNamespace(layer="a", maps={"a": ground + part}) for part in (pattern, moved(pattern, 0, 2)))
    picture = np.ones((28, 28, 1), np.float32)
    assert (
        shift_guess.question(Shown(0, 9, picture, picture, Change(right=4)), {"fashion_cnn": (before, now)}).right == 0
    )


def test_what_matches_nowhere_clearly_is_told_as_neither():
    rng = np.random.default_rng(1)
    before, now = (SimpleNamespace(layer="a", maps={"a": rng.random((14, 14, 1))}) for _one in range(2))
    picture = np.ones((28, 28, 1), np.float32)
    asked = shift_guess.question(Shown(0, 9, picture, picture, Change(right=3)), {"fashion_cnn": (before, now)})
    assert asked.options[asked.right] == "Neither can be told"
    assert "2 pixels wide and this is no whole number of them" in asked.why
    stripes = {(0, right): 0.99 for right in range(-3, 4)}
    assert shift_guess.judged(stripes, (0.0, 2.0)) == shift_guess.NEITHER, "moved or not, it is the same"


def test_a_guess_that_is_not_asked_says_why():
    at = opened("shift", guess=1, shift_right=4, shift_turn=20)
    assert_fine(at)
    assert any("Nothing is asked: a guess is about a move alone" in str(one.value) for one in at.info)
    assert answer(at).startswith("#### Changed: ")
    at.toggle(key="set_guess").set_value(False).run()
    assert not any("Nothing is asked" in str(one.value) for one in at.info)
    for change, said in ((Change(), "move the picture"), (Change(right=1), "a cell of that map is 2 pixels wide")):
        one = shift.shown(0, change)
        assert said in shift_guess.why_not(one, shift.followed(one))


def test_nothing_is_asked_where_no_map_can_be_expected_to_move():
    picture = np.ones((28, 28, 1), np.float32)
    follows = {"fashion_cnn": (SimpleNamespace(layer="conv_2", maps={}), None)}
    for change in (Change(), Change(right=1, noise=0.1)):
        assert shift_guess.question(Shown(0, 9, picture, picture, change), follows) is None
    silent = SimpleNamespace(layer="a", maps={"a": np.zeros((7, 7, 3))})
    one = Shown(0, 9, picture, picture, Change(right=4))
    assert shift_guess.question(one, {"fashion_cnn": (silent, silent)}) is None
    assert "the same at every place" in shift_guess.why_not(one, {"fashion_cnn": (silent, silent)})


def test_everything_at_once_from_an_address():
    link = {"picture": "fashion/7", "model": "fashion_cnn", "shift_turn": 30, "shift_size": 80, "shift_cover": 6}
    link |= {"shift_noise": 0.2, "shift_seed": 3, "shift_paint": "3-4-2~10-10-6w"}
    at = opened("shift", **link)
    assert_fine(at)
    assert answer(at).startswith("#### Changed: ")
    assert any("test picture 8**" in text for text in texts(at)), "counted from 1, as in the sidebar"
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


def test_paint_is_a_change_and_not_of_the_picture_before():
    one = shift.shown(0, Change(right=3, strokes=(Stroke(0, 0, 2, 1.0),)))
    assert (one.before[0, 0], one.after[0, 3]) == (0, 1)
    np.testing.assert_array_equal(one.before, shift.shown(0, Change()).after)
    assert (one.name, one.target) == ("Ankle boot", 9)
    before, now = shift.followed(one)["fashion_dense"]
    assert before.probabilities[9] != now.probabilities[9]
    more = shift.shown(0, Change(strokes=(Stroke(0, 0, 6, 1.0),)))
    assert shift._ink(more).endswith("more ink than before")


def test_a_click_on_the_changed_picture_paints_where_it_is_seen(monkeypatch):
    painted = []
    monkeypatch.setattr(shift.shift_settings, "paint", lambda *at: painted.append(at))
    one = shift.shown(0, Change(right=4, down=-1, cover=(20, 20, 4)))
    for at in ((5, 6), (5, 3), (21, 22)):
        shift._paint_now(one, *at)
    assert painted == [(6, 2)], "nothing where nothing of the picture is seen"


def test_pictures_count_from_1_on_screen_and_from_0_in_the_address():
    at = opened("shift", shift_of=3)
    assert at.number_input(key="set_shift_of").value == 4
    assert any("test picture 4**" in text for text in texts(at))
    at.number_input(key="set_shift_of").set_value(10_000).run()
    assert_fine(at)
    assert address(at)["shift_of"] == "9999"
    assert any("test picture 10,000**" in text for text in texts(at))
    at = opened("shift", shift_of=10_000)
    assert "`shift_of`" in "".join(str(one.value) for one in at.caption)


def test_the_page_says_that_the_sidebar_does_not_choose_its_networks():
    said = "The same three networks are compared"
    assert any(f"{said} on Fashion-MNIST pictures, whatever is open" in text for text in texts(opened("shift")))
    at = opened("shift", model="fashion_cnn", picture="fashion/7")
    assert any(f"{said}, whatever model is open" in text for text in texts(at))


def test_bars_say_which_classes_are_shown_and_what_the_others_have():
    at = opened("shift", shift_right=4)
    shares = [text for text in texts(at) if "Shares of the softmax" in text]
    assert "the two largest and, outlined, the picture's own class. The other 7 classes share 21\u00a0%." in shares[0]
    assert all("the three largest, the picture's own class outlined" in text for text in shares[1:])


@pytest.mark.parametrize(
    ("change", "title", "elsewhere"),
    [
        (Change(right=4), "Moved 4 px right: “Ends in averaging” leads with 85\u00a0% right", False),
        (Change(right=-8), "Moved 8 px left: “Ends in averaging” leads with 55\u00a0% right", False),
        (Change(), "Unmoved: 89\u00a0% to 91\u00a0% right, no network clearly ahead", False),
        (Change(right=4, down=1), "Moved 8 px right: “Ends in averaging” leads with 51\u00a0% right", True),
        (Change(right=4, noise=0.1), "Moved 8 px right: “Ends in averaging” leads with 51\u00a0% right", True),
    ],
)
def test_the_curves_speak_of_the_move_that_is_chosen_where_it_was_counted(change, title, elsewhere, monkeypatch):
    drawn = []
    monkeypatch.setattr(shift_measured.show, "figure", lambda figure, key: drawn.append(figure))
    monkeypatch.setattr(shift_measured.show, "fit", lambda width: width)
    picture = np.ones((28, 28, 1), np.float32)
    shift_measured.curves(Shown(0, 9, picture, picture, change))
    assert drawn[0].title == title
    assert ("not about what is chosen" in drawn[0].caption) is elsewhere
    assert drawn[0].figure.layout.shapes[0].x0 == (8 if elsewhere else change.right)


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
