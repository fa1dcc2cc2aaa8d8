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
    agree = _("Both fills agree.") if values["fills_agree"] else _("The two fills disagree.")
    return f"{said} {agree} {_why(checked)}".strip()


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
    """The maps that know no class and do as well under a fill."""
    gains, rivals = values["gain"], next(iter(values["rival_gains"].values()))
    return [rival for rival in rivals if any(values["rival_gains"][fill][rival] >= gains[fill] for fill in gains)]


def but(checked: Checked) -> str:
    """Say in a few words what keeps a removal from being supported."""
    values = checked.values
    if checked.outcome == "contradicted":
        return _("What it marks least costs more")
    if checked.reason == "fills_disagree":
        return _("The two fills disagree")
    beaten, as_good = max(int(one) for one in values["beaten_by"].values()), _as_good(values)
    if as_good:
        strongest = max(as_good, key=lambda rival: sum(values["rival_gains"][fill][rival] for fill in values["gain"]))
        return _("Over all levels {name} does as well").format(name=rival_name(strongest))
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
    own, rivals = float(gains[fill]), values["rival_gains"][fill]
    if checked.outcome == "contradicted":
        return _("What it marks least costs more than what it marks most: gain {gain}.").format(gain=number(own, 2))
    if checked.outcome == "supported":
        best = max(rivals, key=rivals.get) if rivals else ""
        if not best:
            return _("Its gain {gain} is above all random maps.").format(gain=number(own, 2))
        return _("Its gain over all levels, {gain}, is above every map that knows no class ({name}: {rival}).").format(
            gain=apart(own, rivals[best])[0], name=rival_name(best), rival=apart(own, rivals[best])[1]
        )
    fills = list(gains)
    as_good = _as_good(values)
    beaten = max(int(values["beaten_by"][one]) for one in fills)
    if not beaten and not as_good:
        return _("Its gain over all levels is {gain}: no sign of more than chance.").format(gain=number(own, 2))
    names = ", ".join(rival_name(rival) for rival in as_good)
    if not beaten:
        return _(
            "Over all levels and both orders it gains more than all {n} random maps, but these, which know no class, "
            "do as well: {names}."
        ).format(n=values["nulls"], names=names)
    maps = ngettext("{n} random map", "{n} random maps", beaten).format(n=beaten)
    return _("Over all levels and both orders these do at least as well: {names}.").format(
        names=f"{maps}, {names}" if names else maps
    )
