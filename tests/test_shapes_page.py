"""The Shapes page: a chain is worked out, what can't be says so, and an address restores it."""

from __future__ import annotations

import math

import pytest
from screen import address, assert_fine, opened, texts

from components.parts import chain_editor
from components.parts.chain import marks, parameters_by_hand
from components.parts.chain_editor import LINE, links_of, rows
from components.parts.chain_words import impossible, left_out, lost_border
from explain.chain import worked
from explain.chain_layers import Impossible, Link
from explain.chain_text import read

SEED = "28x56x3.conv-8-3x3-same.conv-5-3x2-s2x3.max-3x3.flatten.dense-3"


def errors(at):
    return [one.value for one in at.error]


def listed(at):
    return at.dataframe[-1].value.to_dict("list")


def test_the_worked_chain_of_notebook_004():
    at = opened("shapes", chain=SEED)
    assert_fine(at)
    assert "#### 28×56×3 becomes 3: 832 parameters, 398,328 multiply-adds." in texts(at)
    table = listed(at)
    assert table["parameters"] == [224, 245, 0, 0, 363]
    assert table["formula"] == ["28×56", "13×19", "4×6", "–", "–"]
    assert table["Keras builds"] == table["Keras's rule"] == ["28×56×8", "13×19×5", "4×6×5", "120", "3"]
    assert [one.value for one in at.metric][:1] == ["832"]
    assert address(at)["chain"] == SEED


def test_without_an_address_a_chain_stands_there_and_the_address_stays_bare():
    at = opened("shapes")
    assert_fine(at)
    assert "chain" not in address(at)


def test_another_input_makes_another_chain():
    at = opened("shapes", chain=SEED)
    at.number_input(key="chain_rows").set_value(40).run()
    assert_fine(at)
    assert address(at)["chain"].startswith("40x56x3.conv-8")
    assert listed(at)["Keras's rule"][0] == "40×56×8"


@pytest.mark.parametrize(
    ("chain", "said"),
    [
        (
            "4x4x1.max-2x2.conv-2-3x3",
            "Layer 2: its window reaches over 3 rows, and only 2 are left. A window of 2 would",
        ),
        ("4x4x1.flatten.max-2x2", "Layer 2: it needs rows, columns and channels, and gets 16."),
        ("4x4x3.reshape-4x4", "Layer 1: 4×4×3 holds 48 numbers, and the new shape takes 16. With 12 as its last size"),
        ("4x4x3.reshape-5x4", "Choose sizes that multiply to 48."),
        ("8x8x1.conv-1-3x3-s2x2-d2x2", "Set one of them to 1."),
        ("8x8x1.sum-2x2-same", "Take padding “valid”."),
        ("9000x9000x3.flatten.dense-100000", "more than any machine holds"),
    ],
)
def test_an_impossible_chain_says_what_would_mend_it(chain, said):
    at = opened("shapes", chain=chain)
    assert not at.exception
    (error,) = errors(at)
    assert said in error
    assert any("can't follow" in text for text in texts(at))


CUT = "28x28x1.max-2x2.max-2x2.max-2x2.conv-8-5x5.flatten.dense-10"


def test_what_an_impossible_chain_leaves_out_is_said_with_its_sums_and_in_its_code():
    at = opened("shapes", chain=CUT)
    said = "Left out: layer 4, which can't follow, and what comes after it."
    assert f":material/content_cut: {said}" in texts(at)
    assert f"        # {said}\n    ]" in at.code[0].value
    compile(at.code[0].value, "chain.py", "exec")
    assert at.button(key="shapes_train").disabled
    assert any("has to be mended first" in text for text in texts(at))
    assert "**No layer here has parameters**" in texts(at)
    whole = opened("shapes", chain=SEED)
    assert not whole.button(key="shapes_train").disabled
    assert not any("Left out" in text for text in [*texts(whole), whole.code[0].value])


