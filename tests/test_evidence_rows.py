"""The other rows: health, reproducible, adds up, weights, record; and the registry and the short form."""

from __future__ import annotations

import sys
import types
from dataclasses import replace

import numpy as np
import pytest
from seeds import pictures

from explain import METHODS, Target, attribute, engine_for
from explain.evidence import ROWS, Checked, Row, check, discover, most_telling, passes, summary
from explain.evidence import record as recorded
from explain.evidence.nulls import edges
from explain.evidence.record import bootstrap
from explain.evidence.rows.record import judged as judge_record
from explain.evidence.rows.weights import judged as judge_weights
from explain.evidence.similarity import rank_correlation, structural_similarity
from explain.types import Method


class Entry:
    """A declared model, as far as explain/ needs to know one."""

    trained, value_range = True, (-9.0, 9.0)

    def __init__(self, key):
        self.key = key

    def labels(self):
        return []

    def preprocess(self, image):
        return np.full((9, 8, 3), -5 + 10 * (np.mean(image) > 100), "float32")


def last(row, model, x, result, **given):
    *_, ended = check(row, model, x, result, **given)
    assert ended.finished
    assert ended.row == row
    return ended


def test_rows_are_found_in_order_and_complete():
    assert list(ROWS) == ["health", "reproducible", "adds_up", "removal", "weights", "record"]
    assert all(row.title.endswith("?") and row.doesnt_show.endswith(".") for row in ROWS.values())


def test_discovery_refuses_what_is_no_row_and_two_of_a_key():
    with pytest.raises(ValueError, match="end in ROW"):
        discover([types.ModuleType("empty")])
    one, two = types.ModuleType("one"), types.ModuleType("two")
    one.ROW = two.ROW = ROWS["health"]
    with pytest.raises(ValueError, match="two: the key 'health' is taken"):
        discover([one, two])


def test_a_wrong_row_option_or_picture_is_refused(gap_model):
    x = pictures(1, (9, 8, 3))
    result = attribute(gap_model, x, "saliency", 0)
    with pytest.raises(ValueError, match="row: expected one of health"):
        check("beauty", gap_model, x, result)
    with pytest.raises(ValueError, match="steps: the row 'removal' has no such option; it takes nulls"):
        check("removal", gap_model, x, result, steps=3)
    with pytest.raises(ValueError, match="nulls: expected a whole number from 10 to 100, got 3"):
        check("removal", gap_model, x, result, nulls=3)
    with pytest.raises(ValueError, match="attribution: its map is"):
        check("health", gap_model, pictures(1, (9, 9, 3)), result)


def test_every_row_runs_on_every_small_model(any_model):
    engine = engine_for(any_model)
    x = pictures(1, engine.input_shape, seed=4)
    result = attribute(engine, x, "grad_cam", 0, signed=True)
    engine.logits(x)
    for key in ROWS:
        ended = last(key, engine, x, result)
        assert ended.outcome in ("supported", "not_distinguishable", "contradicted", "not_tested")
        assert ended.outcome != "not_tested" or ended.reason
        assert ended.passes <= passes(key, engine, result)


@pytest.mark.parametrize(
    ("values", "reason"),
    [(np.zeros((9, 8)), "all_zero"), (np.ones((9, 8)), "constant"), (np.full((9, 8), np.nan), "not_finite")],
)
def test_a_map_without_values_is_contradicted_by_its_health(gap_model, values, reason):
    x = pictures(1, (9, 8, 3))
    result = replace(attribute(gap_model, x, "saliency", 0), native=values.astype("float32"))
    ended = last("health", gap_model, x, result)
    assert (ended.outcome, ended.reason) == ("contradicted", reason)


