"""The line below a map: what is drawn, of which score, read where, with which settings, at what cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import explain
from components import compute
from components.parts.targets import Explained
from components.parts.variants import Variant
from components.text import _, ngettext, number, percent, shape_text
from explain import METHODS
from explain.findings import RELIABLE
from explain.types import Attribution, Choice, Layer

STATISTICS: Mapping[str, Callable[[], str]] = {
    "abs_mean": lambda: _("absolute, then mean (tf-keras-vis)"),
    "mean_abs": lambda: _("mean, then absolute"),
    "variance": lambda: _("variance of signed values (VarGrad)"),
    "squares": lambda: _("mean square of signed values (SquareGrad)"),
}
SAMPLINGS: Mapping[str, Callable[[], str]] = {
    "plain": lambda: _("plain"),
    "antithetic": lambda: _("antithetic pairs, +noise and −noise"),
    "quasi": lambda: _("quasi-random sequence"),
}
OF_STATISTIC: Mapping[str, Callable[[], str]] = {
    "variance": lambda: _("variance over noisy copies of: {quantity}"),
    "squares": lambda: _("mean square over noisy copies of: {quantity}"),
}
HALVES_FROM = 4
"""From so many samples on both halves hold some, whatever way they are drawn."""


def caption(one: Explained, variant: Variant, result: Attribution) -> str:
    """Write what is drawn: method, target, layer with its grid, settings, agreement of halves, sum, cost."""
    parts = [f"{_(variant.title)}: {measure(variant, result)}", score(one, variant)]
    if result.layer is not None:
        parts.append(_("layer {layer}, {grid}").format(layer=result.layer, grid=shape_text(result.native.shape)))
        parts.append(reach(one, result.layer))
    parts += [*_chance(variant, result), *own_settings(variant, result), *agreement(result), *promise(result)]
    if result.partial:
        parts.append(progress(result))
    return " · ".join([*parts, cost(one, result)]) + "."


def score(one: Explained, variant: Variant) -> str:
    """Name the score as far as the method knows it."""
    if variant.method.targets == "none":
        return _("whatever the class")
    if variant.method.targets == "any":
        return one.name
    said = _("class {name}").format(name=one.subject.entry.labels()[one.target.index])
    return said + (" " + _("alone, since this method explains one class") if one.alone else "")


def measure(variant: Variant, result: Attribution) -> str:
    """Name what one value of the map is, in the method's own words; a signed map is another quantity."""
    signed = result.settings["signed"] and variant.method.signed_quantity
    quantity = _(variant.method.signed_quantity if signed else variant.method.quantity)
    of = OF_STATISTIC.get(result.settings["smooth_statistic"])
    return of().format(quantity=quantity) if of and result.settings["smooth_samples"] else quantity


def agreement(result: Attribution) -> Iterator[str]:
    """Say how far the halves of the samples agree, where they are draws of one kind."""
    if result.reliability is not None:
        yield _("halves agree at {share}, n = {n}").format(share=number(result.reliability, 2), n=number(result.done))


def too_few(result: Attribution) -> bool:
    """Whether a map over random samples has too few of them to be read: its halves disagree, or are not there yet."""
    if not (result.settings["smooth_samples"] or METHODS[result.method].seeded) or not result.native.any():
        return False
    if result.reliability is None:
        return result.done < HALVES_FROM
    return result.reliability < RELIABLE


def promise(result: Attribution) -> Iterator[str]:
    """Hold what a map adds up to against what it should, where its method promises a sum."""
    kept = result.promise
    if kept is not None:
        yield _("sum {total}, score difference {difference} ({error})").format(
            total=number(kept.total), difference=number(kept.difference), error=percent(kept.relative_error)
        )


def progress(result: Attribution) -> str:
    """Say how far a partial map came."""
    return _("partial: {done} of {total}").format(done=result.done, total=result.total)


def cost(one: Explained, result: Attribution) -> str:
    """Write the passes and seconds spent; fewer passes than the method's own number are no slip, and it says why."""
    engine = compute.engine(one.subject.model, one.subject.state)
    whole = explain.passes(result.method, engine, **result.settings)
    said = ngettext("{n} pass", "{n} passes", result.passes)
    if not result.partial and result.passes < whole:
        said = _("{n} of at most {whole} passes, the others known from before or not needed")
        if not result.passes:
            said = _("no new pass, all known from before")
    seconds = _("under 0.01") if result.seconds < 0.01 else number(result.seconds, 2)
    return said.format(n=result.passes, whole=whole) + ", " + _("{n} s").format(n=seconds)


def _chance(variant: Variant, result: Attribution) -> Iterator[str]:
    """Write what is drawn at random: noisy copies, or the method's own draws."""
    settings = result.settings
    if settings["smooth_samples"]:
        yield ngettext("{n} sample", "{n} samples", result.done).format(n=number(result.done))
        yield _("noise {noise}, seed {seed}").format(noise=number(settings["smooth_noise"], 2), seed=settings["seed"])
        if settings["smooth_sampling"] != "plain":
            yield SAMPLINGS[settings["smooth_sampling"]]()
        if settings["smooth_statistic"] == "mean_abs":
            yield STATISTICS["mean_abs"]()
    elif variant.method.seeded:
        yield _("seed {seed}").format(seed=settings["seed"])


def own_settings(variant: Variant, result: Attribution) -> list[str]:
    """Write the settings that differ from the method's defaults."""
    said = [_("signed")] if result.settings["signed"] else []
    if result.settings["parity"]:
        said.append(_("aligned corners"))
    for param in variant.method.params:
        if not isinstance(param, Layer) and result.settings[param.name] != param.default:
            value: Any = result.settings[param.name]
            if isinstance(param, Choice) and param.labels:
                value = _(param.labels[param.options.index(value)])
            said.append(f"{_(param.label)}: {value}")
    return said


def reach(one: Explained, layer: str) -> str:
    """Say how much of the picture one cell of a layer can depend on: more than the square it is drawn on."""
    info = one.glance.layer(layer)
    field = info.receptive_field if info else None
    height, width, _depth = one.subject.entry.input_shape
    if field is None or (field.size[0] >= height and field.size[1] >= width):
        return _("each cell can depend on the whole picture")
    return _("each cell can depend on {h}×{w} pixels").format(h=field.size[0], w=field.size[1])
