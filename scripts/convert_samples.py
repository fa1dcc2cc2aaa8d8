"""Gather the sample pictures that ConvScope ships, without loss.

    pip install scikit-image
    python -m scripts.convert_samples [--data FOLDER] [--out model_zoo/data]

Photographs are scikit-image's own files: JPEGs copied as they are, PNGs written again (pixels unchanged, metadata
left out). Fashion-MNIST's 10,000 test images and labels become one compressed .npz file.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from model_zoo.samples import PHOTOGRAPHS
from scripts.train_fashion_cnn import DEBIAN, load_fashion_mnist


def copy_photographs(out: Path) -> None:
    """Write each declared photograph from scikit-image's data folder, and check that its pixels came through."""
    import skimage.data

    folder = Path(skimage.data.__file__).parent
    out.mkdir(parents=True, exist_ok=True)
    for photograph in PHOTOGRAPHS.values():
        source, target = folder / photograph.path.name, out / photograph.path.name
        if source.suffix == ".jpg":
            shutil.copyfile(source, target)
            continue
        with Image.open(source) as picture:
            pixels = np.asarray(picture)
        Image.fromarray(pixels).save(target, optimize=True)
        with Image.open(target) as written:
            np.testing.assert_array_equal(np.asarray(written), pixels)


def write_fashion_test(data: Path, out: Path) -> None:
    """Write the test images (10000, 28, 28) uint8 and labels (10000,) uint8."""
    _, (images, labels), _ = load_fashion_mnist(data)
    np.savez_compressed(out, images=images, labels=labels)


def main() -> None:
    """Write all samples."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DEBIAN, help="folder with Fashion-MNIST's gzipped IDX files")
    parser.add_argument("--out", type=Path, default=Path("model_zoo/data"))
    options = parser.parse_args()
    copy_photographs(options.out / "photographs")
    write_fashion_test(options.data, options.out / "fashion_mnist_test.npz")


if __name__ == "__main__":
    main()
