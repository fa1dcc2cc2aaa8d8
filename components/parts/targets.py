"""Which score is explained, for each picture: a class, or one class against another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from components import compute, sentences, state, subjects
from components.glances import Glance
from components.pointing import Pointed
from components.subjects import Subject
from components.text import _, percent
from explain.types import Target

NONE = -1


@dataclass(frozen=True)
class Explained:
    """A picture with its own target and title."""

    subject: Subject
    glance: Glance
    target: Target
    title: str
    at: int = 0

    @property
    def name(self) -> str:
        """The target in words."""
        return sentences.target_words(self.target, self.subject.entry.labels())


def pick(subject: Subject, glance: Glance, here: Pointed) -> None:
    """Draw the pickers of the target and of the class it is held against, likeliest classes first, with search."""
    if glance.probabilities is None:
        return
    order = [int(i) for i in np.argsort(-glance.probabilities, kind="stable")]
    labels = subject.entry.labels()

    def title(i: int) -> str:
        return _("no other class") if i == NONE else f"{labels[i]} · {percent(float(glance.probabilities[i]))} · {i}"  # type: ignore[index]

    st.session_state["pick_target"] = order[0] if here.target is None else here.target
    st.selectbox(
        _("Target"),
        order,
        key="pick_target",
        format_func=title,
        help=_("The class whose score is explained. Type a name or a number."),
        on_change=lambda: _choose(st.session_state["pick_target"]),
    )
    against = [NONE, *[i for i in order if i != st.session_state["pick_target"]]]
    st.session_state["pick_minus"] = NONE if here.minus is None else here.minus
    st.selectbox(
        _("Rather than"),
        against,
        key="pick_minus",
        format_func=title,
        help=_("Explain what separates the target from this class: one logit minus the other."),
        on_change=lambda: state.put(
            minus=None if st.session_state["pick_minus"] == NONE else st.session_state["pick_minus"]
        ),
    )


def _choose(target: int) -> None:
    same = str(target) == state.view().get("minus")
    state.put(target=target, minus=None if same else state.view().get("minus"))
    own = [one for one in state.view().get("targets", "").split(",") if one]
    if own:
        state.put(targets=",".join([str(target), *own[1:]]))


def subjects_titles() -> list[str]:
    """Return the titles given to the pictures in the view, by position; "" where there is none."""
    return state.view().get("titles", "").split(",")


def explained(subject: Subject, glance: Glance, here: Pointed) -> list[Explained]:
    """Return the pictures to explain: the first with the Place's target, the others with their own or top class."""
    top = glance.top if glance.top is not None else 0
    first = Target(top if here.target is None else here.target, here.minus)
    titles, own = subjects_titles(), state.view().get("targets", "").split(",")
    found = [Explained(subject, glance, first, titles[0] or subject.title)]
    for at, other in enumerate(subjects.others(subject), start=1):
        seen = compute.glance(other)
        asked = own[at] if at < len(own) else ""
        valid = state.whole(asked) and seen.logits is not None and int(asked) < len(seen.logits)
        index = int(asked) if valid else int(seen.top or 0)
        title = titles[at] if at < len(titles) and titles[at] else other.title
        found.append(Explained(other, seen, Target(index), title, at))
    return found


def edit(one: Explained, at: int, count: int) -> None:
    """Offer a picture's own title and target, where several pictures are shown."""
    labels = one.subject.entry.labels()
    with st.popover(_("Title and target"), icon=":material/edit:"):
        st.text_input(
            _("Title"),
            one.title,
            key=f"title_{at}",
            max_chars=40,
            on_change=lambda: _set("titles", f"title_{at}", at, count),
        )
        if at:
            st.session_state[f"target_{at}"] = one.target.index
            st.selectbox(
                _("Target"),
                range(len(labels)),
                key=f"target_{at}",
                format_func=lambda i: f"{labels[i]} · {i}",
                on_change=lambda: _set("targets", f"target_{at}", at, count),
            )


def use_top(at: int) -> None:
    """Explain the top class of the picture at this position again."""
    own = state.view().get("targets", "").split(",")
    if at < len(own):
        own[at] = ""
        state.put(targets=",".join(own).rstrip(","))
    if not at:
        state.put(target=None, minus=None)


def _set(name: str, key: str, at: int, count: int) -> None:
    own = (state.view().get(name, "").split(",") + [""] * count)[:count]
    own[at] = str(st.session_state[key]).replace(",", " ")
    state.put(**{name: ",".join(own).rstrip(",")})
