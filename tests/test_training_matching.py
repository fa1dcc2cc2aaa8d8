"""Whether a network fits its pictures, how it is mended, and what a look at the pictures tells."""

from __future__ import annotations

import numpy as np
import pytest

from model_zoo.training.data import DATASETS
from model_zoo.training.look import look
from model_zoo.training.matching import mended, misfits
from model_zoo.training.recipe import NETWORKS


def test_what_does_not_match():
    assert misfits(NETWORKS["003"], (28, 28, 1), 10) == ()
    assert misfits("4x4x1.flatten.dense-1-sigmoid", (4, 4, 1), 2) == ()
    assert [one[0] for one in misfits("4x4x1.dense-3-softmax", (8, 8, 3), 2)] == ["input", "classes"]
    assert [one[0] for one in misfits("4x4x1.flatten.dense-3-relu", (4, 4, 1), 3)] == ["activation"]


@pytest.mark.parametrize(
    "text", [*NETWORKS.values(), "4x4x1.conv-2-3x3", "4x4x1.dense-5", "9x9x3.flatten", "5x5x1.norm"]
)
def test_a_mended_network_matches(text):
    for shape, classes in (((32, 32, 3), 100), ((28, 28, 1), 2)):
        assert misfits(mended(text, shape, classes), shape, classes) == ()


def test_a_look_counts_and_averages():
    seen = look(DATASETS["digits"].load())
    images, labels = DATASETS["digits"].load().images, DATASETS["digits"].load().labels
    assert [row.count for row in seen.rows] == np.bincount(labels).tolist()
    np.testing.assert_allclose(seen.rows[3].mean, images[labels == 3].mean(axis=0), atol=0.5)
    assert seen.inverted
    assert seen.blank().images.shape == images.shape
    assert seen.blank().images.strides[0] == 0
