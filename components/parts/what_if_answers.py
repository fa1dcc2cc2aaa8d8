"""What switching channels off does: bars, maps, and counts over test pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import compute, figures, interventions, jobs, sentences, show, state
from components.figures import Words, switches
from components.parts.what_if import Switches, toggle
from components.sentences import what_if as said
from components.sentences.maps import strongest
from components.subjects import Subject
from components.text import _, ngettext, number, shape_text
from explain.types import Target

if TYPE_CHECKING:
    from explain.chance import Chance
    from explain.channels import Paired

SIDE = 12
TOP = 5
WIDTH = 400
MAP = 300


def made_by(subject: Subject, found: Switches) -> None:
    """Draw the channels that add most to the score and take most from it; a click switches one off or on."""
    scores = found.total.scores
    rising = np.argsort(-scores, kind="stable")
    some = [int(k) for k in rising[:SIDE] if scores[k] > 0] + [int(k) for k in rising[-SIDE:] if scores[k] < 0]
    listed = some or [int(k) for k in rising[:SIDE]]
    name = subject.entry.labels()[found.target.index]
    words = Words(
        said.channels_title(scores, name),
        " ".join([_score_words(subject, found), _adds_up(found), _("Click a bar to switch its channel off or on.")]),
        _("what becomes of the score when a channel goes: that is the figure beside it."),
    )
    drawn = switches.channel_bars(
        listed,
        [float(scores[k]) for k in listed],
        words,
        quantity=_("contributes"),
        off=found.off,
        width=show.fit(WIDTH),
    )
    show.figure(drawn, "made_by", lambda mark: toggle(found.layer, found.off, int(mark[1])))


def _score_words(subject: Subject, found: Switches) -> str:
    return _(
        "Gradient × activation of {layer}, summed over its places, for the {score}: the {n} most for and against."
    ).format(layer=found.layer, score=sentences.target_words(found.target, subject.entry.labels()), n=SIDE)


def _adds_up(found: Switches) -> str:
    total = found.total
    if total.bias is None or total.difference is None:
        return _("To first order: what follows {layer} is not one plain sum.").format(layer=found.layer)
    return _("All {n} channels {sum} + bias {bias} = {score}, as the model says (difference {difference}).").format(
        n=number(int(total.scores.size)),
        sum=number(total.total),
        bias=number(total.bias),
        score=number(total.score),
        difference=number(abs(total.difference), 2),
    )


def answer(subject: Subject, found: Switches) -> None:
    """Draw the first classes before and after."""
    before, after = found.before.probabilities, found.after.probabilities
    if before is None or after is None:
        return
    labels, share = subject.entry.labels(), sentences.share_word(compute.glance(subject).output_kind)
    order = [int(i) for i in np.argsort(-before, kind="stable")[:TOP]]
    wanted = [int(after.argmax()), found.target.index, *([] if found.target.minus is None else [found.target.minus])]
    order += [i for i in dict.fromkeys(wanted) if i not in order]
    gained = int((after - before).argmax())
    words = Words(
        said.change_title(
            labels[found.target.index],
            float(after[found.target.index] - before[found.target.index]),
            labels[gained] if gained != found.target.index else "",
            float((after - before)[gained]),
        ),
        _("{share} before (outline) and after (filled). {how}").format(
            share=share[:1].upper() + share[1:], how=how(subject, found)
        ),
        _("what a network trained without these channels would do."),
    )
    drawn = switches.before_after(
        [labels[i] for i in order],
        [float(before[i]) for i in order],
        [float(after[i]) for i in order],
        words,
        target=order.index(found.target.index),
        indices=order,
        width=show.fit(WIDTH),
    )
    show.figure(drawn, "before_after", lambda mark: state.put(target=mark[1], minus=None))


def how(subject: Subject, found: Switches) -> str:
    """Say what is off and what stands in for it."""
    if not found.off:
        return _("Nothing is switched off.")
    listed = ", ".join(str(channel) for channel in found.off[:8]) + (", …" if len(found.off) > 8 else "")
    if found.replace == "zero":
        return ngettext(
            "Channel {c} of {l} is set to zero.", "Channels {c} of {l} are set to zero.", len(found.off)
        ).format(c=listed, l=found.layer)
    return ngettext(
        "Channel {c} of {l} is replaced by its mean over {n} pictures.",
        "Channels {c} of {l} are replaced by their means over {n} pictures.",
        len(found.off),
    ).format(c=listed, l=found.layer, n=interventions.mean_count(subject))


def beside_chance(subject: Subject, found: Switches) -> None:
    """Say what as many other channels, drawn at random, do to the same score."""
    if not found.off:
        return
    slot, off = st.empty(), tuple(sorted(found.off))

    def draw(result: Chance) -> None:
        scores = found.scores(result.logits, interventions.shares(subject, result.logits))
        change = abs(found.score(found.after) - found.score(found.before))
        more = int((np.abs(scores - found.score(found.before)) >= change).sum())
        unit = _("logit") if found.in_logits else ""
        slot.markdown(said.beside_chance(scores, len(off), result.among, more, found.write, unit))

    key = ("chance", subject, found.layer, off, found.replace)
    jobs.run("chance", key, lambda: interventions.chance(subject, found.layer, off, found.replace), draw)


def maps(subject: Subject, found: Switches) -> None:
    """Draw gradient x activation over the picture as it was, and what switching off adds to it or takes away."""
    score = sentences.target_words(found.target, subject.entry.labels())
    what = _("Gradient × activation summed over the channels of {layer}, {grid}, for the {score}").format(
        layer=found.layer, grid=shape_text(found.before.map.shape), score=score
    )
    _map(subject, "before", _("Before"), found.before.map, _("{what}: all channels on.").format(what=what))
    if found.off:
        change = found.after.map - found.before.map
        caption = _("{what}: after less before. {how} A scale of its own.").format(what=what, how=how(subject, found))
        _map(subject, "change", _("Change"), change, caption)


def _map(subject: Subject, key: str, name: str, values: NDArray[np.float32], caption: str) -> None:
    row, column = strongest(values)
    title = _("{name}: strongest at row {row}, column {column}").format(name=name, row=row, column=column)
    words = Words(
        title if values.any() else _("{name}: 0 everywhere").format(name=name),
        caption,
        _("what a cell's own pixels did alone: its receptive field is wider than the cell."),
    )
    drawn = figures.one_map(
        values,
        "attribution_signed",
        words,
        quantity=_("contributes to the logit"),
        picture=compute.shown_input(subject),
        width=show.fit(MAP),
    )
    with st.container():
        show.figure(drawn, f"switched_{key}")


def counted(subject: Subject, found: Switches) -> None:
    """Count on test pictures how many answers are broken and mended, where there are any and when asked to."""
    if not interventions.countable(subject):
        return
    key = ("counts", subject.model, subject.state, found.layer, tuple(sorted(found.off)), found.replace)
    slot = st.empty()
    if compute.kept(key) is None and st.session_state.get("counting") != key:
        slot.button(
            _("Count over {n} test pictures").format(n=number(interventions.COUNTED)),
            icon=":material/calculate:",
            disabled=not found.off,
            on_click=lambda: st.session_state.update(counting=key),
        )
        return

    def draw(result: Paired) -> None:
        with slot.container(border=True):
            st.markdown(f"**{said.paired(result.broken, result.mended, result.p_value)}**")
            line = _("Right before: {before} of {n}; after: {after}. {verdict}").format(
                before=number(result.right_before),
                after=number(result.right_after),
                n=number(result.n),
                verdict=said.paired_verdict(result.broken, result.mended, result.p_value),
            )
            show.small(f"{line} {how(subject, found)}")

    off = tuple(sorted(found.off))
    jobs.run("counts", key, lambda: interventions.counts(subject, found.layer, off, found.replace), draw)


def target_name(subject: Subject, target: Target) -> str:
    """Name a target briefly."""
    labels = subject.entry.labels()
    if target.minus is None:
        return labels[target.index]
    return _("{a} over {b}").format(a=labels[target.index], b=labels[target.minus])
