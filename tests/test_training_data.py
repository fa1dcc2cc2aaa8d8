"""Pictures to train on: data sets that ship or are found, and a user's own zip, bounded before it is unpacked."""

from __future__ import annotations

import hashlib
import io
import pickle
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from weights_server import BODY, MD5, serving

from explain.errors import ArgumentError
from model_zoo.download import DownloadCancelled
from model_zoo.training import data, folder
from model_zoo.training.data import DATASETS
from model_zoo.training.files import KERAS
from model_zoo.training.folder import from_folder
from model_zoo.training.pictures import Pictures, first_of_each, read_pictures, split
from model_zoo.training.sets import cifar10, fashion_mnist, mnist

SHIPPED = ("fashion_mnist_small", "digits")


@pytest.fixture
def caches(tmp_path, monkeypatch):
    """Keras's cache and ours in empty folders."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    (tmp_path / "keras" / "datasets").mkdir(parents=True)
    for module in (mnist, cifar10):
        monkeypatch.setattr(module, "FILE", replace(module.FILE, path=tmp_path / "ours" / module.FILE.path.name))
    return tmp_path / "keras" / "datasets"


def test_the_data_sets_are_found_by_their_files():
    assert list(DATASETS) == ["fashion_mnist_small", "fashion_mnist", "digits", "mnist", "cifar10"]
    for one in DATASETS.values():
        assert one.title
        assert one.licence
        assert (one.download is None) == (one.bytes == 0) == (one.key in SHIPPED)


@pytest.mark.parametrize("key", SHIPPED)
def test_what_ships_is_there_whole_and_as_declared(key):
    declared, pictures = DATASETS[key], data.pictures(key)
    assert declared.find()
    assert declared.find() in pictures.source
    assert pictures.shape == declared.shape
    assert (len(pictures.images), len(pictures.test_images)) == declared.counts
    assert pictures.names == declared.names
    assert set(pictures.labels) == set(pictures.test_labels) == set(range(10))
    train, test = ({one.tobytes() for one in part} for part in (pictures.images, pictures.test_images))
    assert not train & test
    assert not pictures.images.flags.writeable


def test_the_small_set_has_as_many_of_each_class():
    assert np.bincount(data.pictures("fashion_mnist_small").labels).tolist() == [600] * 10


def test_an_unknown_data_set_is_named_with_those_there_are():
    with pytest.raises(ArgumentError, match=r"data: expected one of fashion_mnist_small, .* got 'emnist'"):
        data.pictures("emnist")


def test_the_split_is_scikit_learns():
    train, held = split(10, 0.2, 42)
    assert (train.tolist(), held.tolist()) == ([5, 0, 7, 2, 9, 4, 3, 6], [8, 1])


def test_the_first_of_each_class_in_their_own_order():
    labels = np.array([0, 0, 0, 0, 1, 2, 1, 2])
    assert first_of_each(labels, 5).tolist() == [0, 1, 4, 5, 6]
    assert first_of_each(labels, 0).tolist() == first_of_each(labels, 9).tolist() == list(range(8))


def test_pictures_come_back_as_they_were_saved(tmp_path):
    one = from_folder(zipped(), side=8)
    one.save(tmp_path / "pictures.npz")
    again = read_pictures(tmp_path / "pictures.npz")
    assert (again.names, again.source) == (one.names, one.source)
    for name in ("images", "labels", "test_images", "test_labels"):
        np.testing.assert_array_equal(getattr(again, name), getattr(one, name))
    assert [path.name for path in tmp_path.iterdir()] == ["pictures.npz"]


@pytest.mark.parametrize(
    ("images", "labels", "said"),
    [
        (np.zeros((2, 4, 4, 1), np.float32), [0, 1], "images: expected uint8"),
        (np.zeros((2, 4, 4), np.uint8), [0, 1], "images: expected uint8"),
        (np.zeros((2, 4, 4, 1), np.uint8), [0, 2], "images: expected a label from 0 to 1"),
        (np.zeros((2, 4, 4, 1), np.uint8), [0], "images: expected a label"),
    ],
)
def test_pictures_that_dont_belong_together_are_refused(images, labels, said):
    labels = np.array(labels)
    with pytest.raises(ArgumentError, match=said):
        Pictures(images, labels, images[:0], labels[:0], ("a", "b"), "")


@pytest.mark.parametrize("key", ["mnist", "cifar10"])
def test_what_is_nowhere_is_not_fetched_in_silence(caches, key):
    assert DATASETS[key].find() == ""
    with pytest.raises(FileNotFoundError, match="is not on this machine; fetch it first"):
        DATASETS[key].load()
    assert not list(caches.rglob("*.*"))


def test_mnist_is_found_in_kerass_cache_and_checked(caches, monkeypatch):
    images, labels = np.arange(3 * 28 * 28, dtype=np.uint8).reshape(3, 28, 28), np.array([1, 0, 9], np.uint8)
    np.savez(caches / "mnist.npz", x_train=images, y_train=labels, x_test=images[:1], y_test=labels[:1])
    body = (caches / "mnist.npz").read_bytes()
    sha = hashlib.sha256(body).hexdigest()
    monkeypatch.setattr(mnist, "FILE", replace(mnist.FILE, bytes=len(body), checksum=f"sha256:{sha}"))
    assert mnist.find() == "Keras's cache"
    found = mnist.load()
    np.testing.assert_array_equal(found.images[..., 0], images)
    assert found.test_labels.tolist() == [1]
    (caches / "mnist.npz").write_bytes(body[:-1] + b"!")
    with pytest.raises(ValueError, match=r"mnist\.npz: its sha256 isn't .*; delete it, and fetch it again"):
        mnist.load()


def batches(count=2):
    rng = np.random.default_rng(0)
    return {
        part: {b"data": rng.integers(0, 256, (count, 3072), np.uint8), b"labels": [at % 10] * count}
        for at, part in enumerate(cifar10.PARTS)
    }


def test_cifar10_is_read_from_kerass_folder_and_from_the_archive(caches, monkeypatch):
    inside = caches / "cifar-10-batches-py-target" / "cifar-10-batches-py"
    inside.mkdir(parents=True)
    made = batches()
    for part, values in made.items():
        (inside / part).write_bytes(pickle.dumps(values, protocol=2))
    found = cifar10.load()
    assert found.source.endswith("Keras's cache")
    assert found.images.shape == (10, 32, 32, 3)
    np.testing.assert_array_equal(found.images[0, :, :, 1].ravel(), made["data_batch_1"][b"data"][0, 1024:2048])
    assert found.labels.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    archive = cifar10.FILE.path
    archive.parent.mkdir()
    with tarfile.open(archive, "w:gz") as made_archive:
        made_archive.add(inside, "cifar-10-batches-py")
    size, sha = archive.stat().st_size, hashlib.sha256(archive.read_bytes()).hexdigest()
    monkeypatch.setattr(cifar10, "FILE", replace(cifar10.FILE, bytes=size, checksum=f"sha256:{sha}"))
    (inside / "test_batch").unlink()
    again = cifar10.load()
    assert again.source.endswith("fetched from the University of Toronto")
    np.testing.assert_array_equal(again.images, found.images)


class Runs:
    def __reduce__(self):
        return print, ("it ran",)


def test_a_pickle_that_names_a_function_is_refused_unrun(capsys):
    with pytest.raises(ValueError, match=r"its files hold arrays only, got builtins\.print"):
        cifar10.unpickled(pickle.dumps(Runs()))
    with pytest.raises(ValueError, match="a file of it is damaged"):
        cifar10.unpickled(pickle.dumps({b"data": 1}))
    assert capsys.readouterr().out == ""


def test_a_download_on_request_tells_of_all_files_together_and_can_be_cancelled(tmp_path, monkeypatch):
    assert all(one.url.startswith(KERAS) for one in fashion_mnist.FILES)
    with serving() as server:
        files = tuple(
            replace(one, url=server.url("ok"), path=tmp_path / one.path.name, bytes=len(BODY), checksum=MD5)
            for one in fashion_mnist.FILES
        )
        monkeypatch.setattr(fashion_mnist, "FILES", files)
        told: list[tuple[int, int]] = []
        DATASETS["fashion_mnist"].download(lambda done, whole: told.append((done, whole)))
        assert told[-1] == (4 * len(BODY), 4 * len(BODY))
        assert [done for done, _ in told] == sorted(done for done, _ in told)
        assert all(one.path.read_bytes() == BODY for one in files)
        files[2].path.unlink()
        held = tuple(replace(one, url=server.url("held")) for one in files)
        monkeypatch.setattr(fashion_mnist, "FILES", held)
        with pytest.raises(DownloadCancelled):
            DATASETS["fashion_mnist"].download(lambda done, whole: False)
        assert not files[2].path.exists()


def png(colour=(9, 8, 7), size=(12, 8)):
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, "PNG")
    return stream.getvalue()


def zipped(files=None, **how):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in (files if files is not None else usual()).items():
            archive.writestr(name, body, **how)
    return stream.getvalue()


def usual(each=5):
    return {f"pets/{kind}/{at}.png": png((50 * at, at, 9)) for kind in ("dog", "cat") for at in range(each)}


def test_a_zip_of_class_folders():
    found = from_folder(zipped({**usual(), "pets/.DS_Store": b"x", "__MACOSX/pets/dog/._0.png": b"x", "a.txt": b"x"}))
    assert found.names == ("cat", "dog")
    assert found.images.shape == (8, 64, 64, 3)
    assert found.labels.tolist() == [0] * 4 + [1] * 4
    assert found.test_labels.tolist() == [0, 1]
    assert found.source == "a zip of 10 pictures; 1 other files were left out"
    assert sorted({int(value) for value in found.images[..., 0].ravel()} | set(found.test_images[..., 0].ravel())) == [
        0, 50, 100, 150, 200,
    ]  # fmt: skip


def test_the_same_seed_draws_the_same_test_and_grey_is_one_channel():
    one, two, other = (from_folder(zipped(usual(20)), side=8, channels=1, seed=seed) for seed in (1, 1, 2))
    assert one.shape == (8, 8, 1)
    np.testing.assert_array_equal(one.test_images, two.test_images)
    assert not np.array_equal(one.test_images, other.test_images)


def test_a_folder_named_test_holds_the_test():
    files = {f"{part}/{kind}/{at}.png": png() for part in ("train", "test") for kind in ("a", "b") for at in range(3)}
    found = from_folder(zipped(files))
    assert (len(found.labels), len(found.test_labels)) == (6, 6)
    assert found.names == ("a", "b")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, r"expected pictures \(\.png, .*\), got none; zip a folder that holds one folder for each class"),
        ({"a/notes.txt": b"x"}, "expected pictures"),
        ({"1.png": png()}, "“1.png” is in no folder, so its class isn't known"),
        ({"../a/1.png": png()}, "“../a/1.png” is a name that leads out of it"),
        ({"/a/1.png": png()}, "“/a/1.png” is a name that leads out of it"),
        ({"a/1.png": b"PK\3\4 no picture"}, "“a/1.png” can't be opened .*remove it"),
        ({"a/1.png": png()[:60]}, "“a/1.png” can't be opened .*remove it"),
        ({"a/1.png": zipped()}, "“a/1.png” can't be opened"),
        ({"a/1.png": bytes(2 << 20)}, "grows more than 100 times when unpacked"),
        ({f"{at}/1.png": png() for at in range(201)}, "expected at most 200 classes, got 201"),
    ],
)
def test_a_zip_that_cant_be_used_says_why(files, said):
    with pytest.raises(ArgumentError, match=said):
        from_folder(zipped(files))


def test_a_zip_over_its_bounds_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(folder, "open_image", lambda *_: pytest.fail("it was unpacked"))
    for name, value, said in (
        ("MOST_BYTES", 100, "expected at most 0 MiB, got"),
        ("MOST_FILES", 5, "expected at most 5 files, got 10; take fewer"),
        ("MOST_FILE", 50, "“pets/.*” has 0 MiB, at most 0 are taken; make it smaller"),
        ("MOST_UNPACKED", 100, "it would unpack to 0 MiB, at most 0 are taken"),
        ("MOST_KEPT", 1000, "side: 10 pictures of 64 x 64 pixels take 0 MiB, .* take 5 pixels or fewer"),
        ("MOST_SECONDS", -1, "0 of 10 pictures were read; make them smaller"),
    ):
        with monkeypatch.context() as only:
            only.setattr(folder, name, value)
            with pytest.raises(ArgumentError, match=said):
                from_folder(zipped())


def test_a_table_of_contents_without_end_is_counted_not_read(monkeypatch):
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("it was read"))
    with pytest.raises(ArgumentError, match="expected at most 20,000 files, got 30,000"):
        from_folder((folder.TABLE_MARK + bytes(42)) * 30_000)


def test_damaged_and_encrypted_and_doubled_zips_are_refused():
    whole = zipped()
    for broken in (b"", b"no zip", whole[:200], whole[:-30], whole[:60] + bytes(9) + whole[69:]):
        with pytest.raises(ArgumentError, match="zip: "):
            from_folder(broken)
    at = whole.index(folder.TABLE_MARK)
    with pytest.raises(ArgumentError, match="is encrypted; zip the folder without a password"):
        from_folder(whole[: at + 8] + b"\1" + whole[at + 9 :])
    with pytest.raises(ArgumentError, match="is in it twice"):
        from_folder(whole.replace(b"dog/1.png", b"dog/2.png"))
    with pytest.raises(ArgumentError, match="compressed in an unusual way"):
        from_folder(zipped({"a/1.png": png()}, compress_type=zipfile.ZIP_BZIP2))


def declared(body, said):
    """A zip whose first file unpacks to `body`, while its table of contents tells of `said`."""
    made = zipped({"a/1.png": body, "b/1.png": png()})
    at = made.index(folder.TABLE_MARK)
    sizes = struct.pack("<L", zlib.crc32(said)), made[at + 20 : at + 24], struct.pack("<L", len(said))
    return made[: at + 16] + b"".join(sizes) + made[at + 28 :]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (64 << 20, r"“a/1\.png”: expected about the {n} bytes that .* declares, or fewer, got \d+,\d+ still packed"),
        (
            100_000,
            r"“a/1\.png”: expected the {n} bytes that its table of contents declares, got more than {n}; zip the",
        ),
        (1, "expected the {n} bytes that its table of contents declares, got more than {n}"),
        (-1, "expected the {n} bytes that its table of contents declares, got {less}; zip the folder again"),
    ],
)
def test_a_file_that_is_not_as_long_as_declared_is_refused(more, said):
    whole = png()
    count = len(whole)
    with pytest.raises(ArgumentError, match=said.format(n=count, less=count - 1)):
        from_folder(declared((whole + bytes(max(more, 0)))[: count + more], whole))


def test_a_bomb_is_unpacked_no_further_than_it_declares(monkeypatch):
    """Also where its packed size alone doesn't give it away, as with a ratio of a thousand it may not."""
    monkeypatch.setattr(folder, "PACKED_MORE", 1 << 20)
    bomb = declared(png() + bytes(64 << 20), png())
    tracemalloc.start()
    try:
        with pytest.raises(ArgumentError, match=r"expected the \d+ bytes .* got more than"):
            from_folder(bomb)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_a_file_that_is_not_packed_is_read_and_one_that_is_damaged_is_named():
    whole = zipped({"a/1.png": png(), "b/1.png": png()}, compress_type=zipfile.ZIP_STORED)
    assert from_folder(whole).names == ("a", "b")
    at = whole.index(b"IDAT")
    with pytest.raises(ArgumentError, match=r"“a/1\.png” doesn't match its checksum, so it is damaged"):
        from_folder(whole[: at + 6] + b"!" + whole[at + 7 :])


