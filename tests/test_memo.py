"""The memory of passes, and the name a model's weights go by."""

from __future__ import annotations

import gc
import hashlib
import threading

import numpy as np
import pytest
from seeds import pictures, seeded

from explain import METHODS, Target, attribute, memo
from explain.engine import Engine
from explain.resume import share_after

ONE_SHOT_CAMS = [key for key, method in METHODS.items() if method.uses_layer and not method.sampled]


def test_the_memo_stays_within_its_bytes():
    kept = memo.Memo(limit=4 * 30)
    for name in "abc":
        kept.put(name, (np.zeros(10, np.float32),))
    assert kept.get("a") is not None
    kept.put("d", (np.zeros(10, np.float32),))
    assert kept.get("b") is None
    assert kept.get("a") is not None
    kept.put("whale", (np.zeros(31, np.float32),))
    assert kept.get("whale") is None
    assert kept.bytes == 120


def test_the_hash_is_sha256_of_shapes_and_values_however_it_is_read(linear_model, monkeypatch):
    total = hashlib.sha256()
    for weight in linear_model.weights:
        total.update(f"{tuple(weight.shape)}float32".encode() + weight.numpy().tobytes())
    monkeypatch.setattr(memo, "PIECE", 64)
    assert memo.hash_of(linear_model.weights) == total.hexdigest()[:12]


class Owner:
    pass


def kilobyte(value=0):
    return (np.full(256, value, np.float32),)


def test_rooms_share_one_bound_and_see_only_their_own():
    whole, one, other = memo.Memo(limit=3 << 10), Owner(), Owner()
    mine, yours = whole.room(one), whole.room(other)
    mine.put("a", kilobyte(1))
    yours.put("a", kilobyte(2))
    assert (mine.get("a")[0][0], yours.get("a")[0][0]) == (1, 2)
    for name in "bcd":
        mine.put(name, kilobyte())
    assert yours.get("a") is None, "the one bound is for both"
    assert whole.bytes == 3 << 10


def test_what_an_owner_leaves_is_dropped():
    whole, one, other = memo.Memo(limit=8 << 10), Owner(), Owner()
    mine, yours = whole.room(one), whole.room(other)
    for name in "abc":
        mine.put(name, kilobyte())
    del one
    gc.collect()
    yours.put("a", kilobyte())
    assert whole.bytes == 1 << 10
    assert mine.get("a") is None


def test_threads_keep_the_count_of_bytes():
    whole, owner = memo.Memo(limit=5 << 10), Owner()
    room = whole.room(owner)

    def work(seed):
        for name in np.random.default_rng(seed).integers(0, 12, 300):
            if room.get(int(name)) is None:
                room.put(int(name), kilobyte())

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert whole.bytes == sum(1 << 10 for name in range(12) if room.get(name) is not None) <= 5 << 10


@pytest.fixture
def net(skip_model):
    engine = Engine(skip_model)
    return engine, pictures(1, engine.input_shape)


def cost(engine, run):
    before = engine.spent
    run()
    return engine.spent - before


def test_all_cams_at_one_layer_cost_one_gradient_pass(net):
    engine, x = net
    assert cost(engine, lambda: attribute(engine, x[0], ONE_SHOT_CAMS[0], 1)) == 2
    assert cost(engine, lambda: [attribute(engine, x[0], key, 1) for key in ONE_SHOT_CAMS]) == 0
    assert len(ONE_SHOT_CAMS) >= 3


def test_another_class_runs_the_head_alone(net):
    engine, x = net
    attribute(engine, x[0], "grad_cam", 1)
    head = 2 * share_after(engine, engine.default_layer())
    assert cost(engine, lambda: attribute(engine, x[0], "grad_cam", 2)) == pytest.approx(head)
    assert 0 < head < 0.2
    assert cost(engine, lambda: attribute(engine, x[0], "layer_cam", 2)) == 0
    assert cost(engine, lambda: attribute(engine, x[0], "layer_cam", Target(3, minus=1))) == pytest.approx(head)


def test_after_all_activations_any_layer_resumes(net):
    engine, x = net
    values = engine.activations(x)
    for layer in engine.spatial_layers():
        expected = Engine(engine.model).layer_gradients(x, layer, [Target(1)])
        share = 2 * share_after(engine, layer)
        assert cost(engine, lambda layer=layer: engine.activation(x, layer)) == 0
        assert cost(engine, lambda layer=layer: engine.layer_gradients(x, layer, [Target(1)])) == pytest.approx(share)
        got = engine.layer_gradients(x, layer, [Target(1)])
        assert got[0] is values[layer]
        np.testing.assert_allclose(got[1], expected[1], atol=1e-6)


def test_a_gradient_brings_the_logits_along(net):
    engine, x = net
    engine.layer_gradients(x, "inside", [Target(1)])
    assert cost(engine, lambda: engine.logits(x)) == 0
    np.testing.assert_allclose(engine.logits(x), Engine(engine.model).logits(x), atol=1e-6)
    other = pictures(1, engine.input_shape, 7)
    engine.input_gradients(other, [Target(1)])
    assert cost(engine, lambda: engine.logits(other)) == 0
    np.testing.assert_allclose(engine.logits(other), Engine(engine.model).logits(other), atol=1e-6)


def test_score_cam_for_another_class_masks_nothing_again(net):
    engine, x = net
    attribute(engine, x[0], "score_cam", 1)
    assert cost(engine, lambda: attribute(engine, x[0], "score_cam", 2)) == 0


def test_batches_of_noisy_copies_push_nothing_out(net):
    engine, x = net
    attribute(engine, x[0], "grad_cam", 1)
    before = memo.SHARED.bytes
    attribute(engine, x[0], "grad_cam", 1, smooth_samples=101)
    kept = memo.SHARED.bytes - before
    values = engine.activation(x, engine.default_layer())
    assert kept <= 26 * 4 * 4 * engine.classes + 2 * values.nbytes, "the first, single one, and the logits"


def test_an_engines_memory_goes_with_it():
    from keras import Input, Sequential, layers

    model = seeded(
        Sequential([Input((64, 64, 3)), layers.Conv2D(8, 3, name="conv"), layers.Flatten(), layers.Dense(2)])
    )
    engine = Engine(model)
    engine.activations(pictures(1, (64, 64, 3)))
    before = memo.SHARED.bytes
    del engine, model
    gc.collect()
    memo.SHARED.room(Owner()).put("any", kilobyte())
    assert memo.SHARED.bytes < before - 100_000


def test_a_name_is_that_of_the_values_whatever_was_seen_before():
    picture = np.random.default_rng(0).normal(size=(1, 80, 80, 3)).astype("float32")
    name = memo.digest(picture)
    assert memo.digest(picture.copy()) == name
    assert memo.digest(picture.reshape(1, 80, 240, 1)) != name
    assert memo.digest(picture.view(np.int32)) != name
    picture[0, 79, 79, 2] += 1
    assert memo.digest(picture) != name, "a change in place is another picture"
    picture[0, 79, 79, 2] -= 1
    for other in range(memo.RECENT):
        memo.digest(picture + other + 1)
    assert memo.digest(np.asfortranarray(picture)) == memo.digest(picture)
    assert len(memo._recent) == memo.RECENT
