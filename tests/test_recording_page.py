"""Training time on the Kernels, Activations and Attribution pages, and the recording that ships."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
import streamlit as st
from made_recordings import made
from own_models import opened as own
from screen import ROOT, address, assert_fine, notes, opened, subject, switched, texts
from streamlit.testing.v1 import AppTest

from components import models, recordings
from explain.chain_keras import network
from explain.chain_text import read
from model_zoo import MODELS
from model_zoo.samples import fashion_images, fashion_labels
from model_zoo.training.recorded import load
from model_zoo.training.recording import Recorder

PATH = MODELS["fashion_cnn"].recording


@pytest.fixture(scope="module")
def shipped():
    return load(PATH)


@pytest.fixture(scope="module")
def model():
    return MODELS["fashion_cnn"].build()


def test_the_shipped_recording_is_listed_small_and_whole(shipped):
    data = PATH.read_bytes()
    row = next(
        line for line in (ROOT / "docs" / "data.md").read_text().splitlines() if line.startswith(f"| `{PATH.name}`")
    )
    assert len(data) < 3_000_000
    assert f"| {len(data)} |" in row
    assert hashlib.sha256(data).hexdigest() in row
    assert shipped.steps[0] == 0
    assert shipped.checked == 1000
    assert (shipped.confusion.sum(axis=(1, 2)) == 1000).all()


def test_its_ends_are_the_untrained_twin_and_the_shipped_weights(shipped, model):
    for at, one in ((0, MODELS["fashion_cnn_untrained"].build()), (-1, model)):
        for name, kernels in shipped.kernels.items():
            np.testing.assert_array_equal(kernels[at], one.get_layer(name).kernel.numpy().astype(np.float16))
    best = MODELS["fashion_cnn"].facts["best_epoch"]
    assert shipped.epochs[-1] == best
    assert shipped.steps[-1] == 1500 * best


def test_its_pinned_pictures_are_one_test_picture_a_class_answered_as_the_model_does(shipped, model):
    assert sorted(shipped.labels.tolist()) == list(range(10))
    firsts = np.sort([int(np.argmax(fashion_labels() == k)) for k in range(10)])
    np.testing.assert_array_equal(shipped.pinned[..., 0], fashion_images()[firsts])
    x = shipped.pinned.astype(np.float32) / 255
    np.testing.assert_allclose(shipped.predictions[-1], model.predict(x, verbose=0), atol=1e-5)


def test_the_pages_stay_as_they_are_until_the_recording_is_asked_for():
    at = opened("kernels", model="fashion_cnn", layer="conv_1")
    assert_fine(at)
    assert at.toggle(key="set_film").value is False
    assert not [one for one in at.selectbox if one.key == "set_film_first"]
    at = opened("kernels", model="efficientnet_lite0")
    assert "set_film" not in {one.key for one in at.toggle}


def charts(at):
    """Every chart of the page, by its key's first word, as Plotly gets it."""
    return {one.proto.id.split("-")[-1]: json.loads(one.proto.spec) for one in at.get("plotly_chart")}


def test_kernels_walk_from_untrained_to_trained(shipped):
    at = opened("kernels", model="fashion_cnn", layer="conv_2", input="3", film="1")
    assert_fine(at)
    film = charts(at)["film"]
    assert len(film["frames"]) == shipped.moments
    assert "#### " in "".join(texts(at))
    assert any("jumped between step" in text for text in texts(at))
    assert at.selectbox(key="set_film_first").value == "0"
    assert at.selectbox(key="set_film_second").value == f"{shipped.moments - 1}"
    at.selectbox(key="set_film_second").set_value("4").run()
    assert_fine(at)
    assert address(at)["film_second"] == "4"


def test_activations_show_the_maps_of_a_pinned_picture(shipped):
    at = opened("activations", model="fashion_cnn", layer="pool_1", film="1", film_picture="2")
    assert_fine(at)
    assert len(charts(at)["film"]["frames"]) == shipped.moments
    assert any("Of pool_1 itself no maps were recorded." in text for text in texts(at))
    assert at.selectbox(key="set_film_picture").value == "2"


@pytest.mark.parametrize(("page", "layer"), [("kernels", "conv_1"), ("activations", "conv_1")])
def test_a_single_moment_is_not_captioned_as_all_of_them(page, layer):
    at = opened(page, model="fashion_cnn", layer=layer, film="1")
    alone = [text for text in texts(at) if "Step 0, epoch 0.00" in text or "Step 9,000, epoch 6.00" in text]
    assert len(alone) == 2
    assert not any("each recorded moment" in text for text in texts(at))
    assert all("one scale for all recorded moments" in text for text in alone)


