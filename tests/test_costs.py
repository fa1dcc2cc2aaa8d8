"""Costs foretold: passes against those made, speeds measured once and kept, files that can't be read."""

from __future__ import annotations

import json
import os

import pytest
from seeds import pictures

from explain import METHODS, Target, attribute, costs, passes, stream
from explain.costs import Speed, estimate, speed_of
from explain.engine import Engine
from explain.resume import share_after

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
    (key,) = json.loads((tmp_path / costs.FILE).read_text())
    assert engine.model_hash in key
    monkeypatch.setattr(costs, "measure", None)
    assert speed_of(engine, tmp_path) is first
    monkeypatch.setattr(costs, "_known", {})
    assert speed_of(engine, tmp_path) == first, "from the file, as in another process"


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"a": 1}', '{"KEY": {"forward": -1}}', '{"KEY": {"forward": "x"}}']
)
def test_a_damaged_file_is_measured_again(net, tmp_path, monkeypatch, content):
    engine, _ = net
    monkeypatch.setattr(costs, "measure", lambda engine: FIXED)
    (tmp_path / costs.FILE).write_text(content.replace("KEY", costs._key(engine)))
    assert speed_of(engine, tmp_path) == FIXED
    assert json.loads((tmp_path / costs.FILE).read_text())[costs._key(engine)] == vars(FIXED)


def test_what_another_process_kept_meanwhile_stays(net, tmp_path, monkeypatch):
    engine, _ = net
    others = {"another model": vars(FIXED)}

    def slow(engine):
        (tmp_path / costs.FILE).write_text(json.dumps(others))
        return FIXED

    monkeypatch.setattr(costs, "measure", slow)
    speed_of(engine, tmp_path)
    assert json.loads((tmp_path / costs.FILE).read_text()) == others | {costs._key(engine): vars(FIXED)}
    assert os.listdir(tmp_path) == [costs.FILE]


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(net, tmp_path, monkeypatch):
    engine, _ = net
    monkeypatch.setattr(costs, "measure", lambda engine: FIXED)
    (tmp_path / costs.FILE).mkdir()
    assert speed_of(engine, tmp_path) == FIXED
    assert os.listdir(tmp_path) == [costs.FILE]


def test_a_known_speed_waits_for_nobody(net, tmp_path, monkeypatch):
    engine, _ = net
    monkeypatch.setattr(costs, "measure", lambda engine: FIXED)
    speed_of(engine, tmp_path)
    with costs._lock:
        assert speed_of(engine, tmp_path) == FIXED


def test_a_folder_that_takes_nothing_is_no_hindrance(net, tmp_path, monkeypatch):
    engine, _ = net
    monkeypatch.setattr(costs, "measure", lambda engine: FIXED)
    (tmp_path / "a file").write_text("in the way")
    assert speed_of(engine, tmp_path / "a file") == FIXED
    assert os.listdir(tmp_path) == ["a file"]


def test_a_model_without_classes_has_a_forward_speed(gap_model, tmp_path):
    import keras

    base = Engine(keras.Model(gap_model.inputs[0], gap_model.get_layer("relu").output))
    speed = speed_of(base, tmp_path)
    assert speed.gradient == 2 * speed.forward > 0


def test_unknown_names_are_refused(net, fixed):
    engine, _ = net
    with pytest.raises(ValueError, match="method: expected one of"):
        estimate(engine, "gradcam")
    with pytest.raises(ValueError, match="rows and columns"):
        estimate(engine, "grad_cam", layer="scores")
