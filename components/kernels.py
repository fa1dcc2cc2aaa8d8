"""The parts of the Kernels page: one input channel's kernels, one kernel in full, the twin, colour, norms, histogram."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import compute, controls, figures, sentences, show, state
from components.compute import LayerKernels
from components.figures import Words
from components.pointing import Pointed
from components.subjects import Subject
from components.text import _, number
from explain.layers import LayerInfo
from explain.kernels import norm_matrix
from model_zoo import MODELS

LIMITS = ("shared", "kernel", "fixed")
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
    return {"shared": _("One for the layer"), "kernel": _("Each its own"), "fixed": _("Fixed")}[key]


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
    label = _("Untrained twin beside it") if subject.entry.trained else _("Trained twin beside it")
    return controls.toggle("twin", label)


def folded_toggle(stored: LayerKernels) -> bool:
    """Draw the switch between kernels as stored and as used, where a normalisation follows."""
    label = _("As used: {norm} folded in").format(norm=stored.folded.norm) if stored.folded else _("As used (folded)")
    on = controls.toggle(
        "folded", label, help=_("Multiplies the scale of the normalisation that follows."), disabled=stored.folded is None
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


def _limits(weights: Values, view: View) -> tuple[float, float]:
    bound = view.bound if view.limits == "fixed" else float(np.abs(weights).max()) or 1.0
    return -bound, bound


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
    caption = _caption(stored, weights, view)
    if view.twin:
        _twins(subject, here, stored, weights, view, caption)
        return
    drawn = figures.kernels(
        np.moveaxis(weights[:, :, view.source, numbers], -1, 0),
        numbers,
        Words(sentences.kernel_title(stored.layer, weights), caption, _doesnt_show()),
        limits=_limits(weights, view),
        per_kernel=view.limits == "kernel",
        columns=view.columns or None,
        pinned=here.channel,
    )
    show.figure(drawn, "kernels", lambda mark: _pin(layer, int(mark[1])))


def _numbers(weights: Values, view: View) -> list[int]:
    if view.order == "norm":
        return [int(i) for i in np.argsort(-_sizes(weights, view.source), kind="stable")]
    return list(range(weights.shape[3]))


def _pin(layer: LayerInfo, channel: int) -> None:
    state.pin_layer(layer.name)
    state.put(channel=channel)


def _sizes(weights: Values, source: int) -> Values:
    sizes: Values = norm_matrix(weights)[source]
    return sizes


def _caption(stored: LayerKernels, weights: Values, view: View) -> str:
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
        scale=_scale_words(view, _limits(weights, view)),
        kind=_("as used, normalisation folded in") if view.folded else _("as stored"),
    )


def _doesnt_show() -> str:
    return _("what the layer responds to in a picture: that is on the Activations page.")


def _twins(
    subject: Subject, here: Pointed, stored: LayerKernels, weights: Values, view: View, caption: str
) -> None:
    numbers = _numbers(weights, view)
    other = MODELS[subject.entry.twin]
    theirs = weights_of(compute.kernels(other.key, other.state(), stored.layer), view)
    trained, untrained = (weights, theirs) if subject.entry.trained else (theirs, weights)
    both = np.concatenate([trained.ravel(), untrained.ravel()])
    drawn = figures.twins(
        np.moveaxis(trained[:, :, view.source, numbers], -1, 0),
        np.moveaxis(untrained[:, :, view.source, numbers], -1, 0),
        numbers,
        Words(sentences.twin_title(trained, untrained), caption, _doesnt_show()),
        limits=_limits(both, view),
        columns=view.columns or None,
        pinned=here.channel,
    )
    show.figure(drawn, "twins", lambda mark: _pin(here.layer, int(mark[1])) if here.layer else None)
    st.caption(
        _("Trained: mean {a}, standard deviation {b}. Untrained, same seed and shapes: mean {c}, {d}.").format(
            a=number(float(trained.mean())),
            b=number(float(trained.std())),
            c=number(float(untrained.mean())),
            d=number(float(untrained.std())),
        )
    )


def one_kernel(here: Pointed, stored: LayerKernels, view: View) -> None:
    """Draw the pinned kernel in full: every slice, with the numbers in the cells of small ones."""
    weights, layer = weights_of(stored, view), here.layer
    assert layer is not None
    count = weights.shape[3]
    shown = here.channel if here.channel is not None else int(np.argmax(_sizes(weights, view.source)))
    st.session_state["pick_kernel"] = shown
    st.number_input(
        _("Kernel, 0 to {last}").format(last=count - 1),
        0,
        count - 1,
        key="pick_kernel",
        on_change=lambda: _pin(layer, st.session_state["pick_kernel"]),
    )
    kernel = weights[..., shown]
    drawn = figures.one_kernel(
        kernel,
        Words(
            _("Kernel {n}: weights add up to {total}").format(n=shown, total=number(float(kernel.sum()))),
            _("Kernel {n} of {layer}, {slices} slices of {h}×{w}, one scale. Bias {bias}.").format(
                n=shown,
                layer=stored.layer,
                slices=kernel.shape[2],
                h=kernel.shape[0],
                w=kernel.shape[1],
                bias=_bias(stored, view, shown),
            ),
            _doesnt_show(),
        ),
    )
    show.figure(drawn, "one_kernel")


def _bias(stored: LayerKernels, view: View, channel: int) -> str:
    bias = stored.folded.bias if view.folded and stored.folded else stored.bias
    return _("none") if bias is None else number(float(bias[channel]))


def distribution(stored: LayerKernels, view: View) -> None:
    """Draw the histogram of the layer's weights."""
    weights = weights_of(stored, view)
    low, high = float(weights.min()), float(weights.max())
    words = Words(
        _("{share} of the weights are below zero").format(share=f"{100 * float((weights < 0).mean()):.0f} %"),
        _("All {n} kernel weights of {layer}: range {low} to {high}, mean {mean}, standard deviation {std}.").format(
            n=number(weights.size),
            layer=stored.layer,
            low=number(low),
            high=number(high),
            mean=number(float(weights.mean())),
            std=number(float(weights.std())),
        ),
        _("which weights matter: a small one on a strong input can count more than a large one."),
    )
    show.figure(figures.weight_histogram(weights, words), "histogram")


def in_colour(here: Pointed, stored: LayerKernels) -> None:
    """Draw a first layer that reads three colours as colours."""
    layer = here.layer
    if layer is None or stored.inputs != 3 or layer.index > 2:
        return
    words = Words(
        _("The {n} kernels of {layer} as colours").format(n=stored.stored.shape[3], layer=stored.layer),
        _("Red, green and blue slices together, centred on mid grey, one scale. Colours are weights, not a picture."),
        _doesnt_show(),
    )
    st.subheader(_("In colour"), anchor=False)
    show.figure(figures.rgb_kernels(stored.stored, words, pinned=here.channel), "rgb")


def norms(here: Pointed, stored: LayerKernels, view: View) -> None:
    """Draw how strongly each output channel reads each input channel."""
    matrix = norm_matrix(weights_of(stored, view))
    if min(matrix.shape) < 2:
        return
    words = Words(
        sentences.norm_title(matrix),
        _("L2 norm of every slice of {layer}: input channels down, output channels across.").format(layer=stored.layer),
        _("how strong the input channels are: a large slice on a silent channel does nothing."),
    )
    with st.expander(_("Which input feeds which output"), icon=":material/grid_on:"):
        show.figure(figures.norm_matrix(matrix, words, pinned=here.channel), "norms")
