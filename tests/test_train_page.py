"""The Train page: pictures looked at, a network that fits, a training begun, watched and stopped."""

from __future__ import annotations

import io
import tempfile
import time
import zipfile

import numpy as np
import pytest
from PIL import Image
from screen import address, assert_fine, notes, opened, switched, texts
from train_visits import SMALL, begun, headline, pressed, visiting

from components import training
from components.parts import chain, chain_editor
from explain.chain_layers import Link
from explain.chain_text import read
from model_zoo.training import run
from model_zoo.training.data import DATASETS
from model_zoo.training.recipe import NETWORKS, Recipe
from model_zoo.training.temporary import LOCK, PICTURES


def test_it_opens_ready_to_train(registry):
    at = visiting()
    assert_fine(at)
    assert headline(at) == "Ready: 333,526 parameters are to learn 10 classes from 6,000 pictures."
    said = "\n".join(texts(at))
    assert "**Fashion-MNIST, 6,000 pictures: 10 classes with 600 pictures each**" in said
    assert "4,800 pictures to learn from in 150 steps an epoch, 1,200 held back for validation; 10,000 more" in said
    assert at.dataframe[-1].value["parameters"].tolist() == [0, 320, 0, 18496, 0, 0, 313700, 0, 1010]
    assert not {"chain", "train_data", "training"} & set(address(at))


def test_a_network_that_does_not_match_says_why_and_is_mended(registry):
    at = visiting(train_data="digits")
    assert headline(at) == "Not ready: one thing has to be mended before it can train."
    assert "The network takes 28×28×1, and these pictures are 8×8×1." in notes(at)
    assert next(button for button in at.button if button.key == "train_start").disabled
    at = pressed(at, "train_mend")
    assert_fine(at)
    assert headline(at).startswith("Ready")
    assert address(at)["chain"] == NETWORKS["003"].replace("28x28x1", "8x8x1")
    assert at.segmented_control(key="train_network").value == "003"


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ({"chain": "28x28x1.flatten.dense-7-softmax"}, "ends in 7, and these pictures have 10 classes"),
        ({"chain": "28x28x1.flatten.dense-10"}, "gives no probabilities"),
        ({"chain": "28x28x1.max-40x40.flatten.dense-10-softmax"}, "A window of 28 would fit"),
        ({"train_most": 300, "train_batch": 1000}, "batch\\: expected at most the 240 pictures"),
    ],
)
def test_what_can_not_be_trained_says_why_before_it_starts(registry, view, said):
    at = visiting(**view)
    assert_fine(at)
    assert headline(at).startswith("Not ready")
    assert said in notes(at)
    assert next(button for button in at.button if button.key == "train_start").disabled


@pytest.mark.parametrize("rate", ["0", "1e9", "nan"])
def test_a_learning_rate_that_can_not_be_is_left_out(registry, rate):
    at = visiting(train_rate=rate, train_epochs=10**6, train_batch=0)
    assert_fine(at)
    assert {"`train_rate`", "`train_epochs`", "`train_batch`"} <= set(
        notes(at).replace(",", " ").replace(".", " ").split()
    )
    assert at.number_input(key="set_train_rate").value == 1e-3


def test_another_network_to_begin_with(registry):
    at = visiting()
    at.segmented_control(key="train_network").set_value("001").run()
    assert_fine(at)
    assert address(at)["chain"] == NETWORKS["001"]
    assert headline(at).startswith("Ready: 79,510 parameters")


def test_pictures_that_are_not_here_are_offered(registry, monkeypatch):
    asked = []
    away = DATASETS["mnist"].__class__(
        **{**vars(DATASETS["mnist"]), "find": lambda: "", "download": lambda told: asked.append(told(5, 10))}
    )
    monkeypatch.setitem(DATASETS, "mnist", away)
    at = visiting(train_data="mnist")
    assert_fine(at)
    assert headline(at) == "Not ready: these pictures are not on this machine yet."
    assert "It is fetched only if you ask." in notes(at)
    assert "Fetch" in next(button for button in at.button if button.key == "fetch_mnist").label
    pressed(at, "fetch_mnist")
    for _turn in range(100):
        if asked:
            break
    assert asked == [True]


