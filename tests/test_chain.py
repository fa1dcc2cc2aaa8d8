"""Chains worked out by hand: the worked chain of notebook 004, and what Keras builds, described as any network is."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest

from components import first_look
from explain.chain import MOST_LINKS, worked
from explain.chain_keras import MOST_PARAMETERS, built, calls, code, network
from explain.chain_layers import LINKS, Impossible, Link
from explain.chain_text import pair, read, written
from explain.errors import ArgumentError
from explain.graph import flatten
from explain.layers import describe
from explain.receptive import receptive_box
from explain.shift import equivariance, moved

SEED = "28x56x3.conv-8-3x3-same.conv-5-3x2-s2x3.max-3x3.flatten.dense-3"
SMALL = ((1, 1), (2, 2), (3, 3), (4, 4), (3, 5), (2, 1))


def drawn(seed):
    """A chain drawn at random that can be: layers that don't fit are drawn again."""
    rng = np.random.default_rng(seed)
    shape = (int(rng.integers(5, 24)), int(rng.integers(5, 24)), int(rng.integers(1, 5)))
    links = []
    for _ in range(int(rng.integers(2, 8))):
        for _try in range(8):
            link = _drawn_link(rng)
            try:
                worked(shape, [*links, link])
            except Impossible:
                continue
            links.append(link)
            break
    return shape, links


def _drawn_link(rng):
    def some(options):
        return options[int(rng.integers(len(options)))]

    kind = some([*LINKS])
    strides = some((None, None, (1, 1), (2, 2), (2, 3)))
    return Link(
        kind,
        units=int(rng.integers(1, 7)),
        window=some(SMALL),
        strides=strides,
        padding=some(("valid", "same")),
        dilation=some(((1, 1), (1, 1), (2, 2), (1, 3))),
        bias=bool(rng.integers(2)),
        shape=some(((6, 4, 1), (4, 3), (12,))),
        rate=0.25,
    )


def test_the_worked_chain_of_notebook_004():
    done = worked(*read(SEED))
    assert [one.info.output_shape for one in done] == [(28, 56, 8), (13, 19, 5), (4, 6, 5), (120,), (3,)]
    assert [one.info.parameters for one in done] == [224, 245, 0, 0, 363]
    assert sum(one.info.parameters for one in done) == 832
    assert [(rule.formula, rule.keras) for rule in done[1].rules] == [(13, 13), (19, 19)]
    assert done[2].unread == (1, 1)
    assert built(*read(SEED)) == tuple((one.info.output_shape, one.info.parameters) for one in done)


@pytest.mark.parametrize("seed", range(60))
def test_a_chain_is_what_keras_builds(seed):
    shape, links = drawn(seed)
    done = worked(shape, links)
    assert built(shape, links) == tuple((one.info.output_shape, one.info.parameters) for one in done)


@pytest.mark.parametrize("seed", range(60, 80))
def test_a_chain_costs_and_sees_what_the_built_network_does(seed):
    import keras

    shape, links = drawn(seed)
    names = calls(shape, links)
    model = keras.Sequential([getattr(keras.layers, name)(**given) for name, given in names])
    described = [one for one in describe(flatten(model).steps)[1:] if one.type != "Rescaling"]
    for one, theirs in zip(worked(shape, links), described, strict=True):
        assert (one.info.macs, one.info.receptive_field) == (theirs.macs, theirs.receptive_field), one.link
        assert one.info.kind == theirs.kind


