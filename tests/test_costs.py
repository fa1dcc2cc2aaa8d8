"""Costs foretold: passes against those made, speeds measured once and kept, files that can't be read."""

from __future__ import annotations

import dataclasses
import json
import os

import pytest
from seeds import pictures

from explain import METHODS, Target, attribute, costs, passes, speeds, stream
from explain.costs import estimate, learn
from explain.engine import Engine
from explain.resume import share_after
from explain.speeds import Speed, noted, pace_of, speed_of

FIXED = Speed(forward=1.0, forward_batched=0.5, gradient=4.0, gradient_batched=3.0)


@pytest.fixture
def fixed(monkeypatch):
    """A machine of known speed."""
    monkeypatch.setattr(costs, "speed_of", lambda engine, folder=None: FIXED)


@pytest.fixture
def net(skip_model):
    engine = Engine(skip_model)
    return engine, pictures(1, engine.input_shape)


@pytest.mark.parametrize("key", METHODS)
@pytest.mark.parametrize("samples", [0, 6])
def test_no_map_costs_more_than_foretold(any_model, key, samples, fixed):
    engine = Engine(any_model)
    x = pictures(1, engine.input_shape)
    told = estimate(engine, key, smooth_samples=samples)
    assert told.passes == passes(key, engine, smooth_samples=samples)
    assert attribute(engine, x[0], key, 0, smooth_samples=samples).passes <= told.passes
    assert told.seconds > 0


def test_seconds_by_hand(net, fixed):
    engine, _ = net
    share = share_after(engine, engine.default_layer())
    assert estimate(engine, "saliency") == costs.Estimate(2, 4.0)
    assert estimate(engine, "saliency", smooth_samples=20) == costs.Estimate(40, 60.0)
    assert estimate(engine, "grad_cam").seconds == pytest.approx(1 + 3 * share)
    channels = engine.layer(engine.default_layer()).output_shape[-1]
    assert estimate(engine, "score_cam") == costs.Estimate(1 + channels, (1 + channels) * 0.5)
    assert estimate(engine, "score_cam", top_n=2).passes == 3


def test_what_is_remembered_is_left_out(net, fixed):
    engine, x = net
    layer, target = engine.default_layer(), Target(1)
    share = share_after(engine, layer)
    assert estimate(engine, "grad_cam", x, target).passes == 2
    engine.activation(x, layer)
    told = estimate(engine, "grad_cam", x, target)
    assert (told.passes, told.seconds) == (pytest.approx(2 * share), pytest.approx(share * 4))
    assert estimate(engine, "score_cam", x, target).passes == passes("score_cam", engine) - 1
    before = engine.spent
    attribute(engine, x[0], "grad_cam", target)
    assert engine.spent - before == pytest.approx(told.passes), "the logits came with the activations"
    assert estimate(engine, "layer_cam", x, target) == costs.Estimate(0, 0)
    assert estimate(engine, "saliency", x, target).passes == 2
    attribute(engine, x[0], "saliency", target)
    assert estimate(engine, "saliency", x, target).passes == 0
    assert estimate(engine, "grad_cam", x, target, smooth_samples=5).passes == 10


def test_a_result_to_go_on_from_is_left_out(net, fixed):
    engine, x = net
    running = stream(engine, x[0], "saliency", 1, smooth_samples=20)
    stopped = [next(running) for _ in range(2)][-1]
    running.close()
    assert estimate(engine, "saliency", x, smooth_samples=40, after=stopped) == costs.Estimate(70, 105.0)


def test_a_speed_is_measured_once_and_kept(net, tmp_path, monkeypatch):
    engine, _ = net
    before = engine.passes
    first = speed_of(engine, tmp_path)
    assert engine.passes == before, "measuring is no part of a map's cost"
    assert all(value > 0 for value in vars(first).values())
    (key,) = json.loads((tmp_path / speeds.FILE).read_text())
    assert engine.model_hash in key
    monkeypatch.setattr(speeds, "measure", None)
    assert speed_of(engine, tmp_path) is first
    monkeypatch.setattr(speeds, "_known", {})
    assert speed_of(engine, tmp_path) == first, "from the file, as in another process"


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"a": 1}', '{"KEY": {"forward": -1}}', '{"KEY": {"forward": "x"}}']
)
def test_a_damaged_file_is_measured_again(net, tmp_path, monkeypatch, content):
    engine, _ = net
    monkeypatch.setattr(speeds, "measure", lambda engine: FIXED)
    (tmp_path / speeds.FILE).write_text(content.replace("KEY", speeds._key(engine)))
    assert speed_of(engine, tmp_path) == FIXED
    assert json.loads((tmp_path / speeds.FILE).read_text())[speeds._key(engine)] == vars(FIXED)


def test_what_another_process_kept_meanwhile_stays(net, tmp_path, monkeypatch):
    engine, _ = net
    others = {"another model": vars(FIXED)}

    def slow(engine):
        (tmp_path / speeds.FILE).write_text(json.dumps(others))
        return FIXED

    monkeypatch.setattr(speeds, "measure", slow)
    speed_of(engine, tmp_path)
    assert json.loads((tmp_path / speeds.FILE).read_text()) == others | {speeds._key(engine): vars(FIXED)}
    assert os.listdir(tmp_path) == [speeds.FILE]


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(net, tmp_path, monkeypatch):
    engine, _ = net
    monkeypatch.setattr(speeds, "measure", lambda engine: FIXED)
    (tmp_path / speeds.FILE).mkdir()
    assert speed_of(engine, tmp_path) == FIXED
    assert os.listdir(tmp_path) == [speeds.FILE]


