"""The batches of a training are those that Keras's own fit takes from arrays, epoch by epoch."""

from __future__ import annotations

import numpy as np
import pytest

from model_zoo.training.batches import batches


def seen_by_fit(epochs, seed, *data, **how):
    """Return the (images, labels) that fit gives a model, epoch after epoch."""
    import keras

    class Sees(keras.Model):
        def call(self, x):
            return x

        def train_step(self, data):
            seen.append(tuple(part.numpy() for part in data))
            return {"loss": 0.0}

    seen: list[tuple[np.ndarray, ...]] = []
    model = Sees()
    model.compile(loss="mse", run_eagerly=True)
    keras.utils.set_random_seed(seed)
    model.fit(*data, epochs=epochs, verbose=0, **how)
    return seen


@pytest.mark.parametrize(("count", "size"), [(12, 4), (13, 4), (5, 5), (7, 1), (33, 32)])
@pytest.mark.parametrize("shuffled", [True, False])
def test_they_come_in_the_order_of_keras(count, size, shuffled):
    x = np.arange(count * 4, dtype=np.float32).reshape(count, 2, 2, 1)
    y = np.arange(count) % 3
    expected = seen_by_fit(3, count, x, y, batch_size=size, shuffle=shuffled)
    found = seen_by_fit(3, count, batches(x, y, size, shuffled=shuffled), shuffle=False)
    assert len(found) == len(expected) == 3 * -(-count // size)
    for one, other in zip(found, expected, strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)
            assert a.dtype == b.dtype


def test_each_epoch_has_every_picture_once_with_its_label():
    x, y = np.arange(50, dtype=np.float32).reshape(50, 1, 1, 1), np.arange(50)
    found = seen_by_fit(2, 1, batches(x, y, 8, shuffled=True), shuffle=False)
    first, second = (np.concatenate([labels for _images, labels in part]) for part in (found[:7], found[7:]))
    assert sorted(first) == sorted(second) == y.tolist()
    assert first.tolist() != y.tolist()
    for images, labels in found:
        np.testing.assert_array_equal(images[:, 0, 0, 0], labels)
