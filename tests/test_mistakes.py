"""Mistakes in numbers: counted by hand, an interval from its defining equation, mean maps that are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from seeds import seeded

from components import tokens
from components.figures import Words
from components.figures.confusion import matrix, over_training
from components.sentences import mistakes as said
from explain import METHODS
from explain.errors import ArgumentError
from explain.mean_map import Mean, differing, mean_maps
from explain.mistakes import (
    NORMAL_95,
    answers,
    confusion,
    in_cell,
    most_frequent,
    precisions,
    recalls,
    some_of,
    surest_mistakes,
    wilson,
)

LABELS = np.array([0, 0, 0, 1, 1, 2, 2, 2])
SHARES = np.array(
    [
        [0.9, 0.1, 0.0, 0.0],
        [0.3, 0.6, 0.1, 0.0],
        [0.2, 0.7, 0.1, 0.0],
        [0.4, 0.5, 0.1, 0.0],
        [0.8, 0.1, 0.1, 0.0],
        [0.1, 0.1, 0.8, 0.0],
        [0.1, 0.8, 0.1, 0.0],
        [0.0, 0.0, 1.0, 0.0],
    ],
    np.float32,
)
MATRIX = np.array([[1, 2, 0, 0], [1, 1, 0, 0], [0, 1, 2, 0], [0, 0, 0, 0]])
NAMES = ("cat", "dog", "frog", "newt")
WORDS = Words("cat is missed most", "Counts.", "how sure it was.")


def test_the_matrix_counts_true_classes_in_rows_and_answers_in_columns():
    np.testing.assert_array_equal(confusion(LABELS, SHARES.argmax(axis=1), 4), MATRIX)
    assert confusion(np.array([], int), np.array([], int), 2).sum() == 0


@pytest.mark.parametrize(
    ("labels", "predicted", "named"),
    [([0, 1], [0], "predicted"), ([0, 4], [0, 0], "labels"), ([0, 1], [0, -1], "predicted"), ([[0]], [[0]], "predic")],
)
def test_classes_that_can_not_be_are_refused(labels, predicted, named):
    with pytest.raises(ArgumentError, match=named):
        confusion(np.array(labels), np.array(predicted), 4)


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [(5, 10, 0.2366, 0.7634), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],
)
def test_wilsons_interval_has_its_known_values(hits, total, low, high):
    """Written with four digits; the last is Newcombe's example (1998)."""
    assert wilson(hits, total) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("hits", "total"), [(0, 10), (7, 10), (512, 1000), (1000, 1000)])
def test_wilsons_interval_is_scipys(hits, total):
    theirs = stats.binomtest(hits, total).proportion_ci(0.95, "wilson")
    assert wilson(hits, total) == pytest.approx((theirs.low, theirs.high), abs=1e-6)


def test_wilsons_ends_are_the_shares_from_which_the_hits_are_just_so_far():
    for share in wilson(912, 1000):
        assert abs(0.912 - share) / math.sqrt(share * (1 - share) / 1000) == pytest.approx(NORMAL_95)
    assert wilson(0, 0) == (0.0, 1.0)
    with pytest.raises(ArgumentError, match="hits"):
        wilson(3, 2)


def test_recall_and_precision_by_class():
    np.testing.assert_allclose(recalls(MATRIX), [1 / 3, 1 / 2, 2 / 3, np.nan])
    np.testing.assert_allclose(precisions(MATRIX), [1 / 2, 1 / 4, 1, np.nan])


def test_mistakes_come_surest_first():
    assert most_frequent(MATRIX) == (0, 1)
    assert most_frequent(np.diag([3, 4])) is None
    assert in_cell(SHARES, LABELS, 0, 1).tolist() == [2, 1]
    assert in_cell(SHARES, LABELS, 1, 2).tolist() == []
    assert surest_mistakes(SHARES, LABELS).tolist() == [4, 6, 2, 1]


def test_a_draw_repeats_and_takes_all_where_there_are_few():
    many = np.arange(100, 400)
    drawn = some_of(many, 50, seed=3)
    assert len(set(drawn.tolist())) == 50
    np.testing.assert_array_equal(drawn, some_of(many, 50, seed=3))
    assert drawn.tolist() == sorted(drawn.tolist()) != some_of(many, 50, seed=4).tolist()
    assert some_of(np.array([5, 2, 9]), 50).tolist() == [2, 5, 9]


def test_what_is_said_of_a_score():
    assert said.score(MATRIX, NAMES) == (
        "4 of 8 test pictures right: 50.0\u00a0% (95 % interval 21.5 to 78.5\u00a0%). "
        "Most frequent mistake: cat as dog, 2 times."
    )
    assert said.score(np.diag([3, 4]), NAMES[:2]).endswith("(95 % interval 64.6 to 100.0\u00a0%).")
    assert said.matrix_title(MATRIX, NAMES) == "cat is missed most, 66.7\u00a0% of 3; most often it is taken for dog"
    assert said.matrix_title(np.diag([3, 4]), NAMES[:2]) == "No picture is taken for another class"
    assert said.cell_title(MATRIX, NAMES, (2, 1)) == "frog taken for dog: 1 picture"
    assert said.cell_title(MATRIX, NAMES, (2, 2)) == "frog, rightly told: 2 pictures"
    long = ("a class with a very long name indeed " * 4, "another class with a name as long " * 4)
    assert len(said.score(np.array([[0, 9999], [0, 9999]]), long)) <= 140
    assert len(said.matrix_title(np.array([[0, 9], [0, 9]]), long)) <= 90