def test_classes_whose_names_are_cut_alike_stay_apart():
    names = [f"{'a' * 59}{end}" for end in ("bc", "cd", "de")]
    found = from_folder(zipped({f"{name}/{at}.png": png((9 * at, 0, 0)) for at, name in enumerate(names, 1)}), side=8)
    assert found.names == ("a" * 59 + "…", "a" * 53 + "… (2)", "a" * 53 + "… (3)")
    assert [(int(one[0, 0, 0]), label) for one, label in zip(found.images, found.labels.tolist(), strict=True)] == [
        (9, 0), (18, 1), (27, 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "places",
    [
        ("cats/2020", "dogs/2020", "cats/2021", "dogs/2021"),
        ("train/cats/2020", "train/dogs/2020"),
        ("train/cats/2020", "test/dogs/2020"),
        ("2020", "dogs/2020"),
        ("test/2020", "test/dogs/2020", "train/2020"),
    ],
)
def test_folders_of_one_name_in_different_places_are_no_class(places):
    two = r"got “[^”]*2020” and “[^”]*2020”, which have one name; rename one of them"
    with pytest.raises(ArgumentError, match=two):
        from_folder(zipped({f"{place}/1.png": png() for place in (*places, "mice")}))


@pytest.mark.parametrize(
    ("train", "test"),
    [("train", "test"), ("pets/Train", "pets/TEST"), ("pets/training", "pets/test"), ("pets", "test"),
     (".", "test"), ("pets", "pets/test"), ("pets/validation", "test")],
)  # fmt: skip
def test_a_test_folder_goes_with_the_classes_of_its_name(train, test):
    files = {f"{part}/{kind}/1.png".removeprefix("./"): png() for part in (train, test) for kind in ("a", "b")}
    found = from_folder(zipped(files))
    assert (found.names, found.labels.tolist(), found.test_labels.tolist()) == (("a", "b"), [0, 1], [0, 1])


def test_reading_a_zip_can_be_cancelled():
    told = []
    with pytest.raises(ArgumentError, match="cancelled after 3 of 10 pictures; nothing was kept"):
        from_folder(zipped(), told=lambda done, whole: told.append((done, whole)) or done < 3)
    assert told[-1] == (3, 10)


@pytest.mark.parametrize(("name", "value"), [("side", 7), ("side", 300), ("channels", 2), ("share", 0.0)])
def test_a_wrong_argument_is_named(name, value):
    with pytest.raises(ArgumentError, match=f"{name}: expected"):
        from_folder(zipped(), **{name: value})