def test_health_tells_cells_rank_and_margin(gap_model):
    x = pictures(1, (9, 8, 3))
    engine = engine_for(gap_model)
    logits = engine.logits(x)[0]
    second = int(np.argsort(-logits)[1])
    ended = last("health", engine, x, attribute(engine, x, "grad_cam", second, signed=True))
    assert ended.outcome == "supported"
    assert (ended.values["cells"], ended.values["grid"], ended.values["layer"]) == (20, (5, 4), "relu")
    assert (ended.values["rank"], ended.values["classes"], ended.passes) == (2, 6, 0)
    assert ended.values["margin"] == pytest.approx(np.sort(logits)[-1] - np.sort(logits)[-2])
    assert ended.values["undecided"] == (ended.values["margin"] < 0.5)


def test_a_method_without_draws_is_reproducible_and_free(gap_model):
    x = pictures(1, (9, 8, 3))
    result = attribute(gap_model, x, "saliency", 0)
    ended = last("reproducible", gap_model, x, result)
    assert (ended.outcome, ended.reason, ended.passes) == ("supported", "deterministic", 0)
    assert passes("reproducible", gap_model, result) == 0


@pytest.mark.parametrize(
    ("reliability", "outcome", "reason"),
    [(0.95, "supported", ""), (0.6, "not_tested", "more_samples"), (0.1, "not_distinguishable", "")],
)
def test_the_two_halves_decide_where_they_are_known(gap_model, reliability, outcome, reason):
    x = pictures(1, (9, 8, 3))
    result = attribute(gap_model, x, "saliency", 0, smooth_samples=4)
    fields = {"reliability": reliability, "overlap": 0.5}
    ended = last("reproducible", gap_model, x, types.SimpleNamespace(**(vars(result) | fields), partial=False))
    assert (ended.outcome, ended.reason, ended.passes) == (outcome, reason, 0)
    assert ended.values["how"] == "split_half"


def test_a_second_seed_decides_otherwise(gap_model):
    x = pictures(1, (9, 8, 3))
    result = attribute(gap_model, x, "saliency", 0, smooth_samples=8, smooth_noise=0.3, seed=5)
    if getattr(result, "reliability", None) is not None:
        result = replace(result, reliability=None)
    before = engine_for(gap_model).passes
    results = list(check("reproducible", gap_model, x, result))
    other = attribute(gap_model, x, "saliency", 0, smooth_samples=8, smooth_noise=0.3, seed=6)
    assert len(results) > 1
    assert results[-1].values["how"] == "second_seed"
    assert results[-1].passes == 16 == engine_for(gap_model).passes - before - other.passes
    expected = rank_correlation(np.abs(result.native), np.abs(other.native))
    assert results[-1].values["agreement"] == pytest.approx(max(0, expected))


def test_the_cells_of_an_averaging_net_add_up(gap_model):
    x = pictures(1, (9, 8, 3))
    for target in (Target(3), Target(3, minus=1)):
        ended = last("adds_up", gap_model, x, attribute(gap_model, x, "grad_cam", target, signed=True))
        assert (ended.outcome, ended.values["how"], ended.values["positive_only"]) == ("supported", "cells", False)
        logit = engine_for(gap_model).scores(x, [target])[0]
        assert ended.values["total"] + ended.values["bias"] == pytest.approx(logit, abs=1e-4)


def test_a_positive_part_that_leaves_much_out_does_not_add_up(gap_model):
    x = pictures(1, (9, 8, 3))
    for target in (Target(0), Target(1), Target(1, minus=4)):
        signed = attribute(gap_model, x, "grad_cam", target, signed=True).native.astype(float)
        ended = last("adds_up", gap_model, x, attribute(gap_model, x, "grad_cam", target))
        below, above = signed[signed < 0].sum(), signed[signed > 0].sum()
        assert below < -0.05 * abs(above + below), "the test needs cells of both signs"
        assert (ended.outcome, ended.reason) == ("not_tested", "left_out")
        assert ended.values["total"] == pytest.approx(above, rel=1e-4)
        assert ended.values["left_out"] == pytest.approx(below, rel=1e-4)
        assert ended.values["difference"] == pytest.approx(above + below, rel=1e-3)


