"""The Mistakes page: the score of the shipped network, its cells and their pictures, and models without pictures."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pytest
from own_models import opened as own
from screen import ROOT, address, assert_fine, make_ready, notes, opened, texts
from seeds import seeded
from streamlit.testing.v1 import AppTest

from components import labelled, models, subjects
from components.subjects import Subject
from components.training import OPENED
from explain.mistakes import Answers
from explain.types import Target
from model_zoo import MODELS
from model_zoo.fashion import CLASS_NAMES
from model_zoo.samples import FASHION, fashion_images, fashion_labels
from model_zoo.training import run


@pytest.fixture(scope="module", autouse=True)
def _ready():
    make_ready("fashion_cnn")


@pytest.fixture(scope="module")
def by_keras():
    """The answers of the shipped network by Keras itself, and the counts of true classes against them."""
    pictures = fashion_images()[..., None].astype("float32") / 255
    shares = MODELS["fashion_cnn"].build().predict(pictures, verbose=0, batch_size=500)
    counts = np.zeros((10, 10), int)
    for true, answer in zip(fashion_labels(), shares.argmax(axis=1), strict=True):
        counts[true, answer] += 1
    return shares, counts


@pytest.fixture
def at():
    return opened("mistakes", model="fashion_cnn")


def headline(at):
    (said,) = [text.removeprefix("#### ") for text in texts(at) if text.startswith("#### ")]
    return said


def headings(at):
    return [str(one.value) for one in at.subheader]


def test_the_matrix_over_the_training_is_shown_where_it_was_recorded(at):
    assert "Training time" in headings(at)
    at = opened("mistakes", model="fashion_cnn", film=1)
    assert_fine(at)
    assert any("answers to 1,000 held-back pictures at each recorded moment" in text for text in texts(at))


def test_the_score_is_kerass_own_with_its_interval(at, by_keras):
    assert_fine(at)
    assert int(np.trace(by_keras[1])) == MODELS["fashion_cnn"].facts["test_correct"] == 9122
    assert headline(at).startswith(
        "9,122 of 10,000 test pictures right: 91.2\u00a0% (95 % interval 90.6 to 91.8\u00a0%)."
    )
    assert [(one.label, one.value) for one in at.metric] == [
        ("Test, 10,000 pictures", "91.2\u00a0%"), ("Validation, 12,000 pictures", "91.7\u00a0%"),
    ]  # fmt: skip
    table = at.dataframe[-1].value
    assert table["class"].tolist() == list(CLASS_NAMES)
    assert table["recall"].round(1).tolist() == [
        round(100 * one, 1) for one in MODELS["fashion_cnn"].facts["test_accuracy_per_class"].values()
    ]


def test_the_most_frequent_mistake_is_looked_into_by_itself(at, by_keras):
    wrong = by_keras[1] - np.diag(np.diag(by_keras[1]))
    true, answer = np.unravel_index(int(wrong.argmax()), wrong.shape)
    assert headings(at)[0] == f"{CLASS_NAMES[true]} taken for {CLASS_NAMES[answer]}: {wrong.max()} pictures"
    assert at.selectbox(key="pick_true").value == true
    assert at.selectbox(key="pick_answer").value == answer
    assert "mistake" not in address(at)
    assert len([one for one in at.button if str(one.key).startswith("why_cell_")]) == 20


def test_a_cell_is_chosen_without_a_mouse_and_stands_in_the_address(at, by_keras):
    at.selectbox(key="pick_true").set_value(9).run()
    assert_fine(at)
    line = by_keras[1][9].copy()
    line[9] = 0
    assert address(at)["mistake"] == f"9-{line.argmax()}"
    few = int(np.flatnonzero((line > 0) & (line <= 20))[0])
    at.selectbox(key="pick_answer").set_value(few).run()
    assert_fine(at)
    assert address(at)["mistake"] == f"9-{few}"
    assert headings(at)[0].startswith(f"Ankle boot taken for {CLASS_NAMES[few]}: {line[few]} picture")
    pressed = [str(one.key) for one in at.button if str(one.key).startswith("why_cell_")]
    shares = by_keras[0]
    positions = [at for at in np.flatnonzero(fashion_labels() == 9) if shares[at].argmax() == few]
    assert set(pressed) == {f"why_cell_{one}" for one in positions}


def test_an_address_opens_its_cell_and_a_wrong_one_is_left_out_and_said():
    at = opened("mistakes", model="fashion_cnn", mistake="6-2")
    assert_fine(at)
    assert headings(at)[0].startswith("Shirt taken for Pullover: ")
    for wrong in ("6-10", "x", "6"):
        at = opened("mistakes", model="fashion_cnn", mistake=wrong)
        assert_fine(at)
        assert "`mistake`" in notes(at)


def test_mean_maps_stand_side_by_side_with_what_they_differ_in(at):
    said = " ".join(texts(at))
    assert re.search(r"taken for [\w/-]+: mean of 50 maps, strongest at row \d+, column \d+", said)
    assert re.search(r"rightly told: mean of 50 maps, strongest at row", said)
    assert re.search(r"\d+ of 196 cells differ by over 2 standard errors; about 9 would by chance", said)
    assert "drawn with seed 0" in said
    at.toggle(key="set_mean_signed").set_value(True).run()
    assert_fine(at)
    assert address(at)["mean_signed"] == "1"
    at.selectbox(key="set_mean_map").set_value("saliency").run()
    assert_fine(at)
    assert address(at)["mean_map"] == "saliency"
    assert "of 784 cells differ" in " ".join(texts(at))


def test_a_cell_without_pictures_and_one_of_right_answers():
    at = opened("mistakes", model="fashion_cnn", mistake="1-9")
    assert_fine(at)
    assert "No test picture of that class got that answer" in notes(at)
    at = opened("mistakes", model="fashion_cnn", mistake="1-1")
    assert_fine(at)
    assert headings(at)[0].startswith("Trouser, rightly told: ")
    assert "standard errors" not in " ".join(texts(at))


def test_the_surest_mistakes_and_the_first_ten(at, by_keras):
    shares, labels = by_keras[0], fashion_labels()
    wrong = [one for one in range(10_000) if shares[one].argmax() != labels[one]]
    wrong.sort(key=lambda one: -shares[one].max())
    keys = [str(one.key) for one in at.button]
    assert {key for key in keys if key.startswith("why_surest_")} == {f"why_surest_{one}" for one in wrong[:10]}
    assert [key for key in keys if key.startswith("why_first_")] == [f"why_first_{one}" for one in range(10)]
    right = int((shares[:10].argmax(axis=1) == labels[:10]).sum())
    assert f"The first 10 test pictures: {right} right" in headings(at)


def test_a_model_without_labelled_pictures_says_so_and_offers_one_that_has_some():
    at = opened("mistakes", model="simple_cnn_224")
    assert_fine(at)
    assert "has no labelled pictures" in headline(at)
    next(one for one in at.button if one.key == "mistakes_open").click().run()
    assert_fine(at)
    assert address(at)["model"] == "fashion_cnn"
    assert headline(at).startswith("9,122 of 10,000")


def network(end="softmax"):
    from keras import Input, Sequential, layers

    return seeded(Sequential([Input((28, 28, 1)), layers.Flatten(), layers.Dense(10, activation=end)]))


def held(labels, name):
    one = models.hold(own(network, (28, 28, 1), labels, name=name))
    return one, Subject(one.entry.key, one.entry.state(), "fashion/0")


@pytest.mark.parametrize(
    ("labels", "has", "assumed"),
    [
        (list(CLASS_NAMES), True, False),
        ([f"class {n}" for n in range(10)], True, True),
        ([str(n) for n in range(10)], False, False),
    ],
)
def test_an_own_network_is_held_against_fashion_mnist_unless_it_names_other_classes(monkeypatch, labels, has, assumed):
    one, subject = held(labels, f"mine {labels[0]}")
    monkeypatch.setattr(models, "own", lambda: {one.entry.key: one})
    found = labelled.labelled(subject)
    assert (found is not None) is has
    assert found is None or found.assumed is assumed


def visited(one, **session):
    """Open the page with an own model, as a session that has it."""
    at = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=180)
    at.session_state[models.KEPT] = {one.entry.key: one}
    for name, value in session.items():
        at.session_state[name] = value
    at.query_params["model"] = one.entry.key
    return at.run().switch_page("pages/mistakes.py").run()


def test_an_own_dense_network_is_scored_and_its_maps_are_of_pixels():
    one, _subject = held([f"class {n}" for n in range(10)], "dense")
    at = visited(one)
    assert_fine(at)
    assert re.match(r"[\d,]+ of 10,000 test pictures right", headline(at))
    assert "doesn't name its classes" in notes(at)
    assert at.selectbox(key="set_mean_map").value == "saliency", "there is no layer for a CAM"


def test_what_was_answered_before_stop_is_counted_and_said_to_be_a_part():
    one, subject = held(list(CLASS_NAMES), "stopped")
    key = ("answers", (FASHION, subject.model, subject.state))
    part = Answers(np.eye(10, dtype=np.float32)[fashion_labels()[:500]], 500, 10_000)
    at = visited(one, stopped={"answers": key}, partial_answers=(key, part))
    assert_fine(at)
    assert headline(at) == "500 of 500 test pictures right: 100.0\u00a0% (95 % interval 99.2 to 100.0\u00a0%)."
    assert any("Partial: 500 of 10,000" in text.replace("10000", "10,000") for text in texts(at))
    at = visited(one, stopped={"answers": key})
    assert_fine(at)
    assert headline(at).startswith("Nothing is counted yet")


SHAPE, DIGITS = (8, 8, 1), [f"digit {n}" for n in range(10)]
LABELS = np.repeat(np.arange(10), 4)
SAID = np.where(np.arange(40) % 4 == 1, (LABELS + 1) % 10, LABELS)


def small(classes=10, end="softmax"):
    from keras import Input, Sequential, layers

    convolution = layers.Conv2D(4, 3, activation="relu", padding="same")
    return seeded(Sequential([Input(SHAPE), convolution, layers.Flatten(), layers.Dense(classes, activation=end)]))


def trained(tmp_path, monkeypatch, one, names, content=b"another network"):
    """A training that is kept, of pictures of its own, whose model is open; every fourth answer is wrong by one."""
    labels, said = LABELS % len(names), SAID % len(names)
    shares = np.full((40, len(names)), 0.1 / (len(names) - 1), np.float32)
    shares[np.arange(40), said] = 0.9
    images = np.random.default_rng(3).integers(0, 256, (40, *SHAPE), np.uint8)
    np.savez(
        tmp_path / "scores.npz", test_probabilities=shares, test_labels=labels, test_images=images,
        validation_probabilities=shares[:8], validation_labels=labels[:8], validation_positions=np.arange(8),
    )  # fmt: skip
    (tmp_path / "best.keras").write_bytes(content)
    paths = {"scores": tmp_path / "scores.npz", "best": tmp_path / "best.keras"}
    kept = SimpleNamespace(token=str(tmp_path), names=tuple(names), settled=True, **paths)
    monkeypatch.setattr(run.TRAININGS, "get", {kept.token: kept}.get)
    return {OPENED: {kept.token: one.entry.key}}


def test_a_network_trained_here_is_scored_on_its_own_test_pictures(tmp_path, monkeypatch):
    one = models.hold(own(small, SHAPE, DIGITS, name="digits"))
    content = f"digits {SHAPE} {DIGITS}".encode()
    at = visited(one, **trained(tmp_path, monkeypatch, one, DIGITS, content))
    assert_fine(at)
    assert headline(at).startswith("30 of 40 test pictures right: 75.0\u00a0% (95 % interval 59.8 to 85.8\u00a0%).")
    assert [(one.label, one.value) for one in at.metric][1] == ("Validation, 8 pictures", "75.0\u00a0%")
    assert "digit 0 taken for digit 1: 1 picture" in headings(at)
    assert [str(one.key) for one in at.button if str(one.key).startswith("why_cell_")] == ["why_cell_1"]
    assert "digit 0, rightly told: mean of 3 maps" in " ".join(texts(at))
    assert "fewer than 10 maps" in " ".join(texts(at))


def test_scores_of_another_network_than_the_open_one_are_not_taken_for_its_own(tmp_path, monkeypatch):
    one = models.hold(own(small, SHAPE, DIGITS, name="more digits"))
    at = visited(one, **trained(tmp_path, monkeypatch, one, DIGITS))
    assert_fine(at)
    images = np.load(tmp_path / "scores.npz")["test_images"].astype("float32") / 255
    right = int((one.entry.build().predict(images, verbose=0).argmax(axis=1) == LABELS).sum())
    assert headline(at).startswith(f"{right} of 40 test pictures right")


def test_a_single_unit_tells_two_classes(tmp_path, monkeypatch):
    one = models.hold(own(lambda: small(1, "sigmoid"), SHAPE, ["even"], name="even"))
    at = visited(one, **trained(tmp_path, monkeypatch, one, ["odd", "even"]))
    assert_fine(at)
    assert re.match(r"\d+ of 40 test pictures right", headline(at))
    assert at.selectbox(key="pick_true").options == ["odd", "even"]


def test_a_training_that_is_gone_took_its_pictures_along(monkeypatch):
    one = models.hold(own(small, SHAPE, DIGITS, name="gone"))
    at = visited(one, **{OPENED: {"no such token": one.entry.key}})
    assert_fine(at)
    assert "went with its training" in notes(at)


def test_a_picture_of_a_training_opens_like_one_of_the_users(tmp_path, monkeypatch):
    one = models.hold(own(small, SHAPE, DIGITS, name="opens"))
    session = trained(tmp_path, monkeypatch, one, DIGITS)
    kept: dict[str, object] = {models.KEPT: {one.entry.key: one}, **session}
    for module in (labelled, models, subjects):
        monkeypatch.setattr(module, "st", SimpleNamespace(session_state=kept))
    subject = Subject(one.entry.key, one.entry.state(), "fashion/0")
    found = labelled.labelled(subject)
    picture = found.opened(5)
    assert subjects.uploads()[picture].title == "digit 1, test 6"
    x = one.entry.preprocess(subjects.uploads()[picture].pixels)
    np.testing.assert_array_equal(x, found.images[5].astype(np.float32) / 255)
    assert found.target(4) == Target(4)
