"""One attribution drawn: its figure, its caption, what is found about it, and the mends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

import explain
from components import compute, figures, raster, sentences, state
from components.figures import Words
from components.parts import targets
from components.parts.targets import Explained
from components.parts.variants import Variant
from components.text import _, ngettext, number, plain, shape_text
from explain.types import Attribution, Finding, Layer

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
    signed = bool(result.settings["signed"]) or variant.method.signed
    mode = "jet" if look.colours == "jet" else "overlay" if look.colours == "recommended" else "map"
    kind = scale_kind(signed, look.colours)
    return figures.attribution(
        result.map,
        result.native,
        compute.shown_input(one.subject),
        words(one, variant, result),
        mode=mode,  # type: ignore[arg-type]
        signed=signed,
        smooth=look.smooth,
        quantity=_(variant.title),
        measure=measure(variant, result),
        ends=sentences.ends(variant.method, one.target, one.subject.entry.labels()),
        partial=progress(result) if result.partial else "",
        kind=kind,
        limits=limits_of(result.map if look.smooth else result.native, kind),
        width=width,
    )


def words(one: Explained, variant: Variant, result: Attribution) -> Words:
    """Write the words that belong to a map: its finding, what is drawn, what it doesn't show."""
    labels = one.subject.entry.labels()
    other = None if one.target.minus is None else labels[one.target.minus]
    title = sentences.attribution_title(variant.method, result.native, labels[one.target.index], other)
    return Words(title, caption(one, variant, result), sentences.lower_first(_(variant.method.doesnt_show)))


def scale_kind(signed: bool, colours: str) -> str:
    """Return the kind of colours of a map: the user's own choice, or what the quantity can be."""
    if colours in ("grey", "viridis", "jet"):
        return colours
    return "attribution_signed" if signed else "attribution"


def limits_of(values: NDArray[np.float32], kind: str) -> tuple[float, float]:
    """Return the ends of a map's colours; on a fine map the strongest 1 % runs over, which its caption says."""
    fine = values.size >= FINE and kind != "jet"
    return raster.robust_limits(values, kind) if fine else raster.natural_limits(values, kind)


def caption(one: Explained, variant: Variant, result: Attribution) -> str:
    """Write what is drawn: method, target, layer with its grid, settings, cost."""
    target = one.name
    if variant.method.targets == "class":
        target = _("class {name}").format(name=one.subject.entry.labels()[one.target.index])
        target += _(" alone, since this method explains one class") if one.alone else ""
    elif variant.method.targets == "none":
        target = _("whatever the class")
    parts = [f"{_(variant.title)}: {measure(variant, result)}", target]
    if result.layer is not None:
        parts.append(_("layer {layer}, {grid}").format(layer=result.layer, grid=shape_text(result.native.shape)))
        parts.append(reach(one, result.layer))
    if result.settings["smooth_samples"]:
        parts.append(
            _("{n} samples, noise {noise}, seed {seed}").format(
                n=result.done, noise=number(result.settings["smooth_noise"], 2), seed=result.settings["seed"]
            )
        )
    parts += own_settings(variant, result)
    if result.partial:
        parts.append(progress(result))
    return " · ".join([*parts, cost(one, result)]) + "."


def measure(variant: Variant, result: Attribution) -> str:
    """Name what one value of the map is, in the method's own words; a signed map is another quantity."""
    signed = result.settings["signed"] and variant.method.signed_quantity
    return _(variant.method.signed_quantity if signed else variant.method.quantity)


def progress(result: Attribution) -> str:
    """Say how far a partial map came."""
    return _("partial: {done} of {total}").format(done=result.done, total=result.total)


def cost(one: Explained, result: Attribution) -> str:
    """Write the passes and seconds spent; fewer passes than the method's own number are no slip, and it says why."""
    engine = compute.engine(one.subject.model, one.subject.state)
    whole = explain.passes(result.method, engine, **result.settings)
    said = ngettext("{n} pass", "{n} passes", result.passes)
    if not result.partial and result.passes < whole:
        said = _("{n} of at most {whole} passes, the others known from before or not needed")
        if not result.passes:
            said = _("no new pass, all known from before")
    seconds = _("under 0.01") if result.seconds < 0.01 else number(result.seconds, 2)
    return said.format(n=result.passes, whole=whole) + ", " + _("{n} s").format(n=seconds)


def own_settings(variant: Variant, result: Attribution) -> list[str]:
    """Write the settings that differ from the method's defaults."""
    said = [_("signed")] if result.settings["signed"] else []
    if result.settings["parity"]:
        said.append(_("aligned corners"))
    if result.settings["smooth_samples"] and result.settings["smooth_statistic"] == "mean_abs":
        said.append(_("mean, then absolute"))
    for param in variant.method.params:
        if not isinstance(param, Layer) and result.settings[param.name] != param.default:
            said.append(f"{_(param.label)}: {result.settings[param.name]}")
    return said


def reach(one: Explained, layer: str) -> str:
    """Say how much of the picture one cell of a layer can depend on: more than the square it is drawn on."""
    info = one.glance.layer(layer)
    field = info.receptive_field if info else None
    height, width, _depth = one.subject.entry.input_shape
    if field is None or (field.size[0] >= height and field.size[1] >= width):
        return _("each cell can depend on the whole picture")
    return _("each cell can depend on {h}×{w} pixels").format(h=field.size[0], w=field.size[1])


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
        if finding.mend:
            st.button(
                sentences.mend_label(finding),
                key=f"mend_{name}_{at}",
                on_click=mend,
                args=(finding, one.at, result.method),
            )


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


def mend(finding: Finding, at: int, method: str) -> None:
    """Carry out the mend that a finding about a method's map of the picture at this position offers."""
    mends: dict[str, Callable[[], None]] = {
        "show_signed": lambda: state.put(signed="1"),
        "use_top_class": lambda: targets.use_top(at),
        "more_steps": lambda: state.put(**{f"{method}_{finding.values['parameter']}": str(finding.values["to"])}),
        "more_samples": lambda: state.put(
            smooth_samples=str(min(200, 2 * int(state.view().get("smooth_samples", 20))))
        ),
    }
    mends[finding.mend]()
