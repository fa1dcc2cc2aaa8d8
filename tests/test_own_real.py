"""The real thing on the screen: a file of Keras's goes through every gate and all pages, a bad one is refused."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from corpus import CASES
from screen import address, assert_fine, make_ready, notes, opened, switched, texts
from seeds import seeded

from components import models, state
from components.text import plain
from explain import attribute
from model_zoo.own import worker
from model_zoo.own.opening import open_model
from model_zoo.own.preprocessing import CHOICES
from model_zoo.samples import load_sample

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own, on saving


@pytest.fixture(scope="module", autouse=True)
def _worker():
    make_ready("fashion_cnn")
    yield
    worker.WORKER.stop()


@pytest.fixture(scope="module")
def network():
    from keras import Sequential, layers

    parts = [
        layers.Input((20, 20, 3)),
        layers.Conv2D(6, 3, padding="same", activation="relu", name="first"),
        layers.MaxPooling2D(name="pool"),
        layers.Conv2D(5, 3, activation="relu", name="second"),
        layers.Flatten(name="flat"),
        layers.Dense(3, activation="softmax", name="out"),
    ]
    return seeded(Sequential(parts))


@pytest.fixture(scope="module")
def file(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "my_net.keras"
    network.save(path)
    return path.read_bytes()


def uploaded(at, name, data):
    """Choose a file, press the button, and wait for what comes of it."""
    next(one for one in at.file_uploader if one.key.startswith("own_file")).set_value((name, data, "application/zip"))
    at.run()
    next(button for button in at.button if button.key == "own_start").click()
    at.run()
    for thread in threading.enumerate():
        if thread.name == "open a model":
            thread.join()
    return at.run()


def test_a_keras_file_is_uploaded_seen_on_every_page_and_prepared_and_named_anew(file, network):
    at = uploaded(opened(model="fashion_cnn"), "my_net.keras", file)
    assert_fine(at)
    key = address(at)["model"]
    assert key.startswith("own/")
    card = "\n".join(texts(at))
    assert f"**{network.count_params():,}** parameters" in card
    assert "The file doesn't say how pictures were prepared. Guessed\\: pixels divided by 255" in notes(at)
    for page in ("architecture", "kernels", "activations", "what_if", "put_to_the_test", "attribution", "mistakes"):
        at = switched(at, page)
        assert_fine(at)
    held = at.session_state[models.KEPT][key]
    mine = attribute(held.network.engine(), held.entry.preprocess(load_sample("chelsea")), "grad_cam", 1)
    ours = attribute(network, held.entry.preprocess(load_sample("chelsea")), "grad_cam", 1)
    np.testing.assert_allclose(mine.map, ours.map, atol=1e-6)

    at = switched(at, "overview")
    at.selectbox(key=f"own_way_{key}").set_value("caffe").run()
    assert_fine(at)
    assert "blue-green-red order" in notes(at)
    assert "Guessed" not in notes(at)
    assert at.session_state[models.KEPT][key].entry.value_range == CHOICES["caffe"].range_of(3)
    at.selectbox(key=f"own_way_{key}").set_value("custom").run()
    at.text_input(key="own_mean").set_value("0.5, nonsense")
    next(button for button in at.button if button.label == "Prepare pictures so").click()
    at.run()
    assert "nonsense" in at.error[0].value
    assert "blue-green-red order" in notes(at), "what was chosen stays"
    at.text_input(key="own_mean").set_value("0.5, 0.25, 0.125")
    next(button for button in at.button if button.label == "Prepare pictures so").click()
    at.run()
    assert_fine(at)
    assert at.session_state[models.KEPT][key].entry.value_range == (-0.5, 0.875)
    names = next(one for one in at.file_uploader if one.key.startswith("own_names"))
    names.set_value(("names.txt", b"ant\nbee\n", "text/plain"))
    assert "The file holds 2 class names and the model has 3 outputs" in at.run().error[0].value
    names = next(one for one in at.file_uploader if one.key.startswith("own_names"))
    names.set_value(("names.txt", b"ant\nbee\ncat\n", "text/plain"))
    at.run()
    assert_fine(at)
    assert at.session_state[models.KEPT][key].entry.labels() == ["ant", "bee", "cat"]
    next(button for button in at.button if button.key == "own_let_go").click()
    at.run()
    assert_fine(at)
    assert address(at)["model"] == "efficientnet_lite0"
    assert at.session_state[models.KEPT] == {}


def test_a_lambda_layer_is_refused_with_its_name_and_the_mend(file):
    case = next(case for case in CASES if case.number == 1)
    at = uploaded(opened(model="fashion_cnn", layer="conv_2"), "theirs.keras", case.data())
    (said,) = [one.value for one in at.error]
    assert said.startswith("**theirs.keras** was not opened. ")
    assert "Lambda" in said
    assert address(at)["layer"] == "conv_2"


ODD = [case for case in CASES if case.opens and case.number in (39, 40, 41, 42, 52, 53)]


@pytest.mark.parametrize("case", ODD, ids=str)
def test_an_unusual_model_shows_what_it_can_and_says_why_not_the_rest(case):
    found = models.hold(open_model(case.data(), case.name))
    key = found.entry.key
    at = opened(model="fashion_cnn")
    at.session_state[models.KEPT] = {key: found}
    at.session_state[state.VIEW] = {"model": key, "picture": "chelsea"}
    assert_fine(at.run())
    for page in ("architecture", "kernels", "activations", "attribution"):
        at = switched(at, page)
        assert_fine(at)
        why = found.opened.card.pages[page]
        said = plain(why[:1].upper() + why[1:] + ".")
        assert [one.value for one in at.info if one.value == said] == ([said] if why else [])
