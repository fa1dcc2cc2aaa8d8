"""How it is to be trained, and the button that begins it: what can't be is said before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from components import controls, training
from components.sentences import training as words
from components.text import _, plain
from explain.chain import Worked
from explain.errors import ConvScopeError
from model_zoo.training.fits import Fitting, fits
from model_zoo.training.look import Look
from model_zoo.training.recipe import MOST_BATCH, MOST_EPOCHS, MOST_RATE, OPTIMIZERS, Recipe

NAMES = {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop", "adamw": "AdamW"}
LEAST_RATE = 1e-7


def section(look: Look | None) -> dict[str, Any]:
    """Draw the settings; returns them by the recipe's names."""
    st.subheader(_("3. How it learns"), anchor=False)
    found: dict[str, Any] = {}
    with st.grid(5, min_column_width=150):
        found["optimizer"] = controls.choose(
            "train_optimizer", _("Optimizer"), OPTIMIZERS, "adam", NAMES.__getitem__, _("How a step follows a gradient")
        )
        found["learning_rate"] = controls.number(
            "train_rate", _("Learning rate"), LEAST_RATE, MOST_RATE, 1e-3, 1e-3, _("How large the steps are"), "%g"
        )
        found["batch"] = controls.number(
            "train_batch", _("Batch"), 1, MOST_BATCH, 32, 1, _("Pictures that one step is made from")
        )
        found["epochs"] = controls.number(
            "train_epochs", _("Epochs"), 1, MOST_EPOCHS, 20, 1, _("How often it goes through all pictures, at most")
        )
        found["validation"] = controls.slider(
            "train_validation", _("Held back"), 0.05, 0.5, 0.2, 0.05,
            _("Share of the pictures that it never learns from: the validation that says which epoch was best"),
        )  # fmt: skip
    with controls.more(_("More: seed, early stopping, number of pictures")):
        found |= _more(look)
    return found


def _more(look: Look | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with st.grid(4, min_column_width=180):
        found["seed"] = controls.number(
            "train_seed", _("Seed"), 0, 2**31 - 1, 42, 1, _("The same seed and settings give the same curve")
        )
        found["patience"] = controls.number(
            "train_patience", _("Patience"), 0, MOST_EPOCHS, 2, 1,
            _("Epochs without a lower validation loss before it stops; 0 goes on to the end"),
        )  # fmt: skip
        found["most"] = controls.number(
            "train_most", _("Pictures at most"), 0, max(0, look.train) if look else 10**6, 0, 100,
            _("Of the training pictures, even over the classes; 0 takes all"),
        )  # fmt: skip
        found["restore_best"] = controls.toggle(
            "train_restore", _("Keep the best epoch"), True, _("Else what the last epoch left is scored on the test")
        )
    return found


def start(key: str, look: Look | None, text: str, done: Sequence[Worked], problems: list[str], how: Any) -> str:
    """Draw the button that begins it, with what stands in its way; returns the sentence over the page."""
    recipe, count = None, len(problems)
    if not problems and look is not None:
        try:
            recipe = Recipe(data=key, network=text, **how)
            _plan(fits(recipe, look.blank()), look)
        except ConvScopeError as refused:
            recipe, count = None, 1
            st.warning(plain(str(refused)), icon=":material/build:")
    refusal = training.refused()
    if refusal:
        st.warning(plain(refusal), icon=":material/hourglass_disabled:")
    st.button(
        _("Start training"),
        type="primary",
        icon=":material/play_arrow:",
        key="train_start",
        disabled=recipe is None,
        on_click=lambda: training.begin(recipe) if recipe else None,
    )
    if look is None:
        return _("Not ready: these pictures are not on this machine yet.")
    if recipe is None:
        return words.not_ready(count)
    parameters = sum(one.info.parameters for one in done)
    return words.ready(_used(recipe, look), len(look.names), parameters)


def _used(recipe: Recipe, look: Look) -> int:
    return min(recipe.most or look.train, look.train)


def _plan(fitting: Fitting, look: Look) -> None:
    st.markdown(
        _(
            "{train} pictures to learn from in {steps} steps an epoch, {held} held back for validation; {test} more "
            "are shown only at the end."
        ).format(
            train=f"{fitting.train:,}",
            steps=f"{fitting.steps:,}",
            held=f"{fitting.validation:,}",
            test=f"{look.test:,}",
        )
    )
