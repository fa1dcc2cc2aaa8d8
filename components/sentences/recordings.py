"""What a recording of a training shows, in sentences with their numbers."""

from __future__ import annotations

from components.text import _, fitted, ngettext, number, percent, plain
from model_zoo.training.recorded import Recording
from model_zoo.training.recording_findings import STILL, Jump, Since

FEW = 12


def walked(recording: Recording) -> str:
    """Title what is walked: how many moments, from which step to which, and what became of the accuracy."""
    first, last = int(recording.steps[0]), int(recording.steps[-1])
    said = _("{n} moments, step {a} to {b}").format(n=number(recording.moments), a=number(first), b=number(last))
    if not recording.checked:
        return said
    return _("{said}: accuracy from {p} to {q}").format(
        said=said, p=percent(float(recording.accuracy[0])), q=percent(float(recording.accuracy[-1]))
    )


def moment(recording: Recording, at: int) -> str:
    """Name a moment: its step, its epoch, and how many held-back pictures were right."""
    said = _("step {n}, epoch {e}").format(n=number(int(recording.steps[at])), e=f"{float(recording.epochs[at]):.2f}")
    if recording.checked:
        said += ", " + _("{share} right").format(share=percent(float(recording.accuracy[at])))
    return said


def answer(recording: Recording, at: int, picture: int) -> str:
    """Name a moment by what the network said of a pinned picture then."""
    shares = recording.predictions[at, picture]
    top = int(shares.argmax())
    name = class_name(recording, top)
    return fitted(
        _("step {n}: {name} {share}"), {"name": name}, limit=44,
        n=number(int(recording.steps[at])), share=percent(float(shares[top])),
    )  # fmt: skip


def died(recording: Recording, layer: str, found: Since | None) -> str:
    """Say which kernels of a layer give 0 on every pinned picture to the end, and since when."""
    pinned = number(len(recording.pinned))
    if found is None:
        return _("Every kernel of {layer} answers at least one of the {p} pinned pictures at the end.").format(
            layer=layer, p=pinned
        )
    n = len(found.kernels)
    return ngettext(
        "{n} of {of} kernels of {layer} gives 0 on all {p} pinned pictures at every moment from step {step} on: "
        "{which}.",
        "{n} of {of} kernels of {layer} give 0 on all {p} pinned pictures at every moment from step {step} on: "
        "{which}.",
        n,
    ).format(
        n=number(n), of=number(found.of), layer=layer, p=pinned, step=_step(recording, found.last), which=_few(found)
    )


def stood_still(recording: Recording, layer: str, found: Since | None) -> str:
    """Say which kernels of a layer changed no more in the second half, and by which measure."""
    values = {"layer": layer, "share": percent(STILL)}
    if found is None:
        return _(
            "No kernel of {layer} stopped changing: in the second half each was further than {share} from its last "
            "values at some moment."
        ).format(**values)
    n = len(found.kernels)
    return ngettext(
        "{n} of {of} kernels of {layer} stopped changing: within {share} of its last values at every "
        "moment from step {step} on: {which}.",
        "{n} of {of} kernels of {layer} stopped changing: within {share} of their last values at every "
        "moment from step {step} on: {which}.",
        n,
    ).format(n=number(n), of=number(found.of), step=_step(recording, found.last), which=_few(found), **values)


def jumped(recording: Recording, found: Jump | None) -> str:
    """Say between which neighbouring moments the accuracy rose most; "" where it wasn't measured."""
    if not recording.checked:
        return ""
    of = number(recording.checked)
    if found is None:
        return _("The accuracy on {n} held-back pictures never rose from one moment to the next.").format(n=of)
    return _(
        "The accuracy jumped between step {a} and step {b}: from {p} to {q} of {n} held-back pictures, "
        "the largest rise between two moments."
    ).format(
        a=_step(recording, found.before),
        b=_step(recording, found.after),
        p=percent(float(recording.accuracy[found.before])),
        q=percent(float(recording.accuracy[found.after])),
        n=of,
    )


def left_out(recording: Recording, code: str, layer: str = "") -> str:
    """Say what of a layer did not fit into the recording, "" where nothing is missing."""
    found = next((one for one in recording.left_out if one[:2] == (code, layer)), None)
    if found is None:
        return ""
    kept, of = number(found[2]), number(found[3])
    return {
        "kernels": _("Recorded are the first {kept} of {of} input channels."),
        "maps": _("Recorded are maps of the first {kept} of {of} pinned pictures."),
        "cells": _("Recorded with at most {kept} of {of} rows and columns, each the strongest value of its part."),
        "gradients": _("Recorded with at most {kept} of {of} rows and columns, each the strongest value of its part."),
        "confusion": _("No confusion matrix was recorded: {of} classes are too many."),
    }[code].format(kept=kept, of=of)


def learned(recording: Recording, picture: int) -> str:
    """Title a pinned picture's answers: from which step on its own class is predicted, to the end."""
    found, label = recording.predicted()[:, picture], int(recording.labels[picture])
    own = label if label >= 0 else int(found[-1])
    name = {"name": plain(class_name(recording, own))}
    right = found == own
    if not right[-1]:
        return fitted(
            _("{name}: at the end taken for {other}"), name | {"other": plain(class_name(recording, int(found[-1])))}
        )
    wrong = (~right).nonzero()[0]
    since = int(wrong[-1]) + 1 if len(wrong) else 0
    return fitted(_("{name}: predicted at every moment from step {n} on"), name, n=_step(recording, since))


def class_name(recording: Recording, index: int) -> str:
    """Return a class's name, its number where it has none."""
    return recording.names[index] if index < len(recording.names) else _("class {n}").format(n=index)


def _step(recording: Recording, at: int) -> str:
    return number(int(recording.steps[at]))


def _few(found: Since) -> str:
    listed = ", ".join(number(kernel) for kernel in found.kernels[:FEW])
    return listed if len(found.kernels) <= FEW else listed + ", \u2026"
