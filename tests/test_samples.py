"""The pictures that ship, and the record of what ships."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest

from model_zoo import MODELS, PHOTOGRAPHS, SAMPLES, load_sample, sample_title
from model_zoo.arrays import DATA
from model_zoo.imagenet import imagenet_names
from model_zoo.samples import fashion_images, fashion_labels, sample_target

ROOT = Path(__file__).parent.parent
ROW = re.compile(r"^\| `([^`]+)` \| (\d+) \| `([0-9a-f]{64})` \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def documented() -> dict[str, tuple[int, str]]:
    text = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    return {name: (int(size), checksum) for name, size, checksum, _, _ in ROW.findall(text)}


def shipped() -> dict[str, tuple[int, str]]:
    contents = {path.relative_to(DATA).as_posix(): path.read_bytes() for path in DATA.rglob("*") if path.is_file()}
    return {name: (len(raw), hashlib.sha256(raw).hexdigest()) for name, raw in contents.items()}


def test_every_shipped_file_is_documented_with_its_size_and_checksum():
    assert documented() == shipped()


def test_entries_agree_with_the_documented_weights():
    files = documented()
    for entry in MODELS.values():
        weights = entry.weights
        assert weights.source
        assert weights.licence
        if weights.path is not None:
            assert files[weights.path.relative_to(DATA).as_posix()] == (weights.bytes, weights.sha256), entry.key


def test_photographs():
    assert {"chelsea", "coffee", "rocket"} < set(PHOTOGRAPHS)
    assert len(PHOTOGRAPHS) >= 6
    for key, photograph in PHOTOGRAPHS.items():
        pixels = load_sample(key)
        assert pixels.dtype == np.uint8
        assert pixels.ndim == 3
        assert pixels.shape[2] in (1, 3)
        assert min(pixels.shape[:2]) >= 224
        assert not pixels.flags.writeable
        assert photograph.licence in ("CC0", "public domain")
        assert photograph.source
        assert sample_title(key) == photograph.title


def test_targets_name_what_the_photographs_show():
    names = imagenet_names()
    targets = {key: names[index] for key in PHOTOGRAPHS if (index := sample_target(key)) is not None}
    assert targets == {"chelsea": "Egyptian cat", "coffee": "espresso", "rocket": "missile", "camera": "tripod"}


def test_the_cat_is_scikit_images_own():
    data = pytest.importorskip("skimage.data")
    np.testing.assert_array_equal(load_sample("chelsea"), data.chelsea())


def test_fashion_mnist_test_set():
    images, labels = fashion_images(), fashion_labels()
    assert images.shape == (10_000, 28, 28)
    assert images.dtype == labels.dtype == np.uint8
    np.testing.assert_array_equal(np.bincount(labels), np.full(10, 1000))
    # The first ten labels as the data set's authors publish them.
    assert labels[:10].tolist() == [9, 2, 1, 1, 6, 1, 4, 6, 5, 7]
    assert fashion_images() is images


def test_fashion_samples():
    assert load_sample("fashion/0").shape == (28, 28, 1)
    np.testing.assert_array_equal(load_sample("fashion/9999")[..., 0], fashion_images()[9999])
    assert sample_title("fashion/0") == "Ankle boot"
    assert sample_target("fashion/0") == 9


def test_every_model_has_samples():
    for entry in MODELS.values():
        assert load_sample(SAMPLES[entry.pictures][0]).dtype == np.uint8
    assert len(SAMPLES["fashion"]) == 10_000


@pytest.mark.parametrize(
    "bad", ["", "dog", "fashion/", "fashion/-1", "fashion/10000", "fashion/1.5", "fashion/²", "../chelsea", "x" * 300]
)
def test_an_unknown_id_says_what_is_known(bad):
    for ask in (load_sample, sample_title, sample_target):
        with pytest.raises(ValueError, match="sample id: expected 'chelsea'") as caught:
            ask(bad)
        assert len(str(caught.value)) < 250


def test_imagenet_names():
    names = imagenet_names()
    assert len(names) == len(set(names)) == 1000
    assert all(name == name.strip() and name for name in names)
    known = {
        0: "tench",
        285: "Egyptian cat",
        639: "tank suit",
        675: "moving van",
        967: "espresso",
        999: "toilet tissue",
    }
    assert {index: names[index] for index in known} == known
