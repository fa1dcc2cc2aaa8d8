"""What a button does about a finding: changes the view, or opens the page where it can be seen to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from components import sentences, sidebar, state
from components.parts import methods, targets
from components.parts.targets import Explained
from components.parts.variants import RECOMMENDED, VARIANTS, Variant
from components.text import _
from explain import METHODS
from explain.types import Attribution, Finding, Number

MOST_SAMPLES = 200


@dataclass(frozen=True)
class Mend:
    """A button's words, what a click changes, and the page that it opens with what it takes along ("": none)."""

    verb: str
    act: Callable[[], Any] | None = None
    page: str = ""
    view: dict[str, Any] = field(default_factory=dict)


def of(finding: Finding, one: Explained, result: Attribution) -> Mend | None:
    """Return the mend of a finding about a map, None where nothing more can be done.

    Where its own mend is at its end, another method is.
    """
    verb, values = sentences.mend_label(finding), finding.values
    acts: dict[str, Callable[[], Mend | None]] = {
        "show_signed": lambda: Mend(verb, lambda: state.put(signed="1")),
        "use_top_class": lambda: Mend(verb, lambda: targets.use_top(one.at)),
        "use_titled_class": lambda: titled_class(one, int(values["titled"])),
        "finer_layer": lambda: Mend(verb, lambda: state.pin_layer(values["finer"])),
        "default_layer": lambda: Mend(verb, lambda: state.pin_layer(None)),
        "more_steps": lambda: Mend(
            verb, lambda: state.put(**{f"{result.method}_{values['parameter']}": str(values["to"])})
        ),
        "more_samples": lambda: more_samples(verb, result),
        "see_step": lambda: Mend(verb, page="activations", view={"layer": values["step"]}),
        "other_picture": lambda: Mend(verb, page="overview"),
        "see_conventions": lambda: Mend(verb, page="what_if"),
        "trained_twin": lambda: Mend(verb, lambda: sidebar.open_model(values["twin"])),
        "trained_model": lambda: Mend(verb, lambda: sidebar.open_model(state.DEFAULT_MODEL)),
    }
    found = acts[finding.mend]() if finding.mend in acts else None
    return found or other_method(one, result)


def titled_class(one: Explained, index: int) -> Mend:
    """Return what explains the class that a picture's title names."""
    name = one.subject.entry.labels()[index]
    return Mend(_("Explain {name}").format(name=name), lambda: targets.use(one.at, index))


def more_samples(verb: str, result: Attribution) -> Mend | None:
    """Return what doubles the number of samples, by the setting that they grow by; None at its end."""
    name = "" if result.sums is None else result.sums.grows_by
    if not name:
        return None
    own = [param for param in METHODS[result.method].params if isinstance(param, Number) and param.name == name]
    most = int(own[0].high) if own else MOST_SAMPLES
    now = int(result.settings[name])
    if now >= most:
        return None
    key = f"{result.method}_{name}" if own else name
    return Mend(verb, lambda: state.put(**{key: str(min(2 * now, most))}))


def other_method(one: Explained, result: Attribution) -> Mend | None:
    """Return what switches on a method that goes another way, None where all that can explain this are on.

    A gradient may end, or be no number, where hiding parts still changes the score, and the other way round. Methods at
    the image come first: no layer stands in their way.
    """
    method, on = METHODS[result.method], methods.asked()

    def distance(variant: Variant) -> tuple[bool, bool, bool]:
        own = variant.method
        return own.forward_only == method.forward_only, own.uses_layer, variant.key not in RECOMMENDED

    fit = [variant for variant in VARIANTS.values() if variant.key not in on and _suits(one, variant)]
    if not fit:
        return None
    best = min(fit, key=distance)
    return Mend(_("Add {method}").format(method=_(best.title)), lambda: methods.add(best.key))


def _suits(one: Explained, variant: Variant) -> bool:
    known = variant.method.group != methods.MUSEUM and not variant.smoothed
    return known and not variant.refusal(one.target, mapped=one.glance.default_layer is not None)