def test_starting_keeps_the_token_in_every_address(registry):
    at, made = begun(registry, train_epochs=3, train_seed=7)
    ((recipe, pictures),) = registry.begun
    assert recipe == Recipe("digits", SMALL["chain"], epochs=3, seed=7)
    assert pictures is None
    assert address(at)["training"] == made.token
    assert headline(at).startswith("In line")
    made.before = 2
    assert "Before it wait: 2." in "\n".join(texts(at.run()))
    at = switched(at, "overview")
    assert address(at)["training"] == made.token
    (link,) = [one.value for one in at.sidebar.code]
    assert "training" not in link, "whoever is handed a link can't stop it"
    assert "train_epochs" not in address(at)
    assert headline(switched(at, "train")).startswith("In line")


def test_each_look_at_its_progress_counts_as_a_visit(registry, monkeypatch):
    looks = []
    monkeypatch.setattr(training, "watched", looks.append)
    at, made = begun(registry)
    assert_fine(at)
    assert set(looks) == {made}


def test_it_is_watched_paused_and_stopped(registry):
    at, made = begun(registry)
    made.run([0.9, 0.7, 0.8])
    at.run()
    assert_fine(at)
    assert headline(at) == "Training on Digits, 8 by 8, at most 20 epochs."
    assert "**Epoch 2 of 3 is the best: validation loss 0.700, accuracy 65.0\N{NO-BREAK SPACE}%**" in "\n".join(
        texts(at)
    )
    at = pressed(at, "train_pause")
    assert headline(at).startswith("Paused")
    at = pressed(pressed(at, "train_pause"), "train_stop")
    assert made.asked == ["pause", "resume", "stop"]
    made.end("stopped")
    at.run()
    assert_fine(at)
    assert "It was stopped. The best epoch so far is kept." in "\n".join(texts(at))


@pytest.mark.parametrize(
    ("pending", "said", "button"),
    [
        ("pause", "pauses after this batch", "Resume"),
        ("resume", "goes on as soon as there is a place", "Pause"),
        ("stop", "stops after this batch", ""),
    ],
)
def test_what_it_was_asked_is_said_before_it_is_done(registry, pending, said, button):
    at, made = begun(registry)
    made.run([0.9])
    made.state, made.pending = "paused" if pending == "resume" else "running", pending
    at.run()
    assert_fine(at)
    assert said in at.get("progress")[0].proto.text
    able = [one.label for one in at.button if one.key in ("train_pause", "train_stop") and not one.disabled]
    assert able == ([button, "Stop"] if button else [])


def test_another_session_finds_it_by_its_address_alone(registry):
    _at, made = begun(registry)
    assert headline(visiting(training=made.token)).startswith("In line")
    assert headline(visiting()).startswith("Ready")
    other = visiting(training="x" * 32)
    assert "is no longer here" in notes(other)
    assert "training" not in address(other)


def test_names_of_classes_are_shown_as_text(registry):
    """Where an own class folder is named as markup: in the answers, and where a class can't be trained."""
    names = ("~~0~~", "**a**", "$x$", ":red[x]", "`b`", "_c_", "# d", "<i>", "a|b", "![e](f)")
    at, made = begun(registry)
    made.names = names
    made.run([0.9])
    made.end("finished")
    at.run()
    assert_fine(at)
    answers = [text for text in texts(at) if "**right**" in text or "**wrong**" in text]
    said = [text.split("  \n") for text in answers]
    assert [lines[1].rpartition(", ")[0] for lines in said[:4]] == [
        "\\~\\~0\\~\\~", "\\*\\*a\\*\\*", "\\$x\\$", "\\:red\\[x\\]",
    ]  # fmt: skip
    assert said[4][2] == "It is: \\`b\\`"


