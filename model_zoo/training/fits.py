"""Whether a recipe can be trained on these pictures: what can't be says why before it starts, and what mends it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, prod

import numpy as np
from numpy.typing import NDArray

from explain.chain import worked
from explain.chain_layers import Link
from explain.chain_text import read
from explain.errors import ArgumentError
from model_zoo.training.pictures import Labels, Pictures, first_of_each, split
from model_zoo.training.recipe import Recipe

MOST_PICTURE_BYTES = 1 << 30
MOST_BATCH_BYTES = 3 << 30
MOST_PASS_BYTES, MOST_AT_ONCE = 512 << 20, 250
TIMES_HELD = 3
"""Each layer's output is held once forward, once as its gradient, and once while both are worked out."""


@dataclass(frozen=True)
class Fitting:
    """What a training of these pictures comes to: pictures to train on and held back, batches an epoch."""

    train: int
    validation: int
    steps: int


def fits(recipe: Recipe, pictures: Pictures) -> Fitting:
    """Return what a training comes to. Raises ArgumentError, naming what would mend it, where it can't be."""
    source, links = read(recipe.network)
    _check_input(source, pictures)
    _check_output(links, recipe.shapes()[1], pictures)
    chosen = first_of_each(pictures.labels, recipe.most)
    _check_classes(pictures, chosen)
    train, held = split(len(chosen), recipe.validation, recipe.seed)
    _check_counts(recipe, pictures, len(train))
    mend = "take more pictures of it, a smaller share, or another seed"
    _check_each(pictures, pictures.labels[chosen[train]], "validation", f" with {recipe.validation:g} held back", mend)
    _check_memory(recipe, pictures, len(chosen))
    return Fitting(len(train), len(held), ceil(len(train) / recipe.batch))


def is_binary(recipe: Recipe) -> bool:
    """Say whether the network ends in one sigmoid unit that tells two classes apart."""
    _source, links = read(recipe.network)
    return bool(links) and (links[-1].type, links[-1].units, links[-1].activation) == ("dense", 1, "sigmoid")


def _said(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def _check_input(source: tuple[int, ...], pictures: Pictures) -> None:
    if tuple(source) != pictures.shape:
        raise ArgumentError(
            f"network: its input is {_said(source)}, the pictures are {_said(pictures.shape)}; "
            f"begin the network with {_said(pictures.shape)}, or choose other pictures"
        )


def _check_output(links: tuple[Link, ...], out: tuple[int, ...], pictures: Pictures) -> None:
    count = pictures.count
    wanted = f"end it with dense-{count}-softmax" + (", or dense-1-sigmoid" if count == 2 else "")
    if not links or links[-1].type != "dense" or len(out) != 1:
        last = links[-1].type if links else "nothing"
        shape = _said(out)
        raise ArgumentError(
            f"network: expected it to end in one Dense layer over the classes, got {last} with {shape}; {wanted}"
        )
    units, activation = links[-1].units, links[-1].activation
    if (units, activation) == (1, "sigmoid") and count == 2:
        return
    if activation != "softmax":
        raise ArgumentError(f"network: expected softmax at its end, got {activation}; {wanted}")
    if units != count:
        most = int(max(pictures.labels.max(initial=0), pictures.test_labels.max(initial=0)))
        why = f"labels go up to {most}, beyond its outputs" if units <= most else "each output needs a class"
        raise ArgumentError(f"network: it ends in {units} outputs, the pictures have {count} classes ({why}); {wanted}")


def _check_classes(pictures: Pictures, chosen: NDArray[np.intp]) -> None:
    if len(chosen) < 2:
        raise ArgumentError(
            f"pictures: expected 2 or more to train on, got {len(chosen)}: one is held back to see how well it does; "
            "add pictures"
        )
    present = np.unique(pictures.labels[chosen])
    if len(present) < 2:
        name = pictures.names[int(present[0])]
        raise ArgumentError(
            f"pictures: expected 2 or more classes, got only {name!r}: a network that always says {name!r} would be "
            "right; add pictures of another class"
        )
    _check_each(pictures, pictures.labels, "pictures", "", "add pictures of it, or leave it out of the test")
    mend = f"take {pictures.count:,} or more, or 0 for all"
    _check_each(pictures, pictures.labels[chosen], "most", f" in {len(chosen):,}", mend)


def _check_counts(recipe: Recipe, pictures: Pictures, train: int) -> None:
    if train < 1:
        raise ArgumentError(
            f"validation: {recipe.validation:g} leaves no picture to train on; take a smaller share, or add pictures"
        )
    if train < recipe.batch:
        raise ArgumentError(
            f"batch: expected at most the {train:,} pictures to train on, got {recipe.batch:,}; take {train:,} or fewer"
        )
    if not len(pictures.test_labels):
        raise ArgumentError("pictures: none are left to test with; add pictures, or take a larger test share")


def _check_each(pictures: Pictures, labels: Labels, argument: str, where: str, mend: str) -> None:
    """Raise ArgumentError where a class is not among the labels: the network would learn never to name it."""
    counts = np.bincount(labels, minlength=pictures.count)
    if not counts.all():
        raise ArgumentError(
            f"{argument}: expected pictures of each class to train on, got none of "
            f"{pictures.names[int(counts.argmin())]!r}{where}; {mend}"
        )


def _check_memory(recipe: Recipe, pictures: Pictures, count: int) -> None:
    each = prod(pictures.shape) * 4
    if count * each > MOST_PICTURE_BYTES:
        raise ArgumentError(
            f"most: {count:,} pictures of {_said(pictures.shape)} take {count * each / 2**30:.1f} GiB as numbers; "
            f"take {MOST_PICTURE_BYTES // each:,} or fewer, or smaller pictures"
        )
    held = _held(recipe, pictures)
    if recipe.batch * held > MOST_BATCH_BYTES:
        most = MOST_BATCH_BYTES // held
        mend = f"take {most:,} or fewer" if most else "make the network's first layers smaller"
        raise ArgumentError(
            f"batch: one of {recipe.batch:,} takes about {recipe.batch * held / 2**30:.1f} GiB in this network; {mend}"
        )


def at_once(recipe: Recipe, pictures: Pictures) -> int:
    """Return how many pictures a pass beside the training takes, 1 to 250: within half a GiB, were it training."""
    return int(np.clip(MOST_PASS_BYTES // _held(recipe, pictures), 1, MOST_AT_ONCE))


def _held(recipe: Recipe, pictures: Pictures) -> int:
    """Return the bytes that training holds of one picture: itself and what the layers make of it."""
    source, links = read(recipe.network)
    layers = sum(one.bytes for one in worked(source, links) if one.info.kind != "flatten")
    return TIMES_HELD * (prod(pictures.shape) * 4 + layers)
