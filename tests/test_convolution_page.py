"""The Convolution page: a number of the model taken apart, a small picture step by step, guesses, addresses."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
from screen import address, assert_fine, make_ready, notes, opened, texts

from components import figures
from components.figures import Slide, Terms, Words, panels
from components.parts import guess, guess_kernels, lens, lens_maps, lens_play, lens_toy, lens_words
from components.parts.guess import Question
from explain.lens_toy import KERNELS, PICTURES, slide
from explain.lens_types import Made, NotShown, Parts, Window

WORDS = Words("A title", "A caption.")


@pytest.fixture(scope="module", autouse=True)
def _ready():
    make_ready("fashion_cnn")
    make_ready("fashion_cnn_untrained")


def headline(at):
    (said,) = [text.removeprefix("#### ") for text in texts(at) if text.startswith("#### ")]
    return said


def click(at, label):
    next(button for button in at.button if button.label == label).click().run()
    assert_fine(at)
    return at


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        ("conv_1", "9 products and a bias → relu"),
        ("pool_1", "the largest of 4 values"),
        ("conv_2", "288 products and a bias → relu"),
        ("flatten", "passed on as it came"),
        ("dropout", "passed on as it came"),
        ("predictions", "100 products and a bias → softmax"),
    ],
)
def test_a_number_of_every_layer_is_taken_apart_and_equal(layer, said):
    at = opened("convolution", model="fashion_cnn", layer=layer)
    assert_fine(at)
    assert headline(at).startswith(layer)
    assert said in headline(at)
    assert any("Equal to the model's own value" in text for text in texts(at))


def test_the_pinned_place_is_the_one_taken_apart():
    at = opened("convolution", model="fashion_cnn", layer="conv_2", channel=5, cell="3-4")
    assert_fine(at)
    assert headline(at).startswith("conv_2, row 3, column 4, channel 5:")
    assert [at.number_input(key=f"lens_{axis}").value for axis in range(3)] == [3, 4, 5]
    assert any("8 of 32 inputs of pool_1" in text for text in texts(at))
    assert any("(24 others)" in text for text in texts(at))


def test_playing_goes_on_to_the_next_place_until_it_is_held():
    at = click(opened("convolution", model="fashion_cnn", layer="conv_2", channel=5, cell="3-13"), "Play")
    assert address(at)["cell"] == "3-13"
    left = at.session_state[lens_play.LEFT]
    at.session_state[lens_play.LAST] -= lens_play.EVERY  # a second later
    assert headline(at.run()).startswith("conv_2, row 4, column 0")
    assert address(at)["cell"] == "3-13"  # Back would else be as many steps
    assert at.session_state[lens_play.LEFT] == left - 1
    at.session_state[lens_play.LAST] -= lens_play.EVERY
    assert address(click(at, "Hold"))["cell"] == "4-0"
    at.session_state[lens_play.LEFT], at.session_state[lens_play.LAST] = 5, 0.0  # its page was left meanwhile
    assert address(click(at.run(), "Play"))["cell"] == "4-0"


def test_steps_go_row_by_row_and_round_again():
    at = opened("convolution", model="fashion_cnn", layer="conv_2", channel=5, cell="3-13")
    assert address(click(at, "Next cell"))["cell"] == "4-0"
    assert address(click(at, "Previous cell"))["cell"] == "3-13"
    at = opened("convolution", model="fashion_cnn", layer="conv_2", channel=5, cell="0-0")
    assert address(click(at, "Previous cell"))["cell"] == "13-13"
    at.number_input(key="lens_0").set_value(7).run()
    assert address(at)["cell"] == "7-13"
    at.number_input(key="lens_2").set_value(6).run()
    assert address(at) | {"channel": "6", "cell": "7-13"} == address(at)
    at = opened("convolution", model="fashion_cnn", layer="predictions", channel=9)
    assert address(click(at, "Next unit"))["channel"] == "0"


def test_the_terms_are_paged_and_the_rest_is_one_number():
    at = opened("convolution", model="fashion_cnn", layer="conv_2", channel=5, cell="3-4", terms=4)
    assert_fine(at)
    assert address(at)["terms"] == "4"
    assert any("(24 others)" in text for text in texts(at))
    at = opened("convolution", model="fashion_cnn", layer="conv_2", channel=5, cell="3-4", input=7)
    assert any("It reads 3×3 cells of pool_1, channel 7" in text for text in texts(at))


def test_a_small_picture_is_worked_out_and_its_address_brings_it_back():
    at = opened("convolution", model="fashion_cnn", numbers="toy", toy="cross", toy_padding="same", toy_stride=2)
    assert_fine(at)
    assert headline(at) == "7×7 under a 3×3 kernel, stride 2, padding “same”: 4×4 numbers, each a sum of 9 products."
    assert address(click(at, "Start a cell later"))["toy_cell"] == "0-1"
    assert "The figure starts at row 0, column 1." in texts(at)
    assert "toy_cell" not in address(click(at, "Start a cell earlier"))
    at.selectbox(key="toy_kernel_choice").set_value("sharpen").run()
    assert address(at)["toy_kernel"] == "sharpen"
    at.selectbox(key="toy_kernel_choice").set_value("own").run()
    assert_fine(at)
    assert address(at)["toy_kernel"] == "0,-1,0,-1,5,-1,0,-1,0"
    assert at.selectbox(key="toy_kernel_choice").value == "own"


def test_the_title_of_the_small_picture_holds_wherever_its_figure_has_played_to():
    toy = slide(PICTURES["bar"], KERNELS["vertical"], 1, "valid")
    assert lens_toy.output_title(toy) == "The 25 sums run from −4 to 4; 5 of them are 0"
    blank = dataclasses.replace(toy, output=np.zeros_like(toy.output))
    assert lens_toy.output_title(blank) == "Every sum of the output is 0"
    drawn = figures.slides(lens_toy._slide(toy), WORDS, cell=(2, 1))
    for at, frame in enumerate(drawn.figure.frames):
        cell, phase = divmod(at, 3)
        row, column = divmod(cell, 5)
        said = frame.data[-1].text[0]
        assert said.startswith(f"<b>row {row}, column {column}: {('place', 'multiply', 'add')[phase]}</b><br>")
        if phase == 2:
            assert said.endswith(f" = <b>{toy.output[row, column]:.0f}</b>".replace("-", "−"))


def test_a_wrong_kernel_or_cell_of_an_address_is_left_out():
    at = opened("convolution", model="fashion_cnn", numbers="toy", toy_kernel="1,2,x", toy_cell="9-9")
    assert_fine(at)
    assert "`toy_kernel`" in notes(at)
    assert "toy_cell" not in address(at)


def test_the_edited_cells_are_read_and_an_empty_one_is_zero():
    table = {"0": [1, 2, 3], "1": [None, 5, float("nan")], "2": [7.5, 800, -800]}
    np.testing.assert_array_equal(lens_toy.kernel_of(table), [[1, 0, 7.5], [2, 5, 99], [3, 0, -99]])


def test_the_size_is_asked_before_it_is_shown():
    at = opened("convolution", model="fashion_cnn", numbers="toy", guess=1, toy_stride=2)
    assert_fine(at)
    assert headline(at).endswith("what size comes out?")
    assert not any("numbers, each a sum" in text for text in texts(at))
    click(at, "3×3")
    assert "Right: 3×3. It could be known: rounded down, (7 − 3) / 2 + 1 = 3." in [one.value for one in at.success]
    assert "3×3 numbers" in headline(at)
    at.segmented_control(key="set_toy_padding").set_value("same").run()
    assert headline(at).endswith("what size comes out?"), "other settings are another question"
    click(at, "Just show it")
    assert notes(at).count("The answer is “4×4”. It could be known: with padding “same”") == 1


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("picture", ["bar", "slope"])
def test_the_right_size_is_among_different_options(picture, stride, padding):
    toy = slide(PICTURES[picture], KERNELS["blur"], stride, padding)
    asked = lens_toy.size_question(toy)
    assert asked.options[asked.right] == "×".join(map(str, toy.output.shape))
    assert len(set(asked.options)) == len(asked.options) >= 3


def test_which_grid_was_trained_is_asked_where_a_twin_is_shown():
    at = opened("kernels", model="fashion_cnn", twin=1, guess=1)
    assert_fine(at)
    assert headline(at) == "Two grids of conv_1, one trained: which is it?"
    assert not any("standard deviation" in text for text in texts(at))
    click(at, "Just show it")
    assert "It could be known: neighbouring weights correlate by" in notes(at)
    assert "standard deviation" in headline(at)
    assert_fine(opened("kernels", model="fashion_cnn", guess=1))


def test_whether_a_grid_could_be_known_is_measured():
    rng = np.random.default_rng(0)
    drawn = rng.normal(size=(3, 3, 30)).astype(np.float32)
    smooth = np.ones((3, 3, 30), np.float32) + 0.2 * drawn
    smooth *= np.sign(rng.normal(size=30)).astype(np.float32)
    assert guess_kernels.question("a", smooth, drawn).known
    assert not guess_kernels.question("a", drawn, rng.permutation(drawn.ravel()).reshape(drawn.shape)).known
    one = guess_kernels.question("a", drawn[:1, :1], drawn[1:2, :1])
    assert not one.known
    assert "no neighbours" in one.why
    assert {guess_kernels.question(key, smooth, drawn).right for key in "abcdefgh"} == {0, 1}
    assert guess_kernels.shares(np.zeros((3, 3, 1), np.float32)).tolist() == np.zeros((3, 3, 1)).tolist()


def test_a_guess_is_told_as_it_was():
    asked = Question("key", "Which?", ("left", "right"), 1, False, "both look alike.")
    assert guess.told(asked, 1) == "Right: right. Nothing that was measured here could tell: both look alike."
    assert guess.told(asked, 0).startswith("You said “left”; the answer is “right”. Nothing")
    assert guess.told(asked, guess.SHOWN).startswith("The answer is “right”.")
    options, right = guess.shuffled(("a", "b", "c", "d"), 5)
    assert sorted(options) == ["a", "b", "c", "d"]
    assert options[right] == "a"


def made(kind, values, *, value=1.0, model=1.0, type="Any", activation=None, inside=None, unit=(0, 0, 0), **more):
    values = np.asarray(values, np.float64)
    inside = np.ones(values.shape[:2], bool) if inside is None else np.asarray(inside)
    window = Window("before", *(np.arange(size) for size in values.shape), inside, values)
    windows = (window,) * (2 if kind == "merge" else 1)
    return Made("layer", type, unit, Parts(kind, windows, value, **more), activation, value, model, 2.0)


ONE = [[[0.5]]]
FORMULAS = [
    (made("sum", ONE, value=0.9, weights=np.array([[[2.0]]]), bias=-0.1), "1.00 − 0.100 (bias) = **0.900**"),
    (made("largest", [[[1.0], [2.0]]], value=2.0), "the largest of 1.00, 2.00 = **2.00**"),
    (made("mean", np.ones((4, 4, 1)), value=1.0), "16 values from 1.00 to 1.00"),
    (made("mean", [[[1.0], [0.0]]], inside=[[True, False]]), "Cells outside the input are left out: 1."),
    (made("scale", ONE, numbers={"slope": 0.2}, value=0.1), "0.500 · slope 0.200 = **0.100**"),
    (made("scale", ONE, numbers={"scale": 2.0, "offset": 1.0}, value=2.0), "0.500 · 2.00 + 1.00 = **2.00**"),
    (
        made("scale", ONE, numbers={"mean": 0.1, "variance": 1.0, "epsilon": 0.5, "gamma": 2.0, "beta": 1.0}),
        "(0.500 − mean 0.100) / √(variance 1.00 + 0.500) · 2.00 + 1.00 = **1.00**",
    ),
    (made("function", ONE, activation="relu", value=0.5), "relu(0.500) = **0.500**"),
    (
        made("function", ONE, activation="softmax", value=0.5, together=np.zeros(2)),
        "softmax: e^(0.500) / the sum of e^x over all 2 = **0.500**",
    ),
    (made("copy", ONE, value=0.5), "0.500 of before, row 0, column 0, channel 0, unchanged"),
    (made("copy", ONE, inside=[[False]], value=0.0), "A zero of the padding: nothing is read here."),
    (made("merge", ONE, type="Add"), "0.500 + 0.500 = **1.00**"),
    (made("merge", -np.ones((1, 1, 1)), type="Multiply"), "(−1.00) · (−1.00) = **1.00**"),
    (made("merge", ONE, type="Maximum"), "Maximum(0.500, 0.500) = **1.00**"),
]


@pytest.mark.parametrize(("number", "said"), FORMULAS)
def test_a_formula_stands_there_with_its_numbers(number, said):
    assert said in " | ".join(lens_words.formula(number, [0] if number.kind == "sum" else []))
    assert 10 < len(lens_words.headline(number)) <= 140


def test_a_number_that_is_not_the_models_own_is_an_error():
    wrong = made("copy", ONE, value=1.0, model=1.5)
    assert not lens_words.agrees(wrong)
    assert lens_words.compared(wrong).startswith("Not the model's own value: the model has 1.5")
    assert "0.25 of the layer's largest" in lens_words.compared(wrong)
    assert lens_words.agrees(made("copy", ONE))
    assert "float16, which rounds" in lens_words.compared(dataclasses.replace(wrong, precision="float16"))
    places = [made("copy", ONE, unit=unit) for unit in [(1, 2, 3), (4,), (1, 2)]]
    assert [lens_words.place(one) for one in places] == ["row 1, column 2, channel 3", "unit 4", "place 1, 2"]


def test_every_reason_for_showing_nothing_has_words():
    for code in ("input", "unknown_type", "unknown_activation", "free_size", "dilated_transpose", "norm_axis",
                 "softmax_axis", "interpolated", "joined_axis", "with_a_constant", "unlike_shapes"):  # fmt: skip
        said = lens_words.refusal(NotShown(code, "layer", "LayerNormalization"))
        assert said.startswith("This layer's arithmetic is not shown, because ")
        assert len(said) <= 140


@pytest.mark.parametrize("width", [350, 960])
def test_the_slide_has_a_frame_for_every_step(width):
    patches = np.arange(36, dtype=float).reshape(2, 2, 3, 3)
    given = Slide(np.ones((4, 4)), np.eye(3), np.einsum("abij,ij->ab", patches, np.eye(3)), patches, 1)
    drawn = figures.slides(given, WORDS, cell=(0, 1), width=width)
    assert len(drawn.figure.frames) == 4 * len(figures.PHASES)
    assert drawn.figure.layout.sliders[0].active == 5
    assert "12" in drawn.alt
    marks = [list(data) for trace in drawn.figure.data if trace.name == "click" for data in trace.customdata]
    assert ["cell", 1, 1] in marks
    output = [frame.data[4].z for frame in drawn.figure.frames]
    assert [int(np.isfinite(np.asarray(z, float)).sum()) for z in output] == [0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4]


@pytest.mark.parametrize("width", [350, 960])
@pytest.mark.parametrize("side", [1, 3, 7])
def test_terms_are_drawn_with_their_numbers_where_they_fit(width, side):
    rng = np.random.default_rng(0)
    patches, weights = rng.normal(size=(2, 5, side, side))
    sums = (patches * weights).sum(axis=(1, 2))
    limits = figures.limits_of(patches, weights, "activation_signed")
    shares = figures.share_of(sums)
    inside = np.arange(side * side).reshape(side, side) > 0
    patches[0, -1, -1] = np.nan
    given = Terms([3, 1, 4, 0, 2], patches, weights, sums, shares, "channel", "activation_signed", limits, inside)
    drawn = figures.terms(given, WORDS, chosen=4, width=width)
    assert ("too small" in drawn.caption) == (side == 7)
    assert "channel 3" in drawn.alt
    cells = [text for trace in drawn.figure.data if trace.type == "scatter" for text in trace.text or ()]
    assert ("NaN" in cells) == (side == 3), "a value that is no number is not taken for padding"
    marks = [tuple(data) for trace in drawn.figure.data if trace.name == "click" for data in trace.customdata]
    assert marks == [("input", n) for n in (3, 1, 4, 0, 2)]


def test_numbers_have_the_decimals_they_need():
    assert panels.written(np.array([1.0, -2.0, np.nan])) == ["1", "−2", ""]
    assert panels.written(np.array([0.1, 0.5, 0.0])) == ["0.1", "0.5", "0"]
    assert panels.written(np.array([-0.25, 3.0])) == ["−0.25", "3.00"]
    assert panels.written(np.array([0.12345, 10.0])) == ["0.1", "10.0"]


def test_shares_of_nothing_are_nothing():
    assert figures.share_of(np.zeros(3)).tolist() == [0, 0, 0]
    np.testing.assert_allclose(figures.share_of(np.array([3.0, -1.0])), [0.75, 0.25])


def test_units_are_folded_into_rows():
    folded, at = lens_maps.fold(np.arange(40, dtype=np.float32), 17)
    assert folded[at] == 17
    assert np.isnan(folded).sum() == folded.size - 40
    here = SimpleNamespace(channel=None, cell=None)
    assert lens.unit_of(np.array([1.0, -3.0, 2.0], np.float32), here) == (1,)
    assert lens.unit_of(np.arange(6, dtype=np.float32).reshape(3, 2), here) == (2, 1)
