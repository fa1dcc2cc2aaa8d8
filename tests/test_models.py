"""Every bundled model keeps the contract of ModelEntry, in every state it can be in, and says what it should."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image
from vgg16_file import write_random_vgg16

from explain.errors import NoClassOutput, WeightsMissing
from model_zoo import MODELS, PHOTOGRAPHS, SAMPLES, crop_box, load_sample
from model_zoo.arrays import DATA, named_weights
from model_zoo.models import vgg16
from model_zoo.samples import fashion_images, fashion_labels

CASES = [*MODELS, "vgg16 full"]


@pytest.fixture(scope="module")
def whole_vgg16(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Give a file of seeded random weights in the published file's layout, and its checksum."""
    path = tmp_path_factory.mktemp("vgg16") / "random.h5"
    write_random_vgg16(path, seed=0)
    with path.open("rb") as stream:
        yield path, f"md5:{hashlib.file_digest(stream, 'md5').hexdigest()}"
    path.unlink()


@pytest.fixture
def without_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Name a VGG16 file that isn't there."""
    path = tmp_path / "vgg16.h5"
    monkeypatch.setenv("CONVSCOPE_VGG16", str(path))
    monkeypatch.delenv("CONVSCOPE_VGG16_CHECKSUM", raising=False)
    return path


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, without_file: Path):
    """Give each entry, and its built model; VGG16 in both states."""
    key, _, state = request.param.partition(" ")
    if state:
        path, checksum = request.getfixturevalue("whole_vgg16")
        monkeypatch.setenv("CONVSCOPE_VGG16", str(path))
        monkeypatch.setenv("CONVSCOPE_VGG16_CHECKSUM", checksum)
    entry = MODELS[key]
    return entry, entry.build()


def test_the_five_models_in_order():
    assert list(MODELS) == ["efficientnet_lite0", "fashion_cnn", "fashion_cnn_untrained", "vgg16", "simple_cnn_224"]


def test_contract(case):
    entry, model = case
    x = np.stack([entry.preprocess(load_sample(key)) for key in SAMPLES[entry.pictures][:2]])
    assert model.input_shape == (None, *entry.input_shape)
    assert x.shape[1:] == entry.input_shape
    assert x.dtype == np.float32
    output = np.asarray(model(x, training=False))
    assert np.isfinite(output).all()
    names = entry.labels()
    if not names:
        assert isinstance(model.no_classes_because, NoClassOutput)
        assert output.ndim == 4
    else:
        assert output.shape == (2, len(names))
        assert len(set(names)) == len(names)
        np.testing.assert_allclose(output.sum(axis=1), 1, atol=1e-5)
        assert not hasattr(model, "no_classes_because")
    # Nobody may change the entry's own list.
    names.append("changed")
    assert entry.labels() != names


def test_declarations():
    for key, entry in MODELS.items():
        assert entry.key == key
        assert entry.title
        assert entry.summary
        assert entry.preprocessing
        assert entry.trained == (entry.weights.path is not None)
        if entry.twin:
            assert MODELS[entry.twin].twin == key
    assert MODELS["fashion_cnn"].twin == "fashion_cnn_untrained"


@pytest.mark.parametrize("key", MODELS)
def test_preprocess_fills_exactly_the_value_range(key):
    entry = MODELS[key]
    low, high = entry.value_range
    black, white = (entry.preprocess(np.full((40, 60, 3), value, np.uint8)) for value in (0, 255))
    assert black.min() == pytest.approx(low, abs=1e-4)
    assert white.max() == pytest.approx(high, abs=1e-4)


@pytest.mark.parametrize("key", MODELS)
@pytest.mark.parametrize("size", [(1, 1), (10, 2000), (28, 28), (224, 224), (301, 200)])
def test_preprocess_takes_any_size_and_type(key, size):
    entry = MODELS[key]
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    x = entry.preprocess(pixels)
    assert x.shape == entry.input_shape
    np.testing.assert_array_equal(x, entry.preprocess(Image.fromarray(pixels)))
    grey = pixels[..., :1]
    np.testing.assert_array_equal(entry.preprocess(grey), entry.preprocess(Image.fromarray(grey[..., 0])))
    low, high = entry.value_range
    assert low - 1e-4 <= x.min() <= x.max() <= high + 1e-4


