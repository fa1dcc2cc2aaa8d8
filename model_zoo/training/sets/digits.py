"""scikit-learn's 1,797 small digits. They ship."""

from __future__ import annotations

import numpy as np

from model_zoo.arrays import DATA
from model_zoo.training.pictures import SEED, TEST_SHARE, DataSet, Pictures, split

NAMES = tuple("0123456789")
SOURCE = "scikit-learn, load_digits"


def load() -> Pictures:
    """Return them, 8 by 8 pixels, grey; a fifth, drawn by seed, is for the test."""
    with np.load(DATA / "digits.npz") as arrays:
        images, labels = arrays["images"][..., None], arrays["labels"].astype(np.int64)
    train, test = split(len(labels), TEST_SHARE, SEED)
    return Pictures(images[train], labels[train], images[test], labels[test], NAMES, SOURCE)


SET = DataSet(
    key="digits",
    title="Digits, 8 by 8",
    licence="BSD-3-Clause (scikit-learn), CC BY 4.0 (UCI, E. Alpaydin and C. Kaynak)",
    shape=(8, 8, 1),
    counts=(1437, 360),
    names=NAMES,
    find=lambda: SOURCE,
    load=load,
    order=20,
)
