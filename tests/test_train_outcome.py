"""What came of a training: said, scored, opened, kept."""

from __future__ import annotations

import threading

import numpy as np
from fake_training import Fake
from made_recordings import made as recorded
from own_models import opened as own
from screen import address, assert_fine, notes, opened, texts
from seeds import seeded
from train_visits import SMALL, begun, headline, keys, pressed, visiting

from components import kept_models, models, own_settings, recordings, subjects, training_outcome
from model_zoo import MODELS
from model_zoo.own import opening as door
from model_zoo.training.data import DATASETS
from model_zoo.training.recipe import Recipe


def test_what_came_of_it(registry):
    at, made = begun(registry)
    made.run([0.9, 0.7, 0.8, 0.9])
    made.end("early")
    at.run()
    assert_fine(at)
    share = "80.0\N{NO-BREAK SPACE}%"
    assert headline(at) == f"{share} of the test pictures right. Epoch 2 of 4 is kept, with {share} on validation."
    said = "\n".join(texts(at))
    assert "It stopped early: 2 epochs without a lower validation loss." in said
    assert "it overfitted" in said
    assert said.count("**right**") == 8
    assert said.count("**wrong**") == 2
    assert [one.value for one in at.metric] == [share, share, "2 of 4", "12.0 s"]
    at = pressed(at, "train_again")
    assert "training" not in address(at)
    assert headline(at).startswith("Ready")


def test_a_loss_that_is_no_number_says_what_to_do(registry):
    at, made = begun(registry, train_rate="10")
    made.run([0.9])
    made.end("nan")
    at.run()
    assert_fine(at)
    assert "smaller learning rate, such as 1" in notes(at)
    at = pressed(at, "train_slower")
    assert address(at)["train_rate"] == "1"


def test_nothing_learned_is_said(registry):
    at, made = begun(registry)
    made.end("failed", "Its <process> ended.")
    at.run()
    assert headline(at) == "Nothing was learned that could be scored."
    assert "Its \\<process\\> ended." in notes(at)
    assert "train_open" not in keys(at)


def test_a_network_that_could_not_be_scored_is_said_and_can_be_opened_while_it_is_there(registry):
    at, made = begun(registry)
    made.run([0.9, 0.7, 0.8])
    made.end("finished")
    made.scores.unlink()
    made.ended["unscored"] = "OSError: <full>"
    at.run()
    assert_fine(at)
    assert headline(at) == "Epoch 2 of 3 is kept, and was not scored."
    assert "It ran all 3 epochs." in "\n".join(texts(at))
    assert "the network that was kept can be opened and downloaded. OSError\\: \\<full\\>" in notes(at)
    assert "train_open" in keys(at)
    assert [one.value for one in at.metric] == ["2 of 3", "12.0 s"]

    made.best.unlink()
    made.ended["unscored"] = "Its folder was removed meanwhile."
    at.run()
    assert headline(at) == "Nothing was learned that could be scored."
    assert "It could not be scored. Its folder was removed meanwhile." in notes(at)
    assert "train_open" not in keys(at)
    assert [one.value for one in at.metric] == ["12.0 s"]


