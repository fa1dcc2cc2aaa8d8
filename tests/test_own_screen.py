"""A user's own model on the screen: opened on choice, its card, its words, its limits; every page works on it."""

from __future__ import annotations

import gc
import json
import threading
import weakref

import numpy as np
import pytest
import streamlit as st
from own_models import opened as own
from screen import address, assert_fine, make_ready, notes, opened, switched, texts
from seeds import seeded

from components import class_names, logs, memory, models, own_settings, state
from components.screens import screens
from components.sizes import size
from explain.memo import SHARED
from model_zoo.own import opening as door
from model_zoo.own.types import Note, Refused

CLASSES = ["cat", "dog", "frog"]


def network(shape=(16, 16, 3), end="softmax", classes=3, conv=True):
    from keras import Input, Model, layers

    image = z = Input(shape)
    if conv:
        z = layers.Conv2D(6, 3, padding="same", activation="relu", name="conv_1")(z)
        z = layers.Conv2D(5, 3, activation="relu", name="conv_2")(layers.MaxPooling2D(name="pool")(z))
    z = layers.Dense(classes, activation=end, name="out")(layers.Flatten(name="flat")(z))
    return seeded(Model(image, z))


@pytest.fixture(scope="module")
def mine():
    make_ready("fashion_cnn")
    note = Note("batch", "The model was made for exactly 1 picture at a time.")
    return own(network, (16, 16, 3), CLASSES, notes=[note], methods={"eigen_cam": "It has no <b>such</b> layer."})


@pytest.fixture
def folder(tmp_path, monkeypatch, mine):
    """A folder of an operator's, whose files open as the fixture's model, or are refused by their name."""
    for name in ("Mine_1.keras", "refused.h5", "notes.txt"):
        (tmp_path / name).write_bytes(b"bytes")

    def open_model(data, name, **_more):
        assert data == tmp_path / name
        if name == "refused.h5":
            raise Refused("lambda", "It contains a Lambda layer, “<i>twice</i>”.", "Export it without.")
        return mine

    monkeypatch.setattr(door, "open_model", open_model)
    monkeypatch.setenv(own_settings.FOLDER, str(tmp_path))
    return tmp_path


def press(at, key):
    next(button for button in at.button if button.key == key).click()
    return at.run()


def choose(at, name):
    """Open a file of the folder, and wait for what comes of it."""
    at.selectbox(key="own_folder").set_value(name)
    press(at, "own_folder_open")
    for thread in threading.enumerate():
        if thread.name == "open a model":
            thread.join()
    return at.run()


def test_a_model_of_the_servers_folder_opens_with_its_card_and_joins_the_models(folder, mine):
    at = opened(model="fashion_cnn")
    assert at.selectbox(key="own_folder").options == ["Mine_1.keras", "refused.h5"]
    at = choose(at, "Mine_1.keras")
    assert_fine(at)
    key = mine.entry.key
    assert address(at)["model"] == key
    assert at.selectbox(key="pick_model").value == key
    assert next(button for button in at.button if button.key == f"model_{key}").proto.type == "primary"
    card = "\n".join(texts(at))
    assert "**5** layers" in card or f"**{mine.card.layers}** layers" in card
    assert f"**{mine.card.parameters:,}** parameters" in card
    assert "input **16×16×3**, values from 0 to 1" in card
    assert "Eigen-CAM" in card
    assert "\\<b\\>such" in card, "words out of a file are text"
    assert mine.card.sha256 in notes(at)
    assert "exactly 1 picture at a time" in notes(at)


def test_a_refused_file_says_cause_and_mend_and_nothing_else_changes(folder):
    at = choose(opened(model="fashion_cnn", layer="conv_2"), "refused.h5")
    (said,) = [one.value for one in at.error]
    assert "**refused.h5** was not opened. It contains a Lambda layer, “\\<i\\>twice" in said
    assert said.endswith("Export it without.")
    assert address(at) == {"model": "fashion_cnn", "layer": "conv_2", "picture": "fashion/0"}
    assert at.session_state[models.KEPT] == {}


def test_while_a_file_is_checked_it_can_be_cancelled(folder, mine, monkeypatch):
    go_on = threading.Event()

    def slow(data, name, **_more):
        assert go_on.wait(60)
        return mine

    monkeypatch.setattr(door, "open_model", slow)
    at = opened(model="fashion_cnn")
    at = press(at, "own_folder_open")
    assert any("**Mine\\_1.keras**: " in text for text in texts(at))
    at = switched(at, "kernels")
    assert any("**Mine\\_1.keras**: " in text for text in texts(at)), "on every page"
    at = press(at, "own_cancel")
    go_on.set()
    at = switched(at.run(), "overview")
    assert "Cancelled. Nothing was kept." in notes(at)
    assert at.session_state[models.KEPT] == {}


