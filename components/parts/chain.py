"""What a chain of layers comes to: a drawing, a table by two rules and by Keras itself, one layer's numbers, totals."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import streamlit as st

from components import compute, downloads, figures, frame, show, state, training
from components.figures import Words
from components.parts import architecture
from components.parts.chain_words import impossible, lost_border, share_held
from components.text import _, bytes_text, number, shape_text
from explain.chain import FLOAT_BYTES, Worked, worked
from explain.chain_keras import MOST_PARAMETERS, code
from explain.chain_layers import Impossible, Link, Shape
from explain.chain_text import written

AT = "chain_layer"
PARTS, SHIFTED, LOST = "\u2260", "\u21c4", "\u2702"


def possible(shape: Shape, links: Sequence[Link]) -> tuple[tuple[Worked, ...], Impossible | None]:
    """Work a chain out as far as it goes; returns what stands in the way of the rest, None if nothing does."""
    try:
        return worked(shape, links), None
    except Impossible as problem:
        return worked(shape, links[: problem.at]), problem


def headline(shape: Shape, done: Sequence[Worked], problem: Impossible | None) -> str:
    """Say in a sentence what the chain makes of its input and what it costs."""
    if problem is not None:
        return _("Layer {n} can't follow.").format(n=problem.at + 1)
    if not done:
        return _("No layers yet: the input stays {shape}.").format(shape=shape_text(shape))
    return _("{shape} becomes {out}: {parameters} parameters, {macs} multiply-adds.").format(
        shape=shape_text(shape),
        out=shape_text(done[-1].info.output_shape),
        parameters=f"{sum(one.info.parameters for one in done):,}",
        macs=f"{sum(one.info.macs for one in done):,}",
    )


def trouble(done: Sequence[Worked], problem: Impossible | None, wrong: str) -> None:
    """Say what can't be read or can't be, and which value would mend it."""
    if wrong:
        st.error(wrong, icon=":material/edit_off:")
    if problem is not None:
        st.error(impossible(problem), icon=":material/link_off:")


def drawing(done: Sequence[Worked], here: Worked | None) -> None:
    """Draw the layers as blocks; a click chooses one."""
    if not done:
        return
    biggest = max(done, key=lambda one: one.info.parameters)
    words = Words(
        share_held(biggest.info.name, biggest.info.parameters, sum(one.info.parameters for one in done)),
        _("Every layer of the chain in order. Click one to see its numbers."),
        _("what a network of this shape would learn."),
    )
    bars = [
        figures.Bar(
            one.info.name, one.info.kind, _rows(one), one.info.output_shape[-1], shape_text(one.info.output_shape)
        )
        for one in done
    ]
    drawn = figures.layer_drawing(bars, words, current=here.info.name if here else None)
    show.figure(drawn, "chain", lambda mark: state.put(**{AT: _number(str(mark[1]))}), of_weights=False)


def _rows(one: Worked) -> int:
    return one.info.output_shape[0] if one.info.spatial else 1


def _number(name: str) -> str:
    return name.rpartition("_")[2]


def chosen(done: Sequence[Worked]) -> Worked | None:
    """Return the layer that is looked at: the one in the address, else the first with a sliding window."""
    state.own(AT)
    at = state.number(AT)
    if at is not None and 1 <= at <= len(done):
        return done[at - 1]
    return next((one for one in done if one.rules), done[0] if done else None)


def table(shape: Shape, links: Sequence[Link], done: Sequence[Worked]) -> None:
    """List every layer: its size by the textbook's formula, by Keras's rule and as Keras builds it, and its costs."""
    if not done:
        return
    theirs = _built(shape, links[: len(done)], done)
    listed = [_line(one, theirs[at] if theirs else None) for at, one in enumerate(done)]
    st.dataframe(
        listed,
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format="localized") for name in (_("parameters"), _("multiply-adds"))
        },
        alt=_("Every layer with its sizes by formula, rule and Keras, and its costs"),
    )
    marks = {
        PARTS: _("formula and Keras part"),
        SHIFTED: _("same size, but Keras lays its zeros otherwise"),
        LOST: _("a border that no window reads"),
    }
    st.caption(" · ".join(f"{sign} {said}" for sign, said in marks.items()))


def _built(shape: Shape, links: Sequence[Link], done: Sequence[Worked]) -> Any:
    if sum(one.info.parameters for one in done) > MOST_PARAMETERS:
        show.small(
            _("Keras doesn't build it here: more than {n} parameters only for a look.").format(n=f"{MOST_PARAMETERS:,}")
        )
        return None
    with st.spinner(_("Keras builds it")):
        return compute.chain_built(written(shape, links))


def _line(one: Worked, theirs: tuple[Shape, int] | None) -> dict[str, Any]:
    info = one.info
    found: dict[str, Any] = {
        _("layer"): info.name,
        _("in Keras"): info.type,
        _("formula"): "×".join(str(rule.formula) for rule in one.rules) if one.rules else "–",
        _("Keras's rule"): shape_text(info.output_shape),
        _("Keras builds"): shape_text(theirs[0]) if theirs else "–",
        "": marks(one),
        _("parameters"): info.parameters,
        _("multiply-adds"): info.macs,
        _("output, float32"): bytes_text(one.bytes),
        _("receptive field"): "×".join(map(str, info.receptive_field.size))
        if info.receptive_field
        else _("everything"),
    }
    if theirs and (theirs[0], theirs[1]) != (info.output_shape, info.parameters):
        found[_("Keras builds")] += f" ({theirs[1]:,})"
    return found


def marks(one: Worked) -> str:
    """Return the signs of what is worth a second look at a layer."""
    rules = one.rules or ()
    signs = [PARTS] if any(not rule.agree for rule in rules) else []
    signs += [SHIFTED] if not signs and any(not rule.pads_agree for rule in rules) else []
    return " ".join(signs + ([LOST] if any(one.unread) else []))


def detail(one: Worked) -> None:
    """Write one layer's size and parameters with its own numbers put in."""
    st.subheader(_("How {layer} gets its size").format(layer=one.info.name), anchor=False)
    if one.rules is None:
        st.markdown(
            _("{type} slides no window: {before} becomes {after}.").format(
                type=one.info.type, before=shape_text(one.source), after=shape_text(one.info.output_shape)
            )
        )
    else:
        architecture.write_rules(one.rules)
    if any(one.unread):
        st.info(lost_border(*one.unread), icon=":material/content_cut:")
    formula = parameters_by_hand(one)
    if formula:
        st.markdown(_("Parameters"))
        st.latex(formula)