def test_a_line_that_cannot_be_read_is_left_out_too():
    assert left_out(None, "") == ""
    assert left_out(None, "Line 2: window").startswith("Left out: a line that can't be read")


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ((1, 1), "The last row and the last column are read by no window. "),
        ((0, 1), "The last column is read by no window. "),
        ((2, 0), "The last 2 rows are read by no window. "),
        ((3, 2), "The last 3 rows and the last 2 columns are read by no window. "),
    ],
)
def test_the_border_that_is_lost_is_counted_in_words(lost, said):
    assert lost_border(*lost) == said + "Enlarged again, the picture is smaller than it was."


def test_the_field_behind_an_enlargement_stands_in_the_table():
    at = opened("shapes", chain="28x28x1.conv-8-3x3.upsampling-2x2.conv-4-3x3.transpose-2-3x3-s2x2")
    assert listed(at)["receptive field"] == ["3×3", "3×3", "4×4", "5×5"]


def test_the_lines_of_the_table_are_numbered_and_all_its_columns_fit():
    assert rows([Link("conv"), Link("max")])[LINE] == [1, 2]
    widths = [one["width"] for one in chain_editor._columns().values()]
    assert sum(widths) <= 940, "beside the marks of the lines, on a page of 980 pixels"
    assert set(chain_editor.SHOWN) == set(chain_editor._columns())


def test_an_address_that_holds_no_chain_is_left_out_and_said():
    at = opened("shapes", chain="28x28.what")
    assert_fine(at)
    assert "`chain`" in "".join(str(one.value) for one in at.caption)


def test_a_large_chain_is_worked_out_and_not_built():
    at = opened("shapes", chain="200x200x3.flatten.dense-1000")
    assert_fine(at)
    assert set(listed(at)["Keras builds"]) == {"–"}
    assert any("doesn't build it here" in text for text in texts(at))


def test_dense_against_convolution_is_said():
    at = opened("shapes", chain="200x200x3.flatten.dense-1-nobias")
    assert any("reads the whole input has 120,000 weights" in text for text in texts(at))


def test_every_kind_of_impossible_has_words():
    for chain in ("4x4x1.max-5x5", "4x4x1.conv-2-2x5"):
        with pytest.raises(Impossible) as problem:
            worked(*read(chain))
        assert "would fit" in impossible(problem.value)


def test_the_table_gives_the_chain_back():
    _shape, links = read(f"{SEED}.reshape-3.dropout-25.norm".replace("28x56x3", "28x56x3"))
    assert links_of(rows(links)) == (links, "")


def test_an_empty_line_is_no_layer_and_a_bad_cell_is_named():
    table = rows([Link("conv", 4, (3, 3)), Link("flatten")])
    table = {name: [*cells, None] for name, cells in table.items()}
    assert len(links_of(table)[0]) == 2
    table["window"][0] = "three"
    links, wrong = links_of(table)
    assert not links
    assert wrong.startswith("Line 1: window: expected whole numbers")
    table["window"][0], table["units"][0] = "5", math.nan
    assert links_of(table)[0][0] == Link("conv", 1, (5, 5), bias=True)


def test_marks_and_formulas():
    even, lost, dense, plain = worked(
        (15, 15, 1), [Link("conv", 4, (4, 4), padding="same"), Link("max"), Link("dense", 2), Link("dropout")]
    )
    assert [marks(one) for one in (even, lost, dense)] == ["⇄", "✂", ""]
    assert parameters_by_hand(even) == r"4\cdot 4\cdot 1\cdot 4 + 4 = 68"
    assert parameters_by_hand(dense) == r"4\cdot 2 + 2 = 10"
    assert parameters_by_hand(plain) == ""


def test_the_default_can_be_read():
    assert worked(*read(chain_editor.DEFAULT))


@pytest.mark.parametrize("page", ["shapes", "train"])
def test_a_chain_without_layers_is_a_line_to_begin_with(page):
    at = opened(page, chain="28x28x1")
    assert_fine(at)
    assert links_of(rows(())) == ((), "")
