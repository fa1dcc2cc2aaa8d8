"""Trainings: cases 88, 89 and 96, the same seed twice, stop, pause, early stopping, and what is refused."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from explain.errors import ArgumentError
from model_zoo.training import data
from model_zoo.training.fits import at_once, fits
from model_zoo.training.orders import Events
from model_zoo.training.pictures import Pictures
from model_zoo.training.recipe import NETWORKS, OPTIMIZERS, Recipe
from model_zoo.training.recording import load
from model_zoo.training.run import Trainings

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own, on saving
SMALL = "8x8x1.conv-4-3x3-same-relu.max-2x2.flatten.dropout-20.dense-10-softmax"
LINEAR = "8x8x1.conv-8-3x3.conv-8-3x3.flatten.dense-10-softmax"
DIGITS = Recipe(data="digits", network=SMALL, epochs=3, batch=64, learning_rate=0.01, most=600)


def waited(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def timeless(events):
    return [{name: value for name, value in one.items() if name not in ("seconds", "cpu")} for one in events]


@pytest.fixture(scope="module")
def trainings():
    made = Trainings()
    yield made
    made.close()


@pytest.fixture(scope="module")
def together(trainings):
    """Two people's trainings at the same time, each with a seed of its own."""
    both = [trainings.begin(replace(DIGITS, seed=seed)) for seed in (1, 2)]
    waited(lambda: all(one.settled for one in both))
    return both


@pytest.fixture(scope="module")
def alone(trainings, together):
    """The first one's recipe again, paused in the midst of it; then another that is stopped in its first epoch."""
    again = trainings.begin(replace(DIGITS, seed=1))
    again.pause()
    endless = trainings.begin(replace(DIGITS, epochs=1000, patience=0, batch=1))
    waited(lambda: again.state == "paused")
    states = [again.state]
    told = again.batches
    waited(lambda: len(endless.batches) > 2)
    states.append(len(again.batches) - len(told))
    again.resume()
    endless.stop()
    waited(lambda: again.settled and endless.settled)
    return SimpleNamespace(again=again, endless=endless, states=states)


def test_96_two_people_train_at_once_each_as_if_alone(together, alone):
    first, second = together
    assert first.ended["why"] == second.ended["why"] == "finished"
    assert timeless(first.epochs) == timeless(alone.again.epochs)
    assert timeless(first.epochs) != timeless(second.epochs)
    with np.load(first.scores) as one, np.load(alone.again.scores) as other:
        assert set(one) == set(other)
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])
    assert len({first.token, second.token, alone.again.token}) == 3
    assert first.folder != second.folder


def test_what_a_training_leaves(together):
    import keras

    one = together[0]
    pictures = data.pictures("digits")
    assert one.started["train"] + one.started["validation"] == 600
    assert one.started["steps"] == 8
    assert [event["epoch"] for event in one.epochs] == [1, 2, 3]
    assert one.ended["best_epoch"] == one.ended["kept_epoch"]
    assert one.batches[0]["step"] == 1
    assert one.left == 0
    assert one.per_second > 0
    model = keras.models.load_model(one.best)
    with np.load(one.scores) as scores:
        held = scores["validation_positions"]
        assert np.bincount(pictures.labels[held]).sum() == 120
        np.testing.assert_array_equal(scores["validation_labels"], pictures.labels[held])
        np.testing.assert_array_equal(scores["test_images"], pictures.test_images)
        assert scores["test_probabilities"].dtype == np.float32
        expected = model.predict(pictures.test_images / np.float32(255), verbose=0)
        np.testing.assert_allclose(scores["test_probabilities"], expected, atol=1e-6)
        said = float(np.mean(scores["validation_probabilities"].argmax(axis=1) == scores["validation_labels"]))
    assert said == pytest.approx(one.epochs[one.ended["best_epoch"] - 1]["val_accuracy"])
    assert said > 0.5
    assert {path.name for path in one.folder.iterdir()} == {
        "job.json", "child.log", "events.jsonl", "best.keras", "scores.npz", "recording.npz", "server.lock",
    }  # fmt: skip


def test_what_a_training_records(together, alone):
    one, recorded = together[0], load(together[0].recording)
    kept = one.ended["kept_epoch"]
    assert recorded.steps[0] == 0
    assert recorded.steps[-1] == kept * one.started["steps"]
    assert recorded.epochs[-1] == kept
    with np.load(one.scores) as scores:
        order = np.sort([np.flatnonzero(scores["test_labels"] == label)[0] for label in range(10)])
        np.testing.assert_array_equal(recorded.pinned, scores["test_images"][order])
        assert (recorded.names, recorded.labels.tolist()) == (one.names, scores["test_labels"][order].tolist())
        np.testing.assert_allclose(recorded.predictions[-1], scores["test_probabilities"][order], atol=1e-5)
    again = load(alone.again.recording)
    np.testing.assert_array_equal(recorded.predictions, again.predictions)
    kept = alone.endless.ended["kept_epoch"]
    assert kept == 0 or load(alone.endless.recording).epochs[-1] == kept


