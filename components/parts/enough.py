"""Is the number of samples enough? How far halves agree as samples came, and what another way to draw them saves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import streamlit as st

from components import figures, growing, sentences, show
from components.figures import Words
from components.parts import captions, running
from components.parts.targets import Explained
from components.parts.variants import Variant
from components.text import _, number
from explain.findings import RELIABLE
from explain.types import Attribution

GOOD = 0.9
WIDTH = 420
SAMPLING = "smooth_sampling"

Settings = Mapping[str, Any]


def popover(one: Explained, variant: Variant, result: Attribution, settings: Settings, name: str) -> None:
    """Offer the curve of a map over random samples."""
    if not result.curve:
        return
    with st.popover(_("Is {n} enough?").format(n=number(result.done)), icon=":material/ssid_chart:", type="tertiary"):
        place = st.container()
        plain = _plain(one, variant, settings, name) if SAMPLING in settings else None
        curves = {_own_name(settings): result.curve}
        if plain is not None and plain.curve:
            curves[captions.SAMPLINGS["plain"]()] = plain.curve
        words = Words(
            _title(result), _caption(result), _("whether the map is right: what is wrong may repeat exactly.")
        )
        show.figure(figures.agreement(curves, words, readable=RELIABLE, width=WIDTH), f"enough_{name}", into=place)
        if plain is not None:
            saved = sentences.saved(result.curve, plain.curve, _own_name(settings))
            show.small(saved)


def _own_name(settings: Settings) -> str:
    return captions.SAMPLINGS[settings.get(SAMPLING, "plain")]()


def _plain(one: Explained, variant: Variant, settings: Settings, name: str) -> Attribution | None:
    """Return the same map from plain draws, computed once it is asked for."""
    others = {key: value for key, value in settings.items() if key != SAMPLING}
    known = growing.earlier(one.subject, variant.method.key, one.target, others)
    if known is not None and known.done == settings[growing.SMOOTH]:
        return known
    asked: set[str] = st.session_state.setdefault("plain_asked", set())
    if name not in asked:
        verb = _("Compare with as many plain draws")
        st.button(verb, key=f"plain_{name}", icon=":material/compare_arrows:", on_click=asked.add, args=(name,))
        return None
    return running.computed(one, variant, others, f"{name}_plain", lambda result: None)


def _title(result: Attribution) -> str:
    agreement, done = result.curve[-1][1], result.curve[-1][0]
    said = _("After {n} samples halves agree at {share}").format(n=number(done), share=number(agreement, 2))
    if not agreement > 0:
        return said
    if agreement >= GOOD:
        twice = number(2 * agreement / (1 + agreement), 2)
        return said + "; " + _("{n} would give about {share}").format(n=number(2 * done), share=twice)
    needed = math.ceil(done * GOOD * (1 - agreement) / (agreement * (1 - GOOD)))
    return said + "; " + _("{good} would take about {n}").format(good=number(GOOD, 1), n=number(float(needed), 2))


def _caption(result: Attribution) -> str:
    return _(
        "The map from one half of the samples against the map from the other, as samples came: 1 is the same map, 0 "
        "what noise gives. Below the dotted line, {line}, a map is not to be read. What more samples would give is "
        "reckoned from the last point (Spearman and Brown). One picture, one seed."
    ).format(line=number(RELIABLE, 1))
