"""Fashion-MNIST whole: Debian's package, Keras's cache, or fetched on request."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from model_zoo.download import Progress
from model_zoo.fashion import CLASS_NAMES
from model_zoo.training.files import KERAS, absent, fetch, keras_cache, our_cache, read_idx, remote, there
from model_zoo.training.pictures import DataSet, Pictures

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
TITLE, LICENCE = "Fashion-MNIST", "MIT, Zalando SE"
FILES = tuple(
    remote(KERAS + name, size, f"md5:{md5}", LICENCE, f"fashion-mnist/{name}")
    for name, size, md5 in (
        ("train-images-idx3-ubyte.gz", 26421880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        ("train-labels-idx1-ubyte.gz", 29515, "25c81989df183df01b3e8a0aad5dffbe"),
        ("t10k-images-idx3-ubyte.gz", 4422102, "bef4ecab320f06d8554ea6380940ec79"),
        ("t10k-labels-idx1-ubyte.gz", 5148, "bb300cfdad3c16e7a12a480ee83cd310"),
    )
)


def places() -> tuple[tuple[Path, str], ...]:
    """Return the folders it may be in, each with a name for it."""
    return (
        (DEBIAN, "Debian package dataset-fashion-mnist"),
        (keras_cache() / "fashion-mnist", "Keras's cache"),
        (our_cache() / "fashion-mnist", "fetched from Keras's server"),
    )


def find() -> str:
    """Say where it is, "" where it is nowhere."""
    return next((name for folder, name in places() if _whole(folder)), "")


def _whole(folder: Path) -> bool:
    return all(there(folder / one.path.name) for one in FILES)


def load() -> Pictures:
    """Return 60,000 pictures to train on and 10,000 to test with, 28 by 28 pixels, grey."""
    found = next(((folder, name) for folder, name in places() if _whole(folder)), None)
    if found is None:
        raise absent(TITLE)
    images, labels, test_images, test_labels = (read_idx(found[0] / one.path.name) for one in FILES)
    return Pictures(
        images[..., None],
        labels.astype(np.int64),
        test_images[..., None],
        test_labels.astype(np.int64),
        CLASS_NAMES,
        f"Zalando SE, {TITLE}: {found[1]}",
    )


def get(progress: Progress | None = None) -> None:
    """Fetch it. Raises DownloadError, DownloadCancelled."""
    fetch(FILES, progress)


SET = DataSet(
    key="fashion_mnist",
    title=TITLE,
    licence=LICENCE,
    shape=(28, 28, 1),
    counts=(60_000, 10_000),
    names=CLASS_NAMES,
    find=find,
    load=load,
    download=get,
    bytes=sum(one.bytes for one in FILES),
    order=10,
)