@pytest.mark.parametrize("key", MODELS)
def test_preprocess_uses_the_crop_box_and_nothing_else(key):
    entry = MODELS[key]
    left, top, right, bottom = crop_box((90, 50), entry)
    assert (left, top, right, bottom) == (20, 0, 70, 50)
    pixels = np.random.default_rng(0).integers(0, 256, (50, 90, 3), np.uint8)
    np.testing.assert_array_equal(entry.preprocess(pixels), entry.preprocess(pixels[top:bottom, left:right]))


@pytest.mark.parametrize(
    "bad", [np.zeros((4, 4, 3)), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8), "cat.png"]
)
def test_preprocess_refuses_what_is_no_picture(bad):
    with pytest.raises(ValueError, match=r"^image: expected"):
        MODELS["vgg16"].preprocess(bad)


def test_preprocess_lays_transparent_pictures_on_white_and_refuses_16_bits():
    hidden = Image.new("RGBA", (8, 8), (200, 0, 0, 0))
    assert (MODELS["simple_cnn_224"].preprocess(hidden) == 255).all()
    with pytest.raises(ValueError, match="open_image"):
        MODELS["simple_cnn_224"].preprocess(Image.new("I;16", (8, 8)))


def test_efficientnet_lite0_names_the_photographs():
    entry = MODELS["efficientnet_lite0"]
    model = entry.build()
    assert model.count_params() == 4_694_024
    x = np.stack([entry.preprocess(load_sample(key)) for key in PHOTOGRAPHS])
    shares = dict(zip(PHOTOGRAPHS, np.asarray(model(x, training=False)), strict=True))
    for key, index, share in (("chelsea", 285, 0.385), ("coffee", 967, 0.940), ("rocket", 657, 0.223)):
        assert shares[key].argmax() == index
        assert shares[key][index] == pytest.approx(share, abs=2e-3)
    np.testing.assert_allclose(shares["chelsea"][[282, 281, 287]], [0.332, 0.163, 0.034], atol=2e-3)
    assert shares["camera"].argmax() == 872


def test_efficientnet_lite0_can_be_read_by_its_layer_names():
    names = [layer.name for layer in MODELS["efficientnet_lite0"].build().layers]
    assert names[:4] == ["image", "stem_conv", "stem_bn", "stem_relu"]
    assert names[-5:] == ["head_conv", "head_bn", "head_relu", "head_pool", "predictions"]
    assert sum(name.endswith("_depthwise_conv") for name in names) == 16
    assert sum(name.endswith("_add") for name in names) == 9
    assert len(names) == 143


def test_fashion_cnn_scores_what_was_recorded():
    entry = MODELS["fashion_cnn"]
    facts = entry.facts
    x = fashion_images()[..., None] / np.float32(255)
    np.testing.assert_array_equal(x[0], entry.preprocess(load_sample("fashion/0")))
    predicted = entry.build().predict(x, batch_size=500, verbose=0).argmax(axis=1)
    correct = int(np.sum(predicted == fashion_labels()))
    # Another processor rounds otherwise: a picture on the border may change sides.
    assert abs(correct - facts["test_correct"]) <= 2
    assert facts["test_accuracy"] == facts["test_correct"] / facts["test_images"] >= 0.90
    assert facts["settings"]["seed"] == facts["settings"]["split_random_state"] == 42
    losses = facts["curves"]["val_loss"]
    assert facts["best_epoch"] == int(np.argmin(losses)) + 1
    assert facts["epochs"] == len(losses) == facts["best_epoch"] + facts["settings"]["early_stopping_patience"]
    assert entry.weights.bytes < 2_000_000


def test_the_twins_share_everything_but_their_weights():
    trained, untrained = (MODELS[key].build() for key in ("fashion_cnn", "fashion_cnn_untrained"))
    assert trained.count_params() == untrained.count_params() == 333_526
    assert [layer.name for layer in trained.layers] == [layer.name for layer in untrained.layers]
    for name, values in named_weights(untrained).items():
        shape = tuple(values.shape)
        assert shape == tuple(named_weights(trained)[name].shape)
        limit = 0 if len(shape) == 1 else np.sqrt(6 / (np.prod(shape[:-2]) * (shape[-2] + shape[-1])))
        assert np.abs(values.numpy()).max() <= limit


