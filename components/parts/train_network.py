"""Which network is to be trained: one of the notebooks', or the chain one builds; its shapes; whether it fits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from components import show, state
from components.parts import chain, chain_editor
from components.parts.chain_words import impossible
from components.sentences import training as words
from components.text import _, shape_text
from explain.chain import Worked
from explain.chain_layers import Impossible, Shape
from explain.chain_text import written
from model_zoo.training.look import Look
from model_zoo.training.matching import mended, misfits
from model_zoo.training.recipe import NETWORKS

OWN = "own"
PICK = "train_network"


def titles() -> dict[str, str]:
    """Return the words for each network that one can begin with."""
    return {
        "003": _("Two convolutions (notebook 003)"),
        "001": _("Dense layers alone (notebook 001)"),
        "000": _("Three convolutions, 224×224×3 (notebook 000)"),
        OWN: _("Your own chain"),
    }


def section(look: Look | None) -> tuple[str, tuple[Worked, ...], list[str]]:
    """Draw the editor and the shapes; returns the chain as text, what it comes to, and what keeps it from training."""
    st.subheader(_("2. The network"), anchor=False)
    _begin_with(look)
    editor, shapes = show.columns([1.7, 1], gap="large")
    with editor:
        shape, links, wrong = chain_editor.edited()
    done, problem = chain.possible(shape, links)
    with shapes:
        _shapes(shape, done)
    text = written(shape, links)
    problems = _said(wrong, problem) or _misfits(text, done, look)
    for one in problems:
        st.warning(one, icon=":material/build:")
    if problems and done and problem is None and look is not None:
        _mend(text, look)
    return text, done, problems


def _begin_with(look: Look | None) -> None:
    now = written(*chain_editor.current())
    fitting = {key: {text, _for(text, look)} for key, text in NETWORKS.items()}
    known = next((key for key, texts in fitting.items() if now in texts), OWN)
    options = [*NETWORKS, *([OWN] if known == OWN else [])]
    st.session_state[PICK] = known
    if show.stacked():  # buttons under each other would be mistaken for a form
        st.selectbox(_("Begin with"), options, key=PICK, format_func=titles().__getitem__, on_change=_pick)
        return
    st.segmented_control(
        _("Begin with"), options, key=PICK, format_func=titles().__getitem__, required=True, on_change=_pick
    )


def _pick() -> None:
    text = NETWORKS.get(str(st.session_state[PICK]))
    if text is not None:
        state.put(**{chain_editor.CHAIN: None if text == chain_editor.DEFAULT else text})


def _for(text: str, look: Look | None) -> str:
    return text if look is None else mended(text, look.shape, len(look.names))


def _shapes(shape: Shape, done: Sequence[Worked]) -> None:
    """List what each layer makes of the shape before it, and what it has to learn."""
    listed: list[dict[str, Any]] = [{_("layer"): _("input"), _("output"): shape_text(shape), _("parameters"): 0}]
    listed += [
        {
            _("layer"): one.info.name,
            _("output"): shape_text(one.info.output_shape),
            _("parameters"): one.info.parameters,
        }
        for one in done
    ]
    total = sum(one.info.parameters for one in done)
    st.metric(_("Parameters to learn"), f"{total:,}")
    st.dataframe(
        listed,
        hide_index=True,
        column_config={_("parameters"): st.column_config.NumberColumn(format="localized")},
        alt=_("Every layer with its output shape and its parameters"),
    )


def _said(wrong: str, problem: Impossible | None) -> list[str]:
    return [said for said in (wrong, impossible(problem) if problem else "") if said]


def _misfits(text: str, done: Sequence[Worked], look: Look | None) -> list[str]:
    """Return in what the network and the pictures don't match; offers to mend it."""
    if look is None:
        return []
    if not done:
        return [_("There is no layer yet: add one, or begin with one of the networks above.")]
    found = misfits(text, look.shape, len(look.names))
    return [words.misfit(*one) for one in found]


def _mend(text: str, look: Look) -> None:
    """Offer to set the input and the last layer by the pictures."""
    better = mended(text, look.shape, len(look.names))
    if better == text:
        return
    st.button(
        _("Make it fit: input {shape}, {n} classes at the end").format(shape=shape_text(look.shape), n=len(look.names)),
        key="train_mend",
        icon=":material/build:",
        on_click=lambda: state.put(**{chain_editor.CHAIN: None if better == chain_editor.DEFAULT else better}),
    )
