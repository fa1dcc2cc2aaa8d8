"""Why a layer can't follow in a chain, and which value would mend it, in words."""

from __future__ import annotations

from components.text import _, ngettext, percent, shape_text
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


def left_out(problem: Impossible | None, wrong: str) -> str:
    """Say what sums and code leave out of a chain that can't go on or can't be read to its end, "" for nothing."""
    if problem is not None:
        return _("Left out: layer {n}, which can't follow, and what comes after it.").format(n=problem.at + 1)
    return _("Left out: a line that can't be read, and what comes after it.") if wrong else ""


def share_held(layer: str, held: int, total: int) -> str:
    """Say what share of all parameters the layer with the most of them holds."""
    if not total:
        return _("No layer here has parameters")
    return _("{layer} holds {share} of all parameters").format(layer=layer, share=percent(held / total))


def lost_border(rows: int, columns: int) -> str:
    """Say which last rows and columns no window reads, at least one of them."""
    lost = [ngettext("the last row", "the last {n} rows", rows).format(n=rows)] if rows else []
    lost += [ngettext("the last column", "the last {n} columns", columns).format(n=columns)] if columns else []
    read = ngettext("{border} is read by no window.", "{border} are read by no window.", rows + columns)
    said = read.format(border=_(" and ").join(lost))
    return f"{said[0].upper()}{said[1:]} " + _("Enlarged again, the picture is smaller than it was.")


def _mend(values: dict[str, int]) -> str:
    if values["fits"]:
        return _("With {n} as its last size it would fit.").format(n=values["fits"])
    return _("Choose sizes that multiply to {n}.").format(n=values["have"])
