"""More of the Kernels page: one kernel in full, the histogram, a first layer in colour, norms."""

from __future__ import annotations

import streamlit as st

from components import figures, sentences, show
from components.compute import LayerKernels
from components.figures import Words
from components.parts import kernels
from components.pointing import Pointed
from components.text import _, ngettext, number, percent
from explain.kernels import norm_matrix


def one_kernel(here: Pointed, stored: LayerKernels, view: kernels.View) -> None:
    """Draw the pinned kernel in full: every slice, with the numbers in the cells of small ones."""
    weights, layer = kernels.weights_of(stored, view), here.layer
    assert layer is not None
    count = weights.shape[3]
    shown = kernels.shown(here, weights, view)
    st.session_state["pick_kernel"] = shown
    st.number_input(
        _("Kernel, 0 to {last}").format(last=count - 1),
        0,
        count - 1,
        key="pick_kernel",
        on_change=lambda: kernels.pin(layer, st.session_state["pick_kernel"]),
    )
    kernel = weights[..., shown]
    drawn = figures.one_kernel(
        kernel,
        Words(
            _("Kernel {n}: weights add up to {total}").format(n=shown, total=number(float(kernel.sum()))),
            ngettext(
                "Kernel {n} of {layer}, {slices} slice of {h}×{w}; {bias}.",
                "Kernel {n} of {layer}, {slices} slices of {h}×{w}, one scale; {bias}.",
                kernel.shape[2],
            ).format(
                n=shown,
                layer=stored.layer,
                slices=kernel.shape[2],
                h=kernel.shape[0],
                w=kernel.shape[1],
                bias=_bias(stored, view, shown),
            ),
            kernels.doesnt_show(),
        ),
        limits=None if view.limits == "kernel" else kernels.limits_of(weights, view),
        width=show.fit(480),
    )
    show.figure(drawn, "one_kernel")


def _bias(stored: LayerKernels, view: kernels.View, channel: int) -> str:
    bias = stored.folded.bias if view.folded and stored.folded else stored.bias
    return _("no bias") if bias is None else _("bias {value}").format(value=number(float(bias[channel])))


def distribution(stored: LayerKernels, view: kernels.View) -> None:
    """Draw the histogram of the layer's weights."""
    weights = kernels.weights_of(stored, view)
    low, high = float(weights.min()), float(weights.max())
    words = Words(
        _("{share} of the weights are below zero").format(share=percent(float((weights < 0).mean()))),
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
    show.figure(figures.weight_histogram(weights, words, width=show.fit(480)), "histogram")


def in_colour(here: Pointed, stored: LayerKernels, view: kernels.View) -> None:
    """Draw a first layer that reads three colours as colours."""
    layer = here.layer
    if layer is None or stored.inputs != 3 or layer.index > 2:
        return
    words = Words(
        sentences.colour_title(kernels.weights_of(stored, view)),
        _("Red, green and blue slices together, centred on mid grey, one scale. Colours are weights, not a picture."),
        kernels.doesnt_show(),
    )
    st.subheader(_("In colour"), anchor=False)
    show.figure(
        figures.rgb_kernels(kernels.weights_of(stored, view), words, pinned=here.channel, width=show.fit(960)), "rgb"
    )


def norms(here: Pointed, stored: LayerKernels, view: kernels.View) -> None:
    """Draw how strongly each output channel reads each input channel."""
    matrix = norm_matrix(kernels.weights_of(stored, view))
    if min(matrix.shape) < 2:
        return
    words = Words(
        sentences.norm_title(matrix),
        _("L2 norm of every slice of {layer}: input channels down, output channels across.").format(layer=stored.layer),
        _("how strong the input channels are: a large slice on a silent channel does nothing."),
    )
    with st.expander(_("Which input feeds which output"), icon=":material/grid_on:"):
        show.figure(figures.norm_matrix(matrix, words, pinned=here.channel, width=show.fit(640)), "norms")
