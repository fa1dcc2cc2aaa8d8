"""One attribution drawn: its figure, its caption, what is found about it, and the mends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import compute, figures, frame, raster, sentences
from components.figures import Words
from components.parts import captions, mends
from components.parts.targets import Explained
from components.parts.variants import Variant
from components.text import _, plain
from explain.types import Attribution, Finding

FINE = 10_000


@dataclass(frozen=True)
class Look:
    """How maps are drawn."""

    colours: str
    smooth: bool
    parity: bool
    signed: bool


def drawn(one: Explained, variant: Variant, result: Attribution, look: Look, width: int) -> figures.Drawn:
    """Draw one result with the words that belong to it."""
    signed, colours = is_signed(variant, result), colours_of(result, look)
    mode = "jet" if colours == "jet" else "overlay" if colours == "recommended" else "map"
    kind = scale_kind(signed, colours)
    return figures.attribution(
        result.map,
        result.native,
        compute.shown_input(one.subject),
        words(one, variant, result),
        mode=mode,  # type: ignore[arg-type]
        signed=signed,
        smooth=look.smooth,
        quantity=_(variant.title),
        measure=captions.measure(variant, result),
        ends=sentences.ends(variant.method, one.target, one.subject.entry.labels()),
        partial=badge(result),
        kind=kind,
        limits=limits_of(result.map if look.smooth else result.native, kind),
        width=width,
    )


def words(one: Explained, variant: Variant, result: Attribution) -> Words:
    """Write the words that belong to a map: its finding, what is drawn, what it doesn't show."""
    labels = one.subject.entry.labels()
    other = None if one.target.minus is None else labels[one.target.minus]
    title = sentences.attribution_title(
        variant.method, result.native, labels[one.target.index], other, varies=varies(result)
    )
    if captions.too_few(result):
        title = sentences.too_few_title(variant.title, result.done)
    return Words(title, captions.caption(one, variant, result), sentences.lower_first(_(variant.method.doesnt_show)))


def varies(result: Attribution) -> bool:
    """Whether a map shows how its values vary under noise instead of the values."""
    return bool(result.settings["smooth_samples"]) and result.settings["smooth_statistic"] == "variance"


def is_signed(variant: Variant, result: Attribution) -> bool:
    """Whether a map's values have a meaning below zero: not once they are squared, or made absolute."""
    if result.settings["smooth_samples"] and result.settings["smooth_statistic"] != "mean":
        return bool((result.native < 0).any())
    return bool(result.settings["signed"]) or variant.method.signed


def colours_of(result: Attribution, look: Look) -> str:
    """Return the colours that a map is drawn in: grey, and without the picture, where samples are too few to read."""
    return "grey" if captions.too_few(result) else look.colours


def badge(result: Attribution) -> str:
    """Return the words in the frame of a map that is not to be read like a finished one."""
    said = [_("too few samples to read")] if captions.too_few(result) else []
    return " · ".join([captions.progress(result), *said] if result.partial else said)


def scale_kind(signed: bool, colours: str) -> str:
    """Return the kind of colours of a map: the user's own choice, or what the quantity can be."""
    if colours in ("grey", "viridis", "jet"):
        return colours
    return "attribution_signed" if signed else "attribution"


def limits_of(values: NDArray[np.float32], kind: str) -> tuple[float, float]:
    """Return the ends of a map's colours; on a fine map the strongest 1 % runs over, which its caption says."""
    fine = values.size >= FINE and kind != "jet"
    return raster.robust_limits(values, kind) if fine else raster.natural_limits(values, kind)


def no_map_shows() -> str:
    """Say what holds for every map on the page."""
    return _(
        ":material/visibility_off: No map here shows why the model does so, whether it is right, or what happens on "
        "other pictures."
    )


def findings(one: Explained, result: Attribution, name: str) -> None:
    """Say what a careful colleague would say of a map, each with its mend."""
    for at, finding in enumerate(result.findings):
        said = sentences.said(named(finding, one))
        {"error": st.error, "warning": st.warning, "info": st.info}[finding.severity](said)
        mend = mends.of(finding, one, result)
        if mend and st.button(mend.verb, key=f"mend_{name}_{at}", on_click=mend.act) and mend.page:
            frame.go(mend.page, **mend.view)


def named(finding: Finding, one: Explained) -> Finding:
    """Put class names where a finding has class numbers."""
    labels = one.subject.entry.labels()
    values = dict(finding.values)
    if "title" in values:
        values["title"] = plain(str(values["title"]))
    if isinstance(values.get("target"), int):
        values["name"] = labels[values["target"]]
    if isinstance(values.get("top"), int):
        values["top"] = labels[values["top"]]
    return Finding(finding.code, finding.severity, values, finding.mend)