def test_it_is_kept_on_ones_own_machine_and_removed(registry, monkeypatch, tmp_path):
    monkeypatch.setenv("CONVSCOPE_KEPT_MODELS", str(tmp_path / "kept"))
    at, made = begun(registry)
    made.run([0.9])
    made.end("finished")
    (made.folder / "recording.npz").write_bytes(b"moments")
    at = pressed(at.run(), "train_keep")
    assert_fine(at)
    assert len(list((tmp_path / "kept").iterdir())) == 3
    (path,) = (tmp_path / "kept").glob("*.keras")
    assert path.read_bytes() == made.best.read_bytes()
    other = opened()
    assert path.name in other.selectbox(key="own_folder").options
    told = kept_models.told(path)
    dressed = told["dress"](MODELS["simple_cnn_224"])
    offered = []
    monkeypatch.setattr(kept_models, "offer", offered.extend)
    told["arrived"]("own/1")
    assert [title for title, _pixels in offered][:2] == ["0, test 1", "1, test 2"]
    np.testing.assert_array_equal(offered[0][1][..., :1], training_outcome.outcome(made).first[0].picture)
    assert told["class_names"] == list(made.names)
    assert (dressed.dataset, dressed.recording.read_bytes()) == ("Digits, 8 by 8", b"moments")
    at = pressed(at, "train_unkeep")
    assert not list((tmp_path / "kept").iterdir())
    monkeypatch.setenv(own_settings.UPLOADS, "off")
    assert not {"train_keep", "train_unkeep"} & set(keys(at.run()))


def test_another_network_of_the_same_recipe_is_kept_beside_the_first(registry, monkeypatch, tmp_path):
    monkeypatch.setenv("CONVSCOPE_KEPT_MODELS", str(tmp_path / "kept"))
    at, first = begun(registry)
    first.run([0.9])
    first.end("stopped")
    at = pressed(at.run(), "train_keep")
    stopped = first.best.read_bytes()
    second = registry.begin(first.recipe)
    second.run([0.9, 0.8])
    second.end("finished")
    second.best.write_bytes(b"bytes of a network that was trained to its end")
    at = visiting(training=second.token)
    assert_fine(at)
    assert "train_unkeep" not in keys(at)
    at = pressed(at, "train_keep")
    assert "train_unkeep" in keys(at)
    both = {path.read_bytes() for path in (tmp_path / "kept").glob("*.keras")}
    assert both == {stopped, second.best.read_bytes()}
    pressed(at, "train_unkeep")
    assert [path.read_bytes() for path in (tmp_path / "kept").glob("*.keras")] == [stopped]


def test_what_it_learned_is_opened_with_its_first_test_pictures(registry, monkeypatch):
    def small():
        from keras import Input, Sequential, layers

        return seeded(
            Sequential([Input((8, 8, 1)), layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(10, "softmax")])
        )

    asked, gate = {}, threading.Event()

    def open_model(data, name, **more):
        gate.wait(60)
        asked.update(more, data=data)
        return own(small, (8, 8, 1), more["class_names"], name=name)

    monkeypatch.setattr(door, "open_model", open_model)
    at, made = begun(registry)
    made.run([0.9])
    made.end("finished")
    recorded().save(made.folder / "recording.npz")
    at = pressed(at.run(), "train_open")
    assert any("It is being opened" in one.value for one in at.info)
    gate.set()
    for thread in threading.enumerate():
        if thread.name == "open a model":
            thread.join()
    at = at.run()
    assert_fine(at)
    assert asked["data"] == b"bytes of a network"
    assert asked["preprocessing"] == "0_1"
    assert asked["class_names"] == DATASETS["digits"].names
    view = address(at)
    assert view["model"] == at.selectbox(key="pick_model").value
    assert view["model"].startswith("own/")
    uploaded = at.session_state[subjects.UPLOADS]
    assert [one.title for one in uploaded.values()] == [f"{n}, test {n + 1}" for n in range(10)]
    assert view["picture"] == next(iter(uploaded))
    assert "train_open" not in keys(at)
    assert "It is open" in "\n".join(str(one.value) for one in at.success)
    assert at.session_state[models.KEPT][view["model"]].entry.dataset == "Digits, 8 by 8"
    assert list(at.session_state[recordings.KEPT]) == [view["model"]]


def test_the_last_epoch_is_kept_where_that_was_asked(tmp_path):
    made = Fake(Recipe("digits", SMALL["chain"], restore_best=False), tmp_path)
    made.run([0.9, 0.7, 0.8])
    made.end("finished")
    made.ended["kept_epoch"] = 3
    assert training_outcome.outcome(made).best == 3
