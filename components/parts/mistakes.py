"""What a model gets wrong on labelled pictures: the score, the confusion matrix, the classes, the chosen cell."""

from __future__ import annotations

import numpy as np
import streamlit as st

from components import frame, jobs, models, show, sidebar, state
from components.figures import Words
from components.figures import confusion as figure
from components.labelled import Labelled, Scored, answered, labelled, went_with_training
from components.sentences import mistakes as said
from components.subjects import Subject
from components.text import _, number
from explain.mistakes import Answers, most_frequent, precisions, recalls, wilson

CELL = "mistake"
WIDTH = 640
EXAMPLE = "fashion_cnn"
Cell = tuple[int, int]


def scored(subject: Subject) -> Scored | None:
    """Answer a model's labelled pictures in view, once for all sessions; None where there are none, or none yet."""
    given = labelled(subject)
    if given is None:
        frame.answer(_("{model} has no labelled pictures here to be held against.").format(model=subject.entry.title))
        _none(subject)
        return None
    if given.known is not None:
        return Scored(given, given.known)
    found = _computed(subject, given)
    if found is None or not np.isfinite(found.probabilities).all():
        frame.answer(
            _("Nothing is counted yet: the test pictures wait to be answered.")
            if found is None
            else _("Some of the model's answers are not numbers, so there is no score to tell.")
        )
        return None
    return Scored(given, found.probabilities)


def _computed(subject: Subject, given: Labelled) -> Answers | None:
    expects = _("{n} pictures").format(n=number(len(given.labels)))
    key = ("answers", given.key)
    return jobs.run("answers", key, lambda: answered(subject, given), lambda _step: None, expects=expects)


def _none(subject: Subject) -> None:
    """Say what a model would need, and offer one that has it."""
    st.info(
        _(
            "Mistakes are counted on pictures whose class is known. Ten thousand of them ship, Fashion-MNIST's test "
            "set, for networks with its ten classes and pictures of 28×28; a network that was trained here brings its "
            "own. Photographs whose class is known ship by the handful, too few for a score of {model}."
        ).format(model=subject.entry.title),
        icon=":material/info:",
    )
    if went_with_training(subject):
        st.warning(
            _(
                "Those that this network was tested on went with its training, which is kept for half an hour after "
                "the last visit. Train it anew for them: the same seed gives the same network."
            ),
            icon=":material/link_off:",
        )
    title = models.entry_of(EXAMPLE).title
    st.button(
        _("Open {model}").format(model=title),
        icon=":material/arrow_forward:",
        key="mistakes_open",
        on_click=sidebar.open_model,
        args=(EXAMPLE,),
    )
    frame.lead("train", _("Train a network here"))


def headline(found: Scored) -> str:
    """Say the score and the most frequent mistake."""
    return said.score(found.matrix, found.names)


def notes(found: Scored) -> None:
    """Say what has to be known of the pictures before a number is read."""
    if found.labelled.assumed:
        st.caption(
            ":material/info: "
            + _(
                "The model's file doesn't name its classes. They are taken for those of {data}, in its order; if it "
                "was trained on something else, these numbers say nothing."
            ).format(data=found.labelled.title)
        )


def scores(found: Scored) -> None:
    """Write the test score, and that of the held-back pictures where it is known, each with its interval."""
    with st.container(horizontal=True):
        _metric(_("Test"), found.right, found.done)
        if found.labelled.validation is not None:
            _metric(_("Validation"), *found.labelled.validation)
    parts = [_("Intervals of 95 % (Wilson).")]
    if found.labelled.validation is not None:
        parts.append(_("Validation pictures chose the epoch that is kept, test pictures chose nothing."))
    show.small(" ".join(parts))


def _metric(name: str, right: int, total: int) -> None:
    st.metric(
        _("{name}, {n} pictures").format(name=name, n=number(total)),
        said.tenths(right / max(1, total)),
        said.interval(right, total),
        delta_color="off",
        delta_arrow="off",
        help=_("{right} of {n} answers are right; in grey the 95 % interval.").format(
            right=number(right), n=number(total)
        ),
    )


