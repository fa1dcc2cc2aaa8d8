"""Split-half reliability: the formula, what noise gives, and where results carry it."""

from __future__ import annotations

import numpy as np
import pytest
from seeds import pictures

from explain import attribute, stream
from explain.convergence import overlap, reliability
from explain.noise import SAMPLINGS
from explain.plans import grow
from explain.smoothing import smoothing_plan
from explain.types import Target


def noisy_halves(size, count, statistic, sampling, seed):
    """Halves of a smoothed map whose method gives back nothing but the noise it was given."""
    from explain.plans import half_maps

    def the_noise(engine, noisy, targets):
        yield noisy

    x = np.zeros((1, size, size, 1), "float32")
    x[0, 0, 0] = 1
    plan = smoothing_plan(
        the_noise, None, x, Target(0), samples=count, noise=1, statistic=statistic, sampling=sampling, seed=seed
    )
    *_, sums = grow(plan)
    return [half[..., 0] for half in half_maps(plan, sums)]


@pytest.mark.parametrize("size", [32, 64, 224])
@pytest.mark.parametrize("count", [4, 20, 101])
def test_pure_noise_is_under_a_tenth_at_any_number_of_samples(size, count):
    for seed in range(6 if size < 224 and count < 100 else 1):
        draw = np.random.default_rng((seed, size, count))
        for make in (draw.standard_normal, draw.random, draw.standard_exponential):
            odd, even = (np.mean([make((size, size)) for _ in range(count // 2)], axis=0) for _ in range(2))
            assert reliability(odd.astype("float32"), even.astype("float32")) < 0.1


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("statistic", ["abs_mean", "mean_abs", "variance"])
def test_a_smoothed_map_of_nothing_but_noise_is_under_a_tenth(sampling, statistic):
    for count in (8, 41):
        for seed in range(3):
            odd, even = noisy_halves(48, count, statistic, sampling, seed)
            odd[0, 0] = even[0, 0] = odd[1, 1]
            assert (reliability(odd, even) or 0) < 0.1, "None where mirrored pairs cancel exactly"


def test_noise_that_shares_samples_would_seem_to_converge():
    """Why halves: against its own earlier estimate the same noise gives nearly one."""
    samples = np.random.default_rng(0).standard_normal((20, 40, 40))
    assert np.corrcoef(samples.mean(axis=0).ravel(), samples[:19].mean(axis=0).ravel())[0, 1] > 0.95
    odd, even = samples[::2].mean(axis=0), samples[1::2].mean(axis=0)
    assert reliability(odd, even) < 0.1


@pytest.mark.parametrize("r", [0.3, 0.6, 0.95])
def test_spearman_and_browns_formula(r):
    """Two maps of a known correlation: a common part and parts of their own, all above zero."""
    draw = np.random.default_rng(0)
    common, *own = draw.standard_normal((3, 200, 200))
    first, second = (20 + np.sqrt(r) * common + np.sqrt(1 - r) * part for part in own)
    assert reliability(first, second) == pytest.approx(2 * r / (1 + r), abs=0.02)
    assert reliability(first, first) == pytest.approx(1)
    assert reliability(-first, second) == pytest.approx(reliability(first, second)), "of magnitudes"


def test_it_foretells_what_a_second_run_agrees_to():
    """The reliability of n samples is the correlation of two independent maps of n samples each."""
    draw, truth = np.random.default_rng(1), 20 + np.random.default_rng(0).standard_normal((120, 120))
    one, two = (truth + 3 * draw.standard_normal((10, 120, 120)) for _ in range(2))
    between = np.corrcoef(one.mean(axis=0).ravel(), two.mean(axis=0).ravel())[0, 1]
    assert reliability(one[::2].mean(axis=0), one[1::2].mean(axis=0)) == pytest.approx(between, abs=0.03)


def test_against_each_other_and_a_flat_half():
    ramp = np.arange(400, dtype="float32").reshape(20, 20)
    assert reliability(ramp, ramp[::-1, ::-1]) == 0
    assert reliability(ramp, np.ones_like(ramp)) is None
    assert reliability(ramp, np.full_like(ramp, np.nan)) is None


def test_overlap_of_the_strongest_tenth():
    ramp = np.arange(400, dtype="float32").reshape(20, 20)
    assert overlap(ramp, -ramp) == 1
    assert overlap(ramp, ramp[::-1, ::-1]) == 0
    draw = np.random.default_rng(0)
    assert overlap(draw.random((300, 300)), draw.random((300, 300))) == pytest.approx(0.1, abs=0.02)


def test_results_carry_it_and_its_curve(sequential_model):
    x = pictures(1, (12, 10, 3))[0]
    results = list(stream(sequential_model, x, "saliency", 1, smooth_samples=9, smooth_noise=0.1))
    assert results[0].reliability is None
    assert results[0].curve == ()
    assert [done for done, _ in results[-1].curve] == [5, 9]
    assert results[-1].curve[-1][1] == results[-1].reliability
    assert 0 <= results[-1].overlap <= 1


def test_by_hand_on_a_smoothed_map(sequential_model):
    x = pictures(1, (12, 10, 3))[0]
    sigma = np.float32(0.2) * (x.max() - x.min())
    draw = SAMPLINGS["plain"].source(0)
    maps = [
        np.abs(attribute(sequential_model, (x + (sigma * draw(i, x.shape)).astype("float32")), "saliency", 1).raw)
        for i in range(10)
    ]
    odd, even = (np.mean(maps[half::2], axis=0).max(axis=-1).ravel() for half in (0, 1))
    r = np.corrcoef(odd, even)[0, 1]
    got = attribute(sequential_model, x, "saliency", 1, smooth_samples=10).reliability
    assert got == pytest.approx(2 * r / (1 + r), abs=1e-5)


@pytest.mark.parametrize("key", ["saliency", "grad_cam", "score_cam"])
def test_what_is_not_drawn_at_random_has_none(gap_model, key):
    result = attribute(gap_model, pictures(1, (9, 8, 3))[0], key, 1)
    assert (result.reliability, result.overlap, result.curve) == (None, None, ())


def test_too_few_samples_are_named(sequential_model):
    x = pictures(1, (12, 10, 3))[0]
    noisy = attribute(sequential_model, x, "saliency", 1, smooth_samples=2, smooth_noise=30)
    finding = next(finding for finding in noisy.findings if finding.code == "too_few_samples")
    assert noisy.reliability < 0.5
    assert finding.values == {"agreement": noisy.reliability, "done": 2}
    assert (finding.severity, finding.mend) == ("warning", "more_samples")
    calm = attribute(sequential_model, x, "saliency", 1, smooth_samples=20, smooth_noise=0.01)
    assert calm.reliability > 0.9
    assert "too_few_samples" not in [finding.code for finding in calm.findings]
