"""The learned kernel nearest to one's own, and how near a random kernel would come."""

from __future__ import annotations

import numpy as np
import streamlit as st

from components import figures, frame, models, show
from components.figures import Words
from components.parts.filter_editor import Setting
from components.text import _, number
from explain.nearness import Nearest, by_chance, nearest
from model_zoo.first_kernels import FirstKernels, first_kernels

USUAL, RARE = 0.5, 0.95


def found(setting: Setting) -> tuple[FirstKernels, int, Nearest] | None:
    """Return the nearest learned kernel: its layer, its number there, and how near; None where there is none."""
    banks = first_kernels(*setting.kernel.shape)
    if not banks:
        return None
    best = nearest(setting.kernel, np.concatenate([bank.slices for bank in banks]))
    if best is None:
        return None
    at = best.at
    for bank in banks:
        if at < len(bank.slices):
            return bank, at, best
        at -= len(bank.slices)
    raise AssertionError("unreachable: the place lies in one of the banks")


def learned(setting: Setting) -> None:
    """Draw the learned kernel nearest to this one, with what nearness of so few numbers means."""
    st.subheader(_("The learned kernel nearest to it"), anchor=False)
    best = found(setting)
    if best is None:
        _none(setting)
        return
    bank, at, how = best
    entry = models.entry_of(bank.model)
    words = Words(
        _("Cosine {cosine}: kernel {n} of {layer}").format(cosine=number(how.cosine), n=at, layer=bank.layer),
        _("{model}, {layer}, kernel {n}{mean}; compared with {among} learned kernels after removing each mean.").format(
            model=entry.title,
            layer=bank.layer,
            n=at,
            mean=_(", the mean of its red, green and blue slice") if bank.meaned else "",
            among=number(how.among),
        ),
        _("what that kernel does in its network, nor that two kernels alike in numbers do alike."),
    )
    drawn = figures.one_kernel(bank.slices[at][..., None], words, width=show.fit(300))
    show.figure(drawn, "filter_nearest", of_weights=False)
    st.markdown(meaning(setting.kernel.size, how))
    if st.button(_("Open it on the Kernels page"), icon=":material/grid_view:"):
        frame.go("kernels", model=bank.model, layer=bank.layer, channel=at)


def meaning(weights: int, how: Nearest) -> str:
    """Say what nearness of so few numbers means, beside what random kernels reach."""
    usual, rare = (by_chance(how.among, weights, share) for share in (USUAL, RARE))
    said = _(
        "{weights} numbers without their mean can point in {free} directions only: the best of {among} random kernels "
        "comes as near as {usual} in half of all draws, and beyond {rare} in one of 20."
    ).format(weights=weights, free=weights - 1, among=number(how.among), usual=number(usual, 2), rare=number(rare, 2))
    size = abs(how.cosine)
    if size <= usual:
        verdict = _("This one is no nearer than chance.")
    elif size <= rare:
        verdict = _("This one is nearer than chance usually comes, but chance comes as near at times.")
    else:
        verdict = _("This one is nearer than chance comes in 19 of 20 draws.")
    return f"{said} {verdict}{_(' Its sign is turned: light and dark are swapped.') if how.cosine < 0 else ''}"


def _none(setting: Setting) -> None:
    rows, columns = setting.kernel.shape
    if first_kernels(rows, columns):
        st.info(_("All weights are the same, so there is no pattern to compare."), icon=":material/info:")
        return
    st.info(
        _("No bundled network begins with kernels of {rows}×{columns}. Choose 3×3 or 5×5 to compare.").format(
            rows=rows, columns=columns
        ),
        icon=":material/info:",
    )
