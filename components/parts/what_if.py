"""Switch channels off: which ones made the score, which are off, and what the answer becomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import controls, interventions, sentences, state
from components.glances import Glance
from components.parts import overview
from components.pointing import Pointed
from components.sentences import what_if as said
from components.subjects import Subject
from components.text import _, number
from explain.types import Target

if TYPE_CHECKING:
    from components.interventions import Switched
    from explain.channels import ChannelSum

Values = NDArray[np.float32]
MOST = 64
REPLACE = ("mean", "zero")
NONE = "-"
SATURATED = 0.005
"""A share this near to 0 or 1 hardly moves, whatever becomes of its logit."""


@dataclass(frozen=True, eq=False)
class Switches:
    """What is switched off at a layer, by what it is replaced, and the answers before and after."""

    layer: str
    target: Target
    total: ChannelSum
    off: tuple[int, ...]
    replace: str
    before: Switched
    after: Switched

    @property
    def in_logits(self) -> bool:
        """Whether the page speaks of logits: a difference of classes, or a share that stays near 0 or 1."""
        if self.target.minus is not None or self.before.probabilities is None or self.after.probabilities is None:
            return True
        index = self.target.index
        shares = (float(one.probabilities[index]) for one in (self.before, self.after) if one.probabilities is not None)
        middle = [share for share in shares if SATURATED < share < 1 - SATURATED]
        return bool(self.off) and not middle

    def write(self, score: float) -> str:
        """Write a score with its unit: a share in per cent, a logit bare, as its name says what it is."""
        return number(score) if self.in_logits else said.share(score)

    def score(self, one: Switched) -> float:
        """The number that the page is about: the target's share, or its logit, or one logit less the other."""
        return float(self.scores(one.logits[None], None if one.probabilities is None else one.probabilities[None])[0])

    def scores(self, logits: Values, probabilities: Values | None) -> Values:
        """The same of several answers, logits and probabilities (N, K) -> (N,)."""
        if self.target.minus is not None:
            return logits[:, self.target.index] - logits[:, self.target.minus]
        return (logits if probabilities is None or self.in_logits else probabilities)[:, self.target.index]


def replacement() -> str:
    """Draw the choice of what a channel that is off is replaced by."""
    return controls.segments("replace", _("Replace a channel by"), REPLACE, "mean", _replace_title)


def _replace_title(key: str) -> str:
    return {"mean": _("its mean"), "zero": _("zero")}[key]


def chosen(here: Pointed, glance: Glance, total: ChannelSum) -> tuple[int, ...]:
    """Return the channels that are off: the address's, else the pinned one, else the one that adds most."""
    assert here.layer is not None
    layer, _colon, listed = state.view().get("off", "").rpartition(":")
    if layer and glance.layer(layer) is None:
        state.drop("off")
    elif layer == here.layer.name:
        count, given = len(total.scores), [one for one in listed.split(",") if one and one != NONE]
        valid = [int(one) for one in given if state.whole(one) and int(one) < count]
        if len(valid) < len(given):
            state.drop("off")
        return tuple(dict.fromkeys(valid))[:MOST]
    return (int(np.argmax(total.scores)) if here.channel is None else here.channel,)


def switch(layer: str, channels: Sequence[int]) -> None:
    """Put the channels that are off into the address, with their layer, which is pinned."""
    if layer != state.place().layer:
        state.pin_layer(layer)
    state.put(off=f"{layer}:{','.join(str(channel) for channel in channels[:MOST]) or NONE}")


def toggle(layer: str, off: Sequence[int], channel: int) -> None:
    """Switch one channel off, or on again."""
    switch(layer, [one for one in off if one != channel] if channel in off else [*off, channel])


def switches(subject: Subject, glance: Glance, here: Pointed) -> Switches | None:
    """Draw the controls of the channels and compute the answer; None for a network without a layer to switch."""
    if here.layer is None:
        return None
    layer, target = here.layer.name, overview.target_of(glance, here)
    replace = replacement()
    total = interventions.channels(subject, layer, target)
    off = chosen(here, glance, total)
    _pick(layer, here, total, off)
    with st.spinner(_("Running what follows {layer} without them.").format(layer=layer)):
        before = interventions.switched(subject, layer, target, (), "zero")
        after = interventions.switched(subject, layer, target, tuple(sorted(off)), replace) if off else before
    return Switches(layer, target, total, off, replace, before, after)


def _pick(layer: str, here: Pointed, total: ChannelSum, off: tuple[int, ...]) -> None:
    """Draw the list of channels, the pinned one first, then by what they add; with the way back."""
    first = [] if here.channel is None else [here.channel]
    options = [*first, *(channel for channel in total.ranked if channel not in first)]
    st.session_state["pick_off"] = list(off)
    st.multiselect(
        _("Switched off"),
        options,
        key="pick_off",
        format_func=lambda channel: f"{channel} · {number(float(total.scores[channel]), 2)}",
        max_selections=MOST,
        help=_("Channels of {layer}, by what they contribute. A click on a bar does the same.").format(layer=layer),
        on_change=lambda: switch(layer, st.session_state["pick_off"]),
    )
    rising = [int(channel) for channel in np.argsort(-total.scores, kind="stable") if channel not in off]
    following = next((channel for channel in rising if total.scores[channel] > 0), None)
    st.button(
        _("Switch off the next strongest"),
        icon=":material/power_off:",
        disabled=following is None or len(off) >= MOST,
        on_click=lambda: switch(layer, [*off, *rising[:1]]),
    )
    st.button(
        _("Switch all on again"),
        icon=":material/undo:",
        disabled=not off,
        on_click=lambda: switch(layer, []),
    )


def headline(subject: Subject, glance: Glance, here: Pointed, found: Switches | None) -> str:
    """Say what the answer is without the channels that are off."""
    if found is None:
        return _("This network has no layer with rows and columns whose channels could be switched off.")
    return sentence(subject, found, 140)


def sentence(subject: Subject, found: Switches, limit: int) -> str:
    """Say what became of the score, and of the first choice."""
    labels = subject.entry.labels()
    name = sentences.target_words(found.target, labels) if found.in_logits else labels[found.target.index]
    if found.target.minus is not None:
        name = _("{a} over {b}").format(a=labels[found.target.index], b=labels[found.target.minus])
    if not found.off:
        return said.all_on_title(found.layer, int(np.argmax(found.total.scores)), name, limit)
    first, now = int(found.before.logits.argmax()), int(found.after.logits.argmax())
    before, after = found.score(found.before), found.score(found.after)
    return said.switched_title(found.off, name, before, after, labels[now] if now != first else "", limit, found.write)