def test_a_map_that_is_made_again_keeps_its_fill(monkeypatch, gap_model):
    """What black is comes from the entry: left out, another baseline would pass for other weights."""
    from explain.evidence import reseed

    engine, x = engine_for(gap_model), pictures(1, (9, 8, 3))
    stages = [(name, 1, engine) for name in ("head", "half", "all", "again")]
    monkeypatch.setattr(reseed, "Scrambled", lambda *_: types.SimpleNamespace(stages=lambda: iter(stages)))
    result = attribute(engine, x, "occlusion", 3, entry=Entry("known"), patch=3, fill="black")
    assert not np.allclose(result.map, attribute(engine, x, "occlusion", 3, patch=3, fill="black").map)
    ended = last("weights", engine, x, result, entry=Entry("known"))
    assert ended.values["alike"]["all"] == pytest.approx({"rank": 1, "ssim": 1})


@pytest.mark.parametrize(("total", "outcome"), [(7.92, "supported"), (6.0, "contradicted")])
def test_a_promise_is_held_to_five_per_cent(gap_model, total, outcome):
    x = pictures(1, (9, 8, 3))
    result = attribute(gap_model, x, "saliency", 3)
    kept = types.SimpleNamespace(total=total, difference=7.95, relative_error=abs(total - 7.95) / 7.95)
    ended = last("adds_up", gap_model, x, types.SimpleNamespace(**(vars(result) | {"promise": kept}), partial=False))
    assert (ended.outcome, ended.values["how"], ended.values["total"]) == (outcome, "promise", total)


def test_a_method_that_promises_nothing_is_not_tested(gap_model, sequential_model):
    x = pictures(1, (9, 8, 3))
    ended = last("adds_up", gap_model, x, attribute(gap_model, x, "saliency", 3))
    assert (ended.outcome, ended.reason) == ("not_tested", "no_promise")
    smooth = last("adds_up", gap_model, x, attribute(gap_model, x, "grad_cam", 3, smooth_samples=2))
    assert smooth.reason == "smoothed"
    x = pictures(1, (12, 10, 3))
    other = last("adds_up", sequential_model, x, attribute(sequential_model, x, "grad_cam", 3, signed=True))
    assert other.reason == "no_promise"


def sobel_method(engine, x, targets):
    """A "method" that never asks the model."""
    yield np.stack([edges(image[None]) for image in x])[..., None]


@pytest.fixture
def edge_method(monkeypatch):
    words = {"word": "sensitive to", "quantity": "edges", "doesnt_show": "the model", "paper": "none"}
    method = Method(key="sobel", title="Edges", compute=sobel_method, passes=lambda engine: 0, **words)
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("explain") and getattr(module, "METHODS", None) is METHODS:
            monkeypatch.setattr(module, "METHODS", {**METHODS, "sobel": method})
    return method


def test_a_map_of_edges_would_look_the_same_for_an_untrained_network(edge_method, any_model):
    engine = engine_for(any_model)
    x = pictures(1, engine.input_shape)
    ended = last("weights", engine, x, attribute(engine, x, "sobel", 0))
    assert ended.outcome == "contradicted"
    for stage in ("head", "half", "all"):
        assert ended.values["alike"][stage] == pytest.approx({"rank": 1, "ssim": 1})
    assert ended.values["random_pair"] == pytest.approx({"rank": 1, "ssim": 1})
    assert ended.values["unmoved"] == ["head", "half", "all"]


def test_the_outcome_of_scrambled_weights():
    assert judge_weights(0.95, 0.9) == "contradicted"
    assert judge_weights(0.95, 0.5) == "not_distinguishable"
    assert judge_weights(0.6, 0.9) == "not_distinguishable"
    assert judge_weights(0.2, 0.9) == "supported"


