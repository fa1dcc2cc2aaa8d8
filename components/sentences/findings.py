"""What a careful colleague would say of a result: sentences for the codes of `explain.findings`, and their mends."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from components.sentences.what_if import convention_surer
from components.text import _, ngettext, number, percent, shape_text
from explain.types import Finding

Values = Mapping[str, Any]


def _all_zero(values: Values) -> str:
    step = values.get("step")
    causes = {
        "negative_evidence": _("all of its evidence is negative, and this method keeps only the positive part"),
        "silent_units": _("every unit of {step} is silent on this picture, and nothing passes it")
        if step
        else _("every unit of the layer it reads is silent on this picture"),
        "zero_gradient": _("the target's gradient ends at {step}: small changes before it change nothing")
        if step
        else _("the target's gradient is zero"),
        "saturated": _("the probability is so near to its end that it does not move, though the logit does"),
        "no_difference": _("nothing that this method puts in the picture's place changes the score"),
        "no_path": _("nothing leads from this layer to the target"),
    }
    cause = causes[values["cause"]].format(step=step)
    return _("The map is 0 everywhere: {cause}. This is not an answer about the picture.").format(cause=cause)


def _no_weights(values: Values) -> str:
    return _(
        "The map is 0 everywhere: behind every mask the class has a probability of 0, so no channel got any weight."
    )


def _nan(values: Values) -> str:
    causes = {
        "weights": _("the weights of {step} are not"),
        "overflow": _("{step} is the first layer that gives such values"),
        "gradient": _("on the way back {step} is the last layer where the gradient is finite")
        if values.get("step")
        else _("the target's gradient is not, from the scores on"),
        "method": _("the model's own values are, so they arise in this method's arithmetic"),
    }
    cause = causes[values["cause"]].format(step=values.get("step"))
    count = int(values["count"])
    return ngettext(
        "{count} value of the map is not a finite number: {cause}.",
        "{count} values of the map are not finite numbers: {cause}.",
        count,
    ).format(count=number(count), cause=cause)


def _coarse(values: Values) -> str:
    return ngettext(
        "{layer} has {grid} cells, {n} cell in all: it can't tell neighbouring parts of the picture apart.",
        "{layer} has {grid} cells, {n} in all: it can't tell neighbouring parts of the picture apart.",
        int(values["cells"]),
    ).format(layer=values["layer"], grid=shape_text(values["grid"]), n=number(int(values["cells"])))


def _outside_top(values: Values) -> str:
    rank, of = number(int(values["rank"])), number(int(values["of"]))
    name = values.get("name", _("class {n}").format(n=values["target"]))
    top = values["top"] if isinstance(values["top"], str) else _("class {n}").format(n=values["top"])
    if "probability" not in values:
        return _("{name} is number {rank} of {of} for this model; its first choice is {top}.").format(
            name=name, rank=rank, of=of, top=top
        )
    return _("{name} is number {rank} of {of} for this model, with {share}; its first choice is {top}.").format(
        name=name, rank=rank, of=of, share=percent(values["probability"]), top=top
    )


def _contradicts(values: Values) -> str:
    return _("The picture is called “{title}”, but the target is {name}. The map is about {name}.").format(
        title=values["title"], name=values["class"]
    )


def _range(values: Values) -> str:
    return _("The input runs from {low} to {high}; this model was made for {expected_low} to {expected_high}.").format(
        **{name: number(float(values[name])) for name in ("low", "high", "expected_low", "expected_high")}
    )


def _narrow(values: Values) -> str:
    return _(
        "The input runs from {low} to {high} and hardly varies, by {spread} of the range that this model was made for, "
        "{expected_low} to {expected_high}. It is one even grey, or was scaled for another model."
    ).format(
        spread=percent(float(values["spread"])),
        **{name: number(float(values[name])) for name in ("low", "high", "expected_low", "expected_high")},
    )


def _random(values: Values) -> str:
    return _("The weights are random: the map shows the architecture and the picture, nothing learned.")


def _constant(values: Values) -> str:
    return _("The map is {value} everywhere: it marks no part of the picture.").format(
        value=number(float(values["value"]))
    )


def _one_colour(values: Values) -> str:
    said = _(
        "The picture has one colour everywhere: a map of it shows the network and its edges, no part of a picture."
    )
    return said if values["span"] else said + " " + _("Noise, a share of its range, is 0.")


def _few(values: Values) -> str:
    return ngettext(
        "After {n} sample half of them agree with the other half at {share} only: more noise than map.",
        "After {n} samples half of them agree with the other half at {share} only: more noise than map.",
        int(values["done"]),
    ).format(n=number(int(values["done"])), share=percent(values["agreement"]))


def _incomplete(values: Values) -> str:
    total, difference = number(float(values["total"])), number(float(values["difference"]))
    error = float(values["error"])
    missed = percent(error) if math.isfinite(error) else total
    said = _(
        "The map should add up to the score's difference from its baseline and misses it by {missed}: sum {total}, "
        "score difference {difference}, with {steps} steps."
    ).format(missed=missed, total=total, difference=difference, steps=number(int(values["steps"])))
    if "bound" not in values:
        return said
    return f"{said} " + _("More than {bound} were not allowed.").format(bound=number(int(values["bound"])))


SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "map_all_zero": _all_zero,
    "weights_all_zero": _no_weights,
    "map_nan": _nan,
    "target_outside_top": _outside_top,
    "title_contradicts_class": _contradicts,
    "random_weights": _random,
    "constant_map": _constant,
    "constant_picture": _one_colour,
    "coarse_grid": _coarse,
    "completeness_broken": _incomplete,
    "input_outside_range": _range,
    "input_narrow": _narrow,
    "too_few_samples": _few,
    "convention_surer": convention_surer,
}
MENDS: Mapping[str, Callable[[], str]] = {
    "show_signed": lambda: _("Show signed map"),
    "more_samples": lambda: _("Take more samples"),
    "use_top_class": lambda: _("Explain the first choice"),
    "more_steps": lambda: _("Take more steps"),
    "finer_layer": lambda: _("Use a finer layer"),
    "default_layer": lambda: _("Use the usual layer"),
    "other_method": lambda: _("Add another method"),
    "use_titled_class": lambda: _("Explain what the title says"),
    "see_step": lambda: _("See that layer"),
    "other_picture": lambda: _("Choose another picture"),
    "see_conventions": lambda: _("Feed it in other ways"),
    "see_training": lambda: _("See what the model was made for"),
    "trained_twin": lambda: _("Open the trained twin"),
    "trained_model": lambda: _("Open a trained model"),
}


def said(finding: Finding) -> str:
    """Put a finding into a sentence. An unknown code is said as such, with its values, never dropped."""
    if finding.code in SENTENCES:
        return SENTENCES[finding.code](finding.values)
    values = ", ".join(f"{name} {value}" for name, value in finding.values.items())
    return _("Finding {code}: {values}.").format(code=finding.code, values=values or _("no values"))


def mend_label(finding: Finding) -> str:
    """The words on the button that mends a finding, "" where there is no mend."""
    if not finding.mend:
        return ""
    return MENDS[finding.mend]() if finding.mend in MENDS else finding.mend.replace("_", " ").capitalize()
