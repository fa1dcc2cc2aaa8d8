"""Does the map change when the weights are scrambled? A necessary check, no more (Adebayo et al., arXiv:1810.03292)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from explain.api import stream
from explain.evidence.similarity import flat, rank_correlation, structural_similarity
from explain.evidence.types import Checked, Outcome, Row, made_again
from explain.types import Attribution, Entry, Images, Method, Target

if TYPE_CHECKING:
    from explain.engine import Engine

THE_SAME = 0.8
CHANGED = 0.5
STAGES = 4
FINDINGS = 4


def depends_on_weights(
    engine: Engine,
    x: Images,
    method: Method,
    target: Target,
    attribution: Attribution,
    *,
    entry: Entry | None = None,
    seed: int = 0,
) -> Iterator[Checked]:
    """Make the same map of the same picture with a copy of the model whose head, later half, then all is drawn anew.

    The model itself is never touched. Values: `alike`, by stage ("head", "half", "all"), the |Spearman| of absolute
    maps on the method's own grid and the SSIM at the image's size; `random_pair`, the two numbers for two networks that
    are both drawn anew, None where one is flat; `empty` the stages whose map came out flat; `unmoved` those that left
    the map as it was, by both numbers; `layers` drawn by stage. With all weights drawn anew: contradicted where both
    are 0.8 or more, the map would look the same for an untrained network; supported, which means "it changes" and
    nothing else, where |Spearman| is below 0.5. Not tested: "flat_map", "no_weights", "not_copied".
    """
    from explain.evidence.reseed import Scrambled

    if flat(attribution.map):
        yield Checked("weights", "not_tested", reason="flat_map")
        return
    if not engine.graph.steps or not engine.model.weights:
        yield Checked("weights", "not_tested", reason="no_weights")
        return
    try:
        copy = Scrambled(engine, seed)
    except NotImplementedError as error:
        yield Checked("weights", "not_tested", {"error": str(error)}, reason="not_copied")
        return
    yield from _stages(copy, x, method, target, attribution, entry)


def _stages(
    copy: Any, x: Images, method: Method, target: Target, attribution: Attribution, entry: Entry | None
) -> Iterator[Checked]:
    total, spent = STAGES * attribution.total, 0
    values: dict[str, Any] = {"alike": {}, "empty": [], "layers": {}}
    everything: Attribution | None = None
    for number, (stage, count, fresh) in enumerate(copy.stages()):
        made: Attribution | None = None
        for made in stream(fresh, x, method.key, target, entry=entry, **attribution.settings):
            done = min(number * attribution.total + made.done, total - 1)
            yield Checked("weights", "not_tested", values, done, total, spent + fresh.passes, "not_finished")
            if made.done >= attribution.done:
                break
        assert made is not None
        spent += fresh.passes
        if stage == "again":
            assert everything is not None
            pair = None if flat(everything.map) or flat(made.map) else _alike(everything, made)
            values = values | {"random_pair": pair}
            continue
        everything = made
        empty = [*values["empty"], *([stage] if flat(made.map) else [])]
        alike = values["alike"] | {stage: _alike(attribution, made)}
        values = values | {"alike": alike, "empty": empty, "layers": values["layers"] | {stage: count}}
        values["unmoved"] = [stage for stage, pair in alike.items() if min(pair.values()) >= THE_SAME]
    yield Checked("weights", judged(**values["alike"]["all"]), values, total, total, spent)


def judged(rank: float, ssim: float) -> Outcome:
    """Return the outcome for the |Spearman| and SSIM with a network whose weights are all drawn anew.

    Where a method gives 0 wherever the picture is 0, the ranks of any two maps agree: ranks alone contradict nothing.
    """
    if min(rank, ssim) >= THE_SAME:
        return "contradicted"
    return "supported" if rank < CHANGED else "not_distinguishable"


def _alike(one: Attribution, other: Attribution) -> dict[str, float]:
    a, b = np.abs(one.native), np.abs(other.native)
    ssim = structural_similarity(np.abs(one.map), np.abs(other.map)) if np.isfinite(other.map).all() else 0.0
    return {"rank": abs(rank_correlation(a, b)), "ssim": ssim}


def _passes(engine: Engine, method: Method, attribution: Attribution) -> int:
    return STAGES * (made_again(engine, method, attribution) + FINDINGS)


ROW = Row(
    key="weights",
    title="Does it change when the weights are scrambled?",
    label="scrambled weights",
    order=50,
    run=depends_on_weights,
    passes=_passes,
    needs=frozenset({"weights"}),
    doesnt_show="Anything beyond that it changes: a flat map and pure noise change, too.",
)
