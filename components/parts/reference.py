"""The reference engine on screen: the same map by tf-keras-vis, the largest difference, and both times."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import compute, raster, show
from components.parts.targets import Explained
from components.parts.variants import Variant
from components.text import _, number
from explain.types import Attribution

REASONS = {
    "unknown_method": "tf-keras-vis does not have this method.",
    "no_class_output": "This model has no class output.",
    "nested_model": "tf-keras-vis can't look into a model inside a model.",
    "sigmoid_output": "tf-keras-vis takes a softmax here, which a sigmoid output has not.",
}


def compare(one: Explained, variant: Variant, result: Attribution, name: str) -> None:
    """Recompute a map with tf-keras-vis and show both, normalised the same way."""
    from explain.reference import reference_can_run

    reason = reference_can_run(compute.engine(one.subject.model, one.subject.state), variant.method.key)
    if reason:
        st.caption(f":material/block: {_(REASONS[reason])}")
        return
    if result.partial:
        st.caption(_("Compute it all first: a partial map is not compared."))
        return
    smoothed = result.settings["smooth_samples"]
    if smoothed and variant.method.uses_layer:
        st.caption(f":material/block: {_('tf-keras-vis does not smooth this method.')}")
        return
    with st.spinner(_("tf-keras-vis is computing the same map")):
        theirs, seconds = compute.reference(
            one.subject,
            variant.method.key,
            one.target,
            result.layer,
            smoothed,
            result.settings["smooth_noise"],
            result.settings["seed"],
            result.settings.get("top_n", 0),
        )
        ours = compute.parity(one.subject, one.target, result)
    if theirs is None:
        st.caption(_("tf-keras-vis can't explain this target."))
        return
    left, right = st.columns(2)
    picture = compute.shown_input(one.subject)
    for place, values, words in ((left, ours.map, "ConvScope"), (right, theirs, "tf-keras-vis")):
        place.image(raster.overlay(picture, values, "attribution"), caption=words, width="stretch", alt=words)
    difference = float(np.abs(normalised(ours.map) - normalised(theirs)).max())
    same = _(
        "Same weights, layer, noise, statistic and placement. Largest difference after both are scaled to 0…1: "
        "**{difference}**."
    ).format(difference=number(difference, 2))
    show.small(f"{same} {times(result, seconds)}")


def times(result: Attribution, theirs: float) -> str:
    """Say what each took, preparations and all; a map made from passes of other maps is not compared."""
    if not result.passes:
        return _("tf-keras-vis took {theirs} s; ConvScope needed no new pass.").format(theirs=number(theirs, 2))
    return _("tf-keras-vis took {theirs} s, ConvScope {ours} s for the map above, preparations included.").format(
        theirs=number(theirs, 2), ours=number(result.seconds, 2)
    )


def normalised(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale a map to 0..1 by its least and largest value; a constant map becomes 0."""
    span = float(values.max() - values.min())
    scaled: NDArray[np.float32] = (values - values.min()) / (span or 1.0)
    return scaled