ENLARGED = [
    ("conv-1-3x1.upsampling-2x1.conv-1-3x1", 4),
    ("max-2x1.upsampling-2x1", 2),
    ("max-2x1.upsampling-2x1.conv-1-3x1", 4),
    ("max-2x1.upsampling-3x1.conv-1-5x1-same.upsampling-2x1.max-3x1-s2x1", 6),
    ("conv-1-3x1-s2x1.upsampling-2x1.conv-1-2x1-d2x1.average-3x1-s2x1", 7),
    ("upsampling-4x1.max-2x1.conv-1-3x1-same", 2),
    ("max-4x1.transpose-1-3x1-s2x1", 8),
    ("max-4x1.transpose-1-3x1-s2x1-same.conv-1-3x1", 12),
    ("max-2x1.transpose-1-2x1-s3x1.conv-1-2x1-same", 2),
    ("max-2x1.transpose-1-5x1-s3x1-same.upsampling-2x1.conv-1-4x1", 6),
    ("conv-1-3x1-same.transpose-1-3x1.transpose-1-4x1-s2x1-same.max-2x1", 7),
]


@pytest.mark.parametrize(("chain", "greatest"), ENLARGED)
def test_the_receptive_field_behind_an_enlargement_is_where_pixels_reach(chain, greatest):
    """Every pixel is lit alone under kernels of ones: a unit that is not 0 can depend on it."""
    shape, links = read(f"36x1x1.{chain}")
    model = network(shape, links)
    model.set_weights([np.full(one.shape, one.ndim > 1, np.float32) for one in model.get_weights()])
    reached = np.asarray(model(np.eye(36, dtype=np.float32)[..., None, None]))[:, :, 0, 0] > 0
    last = worked(shape, links)[-1].info
    sizes = []
    for unit in range(last.output_shape[0]):
        lit = np.flatnonzero(reached[:, unit])
        part = last.receptive_field.rows.unit(unit)
        top, _left, bottom, _right = receptive_box(last, unit, 0, shape)
        if part and part[0] >= 0 and part[1] <= 36 and lit.size:
            assert (top, bottom) == (lit[0], lit[-1] + 1), unit
        assert all((top <= lit) & (lit < bottom)), unit
        sizes.append(lit[-1] + 1 - lit[0] if lit.size else 0)
    assert max(sizes) == last.receptive_field.size[0] == greatest


def test_an_enlargement_beyond_what_is_followed_has_the_whole_input():
    (far,) = worked((2, 2, 1), [Link("upsampling", window=(1025, 1))])
    assert far.info.receptive_field is None


def test_where_formula_and_keras_part():
    (even,) = worked((28, 28, 1), [Link("conv", 4, (4, 4), padding="same")])
    assert [(rule.formula, rule.keras, rule.pads_agree) for rule in even.rules] == [(28, 28, False)] * 2
    (wide,) = worked((28, 28, 1), [Link("conv", 4, (2, 2), (2, 2), padding="same")])
    assert wide.rules[0].keras == 14


def test_a_border_is_lost_and_does_not_come_back():
    pooled, back = worked((15, 15, 1), [Link("max"), Link("upsampling")])
    assert (pooled.info.output_shape[0], pooled.unread, back.info.output_shape[0]) == (7, (1, 1), 14)


def test_a_sum_is_the_average_times_the_window():
    assert calls((6, 6, 1), [Link("sum", window=(2, 3))])[2] == ("Rescaling", {"scale": 6.0})


@pytest.mark.parametrize(
    ("shape", "links", "said", "values"),
    [
        ((4, 4, 1), [Link("max"), Link("conv", 2, (3, 3))], "take at most 2", {"most": 2, "axis": "rows"}),
        ((9, 4, 1), [Link("conv", 2, (3, 2), dilation=(2, 4))], "take at most 1", {"axis": "columns", "most": 1}),
        ((4, 4, 1), [Link("flatten"), Link("max")], "expected an input of rows, columns", {"shape": (16,)}),
        ((4, 4, 3), [Link("reshape", shape=(4, 4))], "make the last one 12", {"fits": 12}),
        ((4, 4, 3), [Link("reshape", shape=(5, 4))], "multiply to 48", {"fits": 0}),
        ((8, 8, 1), [Link("conv", 1, (3, 3), (2, 2), dilation=(2, 2))], "set one of them to 1", {}),
        ((8, 8, 1), [Link("sum", padding="same")], 'take "valid"', {}),
        ((8, 8, 1), [Link("dense", 1 << 41)], "more than any machine holds", {}),
    ],
)
def test_what_cannot_be_says_why_and_what_would(shape, links, said, values):
    with pytest.raises(Impossible, match=said) as problem:
        worked(shape, links)
    assert problem.value.at == len(links) - 1
    assert values.items() <= problem.value.values.items()


