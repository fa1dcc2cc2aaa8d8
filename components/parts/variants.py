"""The maps a user can switch on: every method, and the smoothed forms that have a name of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from components import models
from components.glances import Glance
from components.subjects import Subject
from components.text import _
from explain import METHODS, Method, Target


@dataclass(frozen=True)
class Variant:
    """A method as it is switched on, plain or smoothed."""

    key: str
    title: str
    method: Method
    smoothed: bool = False

    def refusal(self, target: Target, *, mapped: bool = True) -> str:
        """Say why the method can't explain a target, "" if it can; `mapped`: the model has a layer for CAMs to read."""
        if self.method.uses_layer and not mapped:
            return _("{title} reads a layer with rows and columns behind a convolution. This model has none.").format(
                title=_(self.title)
            )
        if self.method.targets == "class" and target.minus is not None:
            return _(
                "{title} goes by the probability of one class, so it can't explain one class rather than another. "
                "Choose “no other class” under “Rather than”, or another method."
            ).format(title=_(self.title))
        return ""


def why_not(variant: Variant, subject: Subject, glance: Glance, target: Target) -> str:
    """Say why a method can't explain a target of this model, "" if it can; an own model's card may know a reason."""
    said = variant.refusal(target, mapped=glance.default_layer is not None)
    held = models.own().get(subject.model)
    return said or ("" if held is None else held.opened.card.methods.get(variant.method.key, ""))


def _variants() -> dict[str, Variant]:
    found = {}
    for method in METHODS.values():
        found[method.key] = Variant(method.key, method.title, method)
        if method.smoothed_title:
            key = method.smoothed_title.lower().replace(" ", "_")
            found[key] = Variant(key, method.smoothed_title, method, smoothed=True)
    return found


VARIANTS = _variants()
RECOMMENDED = tuple(key for key, variant in VARIANTS.items() if variant.method.recommended or variant.smoothed)[:3]
DEFAULT = tuple(key for key in RECOMMENDED if not VARIANTS[key].smoothed)

GROUPS: Mapping[str, Callable[[], str]] = {
    "gradient": lambda: _("Which pixels is the score sensitive to?"),
    "contribution": lambda: _("What adds up to the score?"),
    "cam": lambda: _("Which channel patterns go with the score?"),
    "removal": lambda: _("What changes the score when hidden?"),
    "museum": lambda: _("Kept for comparison: fails its sanity check"),
}
"""What the methods of a group answer, in the order on screen."""


def relatives(variant: Variant) -> list[Variant]:
    """Return the other methods that are one formula with this one at some layers, in the registry's order."""
    family = variant.method.family
    if not family:
        return []
    return [one for one in VARIANTS.values() if one.method.family == family and one.method is not variant.method]


def groups() -> dict[str, list[str]]:
    """Return the variants that are not recommended by their group, groups without any left out."""
    rest = [key for key in VARIANTS if key not in RECOMMENDED]
    names = [*GROUPS, *(VARIANTS[key].method.group for key in rest)]
    found = {name: [key for key in rest if VARIANTS[key].method.group == name] for name in dict.fromkeys(names)}
    return {name: keys for name, keys in found.items() if keys}


def group_title(name: str) -> str:
    """Return the question that a group answers; a group that nobody named is its own title."""
    return GROUPS[name]() if name in GROUPS else name