def test_the_matrix_is_walked_over_the_moments_of_a_training():
    counts = np.stack([MATRIX, np.diag([3, 2, 3, 0])])
    drawn = over_training(counts, NAMES, ["untrained", "at the end"], WORDS, width=640)
    heat = drawn.figure.data[0]
    assert np.nansum(heat.z) == 0  # the last moment is shown first
    assert (heat.zmax, heat.colorbar.ticktext[1]) == (0.5, "50\u00a0% or more")
    np.testing.assert_allclose(drawn.figure.frames[0].data[0].z[0], [np.nan, 2 / 3, 0, 0], rtol=1e-6)
    assert list(heat.customdata[2][1]) == [NAMES[2], NAMES[1]]
    assert [step.label for step in drawn.figure.layout.sliders[0].steps] == ["untrained", "at the end"]
    assert drawn.alt.endswith("2 moments; the last: 8 of 8 pictures on the diagonal.")


def test_the_right_answers_of_the_moment_shown_stand_on_the_diagonal():
    counts = np.stack([MATRIX, np.diag([3, 2, 3, 0])])
    drawn = over_training(counts, NAMES, ["untrained", "at the end"], WORDS, width=640)
    at = drawn.figure.frames[0].traces[1]
    written = drawn.figure.data[at]
    assert (written.mode, list(written.x), list(written.y)) == ("text", [0, 1, 2, 3], [0, 1, 2, 3])
    assert list(written.text) == ["<b>3</b>", "<b>2</b>", "<b>3</b>", ""]
    assert list(drawn.figure.frames[0].data[1].text) == ["<b>1</b>", "<b>1</b>", "<b>2</b>", ""]
    assert "counted for the moment that is shown" in drawn.caption
    many = over_training(np.zeros((2, 30, 30), int), [str(n) for n in range(30)], ["a", "b"], WORDS, width=480)
    assert list(many.figure.frames[0].traces) == [0], "cells too small for a count"
    assert "counted" not in many.caption


@pytest.mark.parametrize("count", [4, 30, 200])
def test_the_diagonal_is_off_the_scale_on_both_grounds(count):
    """A plain colour, the plot's ground too, would read as a share on one of the themes."""
    drawn = matrix(np.eye(count, dtype=int), [str(n) for n in range(count)], WORDS, width=640)
    figure = drawn.figure
    assert ("Hatched" if count < 200 else "Left open") in drawn.caption
    assert figure.layout.plot_bgcolor == tokens.CLEAR
    lines = [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "lines"]
    assert [(one.fillcolor, one.line.color) for one in lines] == [
        (tokens.RIGHT_VEIL, tokens.CLEAR),
        (None, tokens.SERIES[2]),
    ][: 2 * (count < 200)]
    for trace in lines[1:]:
        inner = [y + 0.5 for y in trace.y if y is not None and (y + 0.5) % 1 > 0.1]
        assert {int(y) for y in inner} == set(range(count)), "every cell of the diagonal has stripes"


def test_the_matrix_is_drawn_with_its_counts_and_every_cell_can_be_clicked():
    drawn = matrix(MATRIX, NAMES, WORDS, cell=(2, 1), width=640)
    figure = drawn.figure
    (heat,) = [trace for trace in figure.data if trace.type == "heatmap"]
    np.testing.assert_allclose(
        heat.z, [[np.nan, 2 / 3, 0, 0], [0.5, np.nan, 0, 0], [0, 1 / 3, np.nan, 0], [0, 0, 0, np.nan]], rtol=1e-6
    )
    written = next(trace for trace in figure.data if trace.type == "scatter" and trace.mode == "text")
    said = {(int(y), int(x)): text for y, x, text in zip(written.y, written.x, written.text, strict=True)}
    assert said == {(0, 0): "<b>1</b>", (0, 1): "2", (1, 0): "1", (1, 1): "<b>1</b>", (2, 1): "1", (2, 2): "<b>2</b>"}
    (click,) = [trace for trace in figure.data if trace.name == "click"]
    marks = [tuple(one) for one in click.customdata]
    assert sorted(marks) == [("mistake", row, column) for row in range(4) for column in range(4)]
    at = marks.index(("mistake", 0, 1))
    assert (click.x[at], click.y[at]) == (1, 0), "answers go across"
    assert click.hovertext[at] == "<b>2 pictures</b> · 67\u00a0%<br>true class cat<br>answer dog"
    box = figure.layout.shapes[-1]
    assert (box.x0, box.y0) == (0.5, 1.5)
    assert list(figure.layout.xaxis.ticktext) == list(figure.layout.yaxis.ticktext) == list(NAMES)
    assert "4 of 8 pictures on the diagonal. Most frequent mistakes: cat as dog 2; dog as cat 1; frog as dog 1." in (
        drawn.alt
    )


