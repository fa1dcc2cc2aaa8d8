"""The flight recorder: a moment is what the model itself says at that step, and a file gives it back."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from explain import attribute
from explain.chain_keras import network
from explain.chain_text import read
from model_zoo.training.recording import Recorder, load, schedule
from model_zoo.training.recording_plan import KERNEL_BYTES, MAP_BYTES, checked, planned

CHAIN = "12x12x1.conv-6-3x3-same-relu.max-2x2.conv-4-3x3.flatten.dense-5-softmax"


def made(chain, name="recorded"):
    return network(*read(chain), name)


def drawn(count, shape, classes, seed=0):
    draw = np.random.default_rng(seed)
    return draw.integers(0, 256, (count, *shape), dtype=np.uint8), draw.integers(0, classes, count)


def scaled(images):
    return images.astype(np.float32) / 255


@pytest.fixture(scope="module")
def trained():
    """A small training of 6 steps, recorded at 0, 1, 3 and 6, and the model's own answers at those steps."""
    keras.utils.set_random_seed(3)
    model = made(CHAIN)
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    images, labels = drawn(60, (12, 12, 1), 5)
    recorder = Recorder(model, images[:3], images[20:], labels[20:], (0, 1, 3, 6), labels=labels[:3], names="abcde")
    seen = {}
    for step in range(7):
        if step:
            model.train_on_batch(scaled(images), labels)
        if recorder.due(step):
            recorder.capture(step, step / 2)
            seen[step] = [weight.copy() for weight in model.get_weights()]
    return model, recorder, seen, images, labels


def with_weights(model, weights):
    """A copy of the model with the weights of a step, so that the trained one stays as it is."""
    copy = made(CHAIN, "copy")
    copy.set_weights(weights)
    return copy


def test_only_the_steps_asked_for_are_due_and_each_once(trained):
    _model, recorder, seen, *_ = trained
    assert list(seen) == [0, 1, 3, 6]
    assert not recorder.due(6)
    assert recorder.due(3)
    assert recorder.recording().steps.tolist() == [0, 1, 3, 6]
    assert recorder.recording().epochs.tolist() == [0, 0.5, 1.5, 3]


def test_every_moment_is_what_the_model_was(trained):
    model, recorder, seen, images, labels = trained
    got = recorder.recording()
    for at, weights in enumerate(seen.values()):
        copy = with_weights(model, weights)
        first, second = (copy.get_layer(name).kernel.numpy() for name in got.kernels)
        one, two = got.kernels.values()
        np.testing.assert_array_equal(one[at], first.astype(np.float16))
        np.testing.assert_array_equal(two[at], second.astype(np.float16))
        np.testing.assert_allclose(got.predictions[at], copy.predict(scaled(images[:3]), verbose=0), atol=1e-6)
        found = copy.predict(scaled(images[20:]), verbose=0)
        assert got.accuracy[at] == pytest.approx(np.mean(found.argmax(1) == labels[20:]))
        assert got.loss[at] == pytest.approx(-np.log(found[np.arange(40), labels[20:]]).mean(), rel=1e-4)
        matrix = np.zeros((5, 5))
        for true, said in zip(labels[20:], found.argmax(1), strict=True):
            matrix[true, said] += 1
        np.testing.assert_array_equal(got.confusion[at], matrix)
        values = copy.layers[-1].kernel.numpy()
        expected = [values.mean(), values.std(), values.min(), values.max()]
        np.testing.assert_allclose(got.statistics[copy.layers[-1].name][at], expected, rtol=1e-5)


def test_the_maps_are_the_models_own_to_two_thirds_of_a_step_of_a_byte(trained):
    model, recorder, seen, images, _labels = trained
    got = recorder.recording()
    for name, most in zip(got.maps, (255, 127), strict=True):
        parts = []
        for weights in seen.values():
            copy = with_weights(model, weights)
            upto = keras.Model(copy.inputs, copy.get_layer(name).output)
            parts.append(upto.predict(scaled(images[:3]), verbose=0))
        expected = np.stack(parts)
        step = np.abs(expected).max() / most
        for picture in range(3):
            np.testing.assert_allclose(got.values(name, picture), expected[:, picture], atol=0.63 * step)
        np.testing.assert_allclose(got.peaks[name], np.abs(expected).max(axis=(1, 2, 3)), rtol=1e-5)


