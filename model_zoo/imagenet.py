"""ImageNet, the data set of the photograph models: the names of its 1,000 classes."""

from __future__ import annotations

from functools import cache

from model_zoo.arrays import DATA

IMAGENET = "ImageNet (ILSVRC 2012)"


@cache
def _names() -> tuple[str, ...]:
    return tuple((DATA / "imagenet_labels.txt").read_text(encoding="utf-8").splitlines())


def imagenet_names() -> list[str]:
    """Return ImageNet's 1,000 class names in output order: the first synonym, made unique."""
    return list(_names())
