"""Whether a map adds up to what it divides: the score's difference between the picture and its baselines."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explain.types import Finding, Images, Method, Number, Target

if TYPE_CHECKING:
    from explain.engine import Engine

TOLERANCE = 0.05
ROUNDING = 1e-6
"""A gap that float32 scores can't tell from none."""
BOUND = "most_steps"
"""The parameter that bounds the steps of a method that takes more of them where its map does not add up."""


@dataclass(frozen=True)
class Completeness:
    """What a map adds up to, `total`, and what it should: `difference`, both in units of the target's score."""

    total: float
    difference: float

    @property
    def relative_error(self) -> float:
        """The gap between both as a share of the difference, 0.05 for 5 %; infinite where there is no difference."""
        gap = abs(self.total - self.difference)
        if gap <= ROUNDING:
            return 0.0
        return gap / abs(self.difference) if self.difference else math.inf


Promise = Callable[..., Completeness]
"""(engine, x (1, H, W, C), target, raw map (h, w, c), **params as `compute` gets them) -> Completeness."""


def completeness(engine: Engine, x: Images, target: Target, raw: Images, baselines: Sequence[Images]) -> Completeness:
    """Hold the total of a raw map (h, w, c) against score(x) less the mean score of the baselines.

    x and each baseline are one image (1, H, W, C). (Sundararajan et al., 2017, arXiv:1703.01365, proposition 1.)
    """
    scores = [float(engine.scores(image, [target])[0]) for image in (x, *baselines)]
    return Completeness(float(raw.sum(dtype=np.float64)), scores[0] - float(np.mean(scores[1:])))


def broken(kept: Completeness) -> bool:
    """Whether a map misses what it should add up to by more than 5 %."""
    return kept.relative_error > TOLERANCE


def promised(
    engine: Engine, x: Images, method: Method, target: Target, raw: Images, params: Mapping[str, Any]
) -> Completeness | None:
    """Return what a method's promise comes to on one finished raw map (h, w, c), None where it makes none.

    `params` are those its `compute` got (fills.resolved).
    """
    return None if method.promises is None else method.promises(engine, x, target, raw, **params)


def broken_promise(
    kept: Completeness | None, method: Method, steps: int, params: Mapping[str, Any]
) -> tuple[Finding, ...]:
    """Return "completeness_broken" where a promise was made and missed: both sums, the error (a share), the steps used.

    `bound` is the number of steps that it was not to go beyond. Its mend "more_steps" says which parameter to raise,
    and to what: three times the steps it took, which are gone on from. At the parameter's end another method is the
    mend.
    """
    if kept is None or not broken(kept):
        return ()
    values: dict[str, Any] = {"total": kept.total, "difference": kept.difference, "error": kept.relative_error}
    values["steps"] = steps
    for param in method.params:
        if isinstance(param, Number) and param.name == BOUND:
            values["bound"] = params[param.name]
            if 3 * steps <= param.high:
                more = {"parameter": param.name, "to": 3 * steps}
                return (Finding("completeness_broken", "warning", values | more, "more_steps"),)
    return (Finding("completeness_broken", "warning", values, "other_method"),)
