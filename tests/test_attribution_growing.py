"""Maps over samples on the page: they go on from what is there, wait where they are dear, and say when to read them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from screen import address, assert_fine, make_ready, opened, texts

from components import compute, estimates, growing
from components.parts import captions, maps, mends
from explain import METHODS, Finding, Target
from explain.costs import Estimate
from explain.memo import SHARED

FASHION = {"model": "fashion_cnn"}
SMOOTH = {"smooth_samples": 20, "smooth_noise": 0.2, "smooth_statistic": "abs_mean", "seed": 0}
GOAL = Target(9, 7)


@pytest.fixture(scope="module")
def boot():
    return make_ready("fashion_cnn")


@pytest.fixture(autouse=True)
def _nothing_known():
    compute.st.session_state.clear()
    compute._results()[0].clear()


@pytest.fixture
def engine(boot):
    return compute.engine(boot.model, boot.state)


def whole(*args):
    *_, last = growing.attribution(*args)
    return last


def spent(engine, work):
    before = engine.spent
    return work(), engine.spent - before


def test_twenty_more_samples_cost_twenty(boot, engine):
    _, first = spent(engine, lambda: whole(boot, "saliency", GOAL, "", SMOOTH))
    result, more = spent(engine, lambda: whole(boot, "saliency", GOAL, "", SMOOTH | {"smooth_samples": 40}))
    assert (first, more) == (40, 40), "forward and back, twenty times each"
    assert (result.done, result.total) == (40, 40)
    fresh = compute.attribute(engine, compute.model_input(boot), "saliency", GOAL, **SMOOTH | {"smooth_samples": 40})
    assert (fresh.map == result.map).all()


def test_a_stopped_map_goes_on_from_where_it_was(boot, engine):
    steps = growing.attribution(boot, "saliency", GOAL, "", SMOOTH)
    reached = [next(steps) for _step in range(3)][-1]
    steps.close()
    assert 0 < reached.done < 20
    again = growing.attribution(boot, "saliency", GOAL, "", SMOOTH)
    shown, nothing = spent(engine, lambda: next(again))
    assert (shown.done, shown.total, nothing) == (reached.done, 20, 0), "what is there shows before anything is added"
    _, rest = spent(engine, lambda: list(again))
    assert rest == 2 * (20 - reached.done)


@pytest.mark.parametrize(
    ("method", "few", "many", "cost"),
    [("rise", {"masks": 100}, {"masks": 200}, 100), ("score_cam", {"top_n": 4}, {"top_n": 10}, 6)],
)
def test_the_methods_own_number_grows_too(boot, engine, method, few, many, cost):
    SHARED.clear()
    own = {param.name: param.default for param in METHODS[method].params if param.name != "layer"}
    whole(boot, method, Target(9), "", own | few)
    _, more = spent(engine, lambda: whole(boot, method, Target(9), "", own | many))
    assert more == cost


def test_fewer_samples_and_other_settings_begin_anew(boot, engine):
    whole(boot, "saliency", GOAL, "", SMOOTH)
    for other in ({"smooth_samples": 8}, {"seed": 1}, {"smooth_noise": 0.1}, {"smooth_sampling": "antithetic"}):
        settings = SMOOTH | other
        _, cost = spent(engine, lambda settings=settings: whole(boot, "saliency", GOAL, "", settings))
        assert 2 * settings["smooth_samples"] - cost in (0, 2), "one picture alone is remembered, nothing else"
    _, cost = spent(engine, lambda: whole(boot, "saliency", Target(9), "", SMOOTH))
    assert cost == 40


def test_only_so_many_lengths_are_kept(boot):
    for samples in range(2, 9):
        whole(boot, "saliency", GOAL, "", SMOOTH | {"smooth_samples": samples})
    assert growing.earlier(boot, "saliency", GOAL, SMOOTH).done == 8
    assert growing.earlier(boot, "saliency", GOAL, SMOOTH | {"smooth_samples": 6}).done == 6
    assert growing.earlier(boot, "saliency", GOAL, SMOOTH | {"smooth_samples": 3}) is None


def test_more_samples_on_the_page_are_added(boot, engine):
    view = FASHION | {"methods": "smoothgrad"}
    opened("attribution", **view)
    at = opened("attribution", **view, smooth_samples=40)
    assert_fine(at)
    assert any("40 samples" in text and "halves agree at 0." in text and "n = 40" in text for text in texts(at))


def test_a_dear_map_waits_for_a_click(monkeypatch):
    monkeypatch.setattr(estimates, "expected", lambda *_: Estimate(1281, 25.4))
    monkeypatch.setattr(compute, "attribution", lambda *_: pytest.fail("nobody asked for it"))
    at = opened("attribution", **FASHION, methods="score_cam")
    assert_fine(at)
    assert any("at most 1,281 passes, about 25 s on this machine" in text for text in texts(at))
    monkeypatch.undo()
    next(one for one in at.button if one.label == "Compute (about 25 s)").click().run()
    assert_fine(at)
    assert any("Channel pattern for" in text for text in texts(at))


@pytest.mark.parametrize("seconds", [0.5, 19.0])
def test_a_map_that_is_not_dear_starts_by_itself(monkeypatch, seconds):
    monkeypatch.setattr(estimates, "expected", lambda *_: Estimate(65, seconds))
    at = opened("attribution", **FASHION, methods="score_cam")
    assert any("Channel pattern for" in text for text in texts(at))
    assert not any(one.label.startswith("Compute (") for one in at.button)


def test_a_dear_map_that_was_stopped_shows_what_is_there(boot, monkeypatch):
    steps = growing.attribution(boot, "saliency", GOAL, "", SMOOTH | {"signed": False, "parity": False})
    reached = [next(steps) for _step in range(3)][-1]
    steps.close()
    monkeypatch.setattr(estimates, "expected", lambda *_: Estimate(30, 25.4))
    at = opened("attribution", **FASHION, methods="smoothgrad")
    assert_fine(at)
    assert any(one.label == "Go on (about 25 s)" for one in at.button)
    assert any(f"{reached.done} samples are there already" in text for text in texts(at))


def test_small_networks_are_not_timed_at_all(boot, monkeypatch):
    monkeypatch.setattr(estimates, "estimate", lambda *_, **__: pytest.fail("timing it costs more than it saves"))
    assert estimates.expected(boot, "rise", Target(9), {"masks": 500}) is None


def test_what_a_map_costs_is_said_in_passes_and_seconds():
    assert estimates.said(Estimate(1280, 25.4)) == "at most 1,280 passes, about 25 s on this machine"
    more = Estimate(1732, 35.2, first=4.1)
    assert estimates.said(more).endswith(
        "passes, about 35 s on this machine; about 4 s where the first samples are enough"
    )
    assert not estimates.waits(more), "its first samples are soon there, and Stop is in sight"
    assert estimates.waits(Estimate(1732, 35.2))
    assert estimates.said(Estimate(1, 0.2)) == "at most 1 pass, about 1 s on this machine"


def result_of(boot, method="saliency", **settings):
    return whole(boot, method, Target(9), "", settings)


def test_a_map_of_too_few_samples_is_grey_and_says_so(boot):
    few = result_of(boot, **SMOOTH | {"smooth_samples": 2})
    look = maps.Look("recommended", False, False, False)
    assert captions.too_few(few)
    assert maps.colours_of(few, look) == "grey"
    assert maps.badge(few) == "too few samples to read"
    many = result_of(boot, **SMOOTH)
    assert many.reliability > 0.5
    assert not captions.too_few(many)
    assert maps.colours_of(many, look) == "recommended"
    assert not captions.too_few(result_of(boot)), "one gradient is no sample of anything"


def test_more_samples_raise_the_number_that_grows(boot):
    finding, kept = Finding("too_few_samples", "warning", {}, "more_samples"), {}
    for method, settings, wanted in (
        ("saliency", SMOOTH, {"smooth_samples": "40"}),
        ("saliency", SMOOTH | {"smooth_samples": 150}, {"smooth_samples": "200"}),
        ("rise", {"masks": 200}, {"rise_masks": "400"}),
    ):
        result = result_of(boot, method, **settings)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(mends.state, "put", lambda **values: kept.update(values))
            mends.of(finding, None, result).act()
        assert kept == wanted
        kept.clear()
    at_its_end = SimpleNamespace(
        settings={"smooth_samples": 200}, method="saliency", sums=SimpleNamespace(grows_by="smooth_samples")
    )
    assert mends.more_samples("Take more", at_its_end) is None


def test_rise_takes_a_seed_and_a_promised_sum_is_printed():
    at = opened("attribution", **FASHION, methods="rise,integrated_gradients", rise_masks=100, seed=7)
    assert_fine(at)
    said = "\n".join(texts(at))
    assert "seed 7 · Masks: 100 · halves agree at" in said
    assert "score difference" in said
    assert address(at)["seed"] == "7"


@pytest.mark.parametrize(("statistic", "words"), [("variance", "variance over noisy"), ("squares", "mean square over")])
def test_statistics_of_signed_values_are_named(statistic, words):
    at = opened(
        "attribution", **FASHION, methods="smoothgrad", smooth_statistic=statistic, smooth_sampling="antithetic"
    )
    assert_fine(at)
    said = "\n".join(texts(at))
    assert words in said
    assert "antithetic pairs" in said
    assert ("What varies under noise" in said) == (statistic == "variance")