def test_a_failure_that_nobody_foresaw_is_a_code_and_no_traceback(folder, monkeypatch, capsys):
    monkeypatch.setattr(door, "open_model", lambda *args, **more: 1 / 0)
    at = choose(opened(model="fashion_cnn"), "Mine_1.keras")
    (said,) = [one.value for one in at.error]
    assert "report it with the code" in said
    assert "division" not in said
    (line,) = [line for line in capsys.readouterr().err.splitlines() if '"failed"' in line]
    assert f"the code {json.loads(line)['id']}." in said
    assert "division" not in line


def test_the_operator_counts_refused_models_without_their_names(folder, capsys):
    before = logs.counts["file_refused"]
    choose(opened(model="fashion_cnn"), "refused.h5")
    assert logs.counts["file_refused"] == before + 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if '"file_refused"' in line]
    assert json.loads(line)["code"] == "lambda"
    assert "refused.h5" not in line


def test_a_model_for_which_memory_is_short_is_refused_before_it_is_built(folder, monkeypatch):
    one = own(network, (16, 16, 3), CLASSES, name="not built yet")
    monkeypatch.setattr(door, "open_model", lambda *args, **more: one)
    monkeypatch.setattr(memory, "free", lambda: 10 << 20)
    at = choose(opened(model="fashion_cnn"), "Mine_1.keras")
    (said,) = [one.value for one in at.error]
    assert "was not opened. Memory is short on this server" in said
    assert at.session_state[models.KEPT] == {}


def test_what_others_computed_is_not_counted_as_this_sessions(mine):
    held = models.hold(mine)
    held.network.engine()
    before = size(held)
    for part in range(3):
        SHARED.room(held).put(part, (np.zeros(1 << 20, np.uint8),))
    assert size(held) == before < 1 << 20


def test_a_model_that_is_let_go_is_freed(monkeypatch):
    monkeypatch.setattr(st, "session_state", {})
    models.keep(models.hold(own(network, (16, 16, 3), CLASSES, name="for a while")))
    ((key, held),) = models.own().items()
    gone = weakref.ref(held.network.engine())
    memory.collect()
    del held
    models.let_go(key)
    gc.unfreeze()
    assert gone() is None


def visiting(one, page="overview", **view):
    """Open a page in a session that has opened this model."""
    at = opened(model="fashion_cnn")
    held = models.hold(one)
    at.session_state[models.KEPT] = {one.entry.key: held}
    at.session_state[state.VIEW] = {"model": one.entry.key, "picture": "chelsea", **view}
    return at.run() if page == "overview" else switched(at, page)


