"""A small share of the benchmarks that look for what nobody thought of; the same share each time."""

from __future__ import annotations

from benchmarks import fuzz, mutated_images


def test_every_method_gives_a_map_that_repeats_or_an_error_that_names_an_argument():
    came = fuzz.run(100, None)
    assert came.total() >= 100
    assert came["map"] > 15
    assert sum(times for what, times in came.items() if what.startswith("refused")) > 15


def test_damaged_pictures_are_opened_or_refused_within_their_bounds():
    report = mutated_images.run(150, seed=7)
    assert not report.bad
    assert report.controls == 3 * sum(map(len, mutated_images.good_files().values()))
    assert {"loaded", "damaged"} <= set(report.outcomes)


def test_the_fuzz_tells_right_from_wrong():
    """What it is there to catch, it catches: an error without an argument's name, and a map that does not repeat."""
    asked = {"model": "sigmoid", "x": ("normal", (8, 8, 1), 0, 1.0), "target": 0, "method": "saliency"}
    assert fuzz.check(asked) == "map"
    assert fuzz.check(asked | {"x": ("nan", (8, 8, 1), 0, 1.0)}) == "refused: x"
    assert fuzz.check(asked | {"smooth_samples": 2.5}) == "refused: smooth_samples"
    assert fuzz.check(asked | {"target": ("Target", 0, 0, "logit", 1)}) == "refused: target"
