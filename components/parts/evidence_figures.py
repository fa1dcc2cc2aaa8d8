"""The figures of what was checked: removal, likeness under scrambled weights, and the record of a method."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from components import controls, figures, sentences, show
from components.figures import Words
from components.figures.evidence import Gains, Removed
from components.text import _, percent
from explain.evidence import Checked
from explain.evidence.rows.weights import CHANGED, THE_SAME

if TYPE_CHECKING:
    from components.parts.evidence_rows import Trial

WIDTH = 720


def removal(trial: Trial, checked: Checked, name: str) -> None:
    """Draw the gains of both fills and, behind them, the curves of both orders under one fill."""
    values = checked.values
    if "gain" not in values:
        return
    if checked.finished:
        show.figure(_gains(trial, values), f"gains_{name}")
    fills = list(values["gain"])
    at = 0
    if checked.finished:
        fill = controls.segments("fill", _("Removed blocks are filled with"), fills, fills[0], sentences.fill_name)
        at = fills.index(fill)
    show.figure(_curves(trial, values, at, fills[at]), f"curves_{name}_{at}")


def _gains(trial: Trial, values: Mapping[str, Any]) -> figures.Drawn:
    rows = []
    for fill, own in values["gain"].items():
        rivals = {sentences.rival_name(rival): gain for rival, gain in values["rival_gains"][fill].items()}
        rows.append(Gains(sentences.fill_name(fill), own, rivals, values["null_gains"][fill]))
    words = Words(
        sentences.gain_title(values),
        _(
            "Gain: mean score with the lowest blocks removed first minus mean score with the highest removed first, "
            "over 0 to {most} removed, blocks of a {grid} grid; {target}. Random maps are shifts and flips of this "
            "very map."
        ).format(
            most=percent(float(values["levels"][-1])),
            grid="×".join(str(size) for size in values["grid"]),
            target=trial.one.name,
        ),
    )
    return figures.gain_strip(
        rows, words, quantity=_("gain in {quantity}").format(quantity=_quantity(trial)), width=_w()
    )


def _curves(trial: Trial, values: Mapping[str, Any], at: int, fill: str) -> figures.Drawn:
    curves = np.asarray(values["curves"])[:, at]
    rivals = [sentences.rival_name(rival) for rival in values["rivals"]]
    known = dict(zip(rivals, curves[1:], strict=False))
    removed = Removed(np.asarray(values["levels"]), curves[0], known, curves[1 + len(rivals) :])
    words = Words(
        sentences.curve_title(curves[0], float(values["levels"][-1])),
        _("{quantity} of {target} as blocks are replaced, fill: {fill}. The band holds all random maps.").format(
            quantity=_quantity(trial).capitalize(), target=_target(trial), fill=sentences.fill_name(fill)
        ),
    )
    return figures.removal_curves(removed, words, quantity=_quantity(trial), width=_w())


def _quantity(trial: Trial) -> str:
    return _(trial.about.quantity)


def _target(trial: Trial) -> str:
    about = trial.about
    return about.name if about.other is None else _("{a} rather than {b}").format(a=about.name, b=about.other)


def weights(trial: Trial, checked: Checked, name: str) -> None:
    """Draw how alike the map is to those of scrambled networks, beside two random networks."""
    values = checked.values
    if "all" not in values.get("alike", {}):
        return
    stages: list[tuple[str, float, float]] = [
        (sentences.stage_name(stage, int(values["layers"][stage])), one["rank"], one["ssim"])
        for stage, one in values["alike"].items()
    ]
    pair = values.get("random_pair")
    if pair is not None:
        stages.append((_("two random networks, with each other"), pair["rank"], pair["ssim"]))
    words = Words(
        sentences.weights_title(checked),
        _("Absolute maps of {method} for {target}, of this picture, seed {seed}. Shaded: changed only in part.").format(
            method=_(trial.variant.title), target=trial.one.name, seed=trial.seed
        ),
    )
    drawn = figures.likeness(stages, words, same=THE_SAME, changed=CHANGED, width=_w())
    show.figure(drawn, f"likeness_{name}")


def record(trial: Trial, checked: Checked, name: str) -> None:
    """Draw the method's mean gain over many pictures, and how much more it is than those of other maps."""
    values = checked.values
    if "gain" not in values:
        return
    rows: Sequence[tuple[str, Mapping[str, float]]] = [
        (_("gain of the method"), values["gain"]),
        *(
            (_("minus that of {name}").format(name=sentences.rival_name(rival)), interval)
            for rival, interval in values["over"].items()
        ),
    ]
    words = Words(
        sentences.record_title(values),
        _(
            "Means over {n} pictures ({pictures}), each line the middle 95 % of resampled means; computed before, and "
            "again by `python -m scripts.make_record --again`."
        ).format(n=values["n"], pictures=sentences.pictures_name(str(values["pictures"]))),
    )
    show.figure(figures.intervals(rows, words, quantity=_("gain in log-odds"), width=_w()), f"record_{name}")


def _w() -> int:
    return show.fit(WIDTH)


FIGURES: Mapping[str, Callable[[Trial, Checked, str], None]] = {
    "removal": removal,
    "weights": weights,
    "record": record,
}
