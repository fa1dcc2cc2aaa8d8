"""Smoothing against its definition, with injected noise, and what its seed promises."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from seeds import pictures

from explain import METHODS, Target, attribute, engine_for, stream
from explain.noise import SAMPLINGS, seeded_noise
from explain.plans import grow, whole_map
from explain.smoothing import STATISTICS, smoothing_plan


def last(iterator):
    *_, final = iterator
    return final


def smooth(compute, engine, x, targets, **settings):
    """Yield (values, done) of each image's smoothing plan, all of them together."""
    plans = [smoothing_plan(compute, engine, x[i : i + 1], target, **settings) for i, target in enumerate(targets)]
    for parts in zip(*(grow(plan) for plan in plans), strict=True):
        maps = [whole_map(plan, sums) for plan, sums in zip(plans, parts, strict=True)]
        yield SimpleNamespace(values=np.stack(maps), done=parts[0].done)


def by_definition(model, x, index, samples, noise, draw):
    """Gradients at the noisy copies, one by one, (samples, H, W, C)."""
    engine = engine_for(model)
    sigma = noise * (x.max() - x.min())
    return np.stack(
        [
            engine.input_gradients((x + sigma * draw(i, x.shape))[None].astype("float32"), [Target(index)])[0]
            for i in range(samples)
        ]
    )


REDUCED = {
    "abs_mean": lambda gradients: np.abs(gradients).mean(axis=0),
    "mean_abs": lambda gradients: np.abs(gradients.mean(axis=0)),
    "mean": lambda gradients: gradients.mean(axis=0),
    "variance": lambda gradients: gradients.var(axis=0),
    "squares": lambda gradients: (gradients**2).mean(axis=0),
}


@pytest.mark.parametrize("statistic", STATISTICS)
def test_statistics_are_what_they_say(sequential_model, statistic):
    engine = engine_for(sequential_model)
    x = pictures(1, engine.input_shape)
    fixed = np.random.default_rng(3).normal(size=(6, *engine.input_shape))

    def draw(i, shape):
        assert shape == engine.input_shape
        return fixed[i]

    expected = REDUCED[statistic](by_definition(sequential_model, x[0], 2, 6, 0.3, draw))
    got = last(
        smooth(
            METHODS["saliency"].compute,
            engine,
            x,
            [Target(2)],
            samples=6,
            noise=0.3,
            statistic=statistic,
            noise_source=draw,
        )
    )
    assert got.done == 6
    np.testing.assert_allclose(got.values[0], expected, atol=1e-6)


def test_smoothgrad_is_the_mean_of_absolute_gradients(sequential_model):
    x = pictures(1, (12, 10, 3))[0]
    gradients = by_definition(sequential_model, x, 1, 5, 0.2, seeded_noise(7))
    result = attribute(sequential_model, x, "saliency", 1, smooth_samples=5, smooth_noise=0.2, seed=7)
    np.testing.assert_allclose(result.map, np.abs(gradients).mean(axis=0).max(axis=-1), atol=1e-6)


def test_the_noise_scales_with_the_images_range(sequential_model):
    """The standard deviation is a fraction of max - min, so a picture in other units gives the noise in those units."""
    x = pictures(1, (12, 10, 3))
    seen = []

    def spy(engine, noisy, targets):
        seen.append(noisy)
        yield noisy

    for scale in (1, 50):
        last(smooth(spy, None, x * np.float32(scale), [Target(0)], samples=1, noise=0.25))
    first, second = (seen[0] - x)[0], (seen[1] - x * 50)[0]
    np.testing.assert_allclose(second, first * 50, rtol=1e-3, atol=1e-3)
    assert first.std() == pytest.approx(0.25 * (x.max() - x.min()), rel=0.1)


def test_batches_are_one_then_fours(sequential_model):
    sizes = []

    def spy(engine, noisy, targets):
        assert len(noisy) == len(targets)
        sizes.append(len(noisy))
        yield noisy

    done = [part.done for part in smooth(spy, None, pictures(1, (4, 4, 1)), [Target(0)], samples=11, noise=0.1)]
    assert sizes == [1, 4, 4, 2]
    assert done == [1, 5, 9, 11]


