"""Does the score change more when the marked blocks are hidden than when others are?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explain.evidence.blocks import FILLS, LEVELS, FillName, block_means, grid_of
from explain.evidence.impute import seconds_of
from explain.evidence.nulls import knowing_nothing, moves
from explain.evidence.removal import Trials, remove
from explain.evidence.similarity import flat
from explain.evidence.types import Checked, Outcome, Row
from explain.types import Attribution, Choice, Entry, Images, Method, Number, Target

if TYPE_CHECKING:
    from explain.engine import Engine

CHANCE = 0.1
SURE = 2.132
"""Standard errors by which a rival must be left behind: Student's t of five levels, one end, 5 %."""
FEWEST_NULLS = 10
THREE = "three"
MARKED = 1 + LEVELS.index(0.10)


def removal(
    engine: Engine,
    x: Images,
    method: Method,
    target: Target,
    attribution: Attribution,
    *,
    entry: Entry | None = None,
    seed: int = 0,
    nulls: int = FEWEST_NULLS,
    fills: str = "two",
) -> Iterator[Checked]:
    """Remove blocks by this map, by maps that know no target, and by shifts and flips of this very map.

    `judged` says what each outcome takes; under all fills it must be the same, else the map is not distinguishable
    from a random one (reason "fills_disagree"). "three" `fills` adds imputation (ROAD). Values: see `_values`. Not
    tested: "no_class_output", "flat_map", and "no_other_place" for a map that has fewer than 10 other places to be.
    """
    missing = _missing(engine, attribution)
    if missing:
        yield Checked("removal", "not_tested", reason=missing)
        return
    before, grid = engine.passes, grid_of(x.shape[1], x.shape[2])
    own = block_means(attribution.map, grid)
    others = [move.apply(own) for move in moves(own, nulls, seed)]
    if len(others) < FEWEST_NULLS or own.min() == own.max():
        yield Checked("removal", "not_tested", {"nulls": len(others), "grid": grid}, reason="no_other_place")
        return
    rivals = {name: block_means(made, grid) for name, made in knowing_nothing(engine, x, attribution.layer).items()}
    used: tuple[FillName, ...] = (*FILLS, "imputed") if fills == THREE else FILLS
    for trials in remove(engine, x, target, [own, *rivals.values(), *others], seed, used):
        values = {"grid": grid} | _values(trials, list(rivals), used)
        spent = engine.passes - before
        if trials.done < trials.total:
            yield Checked("removal", "not_tested", values, trials.done, trials.total, spent, "not_finished")
        else:
            outcome, reason = _agreed(values["outcomes"])
            yield Checked("removal", outcome, values, trials.done, trials.total, spent, reason)


def judged(
    own: float, nulls: NDArray[np.float64], rivals: Mapping[str, float], margins: Mapping[str, float]
) -> Outcome:
    """Return the outcome of a map's gain beside those of its nulls (n,) and of the maps that know no target.

    p = (1 + nulls that do as well) / (1 + n). Supported: a gain above zero, p below 0.1 (10 nulls: all are beaten; 20:
    all but one), and more than each rival by more than its margin, 2.13 standard errors of the difference over the
    levels (`Trials.error_beside`). Contradicted: a gain below zero, and the same p from the other end.

    So a map without structure is supported, and contradicted, on at most one picture in eleven. One of few blobs may
    lie in the right place by luck, where none of its nulls does (they lie elsewhere): more than one in eleven then beat
    them all, and it is the rivals and the second fill that hold it down. Of 400 maps of noise on Fashion-MNIST 3 % came
    out supported and 10 % contradicted by the whole row, of 400 maps of random blobs 4 % and 7 %; that was before there
    were margins, which only take from the supported. Of two maps that are equally good (one map under two draws of
    noise) the first left the second behind under both fills in 3 to 13 % of cases, without a margin in 39 to 44 %.
    """
    above = (1 + int((nulls >= own).sum())) / (1 + len(nulls))
    below = (1 + int((nulls <= own).sum())) / (1 + len(nulls))
    if own > 0 and above < CHANCE and all(own - gain > margins[name] for name, gain in rivals.items()):
        return "supported"
    return "contradicted" if own < 0 and below < CHANCE else "not_distinguishable"