def test_the_picture_that_is_open_is_the_pinned_one_where_it_is_pinned(shipped):
    at = opened("activations", model="fashion_cnn", layer="conv_1", picture="fashion/2", film="1")
    position = next(i for i, one in enumerate(shipped.pinned) if (one[..., 0] == fashion_images()[2]).all())
    assert at.selectbox(key="set_film_picture").value == f"{position}"


def test_attribution_says_what_was_predicted_at_each_moment(shipped):
    at = opened("attribution", model="fashion_cnn", methods="saliency", film="1")
    assert_fine(at)
    steps = charts(at)["film"]["layout"]["sliders"][0]["steps"]
    assert steps[-1]["label"] == "step 9,000: Ankle boot >99.9\u00a0%"
    assert any("predicted at every moment from step" in text for text in texts(at))


def test_names_of_classes_in_a_recording_are_shown_as_text(shipped, monkeypatch):
    marked = replace(shipped, names=tuple(f"**{name}**" for name in shipped.names))
    monkeypatch.setattr(recordings, "of", lambda _subject: marked)
    at = opened("attribution", model="fashion_cnn", methods="saliency", film="1")
    assert_fine(at)
    named = [text for text in texts(at) if "Ankle boot" in text and ("step 9,000" in text or "predicted" in text)]
    assert len(named) == 2
    assert all("\\*\\*Ankle boot\\*\\*" in text for text in named)


def test_a_model_of_ones_own_gets_the_recording_it_was_given(tmp_path):
    recording = made()
    recording.save(tmp_path / "a.npz")
    one = subject("efficientnet_lite0")
    assert recordings.of(one) is None
    recordings.register(one.model, tmp_path / "a.npz")
    try:
        np.testing.assert_array_equal(recordings.of(one).steps, recording.steps)
    finally:
        st.session_state.pop(recordings.KEPT)
    with pytest.raises(FileNotFoundError):
        recordings.register(one.model, tmp_path / "none.npz")


def learned(chain="10x9x3.conv-4-3x3-tanh.max-2x2.flatten.dense-3-softmax"):
    """A model of a session's own with the recording of its training: two moments, colours, maps below 0."""
    draw, shape = np.random.default_rng(2), read(chain)[0]
    network_of = network(*read(chain), "mine")
    images, labels = draw.integers(0, 256, (6, *shape), dtype=np.uint8), draw.integers(0, 3, 6)
    recorder = Recorder(network_of, images[:2], images, labels, (0, 1), labels=labels[:2], names="abc")
    recorder.capture(0, 0)
    network_of.set_weights([weight * 2 + 0.01 for weight in network_of.get_weights()])
    recorder.capture(1, 0.5)
    return models.hold(own(lambda: network_of, shape, "abc")), recorder.recording()


@pytest.mark.parametrize("page", ["kernels", "activations", "attribution"])
def test_a_trained_model_of_ones_own_is_walked_too(page):
    held, recording = learned()
    at = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=180)
    at.session_state[models.KEPT] = {held.entry.key: held}
    at.session_state[recordings.KEPT] = {held.entry.key: recording}
    for key, value in (("model", held.entry.key), ("film", "1"), ("methods", "saliency")):
        at.query_params[key] = value
    at = switched(at.run(), page)
    assert_fine(at)
    assert len(charts(at)["film"]["frames"]) == 2
    assert at.selectbox(key="set_film_second").value == "1"


def test_a_recording_that_can_not_be_read_is_said_and_one_that_has_gone_is_not_missed(tmp_path):
    held, recording = learned()
    path = tmp_path / "moments.npz"
    one = models.hold(held.opened, replace(held.opened.entry, recording=path, title="kept"))
    at = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=180)
    at.session_state[models.KEPT] = {one.entry.key: one}
    at.query_params["model"], at.query_params["film"] = one.entry.key, "1"
    at = switched(at.run(), "kernels")
    assert_fine(at)
    assert "set_film" not in {toggle.key for toggle in at.toggle}
    path.write_bytes(b"PK half of a file")
    at.run()
    assert_fine(at)
    assert "could not be read. Code" in notes(at)
    recording.save(path)
    at.run()
    assert_fine(at)
    assert "film" in charts(at)
