"""What is sampled: grown one way, stopped, gone on from and added to, proved by counting passes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from seeds import pictures, seeded

from explain import METHODS, Target, attribute, stream
from explain.engine import Engine
from explain.plans import Sums, compute_of, grow, half_maps, whole_map
from explain.types import Plan


def counted(count=11, batch=4, **more):
    """A plan whose sample i is i + 1 everywhere, and the list of what was asked for."""
    asked = []

    def draw(start, stop):
        asked.append((start, stop))
        return np.arange(start + 1, stop + 1, dtype="float32")[:, None, None, None] * np.ones((1, 2, 2, 1), "float32")

    return Plan(count, draw, lambda total, done: total / done, batch, **more), asked


def test_the_first_batch_is_one_sample():
    plan, asked = counted()
    assert [sums.done for sums in grow(plan)] == [1, 5, 9, 11]
    assert asked == [(0, 1), (1, 5), (5, 9), (9, 11)]


@pytest.mark.parametrize("stop", [1, 5, 9, 11])
def test_sums_stopped_anywhere_end_the_same(stop):
    plan, asked = counted()
    half_way = next(sums for sums in grow(plan) if sums.done >= stop)
    *_, end = grow(plan, half_way) if stop < 11 else [half_way]
    assert sorted(itertools.chain(*(range(*pair) for pair in asked))) == list(range(11))
    np.testing.assert_array_equal(whole_map(plan, end)[..., 0], np.full((2, 2), 6, "float32"))


def test_nothing_is_drawn_for_what_is_done():
    plan, asked = counted()
    *_, end = grow(plan)
    asked.clear()
    assert list(grow(plan, end)) == []
    assert asked == []


def test_halves_are_alternate_groups():
    plan, _ = counted(8, alike=True)
    *_, sums = grow(plan)
    odd, even = half_maps(plan, sums)
    assert (odd[0, 0, 0], even[0, 0, 0]) == (np.mean([1, 3, 5, 7]), np.mean([2, 4, 6, 8]))
    plan, _ = counted(8, alike=True, group=2)
    *_, sums = grow(plan)
    assert [half[0, 0, 0] for half in half_maps(plan, sums)] == [np.mean([1, 2, 5, 6]), np.mean([3, 4, 7, 8])]
    plan, _ = counted(8)
    *_, sums = grow(plan)
    assert half_maps(plan, sums) is None
    assert sums.counts == (8, 0)


def test_a_slow_sample_can_be_stopped_inside():
    inside = []

    def walk(start, stop):
        for _ in range(3):
            inside.append(start)
            yield None
        yield np.ones((stop - start, 1, 1, 1), "float32")

    plan = Plan(5, None, lambda total, done: total, 4, walk=walk)
    running = grow(plan)
    assert [next(running).done for _ in range(4)] == [1, 1, 1, 1]
    running.close()
    assert inside == [0, 0, 0, 1, 1, 1]


def test_a_plan_that_gives_too_few_samples_is_refused():
    plan = Plan(5, lambda start, stop: np.zeros((1, 2, 2, 1), "float32"), lambda total, done: total, 4)
    with pytest.raises(ValueError, match="samples 1 to 4 were asked for, got 1"):
        list(grow(plan))
    with pytest.raises(ValueError, match="no sample yet"):
        whole_map(plan, Sums())


def test_a_planned_method_computes_each_image_on_its_own():
    def plan(engine, x, target):
        return Plan(3, lambda a, b: np.repeat(x, b - a, axis=0), lambda total, done: total / done, 2)

    x = pictures(2, (2, 2, 1))
    steps = list(compute_of(plan)(None, x, [Target(0)] * 2))
    assert len(steps) == 4
    np.testing.assert_allclose(steps[-1], x, rtol=1e-6)
    assert not steps[1][1].any()


@pytest.fixture
def wide():
    """Twenty channels, of which Score-CAM masks with each."""
    from keras import Input, Sequential, layers

    parts = [Input((6, 6, 1)), layers.Conv2D(20, 3, name="conv"), layers.GlobalAveragePooling2D()]
    return Engine(seeded(Sequential([*parts, layers.Dense(3, activation="softmax")])))


def spent(engine, run):
    before = engine.passes
    result = run()
    return result, engine.passes - before


@pytest.mark.parametrize("sampling", ["plain", "antithetic", "quasi"])
@pytest.mark.parametrize("statistic", ["abs_mean", "variance"])
def test_twenty_samples_more_cost_twenty_and_end_the_same(sequential_model, sampling, statistic):
    engine, x = Engine(sequential_model), pictures(1, (12, 10, 3))[0]
    more = {"smooth_statistic": statistic, "smooth_sampling": sampling, "seed": 5}
    whole = attribute(Engine(sequential_model), x, "saliency", 1, smooth_samples=40, **more)
    few, first = spent(engine, lambda: attribute(engine, x, "saliency", 1, smooth_samples=20, **more))
    many, then = spent(engine, lambda: attribute(engine, x, "saliency", 1, smooth_samples=40, after=few, **more))
    assert (first, then) == (40 + 1, 40), "the clean image's logits once, for the findings"
    assert (few.passes, many.passes, many.done, many.total) == (40, 80, 40, 40)
    np.testing.assert_allclose(many.raw, whole.raw, rtol=1e-5, atol=1e-6)
    assert many.reliability == pytest.approx(whole.reliability, abs=1e-4)
    assert many.curve[: len(few.curve)] == few.curve
    assert many.seconds > few.seconds


def test_a_stopped_map_is_gone_on_from(sequential_model):
    engine, x = Engine(sequential_model), pictures(1, (12, 10, 3))[0]
    running = stream(engine, x, "saliency", 1, smooth_samples=11)
    stopped = [next(running) for _ in range(2)][-1]
    running.close()
    assert (stopped.done, stopped.partial, engine.passes) == (5, True, 10)
    rest = list(stream(engine, x, "saliency", 1, smooth_samples=11, after=stopped))
    assert [result.done for result in rest] == [9, 11]
    assert engine.passes == 22 + 1, "and the logits once, for the findings"
    whole = attribute(Engine(sequential_model), x, "saliency", 1, smooth_samples=11)
    np.testing.assert_allclose(rest[-1].map, whole.map, atol=1e-6)


def test_a_finished_map_costs_nothing_again(sequential_model):
    engine, x = Engine(sequential_model), pictures(1, (12, 10, 3))[0]
    done = attribute(engine, x, "saliency", 1, smooth_samples=6)
    (again,), cost = spent(engine, lambda: list(stream(engine, x, "saliency", 1, smooth_samples=6, after=done)))
    assert cost == 0
    np.testing.assert_array_equal(again.map, done.map)
    assert again.findings == done.findings
    assert not again.partial


def test_score_cam_goes_on_and_takes_more_channels(wide):
    x = pictures(1, (6, 6, 1))[0]
    running = stream(wide, x, "score_cam", 0)
    stopped = [next(running) for _ in range(2)][-1]
    whole, cost = spent(wide, lambda: attribute(wide, x, "score_cam", 0, after=stopped))
    assert (stopped.done, cost, whole.passes) == (9, 11, 1 + 20), "11 masks; the logits came with the activations"
    other = Engine(wide.model)
    np.testing.assert_allclose(whole.native, attribute(other, x, "score_cam", 0).native, rtol=1e-5)
    five = attribute(other, x, "score_cam", 1, top_n=5)
    twelve = attribute(Engine(wide.model), x, "score_cam", 1, top_n=12, after=five)
    assert twelve.passes - five.passes == 1 + 7
    np.testing.assert_allclose(twelve.native, attribute(other, x, "score_cam", 1, top_n=12).native, rtol=1e-5)
    with pytest.raises(ValueError, match="top_n: the result to go on from was made with 5, got 0"):
        attribute(wide, x, "score_cam", 1, after=five)
    with pytest.raises(ValueError, match="top_n: the result to go on from was made with 0, got 12"):
        attribute(wide, x, "score_cam", 0, top_n=12, after=whole)


OTHER = [
    ({"method": "grad_cam"}, "method: the result to go on from was made with 'saliency', got 'grad_cam'"),
    ({"target": 2}, "target: "),
    ({"seed": 1}, "seed: the result to go on from was made with 0, got 1"),
    ({"smooth_noise": 0.3}, "smooth_noise: "),
    ({"smooth_statistic": "mean_abs"}, "smooth_statistic: "),
    ({"smooth_sampling": "quasi"}, "smooth_sampling: "),
    ({"parity": True}, "parity: "),
    ({"signed": True}, "smooth_statistic: "),
    ({"smooth_samples": 3}, "smooth_samples: the result to go on from has 4 samples, more than the 3"),
    ({"smooth_samples": 0}, "after: expected a result over samples"),
    ({"x": pictures(1, (12, 10, 3), seed=8)[0]}, "x: the result to go on from"),
]


@pytest.mark.parametrize(("change", "words"), OTHER, ids=lambda value: str(value)[:30])
def test_what_differs_from_the_earlier_result_is_named(sequential_model, change, words):
    x = pictures(1, (12, 10, 3))[0]
    asked = {"x": x, "method": "saliency", "target": 1, "smooth_samples": 4}
    after = attribute(sequential_model, **asked)
    with pytest.raises(ValueError, match=words):
        stream(sequential_model, **(asked | change), after=after)


def test_another_models_result_is_refused(sequential_model):
    import keras

    twin = seeded(keras.models.clone_model(sequential_model), 5)
    x = pictures(1, (12, 10, 3))[0]
    after = attribute(sequential_model, x, "saliency", 1, smooth_samples=3)
    with pytest.raises(ValueError, match="model: "):
        stream(twin, x, "saliency", 1, smooth_samples=4, after=after)
    with pytest.raises(ValueError, match="after: expected a result over samples"):
        stream(twin, x, "saliency", 1, smooth_samples=4, after=attribute(twin, x, "saliency", 1))


@pytest.mark.parametrize("key", [key for key, method in METHODS.items() if method.plan])
def test_every_planned_method_goes_on_from_where_it_stopped(any_model, key):
    engine = Engine(any_model)
    x = pictures(1, engine.input_shape)[0]
    whole = attribute(Engine(any_model), x, key, 0)
    running = stream(engine, x, key, 0)
    stopped = next(running)
    running.close()
    result, cost = spent(engine, lambda: attribute(engine, x, key, 0, after=stopped))
    assert cost <= whole.passes
    assert result.done == result.total == whole.total
    np.testing.assert_allclose(result.raw, whole.raw, rtol=1e-4, atol=1e-6)