def _missing(engine: Engine, attribution: Attribution) -> str:
    if not engine.classes or (engine.classes == 1 and engine.output_kind == "softmax"):
        return "no_class_output"
    return "flat_map" if flat(attribution.map) else ""


def _agreed(outcomes: Mapping[str, Outcome]) -> tuple[Outcome, str]:
    different = set(outcomes.values())
    return (different.pop(), "") if len(different) == 1 else ("not_distinguishable", "fills_disagree")


def _values(trials: Trials, rivals: list[str], fills: Sequence[FillName] = FILLS) -> dict[str, Any]:
    """Return what the trials say so far, of maps that are done.

    `base` log-odds of the whole picture; `levels` removed, 0..0.5, and `curves` (maps, fills, 2 orders, levels): this
    map, then the `rivals`, then the nulls. By fill: `gain` of this map, `null_gains` (n,), `rival_gains` and `margins`
    by name, `beaten_by` how many nulls do as well, `p`, `outcomes`. Over all fills: removing the marked `share` of the
    picture (about a tenth) lowers the log-odds by `drop`, that of the median null by `null_drop`; `as_much` of
    `nulls` do as much.
    """
    known = trials.curves[: trials.ended]
    found: dict[str, Any] = {"base": trials.base, "levels": trials.shares, "curves": known, "rivals": rivals}
    if not trials.ended:
        return found
    by_fill = {name: _under(trials, fill, rivals) for fill, name in enumerate(fills)}
    outcomes = {name: one["outcomes"] for name, one in by_fill.items()}
    drops = trials.drops(MARKED)[: trials.ended].mean(axis=1)
    null_drops = drops[1 + len(rivals) :]
    return {
        **found,
        **{key: {name: one[key] for name, one in by_fill.items()} for key in by_fill[fills[0]]},
        "fills_agree": len(set(outcomes.values())) == 1,
        "share": float(trials.shares[MARKED]),
        "drop": float(drops[0]),
        "null_drop": float(np.median(null_drops)) if len(null_drops) else None,
        "as_much": int((null_drops >= drops[0]).sum()),
        "nulls": len(null_drops),
    }


def _under(trials: Trials, fill: int, rivals: list[str]) -> dict[str, Any]:
    """Return what one fill says of the maps that are done."""
    own, *others = trials.gains[: trials.ended, fill].tolist()
    beside = dict(zip(rivals, others, strict=False))
    margins = {name: SURE * float(trials.error_beside(at)[fill]) for at, name in enumerate(beside, start=1)}
    nulls = np.array(others[len(rivals) :])
    beaten = int((nulls >= own).sum())
    return {
        "gain": own,
        "null_gains": nulls,
        "rival_gains": beside,
        "margins": margins,
        "p": (1 + beaten) / (1 + len(nulls)),
        "beaten_by": beaten,
        "outcomes": judged(own, nulls, beside, margins),
    }


def _passes(
    engine: Engine, method: Method, attribution: Attribution, nulls: int = FEWEST_NULLS, fills: str = "two"
) -> int:
    return 2 + (len(FILLS) + (fills == THREE)) * _a_fill(nulls)


def _solving(
    engine: Engine, method: Method, attribution: Attribution, nulls: int = FEWEST_NULLS, fills: str = "two"
) -> float:
    height, width = attribution.map.shape
    return _a_fill(nulls) * seconds_of(height, width, engine.input_shape[-1]) if fills == THREE else 0.0


def _a_fill(nulls: int) -> int:
    """Return the pictures that one fill makes at most: every map's, in two orders, at each level."""
    return (1 + 3 + nulls) * 2 * len(LEVELS)


ROW = Row(
    key="removal",
    title="Does hiding what it marks change the score?",
    label="hiding what it marks",
    order=40,
    run=removal,
    passes=_passes,
    solving=_solving,
    needs=frozenset({"scores"}),
    options=(
        Number("nulls", "Random maps", default=FEWEST_NULLS, low=FEWEST_NULLS, high=100, step=10),
        Choice(
            "fills",
            "Removed blocks are",
            default="two",
            options=("two", THREE),
            labels=("blurred, and painted like their surroundings", "imputed from what is left, too (ROAD)"),
            help="Imputing takes longer than its passes: each picture is an equation to solve.",
        ),
    ),
    doesnt_show=(
        "Why the model does so, whether it is right, and what happens on other pictures. Pictures with hidden blocks "
        "are none that the model was trained on."
    ),
)