def test_the_saliency_is_the_saliency_method_of_the_predicted_class(trained):
    model, recorder, seen, images, _labels = trained
    got = recorder.recording()
    for at, weights in list(enumerate(seen.values()))[1:3]:
        copy = with_weights(model, weights)
        for picture in (0, 2):
            said = attribute(copy, scaled(images[picture]), "saliency", int(got.predicted()[at, picture]))
            np.testing.assert_allclose(got.saliency[at, picture], said.map, rtol=2e-3, atol=1e-6)


def test_going_back_to_an_earlier_step_drops_what_came_after_it():
    keras.utils.set_random_seed(1)
    model = made(CHAIN)
    images, labels = drawn(8, (12, 12, 1), 5)
    recorder = Recorder(model, images[:1], images, labels, (0, 2, 4))
    with pytest.raises(ValueError, match="nothing was captured"):
        recorder.recording()
    for step in (0, 2, 4):
        recorder.capture(step, step)
    model.set_weights([weight + 1 for weight in model.get_weights()])
    recorder.capture(3, 3)
    got = recorder.recording()
    assert got.steps.tolist() == [0, 2, 3]
    kernel = model.layers[0].kernel.numpy().astype(np.float16)
    np.testing.assert_array_equal(next(iter(got.kernels.values()))[-1], kernel)


@pytest.mark.parametrize("compressed", [False, True])
def test_a_file_gives_the_recording_back(trained, tmp_path, compressed):
    got = trained[1].recording()
    got.save(tmp_path / "a.npz", compressed=compressed)
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]
    back = load(tmp_path / "a.npz")
    assert (back.names, back.scales, back.checked, back.left_out) == (tuple("abcde"), got.scales, 40, ())
    for name in ("steps", "predictions", "saliency", "confusion", "accuracy", "pinned", "labels"):
        np.testing.assert_array_equal(getattr(back, name), getattr(got, name))
    for group in ("kernels", "maps", "peaks", "statistics"):
        assert list(getattr(back, group)) == list(getattr(got, group))
        for layer, values in getattr(got, group).items():
            np.testing.assert_array_equal(getattr(back, group)[layer], values)
    with pytest.raises(ValueError, match="read-only"):
        back.predictions[0] = 0


def test_a_damaged_file_says_so(trained, tmp_path):
    path = tmp_path / "a.npz"
    trained[1].recording().save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="not a whole recording"):
        load(path)
    np.savez(path, steps=np.arange(3))
    with pytest.raises(ValueError, match="not a whole recording"):
        load(path)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.npz")


@pytest.mark.parametrize(
    ("chain", "kernels", "classes"),
    [
        ("8x8x1.flatten.dense-6-sigmoid.dense-4-softmax", [], 4),
        ("8x8x1.flatten.dense-3", [], 3),
        ("9x8x3.transpose-2-3x3.norm.average-2x2.flatten.dense-1-sigmoid", [(3, 3, 3, 2)], 1),
        ("9x8x3.conv-4-2x5", [(2, 5, 3, 4)], 0),
    ],
)
def test_any_chain_can_be_recorded(tmp_path, chain, kernels, classes):
    model = made(chain)
    images, labels = drawn(5, read(chain)[0], max(classes, 2))
    answers = max(classes, 2) if classes else 0
    recorder = Recorder(model, images[:2], images, labels, (0, 1))
    recorder.capture(0, 0.0)
    recorder.recording().save(tmp_path / "a.npz")
    got = load(tmp_path / "a.npz")
    assert [values.shape[1:] for values in got.kernels.values()] == kernels
    assert len(got.maps) == len(kernels)
    assert got.predictions.shape == (1, 2, answers)
    assert got.confusion.shape == (1, answers, answers)
    if classes:
        own = model.predict(scaled(images[:2]), verbose=0)
        expected = own if "softmax" in chain else np.exp(own) / np.exp(own).sum(1, keepdims=True)
        expected = np.concatenate([1 - own, own], 1) if classes == 1 else expected
        of_all = model.predict(scaled(images), verbose=0)
        found = (of_all[:, 0] >= 0.5).astype(int) if classes == 1 else of_all.argmax(1)
        counted = np.zeros((answers, answers), int)
        np.add.at(counted, (labels, found), 1)
        np.testing.assert_array_equal(got.confusion[0], counted)
        assert got.accuracy[0] == pytest.approx(np.mean(found == labels))
        np.testing.assert_allclose(got.predictions[0], expected, rtol=1e-4)
        assert got.saliency.shape[2:] == read(chain)[0][:2]
    else:
        assert np.isnan(got.accuracy).all()
        with pytest.raises(ValueError, match="no class output"):
            got.predicted()


