"""What can be done about a row that fails: another method, more samples, the signed map, a finer layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import streamlit as st

from components import state, trials
from components.parts.targets import Explained
from components.parts.variants import RECOMMENDED, VARIANTS, Variant
from components.text import _, shape_text
from explain.evidence import Checked
from explain.types import Attribution

MOST_SAMPLES = 200


@dataclass(frozen=True)
class Mend:
    """A verb for a button, and what the button does."""

    verb: str
    act: Callable[[], None]


def buttons(one: Explained, variant: Variant, result: Attribution, checked: Checked) -> None:
    """Offer what may help a row that is finished and not supported."""
    found = list(mends(one, variant, result, checked))
    if not found:
        return
    with st.container(horizontal=True, gap="xsmall"):
        for at, mend in enumerate(found):
            key = f"mend_{checked.row}_{at}"
            st.button(mend.verb, key=key, icon=":material/build:", on_click=mend.act, type="tertiary")


def mends(one: Explained, variant: Variant, result: Attribution, checked: Checked) -> Iterator[Mend]:
    """Yield the mends of a finished row, the likeliest to help first."""
    if not checked.finished:
        return
    if checked.values.get("coarse") and variant.method.uses_layer:
        yield from _finer(one, result)
    settled = checked.outcome in ("not_distinguishable", "contradicted")
    if checked.reason == "left_out":
        yield from _signed(variant, result)
    elif checked.row in ("reproducible", "adds_up") and (settled or checked.reason == "more_samples"):
        yield from _more_samples(one, variant, result)
    elif settled:
        if checked.row in ("health", "removal"):
            yield from _signed(variant, result)
        yield from _other_method(one, variant)


def _signed(variant: Variant, result: Attribution) -> Iterator[Mend]:
    if variant.method.signed_compute is not None and not result.settings["signed"] and not variant.method.signed:
        yield Mend(_("Show signed map"), lambda: state.put(signed="1"))


def _other_method(one: Explained, variant: Variant) -> Iterator[Mend]:
    order = [key for key in RECOMMENDED if not VARIANTS[key].refusal(one.target)]
    at = order.index(variant.key) + 1 if variant.key in order else 0
    other = next((key for key in [*order[at:], *order] if key != variant.key), None)
    if other is not None:
        yield Mend(_("Test {method}").format(method=_(VARIANTS[other].title)), lambda: state.put(method=other))


def _more_samples(one: Explained, variant: Variant, result: Attribution) -> Iterator[Mend]:
    samples = int(result.settings["smooth_samples"])
    if 0 < samples < MOST_SAMPLES:
        more = min(2 * samples, MOST_SAMPLES)
        yield Mend(_("Take {n} samples").format(n=more), lambda: state.put(smooth_samples=more))
    for param, value in trials.dearer(one.subject, result):
        name = f"{variant.method.key}_{param.name}"
        yield Mend(
            _("{setting}: {n}").format(setting=_(param.label), n=value),
            lambda name=name, value=value: state.put(**{name: value}),  # type: ignore[misc]
        )


def _finer(one: Explained, result: Attribution) -> Iterator[Mend]:
    """Offer the last layer whose maps are finer than this one's."""
    rows = result.native.shape[0]
    finer = [layer for layer in one.glance.layers if layer.kind == "activation" and layer.spatial]
    fit = [layer for layer in finer if (layer.output_shape[0] or 0) > rows]
    if fit:
        last = fit[-1]
        said = _("Use {layer}, {grid}").format(layer=last.name, grid=shape_text(last.output_shape[:2]))
        yield Mend(said, lambda: state.pin_layer(last.name))