KINDS = {
    "softmax": ({}, CLASSES),
    "sigmoids": ({"end": "sigmoid"}, CLASSES),
    "one_sigmoid": ({"end": "sigmoid", "classes": 1, "shape": (16, 16, 1)}, ["dog"]),
    "plain_scores": ({"end": None}, CLASSES),
    "one_score": ({"end": None, "classes": 1}, ["age"]),
    "not_square": ({"shape": (12, 20, 3)}, CLASSES),
    "no_convolution": ({"conv": False, "shape": (12, 12, 3)}, CLASSES),
}
SAID = {
    "softmax": "",
    "sigmoids": "outputs are above a half",
    "one_sigmoid": "dog, ",
    "plain_scores": "",
    "one_score": "It ends in one plain score.",
    "not_square": "",
    "no_convolution": "",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_works_on_every_kind_of_network(kind, mine):
    how, labels = KINDS[kind]
    one = own(lambda: network(**how), how.get("shape", (16, 16, 3)), labels, name=kind)
    at = visiting(one)
    assert_fine(at)
    assert SAID[kind] in next(text for text in texts(at) if text.startswith("####"))
    for screen in screens()[1:]:
        at = switched(at, screen.key)
        assert_fine(at)


def test_what_if_names_the_shares_as_the_network_makes_them(mine):
    how, labels = KINDS["sigmoids"]
    at = visiting(own(lambda: network(**how), (16, 16, 3), labels, name="sigmoids"), "what_if")
    assert_fine(at)
    said = "\n".join(texts(at))
    assert "Its own sigmoid before (outline) and after (filled)" in said
    assert "softmax" not in said


def test_one_sigmoid_is_explained_either_way(mine):
    one = own(lambda: network((16, 16, 1), "sigmoid", 1), (16, 16, 1), ["dog"], name="one_sigmoid")
    at = visiting(one, "attribution", way="against", methods="saliency")
    assert "What speaks against it?" in "\n".join(texts(at))
    assert "evidence against: logit of dog" in notes(at) + "\n".join(texts(at))
    assert address(at)["way"] == "against"


def test_a_page_that_the_card_refuses_says_the_cards_reason(mine):
    one = own(network, (16, 16, 3), [], name="two_inputs", pages={"attribution": "the model takes 2 inputs"})
    at = visiting(one)
    assert "**Attribution**: The model takes 2 inputs." in notes(at)
    assert "The model takes 2 inputs." in switched(at, "attribution").info[0].value


def test_a_model_that_cannot_be_fed_shows_its_kernels(mine):
    one = own(network, (16, 16, 3), [], name="no_pass", pages={"activations": "the model takes 2 inputs"})
    for page in ("overview", "architecture", "kernels", "activations"):
        at = visiting(one, page)
        assert_fine(at)
    assert any("can't be given a picture" in text for text in texts(visiting(one)))


def test_an_address_of_anothers_model_says_how_to_open_it(mine):
    held = models.hold(mine)
    at = opened(model=mine.entry.key)
    assert_fine(at)
    (said,) = [one.value for one in at.warning]
    assert f"“{mine.entry.key}”" in said
    assert "Open the same file again under “Your own model”" in said
    assert held.entry.key not in models.MODELS


def test_sessions_share_the_network_of_equal_files_and_let_it_go_with_the_last(mine):
    one = own(network, (16, 16, 3), CLASSES, name="shared")
    first, again = models.hold(one), models.hold(one)
    assert first is again
    from dataclasses import replace

    renamed = models.hold(replace(one, entry=models.rename(one.entry, ["x", "y", "z"])))
    assert renamed is not first
    assert renamed.network is first.network
    assert renamed.entry.state() != first.entry.state(), "nothing computed under other words is mixed up with these"
    assert models.entry_of(one.entry.key, renamed.entry.state()).labels() == ["x", "y", "z"]
    renamed.network.engine()
    gone = weakref.ref(renamed.network)
    del first, again, renamed, one
    gc.collect()
    assert gone() is None


def test_a_session_keeps_three_and_a_bounded_size(mine, monkeypatch):
    monkeypatch.setattr(st, "session_state", {})
    some = [own(network, (16, 16, 3), CLASSES, name=f"model {n}") for n in range(4)]
    gone = [models.keep(models.hold(one)) for one in some]
    assert gone == [[], [], [], ["model 0"]]
    monkeypatch.setattr(models, "MOST_BYTES", 2 * some[0].card.parameters * models.FLOAT_BYTES)
    assert models.keep(models.hold(some[0])) == ["model 1", "model 2"]
    monkeypatch.setattr(models, "MOST_BYTES_OF_ALL", 1)
    with pytest.raises(Refused, match="they are all in use"):
        models.hold(own(network, (16, 16, 3), CLASSES, name="one more"))


@pytest.mark.parametrize(
    ("address_", "said", "allowed"),
    [
        ("localhost", "", True),
        ("127.0.0.1", "", True),
        ("127.8.0.1", "", True),
        ("::1", "", True),
        ("0.0.0.0", "", False),
        ("192.168.1.5", "", False),
        ("example.org", "", False),
        (None, "", False),
        ("0.0.0.0", "on", True),
        ("localhost", "off", False),
        ("localhost", "nonsense", False),
    ],
)
def test_uploads_are_for_this_machine_alone_unless_the_operator_says_so(address_, said, allowed, monkeypatch):
    monkeypatch.setattr(st, "get_option", lambda name: address_)
    monkeypatch.setenv(own_settings.UPLOADS, said)
    assert own_settings.uploads_allowed() is allowed


def test_a_page_without_uploads_says_how_to_turn_them_on(monkeypatch, folder):
    monkeypatch.setenv(own_settings.UPLOADS, "off")
    at = opened(model="fashion_cnn")
    assert "CONVSCOPE_MODEL_UPLOADS=on" in notes(at)
    assert at.selectbox(key="own_folder").options == ["Mine_1.keras", "refused.h5"], "the operator's own stay"


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b"cat\ndog\nfrog\n", ["cat", "dog", "frog"]),
        ("\ufeffКот\r\nПёс\r\n\r\n[x](y) <b>:red\r\n".encode(), ["Кот", "Пёс", "(x)(y) ‹b›∶red"]),
        (b'"cat, tabby",1\ndog,2\nfrog,3\n', ["cat, tabby", "dog", "frog"]),
    ],
)
def test_class_names_are_read_one_a_line_as_text(data, names):
    assert class_names.read(data, 3) == names


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"cat\ndog\n", "The file holds 2 class names and the model has 3 outputs."),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (b"x\n" * 600_000, "larger than a megabyte"),
    ],
)
def test_class_names_that_do_not_fit_are_refused(data, said):
    with pytest.raises(Refused) as refused:
        class_names.read(data, 3)
    assert said in str(refused.value)
