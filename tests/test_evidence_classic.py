"""Deletion and insertion as published, by hand on a network whose probability is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from seeds import pictures, seeded

from explain import Target, engine_for
from explain.evidence.classic import deletion_and_insertion


@pytest.fixture(scope="module")
def unit():
    """A grey picture's sum through a sigmoid, each pixel weighing 0.1."""
    from keras import Input, Sequential, layers

    model = Sequential([Input((6, 5, 1)), layers.Flatten(), layers.Dense(1, activation="sigmoid")])
    model.set_weights([np.full((30, 1), 0.1, "float32"), np.zeros(1, "float32")])
    return engine_for(model)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def test_both_curves_by_hand(unit):
    x = pictures(1, (6, 5, 1))
    *_, last = deletion_and_insertion(unit, x, 0, x[0, :, :, 0], steps=3)
    flat = np.sort(x.ravel().astype(float))[::-1]
    expected = [sigmoid(0.1 * flat[kept:].sum()) for kept in (0, 10, 20, 30)]
    np.testing.assert_allclose(last.deletion, expected, rtol=1e-5)
    order, soft = np.argsort(-x.ravel(), kind="stable"), gaussian_filter(x[0, :, :, 0], 5, truncate=1, mode="nearest")
    expected = []
    for kept in (0, 10, 20, 30):
        image = soft.ravel().copy()
        image[order[:kept]] = x.ravel()[order[:kept]]
        expected.append(sigmoid(0.1 * image.sum()))
    np.testing.assert_allclose(last.insertion, expected, rtol=1e-4)
    assert last.deletion_area == pytest.approx(np.trapezoid(last.deletion, dx=1 / 3))
    assert last.insertion_area == pytest.approx(np.trapezoid(last.insertion, dx=1 / 3))
    assert (last.done, last.total, last.passes) == (8, 8, 8)


def test_the_order_of_the_pixels_decides_the_areas(unit):
    x = np.abs(pictures(1, (6, 5, 1)))
    best, worst = (list(deletion_and_insertion(unit, x, 0, sign * x[0, :, :, 0]))[-1] for sign in (1, -1))
    assert best.deletion_area < worst.deletion_area


def test_a_unit_turned_the_other_way_gives_the_other_probability(unit):
    x = pictures(1, (6, 5, 1))
    one, other = (list(deletion_and_insertion(unit, x, Target(0, sign=s), x[0, :, :, 0]))[-1] for s in (1, -1))
    np.testing.assert_allclose(one.deletion + other.deletion, 1, rtol=1e-5)


def test_what_it_refuses(unit):
    from keras import Input, Sequential, layers

    x = pictures(1, (6, 5, 1))
    with pytest.raises(ValueError, match="values: expected a finite map of size"):
        deletion_and_insertion(unit, x, 0, np.zeros((3, 3)))
    plain = seeded(Sequential([Input((6, 5, 1)), layers.Flatten(), layers.Dense(2)]))
    with pytest.raises(ValueError, match="plain scores"):
        deletion_and_insertion(engine_for(plain), x, 0, x[0, :, :, 0])