def test_who_pauses_waits_and_who_stops_keeps_what_there_is(alone):
    assert alone.states == ["paused", 0]
    assert alone.endless.ended["why"] == "stopped"
    assert alone.endless.ended["best_epoch"] == alone.endless.ended["kept_epoch"] == len(alone.endless.epochs)
    assert alone.endless.best is not None
    assert alone.endless.scores is not None
    assert alone.endless.left == 0


class Told:
    """Orders that come after a number of looks at them."""

    def __init__(self, stop_after=None):
        self._left = stop_after
        self.paused = False

    @property
    def stopped(self):
        if self._left is None:
            return False
        self._left -= 1
        return self._left < 0


def trained(recipe, folder, pictures=None, orders=None, model=None, recorder=None):
    """Train in this process; return what was told, and the model as it was left."""
    from model_zoo.training import fitting
    from model_zoo.training.watch import Watch

    pictures = pictures or data.pictures(recipe.data)
    fitting_ = fits(recipe, pictures)
    model = model or fitting.compiled(recipe)
    parts = fitting.parted(recipe, pictures)
    events = Events(folder / "events.jsonl")
    watch = Watch(recipe, fitting_, folder, orders or Told(), events, recorder)
    fitting.fit(model, recipe, pictures, parts, watch)
    return [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()], model


def saved(folder):
    import keras

    return keras.models.load_model(folder / "best.keras")


def same_weights(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one.get_weights(), other.get_weights(), strict=True))


def test_88_a_loss_that_is_no_number_stops_it_and_keeps_the_last_good_weights(tmp_path):
    recipe = replace(DIGITS, network=LINEAR, optimizer="sgd", learning_rate=10.0)
    told, model = trained(recipe, tmp_path)
    assert [one["kind"] for one in told].count("epoch") == 0
    end = told[-1]
    assert (end["kind"], end["why"], end["best_epoch"]) == ("ended", "nan", 0)
    assert end["message"] == (
        "The loss is no longer a number. Take a learning rate below 10: a tenth of it is a good next try."
    )
    assert all(np.isfinite(one).all() for one in model.get_weights())
    assert same_weights(model, saved(tmp_path))
    assert np.isfinite(model.predict(np.zeros((1, 8, 8, 1)), verbose=0)).all()


def test_88_after_a_good_epoch_the_best_one_is_kept(tmp_path):
    """The second epoch's third loss is infinite: a weight is made so."""
    from model_zoo.training import fitting

    class Breaks:
        def due(self, step):
            return step == 10

        def capture(self, step, epoch):
            steps.append(step)
            if kept:
                return
            kept.extend(saved(tmp_path).get_weights())
            model.layers[0].kernel.assign(np.full(model.layers[0].kernel.shape, np.inf))

        def recording(self):
            return SimpleNamespace(save=lambda path: path.write_text(" ".join(map(str, steps))))

    kept: list[np.ndarray] = []
    steps: list[int] = []
    model = fitting.compiled(DIGITS)
    told, model = trained(DIGITS, tmp_path, model=model, recorder=Breaks())
    assert [one["epoch"] for one in told if one["kind"] == "epoch"] == [1]
    assert (told[-1]["why"], told[-1]["best_epoch"], told[-1]["kept_epoch"]) == ("nan", 1, 1)
    assert kept
    assert all(np.array_equal(a, b) for a, b in zip(kept, model.get_weights(), strict=True))
    assert (tmp_path / "recording.npz").read_text() == "10 8", "the moment that was broken, then the one that is kept"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("learning_rate", 0, "learning_rate: expected more than 0 and at most 10, got 0; 0.001 is usual"),
        ("learning_rate", 1e9, "learning_rate: expected more than 0 and at most 10, got 1000000000.0; 0.001 is usual"),
        ("learning_rate", float("nan"), "learning_rate: expected more than 0 and at most 10, got nan; 0.001 is usual"),
        ("batch", 0, "batch: expected a whole number from 1 to 4,096, got 0"),
        ("epochs", 10**6, "epochs: expected a whole number from 1 to 1,000, got 1000000"),
        ("epochs", 2.5, "epochs: expected a whole number from 1 to 1,000, got 2.5"),
    ],
)
def test_89_a_recipe_that_cant_be_is_refused(name, value, said):
    with pytest.raises(ArgumentError) as error:
        replace(DIGITS, **{name: value})
    assert str(error.value) == said