def test_a_known_speed_waits_for_nobody(net, tmp_path, monkeypatch):
    engine, _ = net
    monkeypatch.setattr(speeds, "measure", lambda engine: FIXED)
    speed_of(engine, tmp_path)
    with speeds._lock:
        assert speed_of(engine, tmp_path) == FIXED


def test_a_folder_that_takes_nothing_is_no_hindrance(net, tmp_path, monkeypatch):
    engine, _ = net
    monkeypatch.setattr(speeds, "measure", lambda engine: FIXED)
    (tmp_path / "a file").write_text("in the way")
    assert speed_of(engine, tmp_path / "a file") == FIXED
    assert os.listdir(tmp_path) == ["a file"]


def test_a_model_without_classes_has_a_forward_speed(gap_model, tmp_path):
    import keras

    base = Engine(keras.Model(gap_model.inputs[0], gap_model.get_layer("relu").output))
    speed = speed_of(base, tmp_path)
    assert speed.gradient == 2 * speed.forward > 0


def test_a_method_that_may_take_more_says_what_the_first_samples_cost(net, fixed):
    engine, x = net
    told = estimate(engine, "integrated_gradients", x, Target(0), steps=32, most_steps=100, baseline="black")
    assert (told.passes, told.seconds) == (2 * 96 + 2, (2 * 96 + 2) * 1.5)
    assert told.first == pytest.approx((2 * 32 + 2) * 1.5)
    alone = estimate(engine, "integrated_gradients", steps=32, most_steps=40, baseline="black")
    assert alone.first == pytest.approx(alone.seconds), "none may be added"
    assert estimate(engine, "saliency", x, Target(0)).first is None


def test_unknown_names_are_refused(net, fixed):
    engine, _ = net
    with pytest.raises(ValueError, match="method: expected one of"):
        estimate(engine, "gradcam")
    with pytest.raises(ValueError, match="rows and columns"):
        estimate(engine, "grad_cam", layer="scores")


def test_a_speed_from_a_busy_machine_is_replaced_by_quicker_passes(net, tmp_path, monkeypatch):
    """What is slower changes nothing; what is quicker counts at once, and for the next process where it is worth it."""
    engine, _ = net
    monkeypatch.setattr(speeds, "measure", lambda engine: FIXED)
    noted(engine, tmp_path, forward_batched=0.1)
    assert not (tmp_path / speeds.FILE).exists(), "nothing is known yet that this could replace"
    speed_of(engine, tmp_path)
    noted(engine, tmp_path, forward_batched=0.9, gradient_batched=1.5)
    assert speed_of(engine, tmp_path) == dataclasses.replace(FIXED, gradient_batched=1.5)
    noted(engine, tmp_path, gradient_batched=1.49)
    kept = json.loads((tmp_path / speeds.FILE).read_text())[speeds._key(engine)]
    assert (kept["gradient_batched"], speed_of(engine, tmp_path).gradient_batched) == (1.5, 1.49)
    monkeypatch.setattr(speeds, "_known", {})
    noted(engine, tmp_path, forward_batched=0.25)
    assert speed_of(engine, tmp_path) == dataclasses.replace(FIXED, forward_batched=0.25, gradient_batched=1.5)


def test_the_pace_forward_is_timed_alone_until_a_speed_is_known(net, tmp_path, monkeypatch):
    engine, _ = net
    timed = []
    monkeypatch.setattr(speeds, "_seconds", lambda function, *arrays: timed.append(len(arrays[0])) or 6.4)
    assert pace_of(engine, tmp_path) == pace_of(engine, tmp_path) == 6.4 / 64
    assert timed == [64], "one batch, once"
    noted(engine, tmp_path, forward_batched=0.02)
    assert pace_of(engine, tmp_path) == 0.02
    monkeypatch.setattr(speeds, "measure", lambda engine: FIXED)
    speed_of(engine, tmp_path)
    assert pace_of(engine, tmp_path) == FIXED.forward_batched


def test_finished_maps_teach_what_passes_of_their_kind_take(net, tmp_path, monkeypatch):
    engine, x = net
    monkeypatch.setattr(speeds, "measure", lambda engine: FIXED)
    speed_of(engine, tmp_path)

    def learnt(method, seconds, **settings):
        result = attribute(engine, x[0], method, 0, **settings)
        learn(engine, dataclasses.replace(result, seconds=seconds * result.passes), tmp_path)
        return speed_of(engine, tmp_path)

    assert learnt("saliency", 0.1) == FIXED, "two passes tell nothing"
    assert learnt("grad_cam", 0.1, smooth_samples=20) == FIXED, "nor do passes that turn back at a layer"
    assert learnt("integrated_gradients", 0.1) == FIXED
    assert learnt("saliency", 0.5, smooth_samples=20).gradient_batched == 1.0
    assert learnt("occlusion", 0.125).forward_batched == 0.125
    slow = learnt("rise", 9.0, masks=100)
    assert slow == dataclasses.replace(FIXED, forward_batched=0.125, gradient_batched=1.0)
