"""The memory of passes, and the name a model's weights go by."""

from __future__ import annotations

import hashlib

import numpy as np

from explain import memo


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
