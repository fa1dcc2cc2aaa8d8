"""Guess first, on the Kernels page: two grids without names, one trained, and whether they could be told apart."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from components import compute, figures, models, show
from components.compute import LayerKernels
from components.figures import Words
from components.parts import guess, kernels
from components.parts.guess import Question
from components.subjects import Subject
from components.text import _, number
from explain.kernels import neighbours_alike

Values = NDArray[np.float32]


def settled(subject: Subject, stored: LayerKernels, view: kernels.View) -> bool:
    """Ask which of two grids was trained and draw them without names; returns whether the page may go on."""
    mine = kernels.weights_of(stored, view)[:, :, view.source]
    other = models.entry_of(subject.entry.twin)
    theirs = kernels.weights_of(compute.kernels(other.key, other.state(), stored.layer), view)[:, :, view.source]
    trained, untrained = (mine, theirs) if subject.entry.trained else (theirs, mine)
    asked = question(f"{subject.model}_{stored.layer}_{view.source}_{view.folded}", trained, untrained)
    if guess.ask(asked):
        return True
    grids = [shares(trained), shares(untrained)] if asked.right == 0 else [shares(untrained), shares(trained)]
    for name, grid, place in zip(asked.options, grids, show.columns(2), strict=True):
        words = Words(
            name,
            _(
                "Kernels of {layer}, {h}×{w}, input channel {source}; each kernel as shares of its own largest weight, "
                "so that only the pattern can tell."
            ).format(layer=stored.layer, h=grid.shape[0], w=grid.shape[1], source=view.source),
            kernels.doesnt_show(),
        )
        slices = np.moveaxis(grid, -1, 0)
        drawn = figures.kernels(slices, list(range(len(slices))), words, limits=(-1.0, 1.0), width=show.fit(300))
        with place:
            show.figure(drawn, f"guess_{asked.options.index(name)}", of_weights=False)
    return False


def shares(grid: Values) -> Values:
    """Return slices (kh, kw, n) each as shares of its own largest weight, which is all that the grids show."""
    most = np.abs(grid).max(axis=(0, 1), keepdims=True)
    return np.asarray(grid / np.where(most, most, 1), np.float32)


def question(key: str, trained: Values, untrained: Values) -> Question:
    """Ask which of two grids (kh, kw, n) was trained, in an order drawn from the key.

    Whether it could be known is measured: neighbouring weights of the trained one are alike, or opposite, beyond what
    its own weights are when they are shuffled, and those of the untrained one are not.
    """
    seed = zlib.crc32(key.encode())
    right = seed % 2
    alike = [neighbours_alike(shares(grid), seed) for grid in (trained, untrained)]
    known = abs(alike[0][0]) > alike[0][1] and abs(alike[1][0]) <= alike[1][1]
    if trained.shape[0] * trained.shape[1] == 1:
        said = _("a kernel of one cell has no neighbours to compare.")
    else:
        said = _(
            "neighbouring weights correlate by {trained} in the trained grid and by {untrained} in the other; "
            "shuffled, those of the trained one stay within ±{bound}."
        ).format(trained=number(alike[0][0], 2), untrained=number(alike[1][0], 2), bound=number(alike[0][1], 2))
    spread = _("Standard deviation: {trained} and {untrained}; how wide an untrained one is is free to choose.").format(
        trained=number(float(trained.std())), untrained=number(float(untrained.std()))
    )
    names = (_("Grid A"), _("Grid B"))
    return Question(f"grid_{seed}", _("Which grid was trained?"), names, right, known, f"{said} {spread}")
