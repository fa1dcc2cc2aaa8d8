"""The switches of the methods: three recommended first, the others under "More methods" by what they answer."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import compute, controls, sentences, show, state, subjects
from components.parts.variants import DEFAULT, RECOMMENDED, VARIANTS, Variant, group_title, groups, relatives
from components.pointing import Pointed
from components.subjects import Subject
from components.text import _

FIRST = "methods_first"
MUSEUM = "museum"
USUAL = "methods_usual"


def pick(subject: Subject, here: Pointed, *, over: bool = False) -> list[Variant]:
    """Draw the switches, the further ones `over` the page; return the methods that are on, in their order."""
    state.own("methods", "titles", "targets")
    st.session_state[USUAL] = _usual_for(subject, here)
    on = asked()
    _pills(_("Methods"), FIRST, RECOMMENDED, on)
    with controls.more(_("More methods"), over=over):
        for name, keys in groups().items():
            _pills(group_title(name), f"methods_{name}", keys, on)
            if name == MUSEUM:
                for key in keys:
                    method = VARIANTS[key].method
                    doubt = f"{_(method.title)} {_('does not show')}: {sentences.lower_first(_(method.doesnt_show))}"
                    show.small(f":material/museum: {doubt}")
    return [VARIANTS[key] for key in on]


def asked() -> list[str]:
    """Return the keys that the address names; none of them where it says so, the usual ones where it is silent."""
    named = state.view().get("methods", "")
    if named == "-":
        return []
    return [key for key in VARIANTS if key in named.split(",")] or usual()


def usual() -> list[str]:
    """Return the keys of the methods that are on where nobody chose."""
    return list(st.session_state.get(USUAL, DEFAULT))


def _usual_for(subject: Subject, here: Pointed) -> list[str]:
    """Of one picture a CAM and its first relative come first, side by side, where the two are different formulas."""
    from explain.cams import same_formula

    ready = compute.engine(subject.model, subject.state)
    if here.layer is None or ready.default_layer() is None or subjects.others(subject):
        return list(DEFAULT)
    if same_formula(ready, here.layer.name):
        return list(DEFAULT)
    pairs = [one for key in DEFAULT for kin in relatives(VARIANTS[key])[:1] for one in (key, kin.key)]
    return list(dict.fromkeys([*pairs, *DEFAULT]))


def _pills(label: str, name: str, keys: Sequence[str], asked: Sequence[str]) -> None:
    st.session_state[name] = [key for key in keys if key in asked]  # sent each time: a first run may end unheard
    title = lambda key: _(VARIANTS[key].title)  # noqa: E731
    st.pills(label, list(keys), selection_mode="multi", key=name, format_func=title, on_change=_save)


def _save() -> None:
    on = {key for name in (FIRST, *(f"methods_{name}" for name in groups())) for key in st.session_state[name]}
    state.put(methods=",".join(key for key in VARIANTS if key in on) or "-")


def add(key: str) -> None:
    """Switch one more method on."""
    state.put(methods=",".join(one for one in VARIANTS if one in {*asked(), key}))
