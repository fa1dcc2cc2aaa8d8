"""The parts of the Overview page: pictures, answer, the answer as a sum, cover a square, what is worth a look."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from components import compute, figures, frame, models, sentences, show, state
from components.figures import Words
from components.glances import Glance
from components.parts import answer_words, targets, worth
from components.pointing import Pointed
from components.subjects import Subject
from components.text import _, number, plain
from explain.sums import Sum
from explain.types import Target
from model_zoo import crop_box

Part = Callable[[Subject, Glance, Pointed], None]
TOP = 5
WIDTH = 310


def headline(subject: Subject, glance: Glance) -> str:
    """Say what the model answers and how sure it is."""
    if not glance.fed:
        return _("This model can't be given a picture here; its card below says why, and what can be seen of it.")
    if glance.probabilities is None and subject.entry.labels():
        return _("It ends in one plain score.")
    if glance.probabilities is None and subject.model.startswith(models.OWN):
        return _("This model has feature maps, but no output of one number for each class.")
    if glance.probabilities is None:
        return _("This is the convolutional part of the network: it has feature maps, but no answer yet.")
    exclusive = glance.output_kind != "sigmoid"
    return sentences.prediction(
        subject.entry.labels(), glance.probabilities, trained=subject.entry.trained, exclusive=exclusive
    )


def original(subject: Subject, glance: Glance, here: Pointed) -> None:
    """Show the picture as it was opened, with the part that the model gets."""
    shown = compute.shown_picture(subject)
    height, width = shown.shape[:2]
    box = crop_box((width, height), subject.entry)
    cropped = box != (0, 0, width, height)
    words = Words(
        _("{title}, {width}×{height} pixels").format(title=plain(subject.title[:50]), width=width, height=height),
        " ".join(
            said
            for said in [
                _("The picture as it was opened."),
                _("The frame is the part that the model gets.") if cropped else "",
                _("Drawn dark on light, as the notebooks do.") if subject.picture.startswith("fashion/") else "",
                *(sentences.image_note(note) for note in subject.notes),
            ]
            if said
        ),
        _("which part of it the model uses."),
    )
    drawn = figures.input_with_crop(shown, box, words, width=WIDTH)
    show.figure(drawn, "original", of_weights=False)


def given(subject: Subject, glance: Glance, here: Pointed) -> None:
    """Show the picture as the model gets it."""
    rows, columns, depth = subject.entry.input_shape
    low, high = subject.entry.value_range
    words = Words(
        _("What the model gets: {rows}×{columns}×{depth}").format(rows=rows, columns=columns, depth=depth),
        _("Prepared so: {preprocessing}. Values run from {low} to {high}.").format(
            preprocessing=subject.entry.preprocessing, low=number(low, strip=True), high=number(high, strip=True)
        ),
        _("what the model makes of it."),
    )
    drawn = figures.model_input(
        compute.model_input(subject),
        words,
        value_range=subject.entry.value_range,
        pixels=compute.shown_input(subject) if depth == 3 else None,
        width=WIDTH,
    )
    show.figure(drawn, "given", of_weights=False)


def answers(subject: Subject, glance: Glance, here: Pointed) -> None:
    """Show the classes with the largest share as bars, with the two questions that follow."""
    if glance.probabilities is None or glance.logits is None or glance.top is None:
        return
    order = [int(i) for i in glance.probabilities.argsort()[::-1][:TOP]]
    target = target_of(glance, here).index
    if target not in order:
        order[-1] = target
    names = subject.entry.labels()
    drawn = figures.bars(
        [names[i] for i in order],
        [float(glance.probabilities[i]) for i in order],
        [float(glance.logits[i]) for i in order],
        answer_words.words(
            glance.output_kind, names[target], _rank(glance, target), glance.probabilities[target], subject.entry
        ),
        target=order.index(target),
        runner_up=1 if len(order) > 1 else None,
        indices=order,
        width=WIDTH,
        share=sentences.share_word(glance.output_kind),
    )
    show.figure(drawn, "answers", lambda mark: state.put(target=mark[1], minus=None))
    _questions(names, target, order)


def _questions(names: list[str], target: int, order: list[int]) -> None:
    with st.container(horizontal=True):
        other = next((i for i in order if i != target), None)
        if st.button(_("Why {name}?").format(name=names[target]), icon=":material/center_focus_strong:"):
            frame.go("attribution", target=target, minus=None)
        if other is not None and st.button(
            _("Why not {name}?").format(name=names[other]), icon=":material/compare_arrows:"
        ):
            frame.go("attribution", target=target, minus=other)


def answer_as_sum(subject: Subject, glance: Glance, here: Pointed) -> None:
    """Show the logit as a sum over cells, exactly, where the network ends in average pooling and one dense layer."""
    if glance.logits is None or glance.top is None:
        return
    target = summed(glance, here)
    total = sum_of(subject, glance, target)
    if total is None:
        return
    names = subject.entry.labels()
    drawn = figures.sum_cells(
        total.cells,
        compute.shown_input(subject),
        _sum_words(subject, total, target),
        bias=float(total.bias),
        total=float(total.total),
        names=(names[target.index], None if target.minus is None else names[target.minus]),
        cell=here.cell if here.layer is not None and here.layer.name == total.layer else None,
        width=WIDTH,
    )
    show.figure(drawn, "sum", lambda mark: state.put(layer=total.layer, cell=f"{mark[1]}-{mark[2]}", channel=None))
    _separate(subject, glance, here, target)


def target_of(glance: Glance, here: Pointed) -> Target:
    """Return the score that the page is about: the pinned target, else the top class, which is precomputed."""
    if glance.precomputed:
        return Target(glance.top or 0)
    return Target((glance.top or 0) if here.target is None else here.target, here.minus)


def summed(glance: Glance, here: Pointed) -> Target:
    """Return the score that is drawn as a sum: at a close call what separates the first class from the second.

    Nearly every cell adds to the first class of a close call, and to the second: the difference says more. Whoever
    asks for another class, or for this one alone, gets that.
    """
    target = target_of(glance, here)
    asked = target.minus is not None or target.index != glance.top or (state.alone() and not glance.precomputed)
    if asked or glance.probabilities is None or not sentences.close_call(glance.probabilities):
        return target
    return targets.usual(glance, target.index)


def sum_of(subject: Subject, glance: Glance, target: Target) -> Sum | None:
    """Return a score as a sum over cells, None where the network does not end in one."""
    if glance.total is None or target == Target(glance.top or 0):
        return glance.total
    if glance.precomputed:
        return glance.apart
    return compute.answer_sum(subject, target.index, target.minus)


def _separate(subject: Subject, glance: Glance, here: Pointed, target: Target) -> None:
    """Offer the sum of what separates the target from its rival, and the way back."""
    assert glance.logits is not None
    if target.minus is not None:
        back = state.NO_RIVAL if here.minus is None else None
        st.button(_("Show the whole logit"), on_click=lambda: state.put(minus=back), disabled=glance.precomputed)
        return
    other = next((int(i) for i in glance.logits.argsort()[::-1] if i != target.index), None)
    if other is None:
        return
    st.button(
        _("Show what separates it from {name}").format(name=subject.entry.labels()[other]),
        on_click=lambda: state.put(target=target.index, minus=other),
        disabled=glance.precomputed,
    )


def _rank(glance: Glance, target: int) -> int:
    assert glance.probabilities is not None
    return 1 + int((glance.probabilities > glance.probabilities[target]).sum())


def _sum_words(subject: Subject, total: Sum, target: Target) -> Words:
    names = subject.entry.labels()
    other = None if target.minus is None else names[target.minus]
    return Words(
        sentences.sum_title(total.cells, names[target.index], other),
        _(
            "{score}, as the signed cells of {layer} and a bias. Their sum is {total}; the model itself says {logit}: "
            "difference {difference}. Rows and columns count from 0."
        ).format(
            score=_capital(sentences.target_words(target, names)),
            layer=total.layer,
            total=number(float(total.total), 5),
            logit=number(float(total.logit), 5),
            difference=number(abs(float(total.difference)), 2),
        ),
        _("what a cell's own pixels did alone: each cell's receptive field is wider than the square drawn."),
    )


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def worth_a_look(subject: Subject, glance: Glance, here: Pointed) -> None:
    """List up to three findings, each with a button that goes on from there."""
    st.markdown(f"**{_('Worth a look')}**")
    target, drawn = target_of(glance, here), summed(glance, here)
    for at, lead in enumerate(worth.leads(subject, glance, target, sum_of(subject, glance, drawn), drawn)):
        with st.container(border=True):
            st.markdown(lead.sentence)
            if st.button(lead.verb, key=f"lead_{at}", icon=":material/arrow_forward:"):
                frame.go(lead.page, **lead.view)
    if glance.logits is not None and glance.total is None:
        show.small(
            _(
                "No sum over cells here: this network does not end in average pooling and one dense layer, so its "
                "answer is not a plain sum over the cells of the picture. EfficientNet-Lite0's is."
            )
        )


def parts(glance: Glance) -> Sequence[Part]:
    """Return what the page shows of a subject, in reading order; covering squares comes last, it takes its time."""
    answer = [answers] if glance.logits is not None else []
    return [original, given, *answer, *([answer_as_sum] if glance.total is not None else []), worth_a_look]