def test_a_map_that_comes_out_empty_is_said_to(gap_model):
    """Every draw of a net may turn all evidence against the target; there is then no pair to compare."""
    x = pictures(1, (9, 8, 3))
    found = [last("weights", gap_model, x, attribute(gap_model, x, "grad_cam", 0), seed=seed) for seed in range(3)]
    for ended in found:
        assert ended.values["random_pair"] is not None or ended.outcome != "contradicted"
        assert all(ended.values["alike"][stage]["rank"] == 0 for stage in ended.values["empty"])


def test_a_gradient_changes_with_the_weights_and_the_model_does_not(sequential_model):
    x = pictures(1, (12, 10, 3))
    engine, kept = engine_for(sequential_model), [weight.numpy() for weight in sequential_model.weights]
    result = attribute(engine, x, "saliency", 2)
    results = list(check("weights", engine, x, result))
    assert results[-1].outcome == "supported"
    assert results[-1].values["alike"]["all"]["rank"] < 0.5
    assert results[-1].values["layers"] == {"head": 2, "half": 2, "all": 4}
    assert [one.done for one in results] == sorted(one.done for one in results)
    assert 4 * 2 <= results[-1].passes <= 4 * 3, "a gradient each, and their logits where those are not known by then"
    for before, weight in zip(kept, sequential_model.weights, strict=True):
        np.testing.assert_array_equal(before, weight.numpy())
    np.testing.assert_array_equal(attribute(engine, x, "saliency", 2).map, result.map)
    again = list(check("weights", engine, x, result))[-1]
    assert again.values["alike"] == results[-1].values["alike"]
    other = list(check("weights", engine, x, result, seed=1))[-1]
    assert other.values["alike"] != results[-1].values["alike"]


def test_what_reads_no_head_is_alike_when_the_head_is_drawn_anew(gap_model):
    """A mean of activations knows nothing behind its layer, so that only the deeper stages move it."""
    from explain.evidence.nulls import class_blind
    from explain.evidence.reseed import Scrambled

    engine, x = engine_for(gap_model), pictures(1, (9, 8, 3))
    own = class_blind(engine, x)
    alike = {stage: rank_correlation(own, class_blind(fresh, x)) for stage, _, fresh in Scrambled(engine, 0).stages()}
    assert alike["head"] == pytest.approx(1)
    assert alike["all"] < 0.9


def test_structural_similarity_by_its_definition():
    one, other = np.random.default_rng(2).random((2, 11, 10))
    one, other = one / one.max(), other / other.max()
    found = []
    for row in range(11 - 6):
        for col in range(10 - 6):
            a, b = (values[row : row + 7, col : col + 7].ravel() for values in (one, other))
            both = np.cov(a, b)
            above = (2 * a.mean() * b.mean() + 1e-4) * (2 * both[0, 1] + 9e-4)
            found.append(above / ((a.mean() ** 2 + b.mean() ** 2 + 1e-4) * (both[0, 0] + both[1, 1] + 9e-4)))
    assert structural_similarity(one, other) == pytest.approx(np.mean(found))
    assert structural_similarity(one, 5 * one) == pytest.approx(1)


def test_rank_correlation_by_hand():
    assert rank_correlation(np.array([1.0, 2, 3, 4]), np.array([10.0, 30, 20, 40])) == pytest.approx(0.8)
    assert rank_correlation(np.array([1.0, 2]), np.array([3.0, 3])) == 0


INTERVAL = {"low": 0.1, "high": 0.5, "mean": 0.3, "n": 40}


def recorded_as(monkeypatch, engine, gain=INTERVAL, over=INTERVAL, settings=None):
    method = {"gain": gain, "over": {"shifted": over}, "skipped": 0, "settings": settings or {}}
    model = {"pictures": "fashion", "model_hash": engine.model_hash, "methods": {"saliency": method}}
    monkeypatch.setattr(recorded, "contents", lambda: {"models": {"known": model}})


