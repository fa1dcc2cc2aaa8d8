"""The controls of the Attribution page, drawn from what the methods declare, and the sentence above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from components import controls, raster, sentences, show, standins, state, subjects
from components.glances import Glance
from components.parts import captions, maps, mends, targets
from components.parts.variants import Variant
from components.pointing import Pointed
from components.subjects import Subject
from components.text import _, fitted, number, percent
from explain.types import Choice, Fill, Layer, Number, Target

COLOURS = ("recommended", "grey", "viridis", "jet", "map")
SCALES = ("native", "smooth")
THUMBNAIL = 64
MOST_LETTERS = 114
"""Of the headline, so that with a word on random weights it stays within a sentence's 140."""


@dataclass(frozen=True)
class Smoothing:
    """How maps are smoothed; `everywhere` smooths the other methods too."""

    samples: int
    noise: float
    statistic: str
    sampling: str
    seed: int
    everywhere: bool


def headline(subject: Subject, glance: Glance, here: Pointed) -> str:
    """Ask the page's question about the score that is explained, with the numbers that it is about."""
    labels, (target, _by_itself) = subject.entry.labels(), targets.score(glance, here)
    if glance.probabilities is None or len(glance.probabilities) == 1:
        return _single(labels[0], glance, target)
    share = float(glance.probabilities[target.index])
    if target.minus is None:
        said = sentences.outlook(labels[target.index], 1 + int((glance.probabilities > share).sum()), share)
    else:
        said = _against(labels, glance, target.index, target.minus)
    return said if subject.entry.trained else said + " " + _("The weights are random.")


def _single(name: str, glance: Glance, target: Target) -> str:
    """Say what a single output is, and which way it is explained."""
    assert glance.logits is not None
    share = number(float(glance.logits[0])) if glance.probabilities is None else percent(float(glance.probabilities[0]))
    way = _("What speaks for it?") if target.sign == 1 else _("What speaks against it?")
    return f"{name}: {share}. {way}"


def _against(labels: list[str], glance: Glance, index: int, minus: int) -> str:
    """Ask why one class rather than another, and say by how much it leads: the number that the maps are about."""
    assert glance.probabilities is not None
    assert glance.logits is not None
    lead = float(glance.logits[index] - glance.logits[minus])
    ahead = _("Its logit is {lead} higher.") if lead >= 0 else _("Its logit is {lead} lower.")
    return fitted(
        _("Why {a} ({p}) rather than {b} ({q})?") + " " + ahead,
        {"a": labels[index], "b": labels[minus]},
        limit=MOST_LETTERS,
        p=percent(float(glance.probabilities[index])),
        q=percent(float(glance.probabilities[minus])),
        lead=number(abs(lead)),
    )


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
        controls.slider("smooth_samples", _("Samples"), 0, mends.MOST_SAMPLES, 20, 1),
        controls.slider("smooth_noise", _("Noise, share of the picture's range"), 0.0, 1.0, 0.2, 0.01),
        controls.choose(
            "smooth_statistic",
            _("Statistic"),
            list(captions.STATISTICS),
            "abs_mean",
            lambda key: captions.STATISTICS[key](),
            _(
                "The mean of absolute values keeps a floor of noise however many samples there are; in the absolute "
                "value of the mean noise falls. Variance and squares are of signed values. A signed map takes the mean."
            ),
        ),
        controls.choose(
            "smooth_sampling",
            _("Drawn"),
            list(captions.SAMPLINGS),
            "plain",
            lambda key: captions.SAMPLINGS[key](),
            _(
                "Measured here: pairs save a tenth to a third of the samples on the small Fashion-MNIST network and "
                "nothing on EfficientNet-Lite0; the sequence a tenth at most on the one, nothing on the other."
            ),
        ),
        controls.number(
            "seed", _("Seed"), 0, 2**31, 0, 1, _("Every random draw begins here: noise, masks, random stand-ins.")
        ),
        controls.toggle("smooth_all", _("Smooth the other methods too")),
    )


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
            values[variant.method.key] = {param.name: _parameter(param, variant.method.key) for param in own}
    return values


def _parameter(param: Number | Choice, method: str) -> Any:
    value = controls.parameter(param, method)
    if isinstance(param, Fill):
        _stand_ins(param, str(value))
    return value


def _stand_ins(param: Fill, kind: str) -> None:
    """Draw what stands in for the first picture, small."""
    subject, seed = subjects.current(), state.view().get("seed", "0")
    made = standins.pictures(subject, kind, int(seed) if state.whole(seed) else 0)
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        for at, pixels in enumerate(made, start=1):
            alt = _("{label}, {n} of {of}").format(label=_(param.label), n=at, of=len(made))
            show.image(raster.picture_thumbnail(pixels, 2 * THUMBNAIL), alt, THUMBNAIL)
        if standins.inverted(subject):
            show.small(_("Drawn dark on light, as the picture is: black is the background."))


def reference_toggle() -> bool:
    """Draw the switch of the reference engine."""
    return controls.toggle(
        "reference",
        _("Recompute with tf-keras-vis"),
        help=_("Shows the same map by the reference engine, the largest difference and both times."),
    )
