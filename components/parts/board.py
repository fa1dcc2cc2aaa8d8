"""The maps of the Attribution page: methods side by side for one picture, or one method on several."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import streamlit as st

from components import compute, show, state
from components.parts import code, enough, evidence_line, exports, formulas, maps, methods, reference, running, targets
from components.parts.attribution import Smoothing
from components.parts.targets import Explained
from components.parts.variants import VARIANTS, Variant, why_not
from components.text import _, plain
from explain import Method
from explain.types import Attribution, Fill

WIDE, NARROW = 310, 220
WIDE_AT_MOST = 3
"""So many maps beside one another have room to be wide."""


@dataclass(frozen=True)
class Asked:
    """Everything the page was asked for, the same for all its maps."""

    variants: Sequence[Variant]
    layer: str | None
    smoothing: Smoothing
    look: maps.Look
    params: Mapping[str, Mapping[str, Any]]
    reference: bool


def draw(shown: Sequence[Explained], asked: Asked) -> None:
    """Draw every chosen method for every picture: for several pictures the longer of the two runs across."""
    if not asked.variants:
        _nothing_on()
    elif len(shown) == 1:
        _line([(shown[0], variant) for variant in asked.variants], asked, most=2)
    elif len(asked.variants) < len(shown):
        for variant in asked.variants:
            st.subheader(_(variant.title), anchor=False)
            _line([(one, variant) for one in shown], asked, most=4)
    else:
        for one in shown:
            st.subheader(f"{plain(one.title)} · {one.name}", anchor=False)
            _line([(one, variant) for variant in asked.variants], asked, most=4)


def _line(cells: Sequence[tuple[Explained, Variant]], asked: Asked, *, most: int) -> None:
    titles = {one.title for one, _variant in cells}
    across = min(len(cells), most)
    width = WIDE if across <= WIDE_AT_MOST or show.stacked() else NARROW
    with st.grid(across, min_column_width=width):
        for one, variant in cells:
            with st.container():
                _cell(one, variant, asked, width, plain(one.title) if len(titles) > 1 else _(variant.title))


def _nothing_on() -> None:
    names = ", ".join(_(VARIANTS[key].title) for key in methods.usual())
    st.info(_("No method is on, so there is no map to draw."), icon=":material/toggle_off:")
    st.button(_("Switch on {names}").format(names=names), on_click=lambda: state.put(methods=None))


def pictures(shown: Sequence[Explained]) -> None:
    """Show the pictures in a row, each with its own title and target, and offer to change those."""
    with st.grid(len(shown), min_column_width=130):
        for at, one in enumerate(shown):
            with st.container():
                show.image(compute.shown_input(one.subject), one.title)
                st.markdown(f"**{plain(one.title)}**  \n{one.name}")
                targets.edit(one, at, len(shown))


def _cell(one: Explained, variant: Variant, asked: Asked, width: int, kicker: str) -> None:
    one = one.suited(variant.method)
    refusal = why_not(variant, one.subject, one.glance, one.target)
    if refusal:
        st.markdown(f"**{kicker}**")
        st.info(refusal, icon=":material/block:")
        return
    name = f"{variant.key}_{one.subject.picture}"
    status, slot, turns = st.empty(), st.empty(), count()

    def draw(result: Attribution) -> None:
        key = f"map_{name}_part_{next(turns)}" if result.partial else f"map_{name}_{len(asked.variants)}"
        show.figure(
            maps.drawn(one, variant, result, asked.look, width),
            key,
            into=slot,
            kicker=kicker,
        )

    def preview(result: Attribution) -> None:
        _sketch(one, variant, result, asked.look, width, kicker, slot)

    result = computed(one, variant, asked, name, draw, status, preview)
    if result is None:
        return
    maps.findings(one, result, name)
    formulas.note(one, variant, result, [on.key for on in asked.variants], name)
    with st.container(horizontal=True, gap="xsmall"):
        enough.popover(one, variant, result, _settings(variant, asked), name)
        code.popover(one, result)
        exports.buttons(one, variant, result, asked.look, name)
    evidence_line.line(one, variant, result, name)
    if asked.reference:
        reference.compare(one, variant, result, name)


def computed(
    one: Explained,
    variant: Variant,
    asked: Asked,
    name: str,
    draw: Callable[[Attribution], None],
    status: Any = None,
    preview: Callable[[Attribution], None] | None = None,
) -> Attribution | None:
    """Compute a method's map of one picture in view of the user; the same map is known on every page."""
    return running.computed(one, variant, _settings(variant, asked), name, draw, status, preview)


def _sketch(
    one: Explained, variant: Variant, result: Attribution, look: maps.Look, width: int, kicker: str, slot: Any
) -> None:
    """Show a map that is still growing as a plain picture: it changes in place, and costs the browser little."""
    words = maps.words(one, variant, result)
    with slot.container():
        st.markdown(f":blue[**{kicker}**]  \n**{words.title}**")
        with st.container(horizontal_alignment="center"):
            show.image(exports.preview(one, variant, result, look), words.title, width)
        show.small(words.caption)


def _settings(variant: Variant, asked: Asked) -> dict[str, Any]:
    method = variant.method
    settings: dict[str, Any] = dict(asked.params.get(method.key, {}))
    if method.uses_layer:
        settings["layer"] = asked.layer
    settings["signed"] = asked.look.signed and method.signed_compute is not None
    settings["parity"] = asked.look.parity
    smoothing = asked.smoothing
    if variant.smoothed or smoothing.everywhere:
        settings["smooth_samples"] = max(smoothing.samples, 1 if variant.smoothed else 0)
        settings["smooth_noise"] = smoothing.noise
        settings["smooth_statistic"] = smoothing.statistic
        settings["seed"] = smoothing.seed
        if smoothing.sampling != "plain":
            settings["smooth_sampling"] = smoothing.sampling
    if smoothing.seed and draws(method, settings):
        settings["seed"] = smoothing.seed
    return settings


def draws(method: Method, settings: Mapping[str, Any]) -> bool:
    """Whether a method draws at random by itself: its samples, or the stand-in that was chosen."""
    fills = (settings.get(param.name) for param in method.params if isinstance(param, Fill))
    return method.seeded or "random" in fills