def some(count=10, classes=2, shape=(8, 8, 1), each=None, labels=None):
    labels = np.arange(count) % (each or classes) if labels is None else np.array(labels)
    images = np.random.default_rng(0).integers(0, 256, (len(labels), *shape), np.uint8)
    return Pictures(images, labels, images[:2], labels[:2], tuple("abcdefghij"[:classes]), "")


TWO = Recipe(data="own", network="8x8x1.flatten.dense-2-softmax", batch=4)
THREE = replace(TWO, network="8x8x1.flatten.dense-3-softmax", batch=1)


@pytest.mark.parametrize(
    ("recipe", "pictures", "said"),
    [
        (TWO, some(1), "pictures: expected 2 or more to train on, got 1: one is held back to see how well it does; "
         "add pictures"),
        (TWO, some(10, each=1), "pictures: expected 2 or more classes, got only 'a': a network that always says 'a' "
         "would be right; add pictures of another class"),
        (THREE, some(10, classes=3, each=2), "pictures: expected pictures of each class to train on, got none of 'c'; "
         "add pictures of it, or leave it out of the test"),
        (replace(THREE, most=2), some(9, classes=3), "most: expected pictures of each class to train on, got none of "
         "'c' in 2; take 3 or more, or 0 for all"),
        (replace(THREE, seed=0), some(classes=3, labels=[0, 1, 2, 0, 1, 1, 0, 1, 0, 0]), "validation: expected "
         "pictures of each class to train on, got none of 'c' with 0.2 held back; take more pictures of it, a smaller "
         "share, or another seed"),
        (replace(TWO, batch=32), some(10), "batch: expected at most the 8 pictures to train on, got 32; take 8 or "
         "fewer"),
        (replace(TWO, validation=0.9), some(2), "validation: 0.9 leaves no picture to train on; take a smaller share, "
         "or add pictures"),
        (TWO, some(10, 3), "network: it ends in 2 outputs, the pictures have 3 classes (labels go up to 2, beyond its "
         "outputs); end it with dense-3-softmax"),
        (replace(TWO, network="8x8x1.flatten.dense-3-softmax"), some(10), "network: it ends in 3 outputs, the pictures "
         "have 2 classes (each output needs a class); end it with dense-2-softmax, or dense-1-sigmoid"),
        (TWO, some(10, shape=(6, 8, 3)), "network: its input is 8x8x1, the pictures are 6x8x3; begin the network with "
         "6x8x3, or choose other pictures"),
        (replace(TWO, network="8x8x1.flatten.dense-2"), some(10), "network: expected softmax at its end, got linear; "
         "end it with dense-2-softmax, or dense-1-sigmoid"),
        (replace(TWO, network="8x8x1.conv-2-8x8-softmax"), some(10), "network: expected it to end in one Dense layer "
         "over the classes, got conv with 1x1x2; end it with dense-2-softmax, or dense-1-sigmoid"),
        (replace(TWO, network="8x8x1.dense-2-softmax"), some(10), "network: expected it to end in one Dense layer over "
         "the classes, got dense with 8x8x2; end it with dense-2-softmax, or dense-1-sigmoid"),
        (replace(TWO, network="8x8x1"), some(10), "network: expected it to end in one Dense layer over the classes, "
         "got nothing with 8x8x1; end it with dense-2-softmax, or dense-1-sigmoid"),
    ],
)  # fmt: skip
def test_89_pictures_that_dont_fit_are_refused_before_the_start(recipe, pictures, said, trainings):
    with pytest.raises(ArgumentError) as error:
        trainings.begin(recipe, pictures)
    assert str(error.value) == said


def test_more_than_memory_holds_is_refused(monkeypatch):
    large = replace(TWO, network="200x200x3.conv-64-3x3-same.flatten.dense-2-softmax", batch=512)
    zeros = np.zeros((20_000, 1, 1, 1), np.uint8)
    images, none = np.broadcast_to(zeros, (20_000, 200, 200, 3)), np.zeros(0, int)
    many = Pictures(images, np.arange(20_000) % 2, images[:0], none, ("a", "b"), "")
    with pytest.raises(ArgumentError, match=r"pictures: none are left to test with"):
        fits(large, many)
    many = replace(many, test_images=many.images[:2], test_labels=many.labels[:2])
    with pytest.raises(ArgumentError, match=r"most: 20,000 pictures of 200x200x3 take 8\.9 GiB .* take 2,236 or fewer"):
        fits(large, many)
    with pytest.raises(ArgumentError, match=r"batch: one of 512 takes about 15\.3 GiB .* take 100 or fewer"):
        fits(replace(large, most=2000), many)


def test_what_a_pass_beside_the_training_takes_is_bounded():
    pictures = Pictures(np.zeros((4, 32, 32, 3), np.uint8), np.arange(4) % 2, np.zeros((2, 32, 32, 3), np.uint8),
                        np.arange(2), ("a", "b"), "")  # fmt: skip
    wide = replace(TWO, network="32x32x3.conv-1000-3x3-same.flatten.dense-2-softmax", batch=1)
    assert at_once(wide, pictures) == (512 << 20) // (3 * 4 * (3072 + 1000 * 1024 + 2))
    assert at_once(replace(TWO, network="32x32x3.flatten.dense-2-softmax"), pictures) == 250