def parameters_by_hand(one: Worked) -> str:
    """Return the parameter count as a formula with its numbers, "" for a layer without any."""
    link, count = one.link, one.info.parameters
    bias = f" + {link.units}" if link.bias else ""
    if one.info.has_kernel:
        rows, columns = link.window
        return rf"{rows}\cdot {columns}\cdot {one.source[-1]}\cdot {link.units}{bias} = {count}"
    if link.type == "dense":
        return rf"{one.source[-1]}\cdot {link.units}{bias} = {count}"
    return rf"4\cdot {one.source[-1]} = {count}" if link.type == "norm" else ""


def totals(shape: Shape, done: Sequence[Worked], ends: str) -> None:
    """Write the sums, with what they leave out, and what a dense neuron on the input would cost beside a kernel."""
    parameters = sum(one.info.parameters for one in done)
    if ends:
        st.markdown(f":material/content_cut: {ends}")
    with st.grid(4, min_column_width=200):
        st.metric(_("Parameters"), f"{parameters:,}")
        st.metric(_("Weights as float32"), bytes_text(parameters * FLOAT_BYTES))
        st.metric(_("Multiply-adds a picture"), f"{sum(one.info.macs for one in done):,}")
        st.metric(_("All activations of one picture"), bytes_text(sum(one.bytes for one in done)))
    kernel = next((one for one in done if one.link.type == "conv"), None)
    window = kernel.link.window if kernel else (3, 3)
    st.markdown(
        _(
            "Dense against convolution: one neuron that reads the whole input has {dense} weights, one {window} kernel "
            "has {conv}."
        ).format(dense=number(prod(shape)), window="×".join(map(str, window)), conv=number(prod(window) * shape[2]))
    )


def take_along(shape: Shape, links: Sequence[Link], ends: str) -> None:
    """Offer the chain to be trained, and as Keras code; one that leaves something out is not to be trained."""
    text = code(shape, links, ends)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            _("Train it"),
            icon=":material/model_training:",
            type="secondary" if ends else "primary",
            key="shapes_train",
            disabled=bool(ends),
        ):
            training.done_with()
            frame.go("train")
        downloads.button(_("Keras code"), text.encode, "chain.py", "text/x-python")
        if ends:
            show.small(_("To be trained, the chain has to be mended first."))
    with st.expander(_("Keras code"), icon=":material/code:"):
        st.code(text, language="python")