def test_parity_takes_copies_one_by_one_as_tf_keras_vis_does(sequential_model, monkeypatch):
    """Four images in a pass may be added up in another order than one: through a kink that is more than rounding."""
    engine, sizes = engine_for(sequential_model), []
    real = engine.input_gradients
    monkeypatch.setattr(engine, "input_gradients", lambda x, targets: sizes.append(len(x)) or real(x, targets))
    x = pictures(1, (12, 10, 3))[0]
    apart = attribute(engine, x, "saliency", 1, smooth_samples=6, parity=True)
    together = attribute(engine, x, "saliency", 1, smooth_samples=6)
    assert sizes == [1] * 6 + [1, 4, 1]
    np.testing.assert_allclose(apart.map, together.map, atol=1e-6)


def test_more_samples_only_add_to_those_before(sequential_model):
    x = pictures(1, (12, 10, 3))[0]
    few = attribute(sequential_model, x, "saliency", 1, smooth_samples=5, seed=3)
    many = [r for r in stream(sequential_model, x, "saliency", 1, smooth_samples=9, seed=3) if r.done == 5]
    np.testing.assert_array_equal(few.raw, many[0].raw)
    draw = seeded_noise(3)
    np.testing.assert_array_equal(draw(4, (2, 2)), draw(4, (2, 2)))
    assert not np.array_equal(draw(4, (2, 2)), draw(5, (2, 2)))


def test_the_same_seed_gives_the_same_map_and_another_another(sequential_model):
    x = pictures(1, (12, 10, 3))[0]
    maps = [attribute(sequential_model, x, "saliency", 1, smooth_samples=4, seed=seed).map for seed in (0, 0, 1)]
    np.testing.assert_array_equal(maps[0], maps[1])
    assert not np.array_equal(maps[0], maps[2])


def test_an_images_samples_do_not_depend_on_its_neighbours(sequential_model):
    engine = engine_for(sequential_model)
    x = pictures(3, engine.input_shape)
    targets = [Target(0), Target(1), Target(2)]
    settings = {"samples": 6, "noise": 0.2, "seed": 1}
    together = last(smooth(METHODS["saliency"].compute, engine, x, targets, **settings))
    for i, target in enumerate(targets):
        alone = last(smooth(METHODS["saliency"].compute, engine, x[i : i + 1], [target], **settings))
        np.testing.assert_allclose(together.values[i], alone.values[0], atol=1e-6)


def test_a_smoothed_cam_is_the_average_of_its_maps(sequential_model):
    x = pictures(1, (12, 10, 3))[0]
    sigma, draw = 0.2 * (x.max() - x.min()), seeded_noise(0)
    maps = [
        attribute(sequential_model, (x + sigma * draw(i, x.shape)).astype("float32"), "grad_cam", 1).native
        for i in range(6)
    ]
    smoothed = attribute(sequential_model, x, "grad_cam", 1, smooth_samples=6)
    np.testing.assert_allclose(smoothed.native, np.mean(maps, axis=0), atol=1e-5)
    assert smoothed.layer == "conv_2"
    assert smoothed.passes == 12


def test_partial_results_say_how_far_they_are(sequential_model):
    results = list(stream(sequential_model, pictures(1, (12, 10, 3))[0], "saliency", 1, smooth_samples=6, seed=99))
    assert [(result.done, result.total, result.partial) for result in results] == [
        (1, 6, True),
        (5, 6, True),
        (6, 6, False),
    ]
    assert [result.passes for result in results] == [2, 10, 12]


def test_a_sampled_method_can_be_stopped_inside_a_smoothing_sample(gap_model):
    from explain.engine import Engine

    engine = Engine(gap_model)
    running = stream(engine, pictures(1, (9, 8, 3))[0], "score_cam", 1, smooth_samples=9)
    done = [next(running).done for _ in range(4)]
    assert done == [1, 1, 1, 1], "three of the next four noisy copies are through, and count only together"


