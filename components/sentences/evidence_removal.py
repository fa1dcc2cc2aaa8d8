"""The sentences of removal: what hiding the marked blocks does, beside random maps and maps that know no class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.sentences.evidence_names import About, fill_name, rival_name
from components.text import _, ngettext, number, percent
from explain.evidence.types import Checked

Values = Mapping[str, Any]


def removal(checked: Checked, about: About) -> str:
    """Say what hiding the marked blocks does, what chance does, and what decided."""
    values = checked.values
    drop, null = float(values["drop"]), float(values["null_drop"])
    said = _("On this picture, for {target}, removing the marked {share} {change}; {nulls} ({as_much}).").format(
        target=about.target,
        share=percent(float(values["share"])),
        change=change(drop, about.quantity),
        nulls=nulls_change(null),
        as_much=as_much(values),
    )
    agree = fills_said(values)
    return f"{said} {agree} {_why(checked)}".strip()


def fills_said(values: Values) -> str:
    """Say whether all fills agree."""
    if not values["fills_agree"]:
        return _disagree(values) + "."
    return _("Both fills agree.") if len(values["gain"]) == 2 else _("All three fills agree.")


def _disagree(values: Values) -> str:
    return _("The two fills disagree") if len(values["gain"]) == 2 else _("The three fills disagree")


def change(drop: float, quantity: str) -> str:
    """Say by how much removal lowers the score, or raises it."""
    size = number(abs(drop), 2)
    if drop < 0:
        return _("raises the {quantity} by {size}").format(quantity=_(quantity), size=size)
    return _("lowers the {quantity} by {size}").format(quantity=_(quantity), size=size)


def nulls_change(drop: float) -> str:
    """Say what removal by the median random map does to the score."""
    if drop < 0:
        return _("same-shaped random maps raise it by {size}").format(size=number(-drop, 2))
    return _("same-shaped random maps: {size}").format(size=number(drop, 2))


def as_much(values: Values) -> str:
    """Say how many random maps did at least as much as the map itself."""
    template = _("{n} of {of} did as much") if float(values["drop"]) > 0 else _("{n} of {of} did no worse")
    return template.format(n=values["as_much"], of=values["nulls"])


def beats_random(checked: Checked) -> bool:
    """Whether a map does better than all random maps of its shape, and only those that know no class do as well."""
    values = checked.values
    if checked.row == "record" and "over" in values:
        return float(values["gain"]["low"]) > 0 and float(values["over"]["shifted"]["low"]) > 0
    if checked.row != "removal" or not values.get("fills_agree"):
        return False
    return not any(values["beaten_by"].values()) and bool(_as_good(values))


def _as_good(values: Values) -> list[str]:
    """The maps that know no class and are not left behind by more than their margin under a fill."""
    rivals = next(iter(values["rival_gains"].values()))
    return [rival for rival in rivals if any(_ahead(values, fill, rival) <= 0 for fill in values["gain"])]


def _at_least(values: Values) -> list[str]:
    """The maps that know no class and gain as much, or more, under a fill."""
    gains = values["gain"]
    return [
        rival for rival in _as_good(values) if any(values["rival_gains"][fill][rival] >= gains[fill] for fill in gains)
    ]


def _ahead(values: Values, fill: str, rival: str) -> float:
    """By how much more than its margin a map's gain is above that of a map that knows no class."""
    gap = float(values["gain"][fill]) - float(values["rival_gains"][fill][rival])
    return gap - float(values["margins"][fill][rival])


def but(checked: Checked) -> str:
    """Say in a few words what keeps a removal from being supported."""
    values = checked.values
    if checked.outcome == "contradicted":
        return _("What it marks least costs more")
    if checked.reason == "fills_disagree":
        return _disagree(values)
    beaten, as_good = max(int(one) for one in values["beaten_by"].values()), _as_good(values)
    if as_good:
        strongest = max(as_good, key=lambda rival: sum(values["rival_gains"][fill][rival] for fill in values["gain"]))
        template = _("Over all levels {name} does as well")
        if strongest not in _at_least(values):
            template = _("Over all levels {name} does nearly as well")
        return template.format(name=rival_name(strongest))
    if beaten:
        return ngettext(
            "Over all levels {n} random map does as well", "Over all levels {n} random maps do as well", beaten
        ).format(n=beaten)
    return _("Over all levels it gains nothing")


def apart(one: float, other: float) -> tuple[str, str]:
    """Write two different numbers with as many digits as tell them apart, two to five."""
    pairs = ((number(float(one), digits), number(float(other), digits)) for digits in range(2, 6))
    return next((pair for pair in pairs if pair[0] != pair[1]), (number(float(one), 2), number(float(other), 2)))


def _why(checked: Checked) -> str:
    """Say what decided a removal, over all levels and both orders: its gain against those of the others."""
    values = checked.values
    if checked.reason == "fills_disagree":
        words = {"supported": _("it does better"), "not_distinguishable": _("it does no better")}
        words["contradicted"] = _("it does worse")
        parts = [f"{fill_name(fill)}: {words[one]}" for fill, one in values["outcomes"].items()]
        return _("Over all levels: {parts}.").format(parts="; ".join(parts))
    gains = values["gain"]
    fill = min(gains, key=gains.get)
    own = float(gains[fill])
    if checked.outcome == "contradicted":
        return _("What it marks least costs more than what it marks most: gain {gain}.").format(gain=number(own, 2))
    if checked.outcome == "supported":
        return _ahead_of_all(values, fill)
    fills = list(gains)
    as_good = _as_good(values)
    beaten = max(int(values["beaten_by"][one]) for one in fills)
    if not beaten and not as_good:
        return _("Its gain over all levels is {gain}: no sign of more than chance.").format(gain=number(own, 2))
    names = ", ".join(rival_name(rival) for rival in as_good)
    if not beaten:
        return _(
            "Over all levels and both orders it gains more than all {n} random maps, but these, which know no class, "
            "do as well, or fall behind by no more than the levels differ by: {names}."
        ).format(n=values["nulls"], names=names)
    maps = ngettext("{n} random map", "{n} random maps", beaten).format(n=beaten)
    names = ", ".join(rival_name(rival) for rival in _at_least(values))
    return _("Over all levels and both orders these do at least as well: {names}.").format(
        names=f"{maps}, {names}" if names else maps
    )


def _ahead_of_all(values: Values, fill: str) -> str:
    """Say by what a map that is supported is above the one that knows no class and comes nearest."""
    own, rivals = float(values["gain"][fill]), values["rival_gains"][fill]
    if not rivals:
        return _("Its gain {gain} is above all random maps.").format(gain=number(own, 2))
    best = min(rivals, key=lambda rival: _ahead(values, fill, rival))
    gain, beside = apart(own, rivals[best])
    return _(
        "Its gain over all levels, {gain}, is above every map that knows no class by more than the levels differ by "
        "({name}: {rival}, margin {margin})."
    ).format(gain=gain, name=rival_name(best), rival=beside, margin=number(float(values["margins"][fill][best]), 2))
