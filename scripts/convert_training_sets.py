"""Gather the pictures to train on that ConvScope ships.

    pip install scikit-learn
    python -m scripts.convert_training_sets [--out model_zoo/data]

Fashion-MNIST's first 600 training pictures of each class, in their own order, and scikit-learn's digits, whose values
0 to 16 become 0 to 255.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from model_zoo.training.pictures import first_of_each
from model_zoo.training.sets import fashion_mnist

SMALL = 6000


def write_fashion_small(out: Path) -> None:
    """Write images (6000, 28, 28) uint8 and labels (6000,) uint8."""
    whole = fashion_mnist.load()
    chosen = first_of_each(whole.labels, SMALL)
    np.savez_compressed(out, images=whole.images[chosen, ..., 0], labels=whole.labels[chosen].astype(np.uint8))


def write_digits(out: Path) -> None:
    """Write images (1797, 8, 8) uint8 and labels (1797,) uint8."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = np.rint(digits.images * 255 / 16).astype(np.uint8)
    np.savez_compressed(out, images=images, labels=digits.target.astype(np.uint8))


def main() -> None:
    """Write both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("model_zoo/data"))
    options = parser.parse_args()
    write_fashion_small(options.out / "fashion_mnist_train_small.npz")
    write_digits(options.out / "digits.npz")


if __name__ == "__main__":
    main()
