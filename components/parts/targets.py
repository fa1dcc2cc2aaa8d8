"""Which score is explained, for each picture: a class against another (by default its runner-up), or a class alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import streamlit as st

from components import compute, sentences, state, subjects, widths
from components.glances import Glance
from components.pointing import Pointed
from components.subjects import Subject
from components.text import _, percent
from explain import Method, Target

NONE = -1
WAY = "way"
WAYS: Mapping[str, Literal[1, -1]] = {"for": 1, "against": -1}


@dataclass(frozen=True)
class Explained:
    """A picture with its own target and title.

    `usual`: nobody chose what the class is held against; `alone`: it is left alone since a method takes no pair.
    """

    subject: Subject
    glance: Glance
    target: Target
    title: str
    at: int = 0
    usual: bool = False
    alone: bool = False

    def suited(self, method: Method) -> Explained:
        """Return what a method explains here: the class alone where it takes no pair and nobody asked for this one."""
        if self.usual and method.targets == "class" and self.target.minus is not None:
            return replace(self, target=Target(self.target.index), alone=True)
        return self

    @property
    def name(self) -> str:
        """The target in words."""
        return sentences.target_words(self.target, self.subject.entry.labels())


def runner_up(glance: Glance, index: int) -> int | None:
    """Return the likeliest other class, None where classes don't exclude each other or there is no other one."""
    if glance.logits is None or len(glance.logits) < 2 or glance.output_kind == "sigmoid":
        return None
    return next(int(i) for i in np.argsort(-glance.logits, kind="stable") if i != index)


def usual(glance: Glance, index: int) -> Target:
    """Return the score that "why" is about unless someone says otherwise: a class rather than its runner-up."""
    return Target(index, runner_up(glance, index))


def score(glance: Glance, here: Pointed) -> tuple[Target, bool]:
    """Return the score that the page is about, and whether nobody chose what the class is held against."""
    index = (glance.top or 0) if here.target is None else here.target
    if glance.logits is not None and len(glance.logits) == 1:
        return Target(0, sign=_way(float(glance.logits[0]))), False
    if here.minus is not None or state.alone():
        return Target(index, here.minus), False
    return usual(glance, index), True


def _way(logit: float) -> Literal[1, -1]:
    """Return which way a single output is explained: the way it points, unless someone chose the other one."""
    asked = state.view().get(WAY, "")
    return WAYS.get(asked, 1 if logit >= 0 else -1)


def _pick_way(subject: Subject, glance: Glance, here: Pointed) -> None:
    """Draw the picker of what a single output is explained for: its own class, or what speaks against it."""
    state.own(WAY)
    name, (target, _by_itself) = subject.entry.labels()[0], score(glance, here)
    titles = {"for": _("for {name}").format(name=name), "against": _("against {name}").format(name=name)}
    st.session_state["pick_way"] = "for" if target.sign == 1 else "against"
    st.segmented_control(
        _("What speaks"),
        list(WAYS),
        key="pick_way",
        format_func=titles.__getitem__,
        required=True,
        on_change=lambda: state.put(**{WAY: st.session_state["pick_way"]}),
    )


def pick(subject: Subject, glance: Glance, here: Pointed, *, rival: bool = True) -> None:
    """Draw the pickers of the target and of the class it is held against, likeliest classes first, with search.

    `rival`: without a choice the page holds the class against its runner-up; else it is about the class alone.
    """
    if glance.logits is not None and len(glance.logits) == 1:
        _pick_way(subject, glance, here)
    if glance.probabilities is None or len(glance.probabilities) == 1:
        return
    order = [int(i) for i in np.argsort(-glance.probabilities, kind="stable")]
    labels = subject.entry.labels()

    def title(i: int) -> str:
        return _("no other class") if i == NONE else f"{labels[i]} · {percent(float(glance.probabilities[i]))} · {i}"  # type: ignore[index]

    target, _by_itself = score(glance, here)
    target = target if rival else Target(target.index, here.minus)
    st.session_state["pick_target"] = target.index
    st.selectbox(
        _("Target"),
        order,
        key="pick_target",
        format_func=title,
        help=_("The class whose score is explained. Type a name or a number."),
        on_change=lambda: _choose(st.session_state["pick_target"]),
    )
    st.session_state["pick_minus"] = NONE if target.minus is None else target.minus
    st.selectbox(
        _("Rather than"),
        [NONE, *[i for i in order if i != target.index]],
        key="pick_minus",
        format_func=title,
        help=_("Explain what separates the target from this class: one logit minus the other."),
        on_change=lambda: _hold_against(
            st.session_state["pick_minus"], runner_up(glance, target.index) if rival else None
        ),
    )


def _hold_against(chosen: int, usual_one: int | None) -> None:
    """Note the class that the target is held against; the runner-up of no choice is left out of the address."""
    if chosen == NONE:
        state.put(minus=None if usual_one is None else state.NO_RIVAL)
    else:
        state.put(minus=chosen)


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
    first, by_itself = score(glance, here)
    titles, own = subjects_titles(), state.view().get("targets", "").split(",")
    found = [Explained(subject, glance, first, titles[0] or subject.title, usual=by_itself)]
    for at, other in enumerate(subjects.others(subject), start=1):
        seen = compute.glance(other)
        asked = own[at] if at < len(own) else ""
        valid = state.whole(asked) and seen.logits is not None and int(asked) < len(seen.logits)
        index = int(asked) if valid else int(seen.top or 0)
        title = titles[at] if at < len(titles) and titles[at] else other.title
        goal = usual(seen, index) if by_itself else Target(index)
        found.append(Explained(other, seen, goal, title, at, by_itself))
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


def several_wide(subject: Subject) -> bool:
    """Whether several pictures are explained on a wide page: their maps then run across it, below the controls."""
    return bool(subjects.others(subject)) and not widths.stacked()


def use_top(at: int) -> None:
    """Explain the top class of the picture at this position again."""
    own = state.view().get("targets", "").split(",")
    if at < len(own):
        own[at] = ""
        state.put(targets=",".join(own).rstrip(","))
    if not at:
        state.put(target=None, minus=state.NO_RIVAL if state.alone() else None)


def use(at: int, index: int) -> None:
    """Explain another class of the picture at this position."""
    if not at:
        _choose(index)
        return
    own = state.view().get("targets", "").split(",")
    own += [""] * (at + 1 - len(own))
    own[at] = str(index)
    state.put(targets=",".join(own))


def pin(one: Explained) -> None:
    """Point at a picture's own score, so that another page explains the same one."""
    rival = one.target.minus if one.target.minus is not None else state.NO_RIVAL
    state.put(target=one.target.index, minus=None if one.usual else rival)


def _set(name: str, key: str, at: int, count: int) -> None:
    own = (state.view().get(name, "").split(",") + [""] * count)[:count]
    own[at] = str(st.session_state[key]).replace(",", " ")
    state.put(**{name: ",".join(own).rstrip(",")})
