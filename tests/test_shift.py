"""Moved pictures: what is done to them, what their networks were trained to, and what follows a move."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
from scipy import ndimage

from explain.engine import Engine
from explain.errors import ArgumentError
from explain.followed import equivariances, follow, strongest_channel
from explain.shift import Change, Stroke, centre_of_mass, changed, equivariance, likenesses, moved, origin, turned
from model_zoo.arrays import DATA
from model_zoo.fashion_heads import averaging_network, dense_network
from model_zoo.samples import fashion_images, fashion_labels
from model_zoo.shift_networks import right_answers, shift_accuracy, shift_networks
from scripts.train_shift_networks import finished, parts

rng = np.random.default_rng(3)
OURS = ("fashion_dense", "fashion_gap")


@pytest.fixture(scope="module")
def engines():
    return {key: Engine(entry.build()) for key, entry in shift_networks().items()}


@pytest.fixture(scope="module")
def blob():
    """A small bright patch in the middle, far from every border."""
    picture = np.zeros((28, 28, 1), np.float32)
    picture[12:16, 12:16] = rng.random((4, 4, 1))
    return picture


def test_nothing_changed_is_the_picture_and_the_picture_is_left_alone():
    picture = rng.random((28, 28, 1)).astype(np.float32)
    kept = picture.copy()
    np.testing.assert_array_equal(changed(picture, Change()), picture)
    changed(picture, Change(2, 3, 10, 1.2, (Stroke(0, 0, 3, 1.0),), (4, 4, 5), 0.2, 1))
    np.testing.assert_array_equal(picture, kept)


@pytest.mark.parametrize(("down", "right"), [(0, 0), (3, -5), (-8, 8), (-1, 0), (40, 0)])
def test_a_move_is_scipys_shift(down, right):
    values = rng.random((28, 20, 2))
    expected = ndimage.shift(values, (down, right, 0), order=0, mode="constant", cval=0, prefilter=False)
    np.testing.assert_array_equal(moved(values, down, right), expected)


@pytest.mark.parametrize(("degrees", "scale"), [(20, 1.0), (-35, 1.4), (0, 0.6), (90, 1.0), (180, 1.0)])
def test_turning_and_sizing_are_scipys_bilinear_map(degrees, scale):
    picture = rng.random((28, 28, 1)).astype(np.float32)
    angle = np.deg2rad(degrees)
    back = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / scale
    middle = np.array([13.5, 13.5])
    offset = middle - back @ middle
    expected = ndimage.affine_transform(picture[..., 0], back, offset=offset, order=1, mode="grid-constant")
    np.testing.assert_allclose(turned(picture, degrees, scale)[..., 0], expected, atol=1e-5)


def test_a_quarter_turn_is_clockwise_and_exact():
    picture = rng.random((28, 28, 1)).astype(np.float32)
    np.testing.assert_allclose(turned(picture, 90, 1)[..., 0], np.rot90(picture[..., 0], -1), atol=1e-5)


def test_paint_comes_first_then_the_move_then_cover_and_noise():
    picture = np.zeros((28, 28, 1), np.float32)
    strokes = (Stroke(5, 5, 3, 1.0), Stroke(6, 6, 1, 0.0))
    painted = changed(picture, Change(right=2, strokes=strokes))
    assert painted.sum() == 8
    assert painted[5, 7] == 1
    assert painted[6, 8] == 0
    covered = changed(np.ones((28, 28, 1)), Change(cover=(20, 20, 20)))
    assert covered.sum() == 28 * 28 - 64
    noisy = changed(picture + 0.5, Change(noise=0.1, seed=4))
    np.testing.assert_array_equal(noisy, changed(picture + 0.5, Change(noise=0.1, seed=4)))
    assert (noisy != changed(picture + 0.5, Change(noise=0.1, seed=5))).any()
    assert noisy.std() == pytest.approx(0.1, rel=0.1)
    loud = changed(picture, Change(noise=1.0))
    assert (loud.min(), loud.max()) == (0, 1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"scale": 0}, "scale: expected 0.1 to 10"),
        ({"noise": 2}, "noise: expected 0 to 1"),
        ({"strokes": (Stroke(0, 0, 1, 1.0),) * 201}, "strokes: expected 200 at most"),
    ],
)
def test_a_change_that_cant_be_is_named(wrong, said):
    with pytest.raises(ArgumentError, match=said):
        Change(**wrong)


def test_only_a_move_is_told_from_everything_else():
    assert Change(right=3, down=-1).only_moves
    assert not Change(right=3, noise=0.1).only_moves
    assert not Change(degrees=5).only_moves


def test_the_centre_of_mass_is_where_the_cells_lie():
    values = np.zeros((7, 7))
    values[2, 5] = 3.0
    assert centre_of_mass(values, (28, 28)) == (9.5, 21.5)
    values[4, 5] = 3.0
    values[0, 0] = -9.0
    assert centre_of_mass(values, (28, 28)) == (13.5, 21.5)
    expected = ndimage.center_of_mass(np.arange(12.0).reshape(3, 4))
    assert centre_of_mass(np.arange(12).reshape(3, 4), (3, 4)) == pytest.approx(expected)
    assert centre_of_mass(-values, (28, 28)) is not None
    assert centre_of_mass(np.zeros((7, 7)), (28, 28)) is None


def test_a_pixel_of_the_changed_picture_is_traced_to_where_it_came_from():
    picture = rng.random((28, 28, 1)).astype(np.float32)
    for change in (Change(right=5, down=-3), Change(degrees=90), Change(right=-2, degrees=-90), Change(degrees=180)):
        after = changed(picture, change)
        for row, column in np.ndindex(28, 28):
            found = origin(change, row, column, (28, 28))
            assert after[row, column] == pytest.approx(0 if found is None else picture[found], abs=1e-5)
    small = Change(scale=0.5)
    assert origin(small, 0, 0, (28, 28)) is None
    assert origin(small, 10, 18, (28, 28)) in {(6, 22), (7, 23), (6, 23), (7, 22)}
    assert origin(Change(cover=(2, 3, 4)), 5, 6, (28, 28)) is None
    assert origin(Change(cover=(2, 3, 4)), 6, 6, (28, 28)) == (6, 6)


def test_likenesses_are_numpys_correlations_over_what_both_have():
    before = rng.random((6, 7))
    found = likenesses(before, moved(before[..., None], 1, -2)[..., 0] + 5, 2)
    assert len(found) == 25
    assert found[1, -2] == pytest.approx(1)
    assert max(found, key=lambda cells: found[cells]) == (1, -2)
    other = rng.random((6, 7))
    expected = np.corrcoef(before[1:, :-2].ravel(), other[:-1, 2:].ravel())[0, 1]
    assert likenesses(before, other, 2)[-1, 2] == pytest.approx(expected)
    assert set(likenesses(before, np.ones((6, 7)), 1).values()) == {0.0}
    with pytest.raises(ArgumentError, match="furthest: expected 0 to 4"):
        likenesses(before, other, 5)


@pytest.mark.parametrize("key", OURS)
def test_shipped_weights_are_the_ones_declared_and_small(key):
    entry = shift_networks()[key]
    data = entry.weights.path.read_bytes()
    assert (len(data), hashlib.sha256(data).hexdigest()) == (entry.weights.bytes, entry.weights.sha256)
    assert len(data) < 1_000_000
    facts = entry.facts
    losses = facts["curves"]["val_loss"]
    assert facts["best_epoch"] == int(np.argmin(losses)) + 1
    assert facts["epochs"] == len(losses) == facts["best_epoch"] + 2 <= 20
    assert facts["settings"] == shift_networks()["fashion_cnn"].facts["settings"]
    assert facts["test_accuracy"] == facts["test_correct"] / facts["test_images"] > 0.87


@pytest.mark.parametrize("key", OURS)
def test_a_network_scores_what_was_recorded(key, engines):
    x = fashion_images()[..., None] / np.float32(255)
    said = engines[key].model.predict(x, batch_size=500, verbose=0).argmax(axis=1)
    correct = int((said == fashion_labels()).sum())
    assert abs(correct - shift_networks()[key].facts["test_correct"]) <= 2, "another processor rounds otherwise"


@pytest.mark.parametrize("shift", [-8, 3])
def test_the_curves_are_what_is_counted(shift, engines):
    counted = shift_accuracy()
    assert counted.shifts == tuple(range(-8, 9))
    assert set(counted.right) == set(engines)
    for key, engine in engines.items():
        recorded = counted.right[key][counted.shifts.index(shift)]
        assert abs(right_answers(engine.model, shift) - recorded) <= 2


def test_averaging_forgives_moves_that_dense_layers_do_not():
    right = shift_accuracy().right
    for at in (0, 4, 12, 16):
        assert right["fashion_gap"][at] > right["fashion_cnn"][at] + 200 > right["fashion_dense"][at]


def test_the_networks_are_what_they_say():
    dense, gap = dense_network("a"), averaging_network("b")
    assert dense.count_params() == 784 * 100 + 100 + 100 * 10 + 10
    assert gap.count_params() == 320 + (9 * 32 + 1) * 64 + (9 * 64 + 1) * 64 + 650
    np.testing.assert_array_equal(dense.get_weights()[0], dense_network("c").get_weights()[0])
    assert not any(weight.any() for weight in averaging_network("d", seed=None).get_weights())


def test_a_map_moves_with_the_picture_by_whole_cells(engines, blob):
    for key, layers in {"fashion_cnn": (1, 2, 2, 4), "fashion_gap": (1, 2, 2, 4, 4)}.items():
        engine = engines[key]
        before, after = (follow(engine, changed(blob, Change(right=by, down=-by)), 0) for by in (0, 4))
        found = equivariances(engine, before, after, -4, 4, (28, 28))
        assert [4 // one.right for one in found.values()] == list(layers)
        for one in found.values():
            assert one.whole
            assert one.cells > 0
            assert one.interior < 1e-5
    assert (
        set(equivariances(engines["fashion_dense"], *(follow(engines["fashion_dense"], blob, 0),) * 2, 0, 4, (28, 28)))
        == set()
    )


def test_a_move_by_part_of_a_cell_is_not_made_up_for(engines, blob):
    engine = engines["fashion_cnn"]
    before, after = (follow(engine, changed(blob, Change(right=by)), 0) for by in (0, 1))
    found = equivariances(engine, before, after, 0, 1, (28, 28))
    assert found["conv_1"].interior < 1e-5
    assert not found["pool_2"].whole
    assert found["pool_2"].interior > 0.05


def test_padding_marks_the_border(engines):
    flat = np.full((28, 28, 1), 0.5, np.float32)
    engine = engines["fashion_gap"]
    before = follow(engine, flat, 0)
    one = equivariance(engine.layer("conv_1"), before.maps["conv_1"], before.maps["conv_1"], 0, 4, (28, 28))
    assert one.interior < 1e-6, "an even picture moved is itself"
    assert one.everywhere > 0.01, "but not beside the zeros of the padding"


def test_what_follows_a_picture_is_what_the_network_says(engines):
    x = fashion_images()[0][..., None] / np.float32(255)
    for key, engine in engines.items():
        found = follow(engine, x, 9)
        np.testing.assert_allclose(found.probabilities, np.asarray(engine.model(x[None]))[0], atol=1e-5)
        assert (found.layer is None) is (key == "fashion_dense") is (found.method != "Grad-CAM")
        assert found.attribution.shape == {"fashion_dense": (28, 28), "fashion_cnn": (14, 14)}.get(key, (7, 7))
    gap = engines["fashion_gap"].model
    maps = x[None]
    for layer in gap.layers[:5]:
        maps = layer(maps)
    weights = gap.get_layer("predictions").kernel.numpy()[:, 9] / 49
    np.testing.assert_allclose(found.attribution, np.maximum(np.asarray(maps)[0] @ weights, 0), atol=1e-4)
    assert strongest_channel(found.maps["conv_3"]) == int(np.asarray(maps)[0].sum(axis=(0, 1)).argmax())


def test_the_recipe_stops_by_the_validation_loss_alone():
    assert not finished([])
    assert not finished([0.5, 0.4, 0.45])
    assert finished([0.5, 0.4, 0.45, 0.41])
    assert finished([1 / n for n in range(1, 21)])
    images, labels = rng.integers(0, 255, (10, 28, 28), np.uint8), np.arange(10, dtype=np.uint8)
    (train, names), (held, others) = parts(images, labels)
    assert (train.shape, held.shape) == ((8, 28, 28, 1), (2, 28, 28, 1))
    assert sorted([*names, *others]) == list(range(10))
    assert train.max() <= 1


def test_the_record_names_three_networks_and_all_moves():
    kept = json.loads((DATA / "shift_accuracy.json").read_text())
    assert kept["pictures"] == 1000
    assert all(len(counts) == 17 for counts in kept["right"].values())
