"""What a recording shows by itself, on recordings made up so that the answer is known; and the sentences about it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_recordings import STEPS, made

from components.sentences import recordings as said
from model_zoo.training.recording_findings import dead, jump, still


def test_a_kernel_is_dead_from_where_it_stays_at_zero_on_every_picture():
    peaks = np.ones((5, 4), np.float32)
    peaks[1:, 0] = 0  # dead from the second moment on
    peaks[2, 1] = 0  # came back
    peaks[3:, 3] = 0  # dead from the fourth on
    found = dead(made(peaks={"conv": peaks}), "conv")
    assert (found.kernels, found.moments, found.of) == ((0, 3), (1, 3), 4)
    sentence = said.died(made(peaks={"conv": peaks}), "conv", found)
    assert sentence == ("2 of 4 kernels of conv give 0 on all 2 pinned pictures at every moment from step 50 on: 0, 3.")


def test_without_dead_kernels_it_says_so():
    recording = made(peaks={"conv": np.ones((5, 4), np.float32)})
    assert dead(recording, "conv") is None
    assert dead(recording, "elsewhere") is None
    assert said.died(recording, "conv", None).startswith("Every kernel of conv answers at least one of the 2 pinned")


def wandering():
    """Five moments of three kernels: 0 stands from the second, 1 never, 2 only since three quarters of the steps."""
    kernels = np.zeros((5, 3, 3, 2, 3), np.float32)
    kernels[..., :] = 1.0
    kernels[0, ..., 0] = 1.2
    kernels[1, ..., 0] = 1.005
    kernels[:, ..., 1] = np.linspace(0, 1, 5)[:, None, None, None]
    kernels[:4, ..., 2] = 0.5
    return kernels.astype(np.float16)


def test_a_kernel_stands_still_within_a_hundredth_of_its_last_values_from_the_first_half_on():
    recording = made(kernels={"conv": wandering()})
    found = still(recording, "conv")
    assert (found.kernels, found.moments, found.of) == ((0,), (1,), 3)
    assert said.stood_still(recording, "conv", found) == (
        "1 of 3 kernels of conv stopped changing: within 1\u00a0% of its last values at every moment from step 10 "
        "on: 0."
    )
    assert still(recording, "conv", share=0.001).moments == (2,)
    assert still(recording, "conv", by=0.05) is None
    assert "No kernel of conv stopped changing" in said.stood_still(recording, "conv", None)


def test_the_thresholds_must_be_shares():
    with pytest.raises(ValueError, match="share"):
        still(made(), "conv", share=0)
    with pytest.raises(ValueError, match="by"):
        still(made(), "conv", by=2)


def test_the_jump_is_the_largest_rise_between_neighbours():
    found = jump(made())
    assert (found.before, found.after) == (1, 2)
    assert found.rise == pytest.approx(0.45)
    assert said.jumped(made(), found) == (
        "The accuracy jumped between step 10 and step 40: from 20\u00a0% to 65\u00a0% of 200 held-back pictures, the "
        "largest rise between two moments."
    )


@pytest.mark.parametrize("values", [[0.5, 0.5, 0.4, 0.3, 0.2], [np.nan] * 5])
def test_without_a_rise_there_is_no_jump(values):
    recording = made(accuracy=np.array(values, np.float32))
    assert jump(recording) is None
    assert "never rose" in said.jumped(recording, None)
    assert not said.jumped(made(checked=0), None)


def test_what_was_learned_of_a_picture_is_when_its_class_came_to_stay():
    predictions = np.full((5, 2, 4), 0.1, np.float32)
    for at, (first, second) in enumerate([(0, 3), (2, 3), (0, 3), (2, 3), (2, 1)]):
        predictions[at, 0, first] = predictions[at, 1, second] = 0.7
    recording = made(predictions=predictions)
    assert said.learned(recording, 0) == "c: predicted at every moment from step 50 on"
    assert said.learned(recording, 1) == "b: predicted at every moment from step 100 on"
    assert said.answer(recording, 2, 0) == "step 40: a 70\u00a0%"
    wrong = made(predictions=predictions, labels=np.array([1, -1]))
    assert said.learned(wrong, 0) == "b: at the end taken for c"
    marked = replace(wrong, names=("a", "~~b~~", "$c$", "d"))
    assert said.learned(marked, 0) == "\\~\\~b\\~\\~: at the end taken for \\$c\\$"


def test_moments_and_what_was_left_out_are_named():
    recording = made(left_out=(("kernels", "conv", 4, 512), ("cells", "conv", 28, 222)))
    assert said.moment(recording, 2) == f"step {STEPS[2]}, epoch 0.80, 65\u00a0% right"
    assert said.walked(recording) == "5 moments, step 0 to 100: accuracy from 10\u00a0% to 60\u00a0%"
    assert said.left_out(recording, "kernels", "conv") == "Recorded are the first 4 of 512 input channels."
    assert "28 of 222 rows" in said.left_out(recording, "cells", "conv")
    assert not said.left_out(recording, "maps", "conv")
