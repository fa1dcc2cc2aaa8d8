"""What came of a training: a sentence, its scores, ten test pictures with the answers, and where to go with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components import downloads, frame, kept_models, opening, raster, show, training
from components.parts import train_data
from components.sentences import training as words
from components.text import _, number, percent, plain
from components.training_outcome import FIRST

if TYPE_CHECKING:
    from components.training_outcome import Outcome
    from model_zoo.training.run import Training


def headline(now: Training, came: Outcome) -> str:
    """Say in a sentence what came of it."""
    best = came.best if now.best is not None else None
    return words.outcome(best, came.ran, came.validation, came.test)


def why(now: Training, came: Outcome) -> None:
    """Say why it ended; where something went wrong, what to do next."""
    ended = now.ended or {}
    code = str(ended.get("why"))
    said = words.why(code, now.recipe.as_json(), came.ran, str(ended.get("message", "")))
    if code in ("nan", "failed"):
        st.warning(plain(said), icon=":material/error:")
    else:
        st.markdown(f":material/flag: {said}")
    if "unscored" in ended:
        about = words.unscored(str(ended["unscored"]), now.best is not None)
        st.warning(plain(about), icon=":material/error:")


def numbers(now: Training, came: Outcome) -> None:
    """Write the scores."""
    with st.grid("auto", min_column_width=150):
        if came.test is not None:
            st.metric(_("Test, {n} pictures").format(n=f"{came.tested:,}"), words.accuracy(came.test))
        if came.validation is not None:
            st.metric(_("Validation, {n} pictures").format(n=f"{came.held:,}"), words.accuracy(came.validation))
        if came.best is not None and now.best is not None:
            st.metric(_("Epoch kept"), _("{best} of {n}").format(best=came.best, n=came.ran))
        st.metric(_("Time"), _("{n} s").format(n=number(float(now.seconds))))


def answers(now: Training, came: Outcome) -> None:
    """Draw the first test pictures, each with its answer, marked right or wrong."""
    if not came.first:
        return
    names = now.names
    right = sum(one.said == one.label for one in came.first)
    st.subheader(_("The first {n} test pictures: {right} right").format(n=len(came.first), right=right), anchor=False)
    with st.grid(FIRST, min_column_width=80):
        for one in came.first:
            with st.container(gap="xsmall"):
                picture = train_data.drawn(one.picture, came.inverted)
                show.image(raster.picture_thumbnail(picture, 112), names[one.label])
                st.markdown(_answer(plain(names[one.said]), plain(names[one.label]), one.share, one.said == one.label))


def _answer(said: str, label: str, share: float, right: bool) -> str:
    if right:
        return f":green[:material/check: **{_('right')}**]  \n{said}, {percent(share)}"
    return f":red[:material/close: **{_('wrong')}**]  \n{said}, {percent(share)}  \n" + _("It is: {label}").format(
        label=label
    )


def take_along(now: Training, came: Outcome) -> None:
    """Offer to open what was learned, to download it, to keep it here, and to train another."""
    key, job = training.opened(now), opening.job()
    opens = job is not None and job.running
    with st.container(horizontal=True):
        if now.best is not None and not key:
            st.button(
                _("Open it"),
                type="primary",
                icon=":material/folder_open:",
                key="train_open",
                disabled=opens,
                on_click=training.open_trained,
                args=(now,),
                help=_("It joins the models in the sidebar, and every page works on it"),
            )
        if now.best is not None:
            path = now.best
            downloads.button(_("Download .keras"), path.read_bytes, training.file_name(now), "application/octet-stream")
            _keep(now)
        _slower(now)
        st.button(_("Train another"), icon=":material/restart_alt:", key="train_again", on_click=training.forget)
    _refused(now)
    if opens and not key:
        st.info(_("It is being opened, which takes some seconds: the sidebar shows how far it is."))
    if key:
        _pages()


def _slower(now: Training) -> None:
    """Offer, after a loss that was no number, to go back with a tenth of the learning rate set."""
    if (now.ended or {}).get("why") == "nan":
        rate = now.recipe.learning_rate / 10
        st.button(
            _("Back with learning rate {rate}").format(rate=f"{rate:g}"),
            icon=":material/build:",
            key="train_slower",
            on_click=training.forget,
            kwargs={"train_rate": f"{rate:g}"},
        )


def _refused(now: Training) -> None:
    said = opening.outcome()
    if said is not None and said[0] == training.file_name(now):
        st.warning(said[1], icon=":material/error:")


def _pages() -> None:
    st.success(_("It is open: the sidebar has it, with the first test pictures."), icon=":material/check:")
    with st.container(horizontal=True):
        frame.lead("kernels", _("Its kernels"))
        frame.lead("activations", _("Its feature maps"))


def _keep(now: Training) -> None:
    """Offer to keep it for later visits, where this server is one's own machine."""
    if not kept_models.allowed():
        return
    name = training.file_name(now)
    if name in kept_models.kept():
        with st.popover(_("Kept on this server"), icon=":material/check:"):  # removing it can't be undone
            st.button(
                _("Remove it"), icon=":material/delete:", key="train_unkeep", on_click=kept_models.remove, args=(name,)
            )
        return
    st.button(
        _("Keep it on this server"),
        icon=":material/save:",
        key="train_keep",
        on_click=training.keep_trained,
        args=(now,),
        help=_("It survives a restart, and is offered under “Your own model”"),
    )


def lost() -> None:
    """Say that the training in the address is no longer here."""
    if training.lost():
        st.warning(
            _(
                "The training in the address is no longer here: one that ended is kept for half an hour after the last "
                "visit, and none outlives the server. The settings below are unharmed."
            ),
            icon=":material/link_off:",
        )
