"""What was checked about a map: four outcomes, and a sentence with its numbers for each row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from components.sentences.evidence_names import About, rival_name
from components.sentences.evidence_removal import apart, as_much, beats_random, but, change, fills_said, nulls_change
from components.sentences.evidence_rows import ROWS, record_line
from components.text import _, fitted, ngettext, number, percent, plain
from explain.evidence.types import Checked

Values = Mapping[str, Any]
MOST = 140


@dataclass(frozen=True)
class Word:
    """How an outcome is written: always icon and word, in the colour of its status."""

    icon: str
    colour: str
    said: str


def outcome(checked: Checked, halted: bool = False) -> Word:
    """Return icon, colour and word of an outcome; a row that is being computed, or was stopped, says so."""
    if checked.reason == "not_finished" and halted:
        return Word("pause_circle", "gray", _("Stopped"))
    if checked.reason == "not_finished":
        return Word("hourglass_empty", "gray", _("Being tested"))
    chance = _("Not distinguishable from a random map")
    if beats_random(checked):
        chance = _("Not distinguishable from a map that knows no class")
    return {
        "supported": Word("add_circle", "green", _("Supported")),
        "not_distinguishable": Word("shuffle", "orange", chance),
        "contradicted": Word("do_not_disturb_on", "red", _("Contradicted")),
        "not_tested": Word("help", "gray", _("Not tested")),
    }[checked.outcome]


def row_said(checked: Checked, about: About) -> str:
    """Put a row's result into a sentence; why it was not tested, where it was not."""
    own = ROWS.get(checked.row)
    if own is not None and (checked.outcome != "not_tested" or checked.reason in SETTLED):
        return own(checked, about)
    return reason_said(checked)


def line_said(checked: Checked, about: About) -> str:
    """Put a row's result into one short sentence, to stand beside a map."""
    if checked.row == "record" and "over" in checked.values:
        return record_line(checked)
    return row_said(checked, about)


def row_plan(row: str, options: Values) -> str:
    """Say what a row would do, before it is begun."""
    if row == "removal":
        return _(
            "Blocks of the picture are hidden in the map's order, highest first and lowest first, under {fills} fills; "
            "likewise in the order of {n} random maps of its own shape, of edges, centre and class-blind activation."
        ).format(n=options.get("nulls", ""), fills=_("three") if options.get("fills") == "three" else _("two"))
    if row == "weights":
        return _(
            "The same map is made by a copy of the network whose weights are drawn anew, from the head backwards. A "
            "map that stays as it was owes nothing to what was learned."
        )
    return _("Not begun.")


def reason_said(checked: Checked) -> str:
    """Say why a row was not tested. An unknown reason is said as such, never dropped."""
    if checked.reason == "not_finished":
        return _("{done} of {total} so far; the outcome waits for all of them.").format(
            done=number(checked.done), total=number(checked.total)
        )
    if checked.reason in REASONS:
        return REASONS[checked.reason](checked.values)
    return _("Not tested: {reason}.").format(reason=checked.reason.replace("_", " ") or _("no reason was given"))


SETTLED = frozenset({"more_samples", "left_out"})
"""Reasons of "not tested" for which there are numbers all the same."""

REASONS: Mapping[str, Callable[[Values], str]] = {
    "flat_map": lambda v: _("A map of one value, or with values that are not numbers, has nothing to rank."),
    "partial": lambda v: _("The map is partial: let it be computed to the end first."),
    "smoothed": lambda v: _("A smoothed map is a mean over noisy pictures and makes no such promise."),
    "no_promise": lambda v: _("This method makes no such promise."),
    "no_class_output": lambda v: _("The model has no score whose fall could be measured."),
    "no_other_place": lambda v: _(
        "The map has only {n} other places to be, too few for random maps of its own shape."
    ).format(n=v["nulls"]),
    "no_weights": lambda v: _("The model has no weights that could be drawn anew."),
    "not_copied": lambda v: _("The model has a layer of its own that can't be copied: {error}").format(
        error=plain(str(v["error"]))
    ),
    "no_record": lambda v: _no_record(v),
    "other_weights": lambda v: _("The record was made with other weights of this model."),
    "other_settings": lambda v: _("The record was made with the method's default settings, and these are others."),
}


def _no_record(values: Values) -> str:
    if not values.get("trained", True):
        return _("No record is made of a model with random weights.")
    if values.get("of_model", True):
        return _("There is no record of this method on this model.")
    return _(
        "No record ships for this model: its trained weights are not part of ConvScope. Where they are on this "
        "machine, `python -m scripts.make_record` makes one."
    )


