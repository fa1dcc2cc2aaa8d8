"""The parts of the Kernels page: all kernels that read one input channel, and the twin's beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import compute, controls, figures, models, sentences, show, state
from components.compute import LayerKernels
from components.figures import Words
from components.pointing import Pointed
from components.raster import natural_limits
from components.subjects import Subject
from components.text import _, number
from explain.kernels import norm_matrix
from explain.layers import LayerInfo

LIMITS = ("shared", "kernel", "fixed")
FEW = 64
ORDERS = ("index", "norm")
Values = NDArray[np.float32]


@dataclass(frozen=True)
class View:
    """How the kernels are shown."""

    source: int
    limits: str
    twin: bool
    folded: bool
    order: str
    columns: int
    bound: float


def limits_title(key: str) -> str:
    """Name a choice of colour limits."""
    return {"shared": _("Per layer"), "kernel": _("Per kernel"), "fixed": _("Fixed")}[key]


def order_title(key: str) -> str:
    """Name an order of kernels."""
    return {"index": _("By number"), "norm": _("Largest first")}[key]


def of_layer(subject: Subject, layer: LayerInfo) -> LayerKernels:
    """Return the kernels of a layer."""
    return compute.kernels(subject.model, subject.state, layer.name)


def twin_toggle(subject: Subject) -> bool:
    """Draw the switch of the twin, where the model has one."""
    if not subject.entry.twin:
        return False
    label = _("Show the untrained twin") if subject.entry.trained else _("Show the trained twin")
    return controls.toggle("twin", label)


def folded_toggle(stored: LayerKernels) -> bool:
    """Draw the switch between kernels as stored and as used, where a normalisation follows."""
    label = _("As used: {norm} folded in").format(norm=stored.folded.norm) if stored.folded else _("As used (folded)")
    on = controls.toggle(
        "folded",
        label,
        help=_("Multiplies the scale of the normalisation that follows."),
        disabled=stored.folded is None,
    )
    return on and stored.folded is not None


def weights_of(stored: LayerKernels, view: View) -> Values:
    """Return the kernels as they are to be shown, (kh, kw, in, out)."""
    return stored.folded.kernel if view.folded and stored.folded else stored.stored


def headline(subject: Subject, stored: LayerKernels, view: View) -> str:
    """Say what the layer's kernels are, in numbers."""
    weights = weights_of(stored, view)
    bias = _("no bias") if stored.bias is None else _("bias ({n})").format(n=len(stored.bias))
    shape = "×".join(str(size) for size in weights.shape)
    said = _("{layer}: weights {shape}, {bias}; mean {mean}, standard deviation {std}.").format(
        layer=stored.layer,
        shape=shape,
        bias=bias,
        mean=number(float(weights.mean())),
        std=number(float(weights.std())),
    )
    return said if subject.entry.trained else said + " " + _("Random weights.")


def limits_of(weights: Values, view: View) -> tuple[float, float]:
    """Return the ends of the colour scale, symmetric."""
    return (-view.bound, view.bound) if view.limits == "fixed" else natural_limits(weights, "weights")


def _scale_words(view: View, limits: tuple[float, float]) -> str:
    return {
        "shared": _("one scale for this layer, ±{bound}"),
        "kernel": _("each kernel on its own scale"),
        "fixed": _("fixed scale, ±{bound}"),
    }[view.limits].format(bound=number(limits[1]))


def all_of_one_input(subject: Subject, here: Pointed, stored: LayerKernels, view: View) -> None:
    """Draw all kernels that read one input channel, and the twin's beside them on the same scale."""
    weights, layer = weights_of(stored, view), here.layer
    assert layer is not None
    numbers = _numbers(weights, view)
    if view.twin:
        _twins(subject, here, stored, weights, view)
        return
    caption = _caption(stored, weights, view, limits_of(weights, view))
    drawn = figures.kernels(
        np.moveaxis(weights[:, :, view.source, numbers], -1, 0),
        numbers,
        Words(sentences.kernels_title(stored.layer, view.source, sizes(weights, view.source)), caption, doesnt_show()),
        limits=limits_of(weights, view),
        per_kernel=view.limits == "kernel",
        columns=view.columns or _columns(len(numbers)),
        width=show.fit(670),
        pinned=shown(here, weights, view),
    )
    show.figure(drawn, "kernels", lambda mark: pin(layer, int(mark[1])))


def _numbers(weights: Values, view: View) -> list[int]:
    if view.order == "norm":
        return [int(i) for i in np.argsort(-sizes(weights, view.source), kind="stable")]
    return list(range(weights.shape[3]))


def _columns(count: int) -> int | None:
    """A few kernels are drawn large; many are left to the figure, which keeps them countable."""
    return figures.even_columns(count, 3) if count <= FEW else None


def shown(here: Pointed, weights: Values, view: View) -> int:
    """Return the kernel that is drawn in full: the pinned one, else the largest."""
    return here.channel if here.channel is not None else int(np.argmax(sizes(weights, view.source)))


def pin(layer: LayerInfo, channel: int) -> None:
    """Point at a kernel."""
    state.pin_layer(layer.name)
    state.put(channel=channel)


def sizes(weights: Values, source: int) -> Values:
    """Return the L2 norm of each kernel\'s slice of one input channel, (out,)."""
    sizes: Values = norm_matrix(weights)[source]
    return sizes


def _caption(stored: LayerKernels, weights: Values, view: View, limits: tuple[float, float]) -> str:
    height, width, inputs, outputs = weights.shape
    return _(
        "Kernels of {layer}, {h}×{w}, input channel {source} of {inputs}: {shown} of {all} slices; {scale}; {kind}."
    ).format(
        layer=stored.layer,
        h=height,
        w=width,
        source=view.source,
        inputs=inputs,
        shown=number(outputs),
        all=number(outputs * inputs),
        scale=_scale_words(view, limits),
        kind=_("as used, normalisation folded in") if view.folded else _("as stored"),
    )


def doesnt_show() -> str:
    """Say what kernels may not be taken for."""
    return _("what the layer responds to in a picture: that is on the Activations page.")


def _twins(subject: Subject, here: Pointed, stored: LayerKernels, weights: Values, view: View) -> None:
    numbers = _numbers(weights, view)
    other = models.entry_of(subject.entry.twin)
    theirs = weights_of(compute.kernels(other.key, other.state(), stored.layer), view)
    if view.limits == "kernel":
        view = replace(view, limits="shared")
    trained, untrained = (weights, theirs) if subject.entry.trained else (theirs, weights)
    both = np.concatenate([trained.ravel(), untrained.ravel()])
    caption = _caption(stored, weights, view, limits_of(both, view))
    drawn = figures.twins(
        np.moveaxis(trained[:, :, view.source, numbers], -1, 0),
        np.moveaxis(untrained[:, :, view.source, numbers], -1, 0),
        numbers,
        Words(sentences.twin_title(trained, untrained), caption, doesnt_show()),
        limits=limits_of(both, view),
        columns=view.columns or _columns(len(numbers)),
        width=show.fit(670),
        pinned=shown(here, weights, view),
    )
    show.figure(drawn, "twins", lambda mark: pin(here.layer, int(mark[1])) if here.layer else None)
    st.caption(
        _(
            "Trained: mean {a}, standard deviation {b}. "
            "Untrained, same seed and shapes: mean {c}, standard deviation {d}."
        ).format(
            a=number(float(trained.mean())),
            b=number(float(trained.std())),
            c=number(float(untrained.mean())),
            d=number(float(untrained.std())),
        )
    )