def test_a_class_that_can_not_be_trained_is_named_as_text(registry):
    at = visiting(train_epochs=1)
    folders = {"**a**": 9, "b": 9, "test/**a**": 2, "test/b": 2, "test/~~c~~": 2}
    at.file_uploader(key="train_zip_0").upload("mine.zip", zipped(folders), "application/zip").run()
    at = pressed(at, "train_mend")
    assert_fine(at)
    assert headline(at) == "Not ready: one thing has to be mended before it can train."
    assert "got none of '\\~\\~c\\~\\~'; add pictures of it" in notes(at)


def test_a_chain_of_the_shapes_page_is_trained(registry, monkeypatch):
    monkeypatch.setattr(chain, "_built", lambda *chain: None)
    text = "28x28x1.conv-8-5x5-relu.flatten.dense-10-softmax"
    at = pressed(opened("shapes", chain=text), "shapes_train")
    assert_fine(at)
    at = switched(at, "train")
    assert headline(at).startswith("Ready: 46,298 parameters")
    assert address(at)["chain"] == text


def test_a_table_that_was_left_comes_back_as_it_was_edited():
    at = visiting(chain="28x28x1.flatten.dense-10-softmax")
    at = switched(at, "overview")
    at.session_state[chain_editor.BASE] = chain_editor.rows([Link("flatten")])
    at = switched(at, "train")
    assert at.session_state[chain_editor.WRITTEN] == "28x28x1.flatten.dense-10-softmax"
    assert read(address(at)["chain"])[1] == (Link("flatten"), Link("dense", 10, activation="softmax"))


def zipped(folders):
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name, count in folders.items():
            for at in range(count):
                png = io.BytesIO()
                Image.fromarray(np.full((9, 9), 20 * at + len(name), np.uint8)).save(png, "PNG")
                archive.writestr(f"mine/{name}/{at}.png", png.getvalue())
    return kept.getvalue()


def test_ones_own_pictures_are_taken_from_a_zip(registry, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    at = visiting()
    at.file_uploader(key="train_zip_0").upload("mine.zip", zipped({"cats": 9, "dogs": 8}), "application/zip").run()
    assert_fine(at)
    key = address(at)["train_data"]
    assert at.session_state[training.OWN_PICTURES][key].load().names == ("cats", "dogs")
    (folder,) = tmp_path.glob(f"{PICTURES}*")
    assert (folder / LOCK).exists(), "once nobody holds it, the next server removes the folder"
    assert "and these pictures are 28×28×3" in notes(at)
    at = pressed(at, "train_mend")
    assert "batch\\: expected at most the" in notes(at)
    at.number_input(key="set_train_batch").set_value(4).run()
    at = pressed(at, "train_start")
    ((recipe, pictures),) = registry.begun
    assert (recipe.data, pictures.names) == (key, ("cats", "dogs"))


def test_a_zip_that_is_none_says_so_and_changes_nothing(registry):
    at = visiting()
    at.file_uploader(key="train_zip_0").upload("mine.zip", b"PK nothing", "application/zip").run()
    assert not at.exception
    (said,) = [one.value for one in at.error]
    assert "zip the folder again" in said
    assert headline(at).startswith("Ready")


def test_a_real_training_on_digits():
    at = visiting(**SMALL, train_most=200, train_epochs=2)
    at = pressed(at, "train_start")
    assert_fine(at)
    now = run.TRAININGS.get(address(at)["training"])
    while not now.settled:
        time.sleep(0.05)
    at.run()
    assert_fine(at)
    assert now.ended["why"] == "finished", now.ended
    assert headline(at).endswith("on validation.")
    assert now.recording is not None
    assert len([text for text in texts(at) if "**right**" in text or "**wrong**" in text]) == 10
    run.TRAININGS.let_go(now.token)


def test_a_set_that_can_not_be_read_is_said(registry, monkeypatch):
    def broken():
        raise ValueError("digits.npz: it isn't the file that was published; delete it, and fetch it again")

    monkeypatch.setitem(
        DATASETS, "digits", DATASETS["digits"].__class__(**{**vars(DATASETS["digits"]), "load": broken})
    )
    monkeypatch.setattr(training.compute, "kept", lambda key: None)
    at = visiting(train_data="digits")
    assert_fine(at)
    assert "delete it, and fetch it again" in notes(at)
    assert next(button for button in at.button if button.key == "train_start").disabled
