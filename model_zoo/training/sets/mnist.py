"""MNIST: Keras's cache, or fetched on request."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from model_zoo.download import Progress
from model_zoo.training.files import KERAS, absent, checked, fetch, keras_cache, remote, there
from model_zoo.training.pictures import DataSet, Pictures

TITLE, LICENCE = "MNIST", "CC BY-SA 3.0, Yann LeCun and Corinna Cortes"
NAMES = tuple("0123456789")
FILE = remote(
    f"{KERAS}mnist.npz",
    11490434,
    "sha256:731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
    LICENCE,
)


def places() -> tuple[tuple[Path, str], ...]:
    """Return the files it may be in, each with a name for it."""
    return (keras_cache() / FILE.path.name, "Keras's cache"), (FILE.path, "fetched from Keras's server")


def find() -> str:
    """Say where it is, "" where it is nowhere."""
    return next((name for path, name in places() if there(path, FILE.bytes)), "")


def load() -> Pictures:
    """Return 60,000 pictures to train on and 10,000 to test with, 28 by 28 pixels, grey."""
    found = next(((path, name) for path, name in places() if there(path, FILE.bytes)), None)
    if found is None:
        raise absent(TITLE)
    try:
        with np.load(checked(found[0], FILE.checksum)) as arrays:
            images, labels, test_images, test_labels = (
                arrays[name] for name in ("x_train", "y_train", "x_test", "y_test")
            )
    except zipfile.BadZipFile as error:
        raise ValueError(f"{found[0]}: not a whole .npz file ({error}); delete it, and fetch it again") from error
    return Pictures(
        images[..., None],
        labels.astype(np.int64),
        test_images[..., None],
        test_labels.astype(np.int64),
        NAMES,
        f"Yann LeCun, Corinna Cortes, {TITLE}: {found[1]}",
    )


def get(progress: Progress | None = None) -> None:
    """Fetch it. Raises DownloadError, DownloadCancelled."""
    fetch((FILE,), progress)


SET = DataSet(
    key="mnist",
    title=TITLE,
    licence=LICENCE,
    shape=(28, 28, 1),
    counts=(60_000, 10_000),
    names=NAMES,
    find=find,
    load=load,
    download=get,
    bytes=FILE.bytes,
    order=30,
)
