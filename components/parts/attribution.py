"""The parts of the Attribution page: methods side by side, smoothing, drawing, findings, exports, the reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import streamlit as st

from components import compute, controls, jobs, sentences, show, state
from components.glances import Glance
from components.parts import evidence_line, exports, maps, reference, targets
from components.parts.targets import Explained
from components.parts.variants import DEFAULT, RECOMMENDED, VARIANTS, Variant
from components.pointing import Pointed
from components.subjects import Subject
from components.text import _, percent, plain
from explain.types import Attribution, Layer

WIDE, NARROW = 310, 220
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


@dataclass(frozen=True)
class Asked:
    """Everything the page was asked for, the same for all its maps."""

    variants: Sequence[Variant]
    layer: str | None
    smoothing: Smoothing
    look: maps.Look
    params: Mapping[str, Mapping[str, Any]]
    reference: bool


def headline(subject: Subject, glance: Glance, here: Pointed) -> str:
    """Say where the target stands among the model's answers."""
    assert glance.probabilities is not None
    assert glance.top is not None
    labels = subject.entry.labels()
    index = glance.top if here.target is None else here.target
    share = float(glance.probabilities[index])
    if here.minus is not None:
        return _("Why {a} ({p}) rather than {b} ({q})?").format(
            a=labels[index], p=percent(share), b=labels[here.minus], q=percent(float(glance.probabilities[here.minus]))
        )
    said = sentences.outlook(labels[index], 1 + int((glance.probabilities > share).sum()), share)
    if index == glance.top and sentences.close_call(list(glance.probabilities)):
        other = labels[int(glance.probabilities.argsort()[-2])]
        said += " " + _("A close call: hold it against {other}.").format(other=other)
    return said if subject.entry.trained else said + " " + _("The weights are random.")


def methods() -> list[Variant]:
    """Draw the switches of the methods: the recommended ones first, the rest under "More methods"."""
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


def row(one: Explained, asked: Asked, *, alone: bool) -> None:
    """Draw all chosen methods for one picture."""
    if not asked.variants:
        st.info(_("No method is on. Switch one on at the left."), icon=":material/toggle_off:")
        return
    if not alone:
        st.subheader(f"{plain(one.title)} · {one.name}", anchor=False)
    with st.grid(min(len(asked.variants), 2 if alone else 4), min_column_width=WIDE if alone else NARROW):
        for variant in asked.variants:
            with st.container():
                _cell(one, variant, asked, WIDE if alone else NARROW)


def pictures(shown: Sequence[Explained]) -> None:
    """Show the pictures in a row, each with its own title and target, and offer to change those."""
    with st.grid(len(shown), min_column_width=130):
        for at, one in enumerate(shown):
            with st.container():
                st.image(compute.shown_input(one.subject), width="stretch", alt=one.title)
                st.markdown(f"**{plain(one.title)}**  \n{one.name}")
                targets.edit(one, at, len(shown))


def _cell(one: Explained, variant: Variant, asked: Asked, width: int) -> None:
    refusal = variant.refusal(one.target)
    if refusal:
        st.markdown(f"**{_(variant.title)}**")
        st.info(refusal, icon=":material/block:")
        return
    name = f"{variant.key}_{one.subject.picture}"
    slot, turns = st.empty(), count()

    def draw(result: Attribution) -> None:
        key = f"map_{name}_part_{next(turns)}" if result.partial else f"map_{name}_{len(asked.variants)}"
        show.figure(
            maps.drawn(one, variant, result, asked.look, width),
            key,
            into=slot,
            kicker=_(variant.title),
        )

    result = computed(one, variant, asked, name, draw)
    if result is None:
        return
    maps.findings(one, result, name)
    exports.buttons(one, variant, result, asked.look, name)
    evidence_line.line(one, variant, result, name)
    if asked.reference:
        reference.compare(one, variant, result, name)


def computed(
    one: Explained, variant: Variant, asked: Asked, name: str, draw: Callable[[Attribution], None]
) -> Attribution | None:
    """Compute a method's map of one picture in view of the user; the same map is known on every page."""
    settings = _settings(variant, asked)
    key = ("attribution", one.subject, one.target, one.title, variant.method.key, tuple(sorted(settings.items())))
    return jobs.run(
        name, key, lambda: compute.attribution(one.subject, variant.method.key, one.target, one.title, settings), draw
    )


def _settings(variant: Variant, asked: Asked) -> dict[str, Any]:
    method = variant.method
    settings: dict[str, Any] = dict(asked.params.get(method.key, {}))
    if method.uses_layer:
        settings["layer"] = asked.layer
    settings["signed"] = asked.look.signed and method.signed_compute is not None
    settings["parity"] = asked.look.parity
    if variant.smoothed or asked.smoothing.everywhere:
        settings["smooth_samples"] = max(asked.smoothing.samples, 1 if variant.smoothed else 0)
        settings["smooth_noise"] = asked.smoothing.noise
        settings["smooth_statistic"] = asked.smoothing.statistic
        settings["seed"] = asked.smoothing.seed
    return settings