def test_a_signed_map_is_smoothed_with_its_sign(gap_model):
    result = attribute(gap_model, pictures(1, (9, 8, 3))[0], "grad_cam", 1, smooth_samples=5, signed=True)
    assert result.settings["smooth_statistic"] == "mean"
    assert result.native.min() < 0


def test_variance_and_squares_of_a_cam_are_of_its_signed_values(sequential_model):
    x = pictures(1, (12, 10, 3))[0]
    sigma, draw = 0.2 * (x.max() - x.min()), seeded_noise(0)
    maps = [
        attribute(sequential_model, (x + sigma * draw(i, x.shape)).astype("float32"), "grad_cam", 1, signed=True).native
        for i in range(6)
    ]
    assert np.min(maps) < 0
    for statistic, expected in (("variance", np.var(maps, axis=0)), ("squares", np.mean(np.square(maps), axis=0))):
        got = attribute(sequential_model, x, "grad_cam", 1, smooth_samples=6, smooth_statistic=statistic).native
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)


def test_a_linear_models_gradient_does_not_vary(linear_model):
    x, weight = pictures(1, (5, 4, 3))[0], linear_model.layers[-1].kernel.numpy().reshape(5, 4, 3, 4)
    one, two = (
        attribute(linear_model, x, "saliency", 2, smooth_samples=7, smooth_statistic=statistic).raw
        for statistic in ("variance", "squares")
    )
    np.testing.assert_allclose(one, 0, atol=1e-12)
    np.testing.assert_allclose(two, weight[..., 2] ** 2, rtol=1e-5)


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_every_sample_is_standard_normal_and_its_own(sampling):
    from scipy.stats import kstest

    draw, again = SAMPLINGS[sampling].source(3), SAMPLINGS[sampling].source(3)
    later = again(70, (30, 20, 3))
    values = np.stack([draw(i, (30, 20, 3)) for i in range(71)])
    np.testing.assert_array_equal(later, values[70])
    assert not np.array_equal(values[0], SAMPLINGS[sampling].source(4)(0, (30, 20, 3)))
    assert kstest(values[::2].ravel()[::7], "norm").pvalue > 1e-3
    blocks = values[:64:2].reshape(32, 10, 3, 5, 4, 3)
    assert blocks.mean(axis=(2, 4)).std() == pytest.approx(1 / np.sqrt(12), rel=0.1)


def test_antithetic_samples_come_in_mirrored_pairs():
    draw = SAMPLINGS["antithetic"].source(1)
    for i in (0, 6):
        np.testing.assert_array_equal(draw(i, (4, 4, 1)), -draw(i + 1, (4, 4, 1)))
    assert not np.array_equal(draw(0, (4, 4, 1)), draw(2, (4, 4, 1)))
    assert SAMPLINGS["antithetic"].group == 2


def test_mirrored_pairs_take_away_what_is_odd(gap_model):
    """The mean of a linear function of the noise is known: pairs give it exactly, single draws don't."""

    def noisy_itself(engine, noisy, targets):
        yield noisy

    x = pictures(1, (8, 8, 1))
    off = {
        sampling: np.abs(
            last(
                smooth(noisy_itself, None, x, [Target(0)], samples=10, noise=0.5, statistic="mean", sampling=sampling)
            ).values
            - x
        ).max()
        for sampling in SAMPLINGS
    }
    assert off["antithetic"] < 1e-6 < 0.1 < off["plain"]


def test_a_quasi_random_sequence_is_nearer_to_the_mean_of_coarse_noise():
    def spread(sampling):
        ends = []
        for seed in range(12):
            draw = SAMPLINGS[sampling].source(seed)
            ends.append(
                np.mean([draw(i, (16, 16, 1)).reshape(8, 2, 8, 2).mean(axis=(1, 3)) for i in range(64)], axis=0)
            )
        return np.std(ends)

    assert spread("quasi") < 0.4 * spread("plain")
