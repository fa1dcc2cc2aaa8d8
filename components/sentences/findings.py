"""What a careful colleague would say of a result: sentences for the codes of `explain.findings`, and their mends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from components.text import _, ngettext, number, percent
from explain.types import Finding

Values = Mapping[str, Any]


def _all_zero(values: Values) -> str:
    causes = {
        "negative_evidence": _("all of its evidence is negative, and this method keeps only the positive part"),
        "silent_units": _("every unit of the layer it reads is silent on this picture"),
        "zero_gradient": _("the target's gradient is zero"),
        "no_path": _("nothing leads from this layer to the target"),
    }
    cause = causes.get(str(values.get("cause", "")), _("the cause was not found"))
    return _("The map is 0 everywhere: {cause}. This is not an answer about the picture.").format(cause=cause)


def _nan(values: Values) -> str:
    return _("The map is not a number (NaN). The model's values overflow or its weights hold NaN; there is no map.")


def _outside_top(values: Values) -> str:
    name = str(values.get("name", values.get("class", "")))
    top = str(values.get("top", values.get("top_class", values.get("top_name", ""))))
    rank, share = int(values.get("rank", 0)), float(values.get("probability", 0.0))
    said = _("This class is number {rank} of the model's choices, with {share}").format(
        rank=number(rank), share=percent(share)
    )
    if name:
        said = _("{name} is number {rank} of the model's choices, with {share}").format(
            name=name, rank=number(rank), share=percent(share)
        )
    return said + (_("; its first is {top}.").format(top=top) if top else ".")


def _contradicts(values: Values) -> str:
    return _("The picture is called “{title}”, but the target is {name}. The map explains {name}.").format(
        title=values.get("title", ""), name=values.get("name", values.get("class_name", values.get("class", "")))
    )


def _random(values: Values) -> str:
    return _("The weights are random: the map shows the architecture and the picture, nothing learned.")


def _constant(values: Values) -> str:
    return _("The map has the same value everywhere: it marks no part of the picture.")


SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "map_all_zero": _all_zero,
    "map_nan": _nan,
    "target_outside_top": _outside_top,
    "title_contradicts_class": _contradicts,
    "random_weights": _random,
    "constant_map": _constant,
}
MENDS: Mapping[str, Callable[[], str]] = {
    "show_signed": lambda: _("Show signed map"),
    "use_top_class": lambda: _("Explain the first choice"),
    "use_default_layer": lambda: _("Use the default layer"),
    "compare_twin": lambda: _("Open the trained twin"),
    "rename": lambda: _("Change the title"),
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


def more(count: int) -> str:
    """Say how many findings are not shown."""
    return ngettext("{n} more finding", "{n} more findings", count).format(n=count)
