"""Why a layer can't follow in a chain, and which value would mend it, in words."""

from __future__ import annotations

from components.text import _, shape_text
from explain.chain_layers import Impossible


def impossible(problem: Impossible) -> str:
    """Say which layer can't follow, why, and which value would fix it."""
    values = problem.values
    axis = {"rows": _("rows"), "columns": _("columns")}.get(str(values.get("axis")), "")
    said = {
        "needs_grid": lambda: _(
            "it needs rows, columns and channels, and gets {shape}. Put it before the layer that made one row of "
            "numbers, or a Reshape between."
        ).format(shape=shape_text(values["shape"])),
        "strides_and_dilation": lambda: _(
            "Keras has no layer with both strides and dilation above 1. Set one of them to 1."
        ),
        "window_too_large": lambda: _(
            "its window reaches over {reach} {axis}, and only {size} are left. A window of {most} would fit, or "
            "padding “same”."
        ).format(reach=values["reach"], axis=axis, size=values["size"], most=values["most"]),
        "sum_same": lambda: _(
            "a sum is the average times the window's size, which at a padded border is not so. Take padding “valid”."
        ),
        "reshape": lambda: _("{source} holds {have} numbers, and the new shape takes {want}. {mend}").format(
            source=shape_text(values["source"]), have=values["have"], want=values["want"], mend=_mend(values)
        ),
        "too_much": lambda: _("{n} numbers are more than any machine holds. Take smaller sizes.").format(
            n=f"{values['numbers']:,}"
        ),
    }
    return _("Layer {n}: {why}").format(n=problem.at + 1, why=said[problem.code]())


def _mend(values: dict[str, int]) -> str:
    if values["fits"]:
        return _("With {n} as its last size it would fit.").format(n=values["fits"])
    return _("Choose sizes that multiply to {n}.").format(n=values["have"])
