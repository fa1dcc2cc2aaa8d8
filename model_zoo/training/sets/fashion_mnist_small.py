"""6,000 of Fashion-MNIST's training pictures, the first 600 of each class, and its whole test. They ship."""

from __future__ import annotations

import numpy as np

from model_zoo.arrays import DATA
from model_zoo.fashion import CLASS_NAMES
from model_zoo.samples import fashion_images, fashion_labels
from model_zoo.training.pictures import DataSet, Pictures

SOURCE = "Zalando SE, Fashion-MNIST, the first 600 of each class"


def load() -> Pictures:
    """Return them, 28 by 28 pixels, grey."""
    with np.load(DATA / "fashion_mnist_train_small.npz") as arrays:
        images, labels = arrays["images"][..., None], arrays["labels"].astype(np.int64)
    test = fashion_images()[..., None], fashion_labels().astype(np.int64)
    return Pictures(images, labels, *test, CLASS_NAMES, SOURCE)


SET = DataSet(
    key="fashion_mnist_small",
    title="Fashion-MNIST, 6,000 pictures",
    licence="MIT, Zalando SE",
    shape=(28, 28, 1),
    counts=(6000, 10_000),
    names=CLASS_NAMES,
    find=lambda: SOURCE,
    load=load,
    order=0,
)