@pytest.mark.parametrize("shape", [(4, 4), (0, 4, 1)])
def test_an_input_that_is_none_is_refused(shape):
    with pytest.raises(ArgumentError, match="input: expected rows, columns and channels"):
        worked(shape, [])


def test_limits():
    with pytest.raises(ArgumentError, match=f"at most {MOST_LINKS}"):
        worked((4, 4, 1), [Link("dropout")] * (MOST_LINKS + 1))
    with pytest.raises(ValueError, match=f"at most {MOST_PARAMETERS:,}"):
        built((200, 200, 3), [Link("flatten"), Link("dense", 1000)])


def test_dense_against_convolution():
    flat, dense = worked((200, 200, 3), [Link("flatten"), Link("dense", 1, bias=False)])
    assert (flat.info.output_shape, dense.info.parameters) == ((120_000,), 120_000)


@pytest.mark.parametrize("seed", range(40))
def test_text_and_chain_are_the_same(seed):
    shape, links = drawn(seed)
    read_shape, read_links = read(written(shape, links))
    assert read_shape == shape
    assert worked(shape, read_links)[-1].info.output_shape == worked(shape, links)[-1].info.output_shape
    assert written(read_shape, read_links) == written(shape, links)
    assert "%" not in written(shape, links)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "input: expected whole numbers"),
        ("28x28", "input: expected whole numbers"),
        ("28x28x1.convolution-3", "layer: expected one of conv"),
        ("28x28x1.conv-8", "window: expected whole numbers"),
        ("28x28x1.conv-0-3x3", "units: expected whole numbers from 1"),
        ("28x28x1.conv-8-3x3-fast", "expected same, nobias"),
        ("28x28x1.max-2x2-nobias", "bias: max has none"),
    ],
)
def test_a_text_that_is_no_chain_is_refused(text, said):
    with pytest.raises(ArgumentError, match=said):
        read(text)


@pytest.mark.parametrize("text", ["3x5", "3 x 5", "3,5", "(3, 5)", "3×5"])
def test_a_pair_may_be_written_in_many_ways(text):
    assert pair("window", text) == (3, 5)
    assert pair("window", "3") == (3, 3)


def test_the_code_builds_the_same_network():
    shape, links = read(SEED)
    scope: dict[str, object] = {}
    exec(code(shape, links).replace("model.summary()", ""), scope)
    assert [layer.count_params() for layer in scope["model"].layers] == [224, 245, 0, 0, 363]


def test_a_map_behind_an_enlargement_moves_by_whole_turns():
    """Every two cells of an enlarged map are one cell of the map before it: two pixels move it by two cells."""
    layer = worked((12, 12, 1), [Link("max"), Link("upsampling")])[-1].info
    picture = np.random.default_rng(3).random((12, 12, 1))

    def enlarged(values):
        return values.reshape(6, 2, 6, 2, 1).max(axis=(1, 3)).repeat(2, axis=0).repeat(2, axis=1)

    found = equivariance(layer, enlarged(picture), enlarged(moved(picture, 2, -4)), 2, -4, (12, 12))
    assert (found.down, found.right, found.whole, found.interior, found.cells) == (2, -4, True, 0.0, 80)
    assert not equivariance(layer, enlarged(picture), enlarged(moved(picture, 1, 0)), 1, 0, (12, 12)).whole


def test_a_field_that_takes_turns_is_read_back_as_it_was_written():
    layer = worked((12, 12, 1), [Link("max"), Link("upsampling"), Link("transpose", 1, (1, 1), (2, 2))])[-1].info
    assert None in layer.receptive_field.rows.phases, "windows that leave gaps"
    assert first_look._layer(json.loads(json.dumps(asdict(layer)))) == layer