def test_a_diverged_training_can_still_be_recorded():
    model = made(CHAIN)
    model.set_weights([np.full_like(weight, np.nan) for weight in model.get_weights()])
    images, labels = drawn(4, (12, 12, 1), 5)
    recorder = Recorder(model, images[:1], images, labels, (0,))
    recorder.capture(0, 0)
    got = recorder.recording()
    assert np.isnan(next(iter(got.kernels.values()))).all()
    assert not got.values(next(iter(got.maps)), 0).any()


def test_the_schedule_is_dense_early_and_never_long():
    for steps, epochs in ((1, 1), (3, 1), (45, 20), (150, 10), (1500, 20), (1500, 1000)):
        found = schedule(steps, epochs)
        assert found[0] == 0
        assert found[-1] == steps * epochs
        assert len(set(found)) == len(found) <= 40
        assert list(found) == sorted(found)
    long = schedule(1500, 20)
    assert long[:3] == (0, 1, 2)
    gaps = np.diff(long)
    assert gaps[-1] == max(gaps)
    assert sum(step <= 9000 for step in long) > 20
    with pytest.raises(ValueError, match="steps_per_epoch"):
        schedule(0, 3)


def test_fewer_pictures_are_scored_in_a_short_training():
    assert checked(schedule(1500, 20), 32, 10, 12000) == 1000
    assert checked(schedule(1500, 20), 32, 10, 600) == 600
    assert checked(schedule(45, 2), 32, 10, 300) == 100


def test_a_large_network_is_recorded_within_bounds_and_says_what_it_left_out():
    kernels = {"a": (3, 3, 3, 32), "b": (3, 3, 512, 512), "c": (27, 27, 256, 8192)}
    maps = {"a": (222, 222, 32), "b": (14, 14, 512), "c": (400, 400, 8192)}
    plan = planned(kernels, maps, 40, 10)
    total = sum(2 * 40 * h * w * plan.inputs.get(name, 0) * out for name, (h, w, _in, out) in kernels.items())
    assert total <= KERNEL_BYTES
    size = 0
    for name, (height, width, channels) in maps.items():
        factor = -(-max(height, width) // plan.cells.get(name, 1))
        size += 40 * plan.pictures.get(name, 0) * -(-height // factor) * -(-width // factor) * channels
    assert size <= MAP_BYTES
    assert plan.inputs["a"] == 3
    assert 0 < plan.inputs["b"] < 512
    assert ("kernels", "c", 0, 256) in plan.left_out
    assert ("maps", "c", 0, 10) in plan.left_out
    assert ("kernels", "b", plan.inputs["b"], 512) in plan.left_out


def test_a_large_picture_is_pooled():
    chain = "224x224x3.conv-4-3x3-s2x2-relu.flatten.dense-2-softmax"
    images, labels = drawn(2, (224, 224, 3), 2)
    recorder = Recorder(made(chain), images, images, labels, (0,))
    recorder.capture(0, 0)
    got = recorder.recording()
    assert got.saliency.shape == (1, 2, 56, 56)
    assert max(next(iter(got.maps.values())).shape[2:4]) <= 28
    assert ("gradients", "", 56, 224) in got.left_out