def evidence_headline(checked: Checked | None, about: About) -> str:
    """Answer the page in at most 140 characters: what hiding the marked blocks does, beside what chance does."""
    names = {"method": about.method, "name": about.name}
    if checked is None or not checked.finished or "drop" not in checked.values:
        return fitted(_("{method} for {name}: each check below stands alone, there is no total."), names, MOST)
    values = checked.values
    drop, null = float(values["drop"]), float(values["null_drop"])
    numbers = {
        "share": percent(float(values["share"])),
        "change": change(drop, about.quantity),
        "nulls": nulls_change(null),
        "as_much": as_much(values),
        "but": but(checked),
        "fills": fills_said(values),
    }
    if checked.outcome == "supported":
        template = _("{method}, {name}: hiding the marked {share} {change}; {nulls} ({as_much}). {fills}")
        shorter = _("{method}, {name}: hiding the marked {share} {change}; {nulls} ({as_much}).")
    else:
        template = _("{method}, {name}: hiding the marked {share} {change}; {nulls}. {but}.")
        shorter = _("{method}, {name}: hiding the marked {share} {change}. {but}.")
    return fitted(template, names, MOST, shorter, **numbers)


GLANCE = ("contradicted", "not_distinguishable", "not_tested", "supported")


def at_a_glance(found: Sequence[tuple[str, Checked]], halted: Collection[str] = ()) -> str:
    """List which rows came to which outcome, the gravest first: a list, never a total. `found` are labels and rows."""
    lines: dict[tuple[int, Word], list[str]] = {}
    for label, checked in found:
        word = outcome(checked, checked.row in halted)
        lines.setdefault((GLANCE.index(checked.outcome), word), []).append(label)
    ordered = sorted(lines.items(), key=lambda line: line[0][0])
    return "  \n".join(
        f":{word.colour}[:material/{word.icon}: **{word.said}**]: {', '.join(labels)}"
        for (_place, word), labels in ordered
    )


def model_undecided(first: str, second: str, margin: float) -> str:
    """Say that the model itself is undecided: the margin between its two highest logits is small."""
    template = _("The model itself is undecided: {first} leads {second} by {margin} in logits.")
    return fitted(template, {"first": first, "second": second}, MOST, margin=number(margin, 2))


def unit_undecided(margin: float) -> str:
    """Say that a model with one unit is undecided: its logit is near 0."""
    return _("The model itself is undecided: its logit is {margin} away from 0.").format(margin=number(margin, 2))


def stage_name(stage: str, layers: int) -> str:
    """Name a stage of scrambling and how many layers were drawn anew."""
    names = {"head": _("head drawn anew"), "half": _("later half drawn anew"), "all": _("everything drawn anew")}
    said = names.get(stage, stage.replace("_", " "))
    return f"{said} · " + ngettext("{n} layer", "{n} layers", layers).format(n=layers)


def gain_title(values: Values) -> str:
    """Title the gains of a map: its own under both fills, and the best of the others."""
    fill = min(values["gain"], key=values["gain"].get)
    best = float(np.max(values["null_gains"][fill])) if len(values["null_gains"][fill]) else 0.0
    rivals = values["rival_gains"][fill]
    name = max(rivals, key=rivals.get) if rivals else ""
    own = float(values["gain"][fill])
    size, beside = apart(own, float(rivals[name])) if name else (number(own, 2), "")
    said = _("Gain {own}; best random map {best}").format(own=size, best=number(best, 2))
    return said + (f"; {rival_name(name)} {beside}" if name else "")


def curve_title(own: NDArray[np.float64], last: float) -> str:
    """Title removal curves, (2, L): what is left of the score with the highest and with the lowest blocks gone."""
    return _("Score {base} at first; {first} with the highest {share} hidden, {last} with the lowest").format(
        base=number(float(own[0, 0])),
        first=number(float(own[0, -1])),
        share=percent(last),
        last=number(float(own[1, -1])),
    )


def weights_title(checked: Checked) -> str:
    """Title the likeness under scrambled weights; the worst outcome is said here, not in a tab."""
    if checked.outcome == "contradicted":
        return _("This map would look the same for an untrained network")
    everything = checked.values["alike"]["all"]
    if "all" in checked.values["empty"]:
        return _("With everything drawn anew the map comes out empty")
    return _("With everything drawn anew, rank correlation {r} with this map").format(
        r=number(float(everything["rank"]), 2)
    )


def record_title(values: Values) -> str:
    """Title a method's record by its mean gain, with the interval and n."""
    numbers = {name: number(float(values["gain"][name]), 2) for name in ("mean", "low", "high")}
    return _("Mean gain {mean} ({low} to {high}) in log-odds, n = {n}").format(n=values["n"], **numbers)


def classic_title(deletion: float, insertion: float) -> str:
    """Title the published curves by their areas; NaN until a curve is done."""
    known = [number(area, 2) if area == area else _("not done yet") for area in (deletion, insertion)]
    return _("Area under deletion {d}, under insertion {i}").format(d=known[0], i=known[1])
