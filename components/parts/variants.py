"""The maps a user can switch on: every method, and the smoothed forms that have a name of their own."""

from __future__ import annotations

from dataclasses import dataclass

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
                "{title} weighs channels by the probability of one class, so it can't explain one class rather than "
                "another. Clear “Rather than”, or use a gradient method."
            ).format(title=_(self.title))
        return ""


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