def test_a_record_is_looked_up_for_this_model_method_and_settings(monkeypatch, gap_model):
    engine, x = engine_for(gap_model), pictures(1, (9, 8, 3))
    recorded_as(monkeypatch, engine, settings={"smooth_samples": 0})
    result = attribute(engine, x, "saliency", 0)
    ended = last("record", engine, x, result, entry=Entry("known"))
    assert (ended.outcome, ended.values["n"], ended.values["few"]) == ("supported", 40, False)
    assert last("record", engine, x, result).reason == "no_record"
    other = last("record", engine, x, result, entry=Entry("other"))
    assert (other.reason, other.values) == ("no_record", {"trained": True, "of_model": False})
    assert last("record", engine, x, attribute(engine, x, "grad_cam", 0), entry=Entry("known")).reason == "no_record"
    smooth = attribute(engine, x, "saliency", 0, smooth_samples=2)
    assert last("record", engine, x, smooth, entry=Entry("known")).reason == "other_settings"
    recorded_as(monkeypatch, types.SimpleNamespace(model_hash="000000000000"))
    assert last("record", engine, x, result, entry=Entry("known")).reason == "other_weights"


def test_a_record_is_judged_by_whole_intervals(monkeypatch, gap_model):
    engine, low = engine_for(gap_model), INTERVAL | {"low": -0.1}
    recorded_as(monkeypatch, engine, over=low)
    assert judge_record(recorded.entry_of("known", "saliency")) == "not_distinguishable"
    recorded_as(monkeypatch, engine, gain=low)
    assert judge_record(recorded.entry_of("known", "saliency")) == "not_distinguishable"
    recorded_as(monkeypatch, engine, gain={"low": -0.5, "high": -0.1, "mean": -0.3, "n": 40})
    assert judge_record(recorded.entry_of("known", "saliency")) == "contradicted"


def test_the_bootstrap_is_seeded_and_close_to_the_normal_interval():
    values = np.random.default_rng(0).normal(3, 2, 400)
    found = bootstrap(values)
    assert found == bootstrap(values)
    assert (found.mean, found.n) == (pytest.approx(values.mean()), 400)
    half = 1.96 * values.std(ddof=1) / 20
    assert found.high - found.mean == pytest.approx(half, rel=0.1)
    assert found.mean - found.low == pytest.approx(half, rel=0.1)


def test_the_short_form_says_the_gravest_free_thing(gap_model):
    x = pictures(1, (9, 8, 3))
    engine = engine_for(gap_model)
    result = attribute(engine, x, "grad_cam", 3, signed=True)
    before = engine.passes
    assert summary(engine, x, result).row == "adds_up"
    blank = replace(result, native=np.zeros_like(result.native), map=np.zeros_like(result.map))
    assert summary(engine, x, blank).reason == "all_zero"
    assert engine.passes == before
    few, sure = Checked("f", "not_distinguishable", {"few": True}), Checked("s", "supported")
    chance, wrong = Checked("c", "not_distinguishable"), Checked("w", "contradicted")
    assert most_telling([few]) == few
    assert most_telling([sure, few]) == sure
    assert most_telling([sure, few, chance]) == chance
    assert most_telling([sure, few, chance, wrong]) == wrong
    assert most_telling([sure, Checked("f", "contradicted", {"few": True}), chance]) == chance
    assert most_telling([Checked("a", "not_tested"), Checked("b", "supported", done=1, total=2)]) is None


def test_rows_are_frozen_and_free_rows_cost_nothing(gap_model):
    result = attribute(gap_model, pictures(1, (9, 8, 3)), "saliency", 0)
    free = [key for key in ROWS if passes(key, gap_model, result) == 0]
    assert free == ["health", "reproducible", "adds_up", "record"]
    assert all(isinstance(row, Row) for row in ROWS.values())