@pytest.mark.parametrize("width", [350, 640])
def test_of_many_classes_only_what_was_counted_is_marked_and_names_stay_apart(width):
    counts = np.diag(np.full(60, 5))
    counts[3, 4] = 1
    figure = matrix(counts, [f"a longer class name {n}" for n in range(60)], WORDS, width=width).figure
    assert len(next(trace for trace in figure.data if trace.name == "click").x) == 61
    assert not [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "text"], (
        "cells are too small for numbers"
    )
    labels = figure.layout.yaxis.ticktext
    assert 10 < len(labels) <= 60
    assert len(set(labels)) == len(labels)
    assert figure.layout.width <= width


@pytest.fixture(scope="module")
def engine():
    from keras import Input, Sequential, layers

    from explain.engine import Engine

    network = [layers.Conv2D(4, 3, padding="same", activation="relu"), layers.Flatten(), layers.Dense(3)]
    return Engine(seeded(Sequential([Input((6, 6, 1)), *network, layers.Softmax()])))


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(5).integers(0, 256, (23, 6, 6, 1), np.uint8)


def test_answers_are_keras_own_in_order_and_grow(engine, pictures, monkeypatch):
    monkeypatch.setattr("explain.mistakes.AT_ONCE", 10)
    steps = list(answers(engine, pictures, lambda one: one.astype(np.float32) / 255))
    assert [(one.done, one.total, one.probabilities.shape) for one in steps] == [
        (10, 23, (10, 3)), (20, 23, (20, 3)), (23, 23, (23, 3)),
    ]  # fmt: skip
    expected = engine.model.predict(pictures.astype("float32") / 255, verbose=0)
    np.testing.assert_allclose(steps[-1].probabilities, expected, atol=1e-6)


@pytest.mark.parametrize("method", ["saliency", "grad_cam"])
def test_a_mean_map_is_the_mean_of_single_maps_each_divided_by_its_sum(engine, pictures, method):
    from explain import attribute

    x = pictures.astype(np.float32) / 255
    goals = [at % 3 for at in range(len(x))]
    steps = list(mean_maps(engine, [(x[:12], goals[:12]), (x[12:], goals[12:])], METHODS[method], {}))
    assert [one.done for one in steps] == [5, 10, 12, 17, 22, 23]
    assert [len(one.groups) for one in steps] == [1, 1, 1, 2, 2, 2]
    single = [attribute(engine, x[at], method, goals[at]).native.astype(np.float64) for at in range(12)]
    shares = np.array([one / one.sum() for one in single if one.sum() > 0])
    first = steps[-1].groups[0]
    assert (first.count, first.empty) == (len(shares), 12 - len(shares))
    np.testing.assert_allclose(first.map, shares.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(first.error, shares.std(axis=0, ddof=1) / np.sqrt(len(shares)), atol=1e-6)
    assert first.map.sum() == pytest.approx(1, abs=1e-5)


def test_a_signed_mean_keeps_what_the_method_cuts_off(engine, pictures):
    from explain import attribute

    x, goals = pictures[:6].astype(np.float32) / 255, [0, 1, 2, 0, 1, 2]
    *_steps, last = mean_maps(engine, [(x, goals)], METHODS["grad_cam"], {}, signed=True)
    single = [attribute(engine, x[at], "grad_cam", goals[at], signed=True).native.astype(np.float64) for at in range(6)]
    expected = np.mean([one / np.abs(one).sum() for one in single], axis=0)
    assert expected.min() < 0
    np.testing.assert_allclose(last.groups[0].map, expected, atol=1e-6)


def test_mean_maps_need_pictures_with_targets(engine, pictures):
    x = pictures.astype(np.float32) / 255
    for groups in ([], [(x[:0], [])], [(x[:2], [0])]):
        with pytest.raises(ArgumentError, match="groups"):
            next(mean_maps(engine, groups, METHODS["saliency"], {}))


def test_means_differ_where_the_gap_is_over_two_errors():
    flat = np.full((2, 2), 0.25, np.float32)
    other = np.array([[0.35, 0.25], [0.25, 0.15]], np.float32)
    error = np.full((2, 2), 0.03, np.float32)
    gap, clear = differing(Mean(other, error, 20, 0), Mean(flat, error, 20, 0))
    np.testing.assert_allclose(gap, [[0.1, 0], [0, -0.1]], atol=1e-7)
    assert clear.tolist() == [[True, False], [False, True]], "0.1 is over 2 times 0.03 times the root of 2"
    assert said.difference_title(clear) == "2 of 4 cells differ by over 2 standard errors; about 1 would by chance"
    with pytest.raises(ArgumentError, match="at least 10"):
        differing(Mean(flat, error, 9, 0), Mean(flat, error, 50, 0))