def test_what_fits_is_counted():
    fitting = fits(Recipe(data="fashion_mnist_small", network=NETWORKS["003"]), data.pictures("fashion_mnist_small"))
    assert (fitting.train, fitting.validation, fitting.steps) == (4800, 1200, 150)


def test_it_stops_early_and_restores_the_best(tmp_path):
    recipe = replace(DIGITS, learning_rate=0.3, epochs=30, patience=2)
    told, model = trained(recipe, tmp_path)
    epochs = [one for one in told if one["kind"] == "epoch"]
    losses = [one["val_loss"] for one in epochs]
    assert told[-1]["why"] == "early"
    assert told[-1]["best_epoch"] == int(np.argmin(losses)) + 1 == len(epochs) - 2
    assert [one["best"] for one in epochs][-3:] == [True, False, False]
    held = data.pictures("digits").images
    from model_zoo.training import fitting

    held = fitting.parted(recipe, data.pictures("digits"))[1]
    pictures = data.pictures("digits")
    scored = model.evaluate(pictures.images[held] / np.float32(255), pictures.labels[held], verbose=0)
    assert scored[0] == pytest.approx(min(losses), rel=1e-5)
    assert same_weights(model, saved(tmp_path))


def test_without_restoring_the_last_epoch_is_kept(tmp_path):
    recipe = replace(DIGITS, learning_rate=0.3, epochs=30, patience=2, restore_best=False)
    told, model = trained(recipe, tmp_path)
    assert told[-1]["kept_epoch"] == told[-1]["best_epoch"] + 2
    assert same_weights(model, saved(tmp_path))


@pytest.mark.parametrize("looks", [0, 3, 10])
def test_stop_is_obeyed_after_each_batch(looks, tmp_path):
    """Looks: one before the first batch, then after each of 8 batches to train on, then after each of 2 held back."""
    told, model = trained(DIGITS, tmp_path, orders=Told(looks))
    assert told[-1]["why"] == "stopped"
    assert told[-1]["kept_epoch"] == 0
    assert not [one for one in told if one["kind"] == "epoch"]
    assert same_weights(model, saved(tmp_path))


def test_two_classes_end_in_one_sigmoid_unit(tmp_path):
    from model_zoo.training import fitting

    one = replace(TWO, network="8x8x1.flatten.dense-1-sigmoid", epochs=1)
    pictures = some(20)
    model, parts = fitting.compiled(one), fitting.parted(one, pictures)
    recorder = fitting.recording(model, one, fits(one, pictures), pictures, parts[1])
    told, model = trained(one, tmp_path, pictures, model=model, recorder=recorder)
    assert [event["epoch"] for event in told if event["kind"] == "written"] == [told[-1]["kept_epoch"]]
    fitting.score(model, one, pictures, np.arange(3), tmp_path / "scores.npz")
    assert load(tmp_path / "recording.npz").confusion.shape[1:] == (2, 2)
    with np.load(tmp_path / "scores.npz") as scores:
        assert scores["test_probabilities"].shape == (2, 2)
        np.testing.assert_allclose(scores["validation_probabilities"].sum(axis=1), 1, atol=1e-6)


def test_every_type_of_layer_can_be_trained(tmp_path):
    network = (
        "8x8x1.conv-4-3x3-same-relu.norm.transpose-3-2x2-s2x2-tanh.average-2x2.upsampling-2x2.sum-2x2.max-2x2."
        "reshape-48.dropout-20.dense-8-sigmoid.dense-10-softmax"
    )
    told, model = trained(replace(DIGITS, network=network, epochs=1, optimizer="adamw"), tmp_path)
    assert told[-1]["why"] == "finished"
    assert same_weights(model, saved(tmp_path))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_takes_the_recipes_rate(optimizer):
    from model_zoo.training import fitting

    made = fitting.compiled(replace(DIGITS, optimizer=optimizer, learning_rate=0.03)).optimizer
    assert (type(made).__name__.lower(), float(made.learning_rate)) == (optimizer, pytest.approx(0.03))


def test_the_first_weights_are_the_reference_cnns():
    from model_zoo.fashion import reference_cnn
    from model_zoo.training import fitting

    assert same_weights(fitting.compiled(Recipe(data="x", network=NETWORKS["003"])), reference_cnn("twin", 42))


def test_the_benchmarks_and_scripts_divide_as_trainings_do():
    from scripts import train_fashion_cnn

    assert train_fashion_cnn.split is data.split
    assert Path(train_fashion_cnn.__file__).exists()
