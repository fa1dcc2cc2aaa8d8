"""The words of the arithmetic lens: a number's formula with its numbers put in, and why some layers have none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from components.text import _, fitted, ngettext, number
from explain.lens import WITHIN
from explain.lens_types import Made, NotShown

MOST_WRITTEN = 12


def refusal(why: NotShown) -> str:
    """Say that a layer's arithmetic is not shown, and why."""
    reasons = {
        "input": _("it is the picture itself"),
        "unknown_type": _("what a {type} computes is not taken apart here").format(type=why.values["type"]),
        "unknown_activation": _("its activation is a function of its own"),
        "free_size": _("its size is known only once a picture runs through it"),
        "dilated_transpose": _("it is a transposed convolution with gaps in its kernel"),
        "norm_axis": _("it normalises along another axis than the channels"),
        "softmax_axis": _("its softmax runs along another axis than the channels"),
        "interpolated": _("it blends neighbours when it enlarges"),
        "joined_axis": _("it joins its inputs along another axis than the channels"),
        "with_a_constant": _("it joins its input with a constant that the graph does not name"),
        "unlike_shapes": _("its inputs have unlike shapes"),
    }
    return _("This layer's arithmetic is not shown, because {reason}.").format(reason=reasons[why.code])


def place(made: Made, noun: str = "") -> str:
    """Name a number's place in its layer."""
    if len(made.unit) == 3:
        row, column, channel = made.unit
        return _("row {row}, column {column}, channel {channel}").format(row=row, column=column, channel=channel)
    if len(made.unit) == 1:
        return _("unit {n}").format(n=made.unit[0])
    return _("place {at}").format(at=", ".join(map(str, made.unit)))


def headline(made: Made) -> str:
    """Say in a sentence what one number is made of."""
    said = _("{layer}, {place}: {how}, {value}.")
    return fitted(said, {"layer": made.layer}, limit=140, place=place(made), how=_how(made), value=number(made.value))


def _how(made: Made) -> str:
    read = made.window.values.size
    if made.kind == "sum":
        said = ngettext("{n} product", "{n} products", read).format(n=number(read))
        parts = [said] + ([] if made.parts.bias is None else [_("a bias")])
        return _(" and ").join(parts) + (f" → {made.activation}" if made.activation else "")
    return {
        "largest": _("the largest of {n} values"),
        "mean": _("the mean of {n} values"),
        "scale": _("one value, scaled and shifted"),
        "function": _("{name} of what comes in"),
        "copy": _("passed on as it came"),
        "merge": _("{k} inputs joined"),
    }[made.kind].format(n=number(read - made.window.padded), name=made.activation, k=len(made.parts.windows))


def formula(made: Made, shown: Sequence[int] = ()) -> list[str]:
    """Write how the number is made, a step a line, with its own numbers; `shown` terms are written one by one."""
    return _steps(made, shown) + ([_activated(made)] if made.activation else [])


def _steps(made: Made, shown: Sequence[int]) -> list[str]:
    if made.kind == "sum":
        return _sum(made, shown)
    if made.kind == "largest":
        return [_of_window(made, _("the largest of {values}"))]
    if made.kind == "mean":
        return [_of_window(made, _("the mean of {values}"))]
    one_line = {"scale": _scaled, "copy": _copied, "merge": _merged}.get(made.kind)
    return [one_line(made)] if one_line else []


def _sum(made: Made, shown: Sequence[int]) -> list[str]:
    sums = made.sums
    total, terms = float(sums.sum()), [float(sums[at]) for at in shown]
    rest = len(sums) - len(terms)
    said = _signed(terms)
    if rest:
        others = ngettext("({n} other)", "({n} others)", rest).format(n=number(rest))
        said += f" {_sign(total - sum(terms))} {others}"
    lines = [_("{terms} = **{total}**").format(terms=said, total=number(total))]
    if made.parts.bias is not None:
        lines.append(
            _("{total} {bias} (bias) = **{before}**").format(
                total=number(total), bias=_sign(made.parts.bias), before=number(made.parts.before)
            )
        )
    return lines


def _signed(values: Sequence[float]) -> str:
    """Write numbers as a sum: 0.2 − 0.1 + 0.3."""
    return " ".join([number(values[0]), *(_sign(value) for value in values[1:])]) if values else ""


def _sign(value: float) -> str:
    return f"{'−' if value < 0 else '+'} {number(abs(value))}"


def _of_window(made: Made, said: str) -> str:
    values = made.window.values[..., 0][made.window.inside]
    listed = ", ".join(number(float(value)) for value in values[:MOST_WRITTEN])
    if len(values) > MOST_WRITTEN:
        listed = _("{n} values from {low} to {high}").format(
            n=number(len(values)), low=number(float(values.min())), high=number(float(values.max()))
        )
    line = _("{what} = **{value}**").format(what=said.format(values=listed), value=number(made.parts.before))
    if made.window.padded:
        line += " " + _("Cells outside the input are left out: {n}.").format(n=made.window.padded)
    return line


def _scaled(made: Made) -> str:
    x, given = float(made.window.values[0, 0, 0]), {name: number(one) for name, one in made.parts.numbers.items()}
    if "gamma" in given:
        said = _("({x} − mean {mean}) / √(variance {variance} + {epsilon}) · {gamma} + {beta}")
    elif "slope" in given:
        said = _("{x} · slope {slope}")
    else:
        said = _("{x} · {scale} + {offset}")
    return f"{said.format(x=number(x), **given)} = **{number(made.parts.before)}**"


def _copied(made: Made) -> str:
    window = made.window
    if window.padded:
        return _("A zero of the padding: nothing is read here.")
    return _("{value} of {source}, row {row}, column {column}, channel {channel}, unchanged").format(
        value=number(made.parts.before),
        source=window.source,
        row=int(window.rows[0]),
        column=int(window.columns[0]),
        channel=int(window.channels[0]),
    )


def _merged(made: Made) -> str:
    values = [float(window.values[0, 0, 0]) for window in made.parts.windows]
    joined = {
        "Add": _signed(values),
        "Subtract": " − ".join(_bracketed(value) for value in values),
        "Multiply": " · ".join(_bracketed(value) for value in values),
    }.get(made.type, f"{made.type}({', '.join(number(value) for value in values)})")
    return f"{joined} = **{number(made.parts.before)}**"


def _bracketed(value: float) -> str:
    return f"({number(value)})" if value < 0 else number(value)


def _activated(made: Made) -> str:
    before, value = number(made.parts.before), number(made.value)
    if made.parts.together is None:
        return f"{made.activation}({before}) = **{value}**"
    others = np.exp(made.parts.together - made.parts.together.max())
    return _("softmax: e^({before}) / the sum of e^x over all {n} = **{value}**").format(
        before=before, n=number(len(others)), value=value
    )


def agrees(made: Made) -> bool:
    """Whether the number is the model's own, to within a hundred-thousandth of the layer's largest."""
    return made.difference <= WITHIN


def compared(made: Made) -> str:
    """Say how far the number is from the model's own."""
    if agrees(made):
        return _("The difference is {difference} of the layer's largest, {largest}.").format(
            difference=number(made.difference, 1), largest=number(made.largest)
        )
    said = _(
        "Not the model's own value: the model has {model}, the formula gives {value}, {difference} of the layer's "
        "largest apart."
    ).format(model=number(made.model, 6), value=number(made.value, 6), difference=number(made.difference, 2))
    if made.precision == "float32":
        return said
    why = _("The model computes this layer in {precision}, which rounds more.").format(precision=made.precision)
    return f"{said} {why}"
