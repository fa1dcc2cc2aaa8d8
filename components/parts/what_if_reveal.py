"""Reveal the picture where a map is high, and see when the answer comes back, beside random orders."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import compute, controls, estimates, figures, interventions, jobs, show, state
from components.figures import Words
from components.figures import reveal as figure
from components.glances import Glance
from components.parts import overview, running
from components.parts.targets import Explained
from components.parts.variants import RECOMMENDED, VARIANTS, Variant, why_not
from components.parts.what_if_answers import target_name
from components.pointing import Pointed
from components.sentences import what_if as said
from components.subjects import Subject
from components.text import _, number, shape_text
from explain.costs import Estimate
from explain.evidence.similarity import flat
from explain.types import Attribution, Layer, Target

if TYPE_CHECKING:
    from explain.reveal import Reveal

WIDTH = 420
SAMPLES, NOISE = 20, 0.2


def pick() -> Variant:
    """Draw the choice of the map, a recommended CAM first."""
    keys = sorted(VARIANTS, key=lambda key: (key not in RECOMMENDED, not VARIANTS[key].method.uses_layer))
    key = controls.choose("map", _("Map"), keys, keys[0], lambda key: _(VARIANTS[key].title))
    return VARIANTS[key]


def reveal(subject: Subject, glance: Glance, here: Pointed, variant: Variant) -> None:
    """Compute the map, then the curve and its band; drawn while they are computed."""
    target = overview.target_of(glance, here)
    refusal = why_not(variant, subject, glance, target)
    if refusal:
        st.info(refusal, icon=":material/block:")
        return
    settings = _settings(variant, here)
    key = ("reveal", subject, target, variant.method.key, tuple(sorted(settings.items())))
    one = Explained(subject, glance, target, subject.title)
    slot = st.empty()
    result = running.computed(one, variant, settings, "reveal_map", lambda partial: None, slot)
    if result is None or result.partial:
        return
    if flat(result.map):
        slot.info(_("The map has one value everywhere, or none, so it puts the picture into no order. Choose another."))
        return
    turns = iter(range(1_000_000))

    def draw(grown: Reveal) -> None:
        whole = grown.done == grown.total
        name = f"reveal_{variant.key}" if whole else f"reveal_part_{next(turns)}"
        show.figure(_drawn(subject, target, variant, result, grown), name, into=slot)

    cost = estimates.forward(subject, interventions.reveal_passes(subject))
    if compute.kept(key) is None and estimates.waits(cost) and key not in running.asked():
        _offer(key, cost)
        return
    expects = estimates.said(cost) if cost.seconds > estimates.BRIEF else ""
    jobs.run("reveal", key, lambda: interventions.revealed(subject, target, result), draw, expects=expects)


def _offer(key: Hashable, cost: Estimate) -> None:
    """Say what it costs where that is too long to begin unasked."""
    said = _("Revealing it takes {cost}, so it waits for you.").format(cost=estimates.said(cost))
    st.markdown(f":material/hourglass_empty: {said}")
    st.button(
        _("Reveal it (about {s} s)").format(s=estimates.seconds(cost)),
        icon=":material/play_arrow:",
        on_click=running.asked().add,
        args=(key,),
    )


def _drawn(subject: Subject, target: Target, variant: Variant, result: Attribution, grown: Reveal) -> figures.Drawn:
    name = target_name(subject, target)
    share = grown.quantity == "probability"
    quantity = _("share of {name}").format(name=name) if share else _("logit difference")
    return figure.reveal(
        grown.levels,
        grown.scores,
        grown.low,
        grown.middle,
        grown.high,
        grown.frames,
        Words(
            said.reveal_title(grown.levels, grown.scores, grown.areas, grown.area, name, share=share),
            _caption(variant, result, grown, quantity),
            _("that the map is right: blocks that are sharp early can also help by their place or their edges."),
        ),
        quantity=quantity,
        share=share,
        start=_start(grown),
        width=show.fit(WIDTH),
    )


def _caption(variant: Variant, result: Attribution, grown: Reveal, quantity: str) -> str:
    layer = "" if result.layer is None else _(" at {layer}").format(layer=result.layer)
    return _(
        "{quantity} while the {grid} blocks of the picture turn from blurred to sharp, highest first by {map}{layer} "
        "(line), and in {n} random orders with the map's own shapes (band; median dashed). {passes} passes."
    ).format(
        quantity=quantity[:1].upper() + quantity[1:],
        grid=shape_text(grown.grid),
        map=_(variant.title),
        layer=layer,
        n=grown.orders,
        passes=number(grown.passes),
    )


def _start(grown: Reveal) -> int:
    """The first frame: the level at which the score stands furthest over the random orders, else three tenths."""
    gap = grown.scores - grown.middle
    if grown.orders and (gap[1:-1] > 0).any():
        return int(gap[1:-1].argmax()) + 1
    return int(abs(grown.levels - 0.3).argmin())


def _settings(variant: Variant, here: Pointed) -> dict[str, Any]:
    """The settings that the Attribution page opens with, so that a map made there is not made again."""
    method = variant.method
    settings: dict[str, Any] = {p.name: p.default for p in method.params if not isinstance(p, Layer)}
    if method.uses_layer:
        pinned = here.layer is not None and state.place().layer == here.layer.name
        settings["layer"] = here.layer.name if pinned and here.layer is not None else None
    settings |= {"signed": False, "parity": False}
    if variant.smoothed:
        settings |= {"smooth_samples": SAMPLES, "smooth_noise": NOISE, "smooth_statistic": "abs_mean", "seed": 0}
    return settings
