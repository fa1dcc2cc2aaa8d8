"""The sentence of each row of evidence but removal: what was found, with its numbers and their n."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from components.sentences.evidence_names import About, pictures_name, rival_name
from components.sentences.evidence_removal import removal
from components.text import _, number, percent, plain, shape_text
from explain.evidence.types import Checked

Values = Mapping[str, Any]


def _health(checked: Checked, about: About) -> str:
    values = checked.values
    if checked.reason == "not_finite":
        return _("{n} of {cells} values are not numbers, so nothing can be read from them.").format(
            n=number(int(values["not_finite"])), cells=number(int(values["cells"]))
        )
    if checked.reason == "all_zero":
        return _("The map is 0 everywhere: it marks no part of the picture.")
    if checked.reason == "constant":
        return _("The map has one value everywhere: it marks no part of the picture.")
    said = _("{grid} cells, none of them NaN; {share} lie above zero.").format(
        grid=shape_text(values["grid"]), share=percent(float(values["above_zero"]))
    )
    if values.get("coarse"):
        said += " " + _("Only {n} cells: it can't tell neighbouring parts apart.").format(n=int(values["cells"]))
    if "rank" in values:
        said += " " + _("Of the model's {n} classes {name} is number {rank}.").format(
            name=plain(about.name), rank=number(int(values["rank"])), n=number(int(values["classes"]))
        )
    return said


def _reproducible(checked: Checked, about: About) -> str:
    values = checked.values
    if checked.reason == "deterministic":
        return _("Nothing in it is drawn at random: the same settings give the same map, value for value.")
    numbers = {"r": number(float(values["agreement"]), 2), "n": int(values["samples"])}
    if values["how"] == "split_half":
        said = _("Of {n} samples, the even ones tell what the odd ones would: split-half {r} (1 is the same, 0 noise).")
    else:
        said = _("A second seed ranks the cells alike: rank correlation {r}, n = {n} samples each.")
    said = said.format(**numbers)
    if checked.outcome == "not_distinguishable":
        said += " " + _("Below 0.5 there are too few samples to read it.")
    if checked.reason == "more_samples":
        said += " " + _("Between 0.5 and 0.8 nothing is settled: more samples would.")
    return said


def _adds_up(checked: Checked, about: About) -> str:
    values = checked.values
    total, score = number(float(values["total"])), number(float(values["difference"]))
    if values["how"] == "promise" and not math.isfinite(values["error"]):
        return _("Its values add up to {total}, and there is no difference of scores to divide.").format(total=total)
    if values["how"] == "promise":
        return _("Its values add up to {total}, the difference of scores is {score}: {error} apart.").format(
            total=total, score=score, error=percent(float(values["error"]))
        )
    said = _("All cells with their sign add up to {total}; the model's logit without its bias is {score}.")
    if about.other is not None:
        said = _("All cells with their sign add up to {total}; the two logits without their bias differ by {score}.")
    if values["positive_only"]:
        said = _(
            "The cells it shows, the positive ones, add up to {total}; those it leaves out to {left_out}. Together "
            "they make the model's logit without its bias, {score}."
        )
    if values["positive_only"] and about.other is not None:
        said = _(
            "The cells it shows, the positive ones, add up to {total}; those it leaves out to {left_out}. Together "
            "they make the difference of the two logits without their bias, {score}."
        )
    return said.format(total=total, score=score, left_out=number(float(values["left_out"])))


def _weights(checked: Checked, about: About) -> str:
    values = checked.values
    everything, pair = values["alike"]["all"], values["random_pair"]
    if "all" in values["empty"]:
        said = _("With all its weights drawn anew the map comes out empty.")
    else:
        said = _("With all its weights drawn anew the map keeps a rank correlation of {r} (SSIM {s}).").format(
            r=number(float(everything["rank"]), 2), s=number(float(everything["ssim"]), 2)
        )
    if pair is not None:
        said += " " + _("Between two random networks it is {r} (SSIM {s}).").format(
            r=number(float(pair["rank"]), 2), s=number(float(pair["ssim"]), 2)
        )
    if "head" in values["unmoved"] and checked.outcome != "contradicted":
        said += " " + _("With only the head drawn anew it stays the same: the classes' own weights do not enter it.")
    lead = {
        "contradicted": _("This map would look the same for an untrained network."),
        "supported": _("It changes when the weights are scrambled, which is all that this says."),
        "not_distinguishable": _("It changes only in part."),
    }
    return f"{lead[checked.outcome]} {said}"


def _record(checked: Checked, about: About) -> str:
    values = checked.values
    gain, over = values["gain"], values["over"]
    said = _(
        "Over {n} {pictures} its mean gain is {mean} in log-odds ({low} to {high}, 95 % of resampled means)."
    ).format(n=values["n"], pictures=pictures_name(str(values["pictures"])), **_numbers(gain))
    least, mean = _strongest_rival(over)
    template = _("Against {name}, its strongest rival there, it gains {size} more ({low} to {high}).")
    if mean < 0:
        template = _("Against {name}, its strongest rival there, it gains {size} less ({low} to {high}).")
    said += " " + template.format(name=rival_name(least), size=number(abs(mean), 2), **_numbers(over[least]))
    return said + (" " + _("{n} pictures are few.").format(n=values["n"]) if values["few"] else "")


def _strongest_rival(over: Mapping[str, Mapping[str, float]]) -> tuple[str, float]:
    least = min(over, key=lambda name: over[name]["low"])
    return least, float(over[least]["mean"])


def record_line(checked: Checked) -> str:
    """Say a method's record in a few words, to stand beside a map."""
    least, mean = _strongest_rival(checked.values["over"])
    template = _("Over {n} {pictures} the method's gain by removal is {size} above that of {name}.")
    if mean < 0:
        template = _("Over {n} {pictures} the method's gain by removal is {size} below that of {name}.")
    return template.format(
        n=checked.values["n"],
        pictures=pictures_name(str(checked.values["pictures"])),
        size=number(abs(mean), 2),
        name=rival_name(least),
    )


def _numbers(interval: Mapping[str, float]) -> dict[str, str]:
    return {name: number(float(interval[name]), 2) for name in ("mean", "low", "high")}


ROWS: Mapping[str, Callable[[Checked, About], str]] = {
    "health": _health,
    "reproducible": _reproducible,
    "adds_up": _adds_up,
    "removal": removal,
    "weights": _weights,
    "record": _record,
}
