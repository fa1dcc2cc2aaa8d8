"""What a training is about to do, does, and came to: computed, never guessed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from components.text import _, fitted, ngettext, number, shape_text

Point = Mapping[str, Any]


def accuracy(value: float) -> str:
    """Write a share of right answers as a percentage with one decimal: epochs differ by less than a point."""
    return "NaN" if math.isnan(value) else f"{100 * value:.1f}\N{NO-BREAK SPACE}%"


def ready(pictures: int, classes: int, parameters: int) -> str:
    """Say what stands ready to be trained."""
    return _("Ready: {parameters} parameters are to learn {classes} classes from {pictures} pictures.").format(
        parameters=f"{parameters:,}", classes=f"{classes:,}", pictures=f"{pictures:,}"
    )


def not_ready(problems: int) -> str:
    """Say that something has to be mended first."""
    return ngettext(
        "Not ready: one thing has to be mended before it can train.",
        "Not ready: {n} things have to be mended before it can train.",
        problems,
    ).format(n=problems)


def under_way(state: str, epochs: int, title: str) -> str:
    """Say over the page that a training waits, runs or pauses."""
    said = {
        "waiting": _("In line: two other trainings run on this server."),
        "paused": _("Paused: {title} goes on where it stopped."),
    }.get(state, _("Training on {title}, at most {epochs} epochs."))
    return fitted(said, {"title": title}, 140, epochs=epochs)


def pending(asked: str) -> str:
    """Say what a training was asked and has not done yet."""
    return {
        "pause": _("pauses after this batch"),
        "resume": _("goes on as soon as there is a place"),
        "stop": _("stops after this batch"),
    }[asked]


def curves_title(epochs: Sequence[Point], best: int | None, planned: int, over: bool = False) -> str:
    """Title the curves: the best epoch so far by validation loss, or that none has ended; `over`, if none will."""
    if not epochs and over:
        return _("No epoch came to its end")
    if not epochs:
        return _("No epoch of {planned} has ended yet").format(planned=planned)
    if best is None:
        return ngettext("One epoch ended, none with a finite loss", "{n} epochs ended, none with a finite loss",
                        len(epochs)).format(n=len(epochs))  # fmt: skip
    kept = next(one for one in epochs if one["epoch"] == best)
    return _("Epoch {best} of {n} is the best: validation loss {loss}, accuracy {accuracy}").format(
        best=best, n=len(epochs), loss=number(float(kept["val_loss"])), accuracy=accuracy(float(kept["val_accuracy"]))
    )


def apart(epochs: Sequence[Point], best: int | None) -> str:
    """Say, where it is so, that the training loss went on falling after the best epoch: it overfitted."""
    if best is None or not epochs or epochs[-1]["epoch"] <= best:
        return ""
    kept, last = next(one for one in epochs if one["epoch"] == best), epochs[-1]
    if not (last["loss"] < kept["loss"] and last["val_loss"] > kept["val_loss"]):
        return ""
    return _(
        "After epoch {best} the loss on training pictures went on falling and that on validation pictures rose: it "
        "overfitted, and what it learned then held for its own pictures only."
    ).format(best=best)


def outcome(best: int | None, ran: int, validation: float | None, test: float | None) -> str:
    """Say in a sentence what came of a training; `best` is the epoch that is kept, None where none is."""
    if best is not None and test is None:
        return _("Epoch {best} of {n} is kept, and was not scored.").format(best=best, n=ran)
    if test is None or validation is None:
        return _("Nothing was learned that could be scored.")
    if best is None:
        return _("{test} of the test pictures right: no epoch came to its end.").format(test=accuracy(test))
    return _("{test} of the test pictures right. Epoch {best} of {n} is kept, with {validation} on validation.").format(
        test=accuracy(test), best=best, n=ran, validation=accuracy(validation)
    )


def why(code: str, recipe: Mapping[str, Any], ran: int, message: str = "") -> str:
    """Say why a training ended, and where something went wrong what to do next."""
    said = {
        "finished": ngettext("It ran its one epoch to the end.", "It ran all {n} epochs.", ran),
        "early": ngettext(
            "It stopped early: one epoch without a lower validation loss.",
            "It stopped early: {patience} epochs without a lower validation loss.",
            int(recipe["patience"]),
        ),
        "stopped": _("It was stopped. The best epoch so far is kept.")
        if ran
        else _("It was stopped before an epoch ended."),
        "nan": _(
            "Its loss became NaN or infinite: the steps were too large for these weights. The last good weights are "
            "kept. Train again with a smaller learning rate, such as {rate}."
        ),
        "failed": _("It failed. {message}"),
    }[code]
    rate = number(float(recipe["learning_rate"]) / 10, 1)
    return said.format(n=ran, patience=recipe["patience"], rate=rate, message=message)


def unscored(message: str, kept: bool) -> str:
    """Say why there are no scores after a training, and whether its network is `kept`."""
    if kept:
        said = _("It could not be scored; the network that was kept can be opened and downloaded. {message}")
    else:
        said = _("It could not be scored. {message}")
    return said.format(message=message)


def left(seconds: float | None) -> str:
    """Say how long it still takes, "" where that is not known yet."""
    if seconds is None or not math.isfinite(seconds):
        return ""
    if seconds < 90:
        return _("about {n} s left").format(n=max(1, round(seconds)))
    return _("about {n} min left").format(n=round(seconds / 60))


def misfit(code: str, has: tuple[int, ...], wants: tuple[int, ...]) -> str:
    """Say in what a network and its pictures don't match."""
    return {
        "input": _("The network takes {has}, and these pictures are {wants}."),
        "classes": _("The network ends in {has}, and these pictures have {wants} classes, so it has to end in a "
                     "dense layer of {wants}."),
        "activation": _("The last layer gives no probabilities: it needs a dense layer with softmax."),
    }[code].format(has=shape_text(has), wants=shape_text(wants))  # fmt: skip


def look_title(classes: int, least: int, most: int, title: str) -> str:
    """Title the samples: how many pictures there are of how many classes, and how even they are."""
    if least == most:
        template = _("{title}: {classes} classes with {most} pictures each")
    else:
        template = _("{title}: {classes} classes with {least} to {most} pictures")
    return fitted(template, {"title": title}, 90, classes=classes, least=f"{least:,}", most=f"{most:,}")