def chosen(found: Scored) -> Cell:
    """Return the cell that is looked into: the address's, else the most frequent mistake."""
    state.own(CELL)
    text = state.view().get(CELL, "")
    true, _dash, answer = text.partition("-")
    if state.whole(true) and state.whole(answer) and max(int(true), int(answer)) < len(found.names):
        return int(true), int(answer)
    if text:
        state.drop(CELL)
    return most_frequent(found.matrix) or (0, 0)


def choose(found: Scored, cell: Cell) -> None:
    """Put a cell into the address; the most frequent mistake is what a bare one means."""
    state.put(**{CELL: None if cell == most_frequent(found.matrix) else f"{cell[0]}-{cell[1]}"})


def pick(found: Scored, cell: Cell) -> None:
    """Draw the keyboard's way to a cell: the true class, then the answer, most frequent first."""
    names, matrix = found.names, found.matrix
    st.session_state["pick_true"], st.session_state["pick_answer"] = cell
    st.selectbox(
        _("True class"),
        range(len(names)),
        key="pick_true",
        format_func=lambda at: names[at],
        on_change=lambda: choose(found, _usual(found, st.session_state["pick_true"])),
    )
    order = [int(at) for at in np.argsort(-matrix[cell[0]], kind="stable")]
    st.selectbox(
        _("Answer"),
        order,
        key="pick_answer",
        format_func=lambda at: f"{names[at]} ({number(int(matrix[cell[0], at]))})",
        help=_("What the model said of pictures of that class, most frequent first, with how many there are."),
        on_change=lambda: choose(found, (cell[0], st.session_state["pick_answer"])),
    )


def _usual(found: Scored, true: int) -> Cell:
    """The most frequent mistake of one class; the class itself where it has none."""
    line = found.matrix[true].copy()
    line[true] = 0
    return true, int(line.argmax()) if line.any() else true


def matrix(found: Scored, cell: Cell) -> None:
    """Draw the confusion matrix; a click looks into a cell."""
    words = Words(
        said.matrix_title(found.matrix, found.names),
        _(
            "{n} test pictures of {data}: the true class in rows, the model's answer in columns. Ink: the share of the "
            "row's pictures, mistakes only. Click a cell to see its pictures."
        ).format(n=number(found.done), data=found.labelled.title),
        _("how sure the model was, or whether the label itself is right."),
    )
    drawn = figure.matrix(found.matrix, found.names, words, cell=cell, width=show.fit(WIDTH))
    show.figure(drawn, "confusion", lambda mark: choose(found, (int(mark[1]), int(mark[2]))))


def classes(found: Scored) -> None:
    """List each class: how many of its pictures are found, and how many of its answers are right."""
    matrix, totals = found.matrix, found.matrix.sum(axis=1)
    wrong = matrix - np.diag(np.diag(matrix))
    hits = np.diag(matrix)
    recall, precision = recalls(matrix), precisions(matrix)
    ends = [wilson(int(hit), int(total)) for hit, total in zip(hits, totals, strict=True)]
    often = [
        f"{found.names[int(line.argmax())]} ({number(int(line.max()))})" if line.any() else "\u2013" for line in wrong
    ]
    share = st.column_config.ProgressColumn
    st.dataframe(
        {
            "class": list(found.names),
            "pictures": totals.tolist(),
            "recall": [None if np.isnan(one) else 100 * float(one) for one in recall],
            "interval": [f"{100 * low:.1f} \u2013 {100 * high:.1f}" for low, high in ends],
            "precision": [None if np.isnan(one) else 100 * float(one) for one in precision],
            "most": often,
        },
        hide_index=True,
        key="classes_table",
        alt=_("Each class with its pictures, recall, precision, and what it is most often taken for"),
        column_config={
            "class": st.column_config.TextColumn(_("class")),
            "pictures": st.column_config.NumberColumn(_("pictures"), format="localized"),
            "recall": share(_("recall, %"), format="%.1f", min_value=0, max_value=100),
            "interval": st.column_config.TextColumn(_("95 % interval")),
            "precision": share(_("precision, %"), format="%.1f", min_value=0, max_value=100),
            "most": st.column_config.TextColumn(_("most often taken for")),
        },
    )
    show.small(
        _(
            "Recall: which share of a class's pictures got its own answer. Precision: which share of the answers with "
            "that class is right. A click on a heading sorts."
        )
    )