@pytest.mark.parametrize("key", ["fashion_cnn_untrained", "simple_cnn_224"])
def test_initial_weights_are_the_same_each_time_and_leave_the_global_seed_alone(key):
    before = random.getstate(), np.random.get_state()[1].tolist()
    first, second = MODELS[key].build().get_weights(), MODELS[key].build().get_weights()
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before
    for ours, again in zip(first, second, strict=True):
        np.testing.assert_array_equal(ours, again)
    assert np.std(first[0]) > 0


def test_vgg16_base_holds_the_published_kernels(without_file):
    model = MODELS["vgg16"].build()
    assert model.count_params() == 14_714_688
    assert model.output_shape == (None, 7, 7, 512)
    published = [0.42947057, 0.11727387, 0.03401296]
    np.testing.assert_allclose(named_weights(model)["block1_conv1/kernel"].numpy()[0, 0, 0, :3], published, atol=2.5e-4)


def test_vgg16_without_its_file_says_how_to_get_it(without_file):
    entry = MODELS["vgg16"]
    assert entry.state() == "base"
    assert entry.labels() == []
    reason = entry.build().no_classes_because
    assert isinstance(reason, WeightsMissing)
    assert isinstance(reason, ValueError)
    assert (reason.path, reason.reason) == (without_file, "absent")
    assert (reason.bytes, reason.checksum) == (553_467_096, "md5:64373286793e3c8b2b4e3219cbf3544b")
    for part in (str(without_file), "553,467,096", reason.checksum, reason.source):
        assert part in str(reason)
    assert entry.fetchable() == vgg16.whole_weights()


def test_vgg16_whole_equals_keras_own(whole_vgg16, monkeypatch):
    path, checksum = whole_vgg16
    monkeypatch.setenv("CONVSCOPE_VGG16", str(path))
    monkeypatch.setenv("CONVSCOPE_VGG16_CHECKSUM", checksum)
    entry = MODELS["vgg16"]
    assert entry.state() == "full"
    ours, theirs = entry.build(), keras.applications.VGG16(weights=str(path))
    assert [layer.name for layer in ours.layers[1:]] == [layer.name for layer in theirs.layers[1:]]
    assert ours.count_params() == theirs.count_params() == 138_357_544
    assert entry.labels()[675] == "moving van"
    side = load_sample("chelsea")[:, 75:375]
    x = entry.preprocess(side)
    picture = np.asarray(Image.fromarray(side).resize((224, 224), Image.Resampling.BICUBIC), np.float32)
    np.testing.assert_allclose(x, keras.applications.vgg16.preprocess_input(picture.copy()), atol=1e-4)
    np.testing.assert_allclose(np.asarray(ours(x[None])), np.asarray(theirs(x[None])), atol=1e-6)


def test_vgg16_never_opens_a_file_with_another_checksum(without_file, monkeypatch):
    without_file.write_bytes(b"not VGG16")
    monkeypatch.setattr(vgg16, "load_legacy_h5", lambda *args: pytest.fail("opened"))
    assert MODELS["vgg16"].build().no_classes_because.reason == "wrong_size"
    monkeypatch.setenv("CONVSCOPE_VGG16_CHECKSUM", "sha256:" + "0" * 64)
    assert MODELS["vgg16"].build().no_classes_because.reason == "wrong_checksum"
    assert MODELS["vgg16"].labels() == []


def test_the_published_checksum_holds_unless_a_path_is_named(monkeypatch):
    monkeypatch.delenv("CONVSCOPE_VGG16", raising=False)
    monkeypatch.setenv("CONVSCOPE_VGG16_CHECKSUM", "md5:" + "0" * 32)
    file = vgg16.whole_weights()
    assert (file.bytes, file.checksum) == (vgg16.BYTES, vgg16.CHECKSUM)
    assert file.path.name == vgg16.NAME
    assert "convscope" in file.path.parts


def test_importing_the_models_loads_no_tensorflow_and_no_screen():
    code = "import sys, model_zoo; print([m for m in ('tensorflow', 'keras', 'streamlit', 'h5py') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=DATA.parents[1])
    assert done.stdout.strip() == "[]"
