"""A training under way: how far it is, its curves as they grow, Pause and Stop. Drawn anew when something came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from components import figures, show, state, training
from components.figures import Words
from components.sentences import training as words
from components.text import _, shape_text
from components.training_outcome import kept_epoch
from explain.chain import worked
from explain.chain_text import read

if TYPE_CHECKING:
    from model_zoo.training.run import Training

POLL = 0.5
WIDTH = 900
DRAWN, SAID = "train_drawn", "train_said"


class Kept:
    """The curves as they were drawn last, and of what: nothing new, nothing is built."""

    def __init__(self, of: tuple[Any, ...], drawn: figures.Drawn) -> None:
        self.of, self._drawn = of, drawn

    def __call__(self) -> figures.Drawn:
        """Return the figure. A call, so that a session's size is not counted through all of it."""
        return self._drawn


def ended(now: Training) -> bool:
    """Whether there is nothing more to come: the process has gone, and what it scored is whole."""
    return now.state == "ended" and now.settled


def answer(now: Training) -> str:
    """Return the sentence over the page; the fragment has it written anew when it is another."""
    st.session_state[SAID] = said = headline(now)
    return said


def headline(now: Training) -> str:
    """Say what goes on."""
    return words.under_way(now.state, now.recipe.epochs, training.title(now.recipe.data))


def what(now: Training) -> None:
    """Say in a line what is trained, and how."""
    recipe = now.recipe
    shape, links = read(recipe.network)
    done = worked(shape, links)
    layers = " → ".join([shape_text(shape), *(one.info.name for one in done)])
    show.small(
        _("{data} · {layers} · {optimizer}, learning rate {rate:g}, batch {batch}, seed {seed}").format(
            data=training.title(recipe.data),
            layers=layers,
            optimizer=recipe.optimizer,
            rate=recipe.learning_rate,
            batch=recipe.batch,
            seed=recipe.seed,
        )
    )


@st.fragment(run_every=POLL)
def progress(now: Training) -> None:
    """Draw how far it is; the page runs again when it has ended."""
    training.watched(now)
    if ended(now) or headline(now) != st.session_state.get(SAID):
        st.rerun()
    with st.container(key="train_run"):
        st.progress(*_bar(now))
        _buttons(now)
        if now.batches or now.epochs:
            curves(now)
        else:
            st.markdown(":material/hourglass_top: " + _waits(now))


def _waits(now: Training) -> str:
    if now.state == "waiting":
        said = _("This one begins by itself when one of them ends or pauses.")
        return said + (" " + _("Before it wait: {n}.").format(n=now.before) if now.before else "")
    return _("A process of its own starts and builds the network; the first steps come in some seconds.")


def _bar(now: Training) -> tuple[float, str]:
    """Return how far it is, from 0 to 1, and the same in words."""
    planned = now.recipe.epochs
    reached = max([float(one["epoch"]) for one in (*now.batches[-1:], *now.epochs[-1:])] or [0.0])
    at = min(int(reached) + 1, planned)
    said = [_("Epoch {n} of {planned}").format(n=at, planned=planned)]
    if now.batches:
        last = now.batches[-1]
        said.append(
            _("loss {loss:.3f}, accuracy {right}").format(loss=last["loss"], right=words.accuracy(last["accuracy"]))
        )
    if now.state == "ended":
        said = [_("Scored on the test pictures")]
    elif now.pending:
        said.append(words.pending(now.pending))
    elif now.state == "paused":
        said.append(_("paused"))
    elif now.batches:
        if now.per_second:
            said.append(_("{n} pictures a second").format(n=f"{now.per_second:,.0f}"))
        said.append(words.left(now.left))
    return min(reached / planned, 1.0), " · ".join(part for part in said if part)


def _buttons(now: Training) -> None:
    if now.state == "ended":
        return
    stops = now.pending == "stop"
    with st.container(horizontal=True):  # one key for both: the button stays the same one, and keeps the focus
        if now.pending == "pause" or (now.state == "paused" and now.pending != "resume"):
            icon = ":material/play_arrow:"
            st.button(_("Resume"), icon=icon, key="train_pause", on_click=now.resume, disabled=stops)
        else:
            waits = stops or now.state == "waiting"
            st.button(_("Pause"), icon=":material/pause:", key="train_pause", on_click=now.pause, disabled=waits)
        st.button(
            _("Stop"),
            icon=":material/stop_circle:",
            key="train_stop",
            on_click=_stop,
            args=(now,),
            disabled=stops,
            help=_("The best epoch so far is kept"),
        )


def curves(now: Training) -> None:
    """Draw loss and accuracy as far as they are known."""
    batches, epochs = list(now.batches), list(now.epochs)
    why = (now.ended or {}).get("why")
    of = (now.token, len(batches), len(epochs), why, show.fit(WIDTH))
    kept: Kept | None = st.session_state.get(DRAWN)
    if kept is None or kept.of != of:
        kept = Kept(of, _drawn(now, batches, epochs, why))
        st.session_state[DRAWN] = kept
    show.figure(kept(), "train_curves", of_weights=False)


def _drawn(now: Training, batches: list[Any], epochs: list[Any], why: str | None) -> figures.Drawn:
    better = [int(one["epoch"]) for one in epochs if one["best"]]
    best = better[-1] if better else None
    around = Words(
        words.curves_title(epochs, best, now.recipe.epochs, over=why is not None),
        _("Loss (cross-entropy) and share of right answers, by epoch.") + (_apart(epochs, best) if why else ""),
        _("which pictures are wrong, and whether others would be right."),
    )
    planned = now.recipe.epochs if why in (None, "finished") else max(len(epochs), 1)
    return figures.training_curves(
        batches,
        epochs,
        around,
        planned=planned,
        kept=kept_epoch(now),
        early=why == "early",
        width=show.fit(WIDTH),
    )


def _apart(epochs: list[Any], best: int | None) -> str:
    said = words.apart(epochs, best)
    return f" {said}" if said else ""


def _stop(now: Training) -> None:
    now.stop()
    state.to_top()
