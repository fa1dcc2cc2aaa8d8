"""The controls of the Attribution page, drawn from what the methods declare, and the sentence above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from components import controls, sentences, state
from components.glances import Glance
from components.parts import maps
from components.parts.variants import DEFAULT, RECOMMENDED, VARIANTS, Variant
from components.pointing import Pointed
from components.subjects import Subject
from components.text import _, number, percent
from explain.types import Layer

COLOURS = ("recommended", "grey", "viridis", "jet", "map")
SCALES = ("native", "smooth")
STATISTICS = ("abs_mean", "mean_abs")


@dataclass(frozen=True)
class Smoothing:
    """How maps are smoothed; `everywhere` smooths the other methods too."""

    samples: int
    noise: float
    statistic: str
    seed: int
    everywhere: bool


def headline(subject: Subject, glance: Glance, here: Pointed) -> str:
    """Say where the target stands among the model's answers."""
    assert glance.probabilities is not None
    assert glance.top is not None
    labels = subject.entry.labels()
    index = glance.top if here.target is None else here.target
    share = float(glance.probabilities[index])
    if here.minus is not None:
        return _against(labels, glance, index, here.minus)
    said = sentences.outlook(labels[index], 1 + int((glance.probabilities > share).sum()), share)
    if index == glance.top and sentences.close_call(list(glance.probabilities)):
        other = labels[int(glance.probabilities.argsort()[-2])]
        said += " " + _("A close call: hold it against {other}.").format(other=other)
    return said if subject.entry.trained else said + " " + _("The weights are random.")


def _against(labels: list[str], glance: Glance, index: int, minus: int) -> str:
    """Ask why one class rather than another, and say by how much it leads: the number that the maps are about."""
    assert glance.probabilities is not None
    assert glance.logits is not None
    lead = float(glance.logits[index] - glance.logits[minus])
    ahead = _("Its logit is {lead} higher.") if lead >= 0 else _("Its logit is {lead} lower.")
    asked = _("Why {a} ({p}) rather than {b} ({q})?").format(
        a=labels[index],
        p=percent(float(glance.probabilities[index])),
        b=labels[minus],
        q=percent(float(glance.probabilities[minus])),
    )
    return f"{asked} {ahead.format(lead=number(abs(lead)))}"


def methods() -> list[Variant]:
    """Draw the switches of the methods: the recommended ones first, the rest under "More methods"."""
    state.own("methods", "titles", "targets")
    first = [key for key in VARIANTS if key in RECOMMENDED]
    rest = [key for key in VARIANTS if key not in RECOMMENDED]
    asked = [key for key in state.view().get("methods", "").split(",") if key in VARIANTS] or list(DEFAULT)
    if state.view().get("methods") == "-":
        asked = []

    def save() -> None:
        on = [*st.session_state["methods_first"], *st.session_state["methods_rest"]]
        state.put(methods=",".join(key for key in VARIANTS if key in on) or "-")

    for name, keys in (("methods_first", first), ("methods_rest", rest)):
        wanted = [key for key in keys if key in asked]
        if st.session_state.get(name) != wanted:
            st.session_state[name] = wanted
    title = lambda key: _(VARIANTS[key].title)  # noqa: E731
    st.pills(_("Methods"), first, selection_mode="multi", key="methods_first", format_func=title, on_change=save)
    with controls.more(_("More methods")):
        st.pills(_("More methods"), rest, selection_mode="multi", key="methods_rest", format_func=title, on_change=save)
    return [VARIANTS[key] for key in asked]


def layer(here: Pointed) -> str | None:
    """Return the layer that CAMs read: the pinned one; None takes each model's default, which is named on the map."""
    pinned = state.place().layer
    if here.layer is not None and pinned == here.layer.name:
        st.caption(_("CAMs read **{layer}**, which is pinned in the strip.").format(layer=here.layer.name))
        st.button(_("Use the default layer"), on_click=lambda: state.pin_layer(None), type="tertiary")
        return here.layer.name
    if here.layer is not None:
        st.caption(
            _("CAMs read **{layer}**, the activation behind the last convolution. Pin another in the strip.").format(
                layer=here.layer.name
            )
        )
    return None


def smoothing() -> Smoothing:
    """Draw the smoothing controls; they act on SmoothGrad, and on every method if asked to."""
    return Smoothing(
        controls.slider("smooth_samples", _("Samples"), 0, 200, 20, 1),
        controls.slider("smooth_noise", _("Noise, share of the picture's range"), 0.0, 1.0, 0.2, 0.01),
        controls.choose("smooth_statistic", _("Statistic"), STATISTICS, "abs_mean", _statistic_title),
        controls.number("seed", _("Seed"), 0, 2**31, 0, 1),
        controls.toggle("smooth_all", _("Smooth the other methods too")),
    )


def _statistic_title(key: str) -> str:
    return {"abs_mean": _("absolute, then mean (tf-keras-vis)"), "mean_abs": _("mean, then absolute")}[key]


def look() -> maps.Look:
    """Draw the controls of how maps are drawn."""
    return maps.Look(
        controls.choose("colours", _("Colours"), COLOURS, "recommended", _colour_title),
        controls.segments("scale", _("Cells"), SCALES, "native", _scale_title) == "smooth",
        controls.toggle(
            "parity", _("Place cells as tf-keras-vis does"), help=_("Aligned corners: moves coarse cells outward.")
        ),
        controls.toggle(
            "signed", _("Show signed maps"), help=_("Keeps values below zero where a method cuts them off.")
        ),
    )


def _colour_title(key: str) -> str:
    return {
        "recommended": _("Recommended: over the grey picture"),
        "grey": _("Grey, without the picture"),
        "viridis": _("Viridis, without the picture"),
        "jet": _("Jet (the notebook's; uneven steps invent edges)"),
        "map": _("Recommended, without the picture"),
    }[key]


def _scale_title(key: str) -> str:
    return {"native": _("Native cells"), "smooth": _("Smooth")}[key]


def parameters(chosen: Sequence[Variant]) -> dict[str, dict[str, Any]]:
    """Draw the controls that the chosen methods declare."""
    values: dict[str, dict[str, Any]] = {}
    for variant in chosen:
        own = [param for param in variant.method.params if not isinstance(param, Layer)]
        if own and variant.method.key not in values:
            st.caption(_(variant.method.title))
            values[variant.method.key] = {param.name: controls.parameter(param, variant.method.key) for param in own}
    return values


def reference_toggle() -> bool:
    """Draw the switch of the reference engine."""
    return controls.toggle(
        "reference",
        _("Recompute with tf-keras-vis"),
        help=_("Shows the same map by the reference engine, the largest difference and both times."),
    )
