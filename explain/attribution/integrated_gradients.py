"""Integrated Gradients: the gradient along the way from a baseline (Sundararajan et al., 2017, arXiv:1703.01365).

The straight path is taken at alpha = u^2 with u at the midpoints of equal steps, each gradient weighted by 2 u: the
same integral, with more points near the baseline, where a deep network's score turns fastest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explain.completeness import Completeness, broken, completeness
from explain.fills import StandIns, count_of, fill_choice
from explain.plans import compute_of
from explain.reduce import added
from explain.spread import spread
from explain.types import Images, MakeFill, Method, Number, Plan, Target

if TYPE_CHECKING:
    from explain.engine import Engine

AVERAGE = StandIns("average")


def plan(
    engine: Engine,
    x: Images,
    target: Target,
    *,
    steps: int = 32,
    most_steps: int = 288,
    baseline: MakeFill = AVERAGE,
) -> Plan:
    """Return the path's points as samples; the raw map (H, W, C) is signed, in units of the target's score.

    Each sample is one point on the path from every baseline at once, and the map their mean. Any first few points cover
    the whole path. As long as the map misses its sum by more than 5 %, every step is cut in three and the two new
    points in each are added, up to `most_steps` points. Plans with other `steps` share no samples.
    """
    images, weights = engine.weighted(x, [target])
    origins = np.concatenate(baseline(images))
    way, points = images - origins, path_points(steps, most_steps)
    function, at_once = engine.compiled.input_gradients(), engine.at_once(x, back=True)

    def draw(start: int, stop: int) -> Images:
        u = points[start:stop].astype(np.float32)[:, None, None, None, None]
        inputs = (origins + u * u * way).reshape(-1, *images.shape[1:])
        copies = np.repeat(weights, len(inputs), axis=0)
        gradients = engine.batches(function, at_once, 2, inputs, copies)[0]
        return np.asarray((gradients.reshape(stop - start, *way.shape) * way * (2 * u)).mean(axis=1), np.float32)

    def finish(total: Images, done: int) -> Images:
        return np.asarray(total / done, np.float32)

    def needs(total: Images, done: int) -> int:
        level = next(level for level in _levels(steps, max(most_steps, done)) if level >= done)
        if done < level or 3 * level > most_steps:
            return level
        return 3 * level if broken(promise(engine, x, target, finish(total, done), baseline=baseline)) else level

    batch = max(1, at_once // len(origins))
    return Plan(steps, draw, finish, batch, grows_by="most_steps", needs=needs)


def _levels(steps: int, most: int) -> list[int]:
    """Return the numbers of points at which a path is evenly cut: each three times the one before, the last >= most."""
    found = [steps]
    while found[-1] < most:
        found.append(3 * found[-1])
    return found


def path_points(steps: int, most: int = 0) -> NDArray[np.float64]:
    """Return u of every point, 0..1, in drawing order: midpoints of `steps` equal parts, then the others of thirds.

    Then those of thirds of these, and so on, for `most` points or a few more.
    """
    points = [(spread(steps) + 0.5) / steps]
    for level in _levels(steps, most)[:-1]:
        thirds = (np.arange(level)[:, None] + np.array([1, 5]) / 6) / level
        points.append(thirds.reshape(-1)[spread(2 * level)])
    return np.concatenate(points)


def promise(
    engine: Engine,
    x: Images,
    target: Target,
    raw: Images,
    *,
    steps: int = 0,
    most_steps: int = 0,
    baseline: MakeFill = AVERAGE,
) -> Completeness:
    """Hold a finished map (H, W, C) against the score's difference between the image and its baselines."""
    return completeness(engine, x, target, raw, baseline(x))


def _passes(engine: Engine, steps: int = 32, most_steps: int = 288, baseline: str | MakeFill = "average") -> int:
    """The passes it costs at most, with steps cut in three as often as allowed."""
    reached = max(level for level in _levels(steps, most_steps) if level <= max(steps, most_steps))
    return count_of(baseline) * (2 * reached + 1) + 1


def _first_passes(engine: Engine, steps: int = 32, most_steps: int = 288, baseline: str | MakeFill = "average") -> int:
    """The passes it costs where the first steps add up."""
    return _passes(engine, steps, 0, baseline)


METHOD = Method(
    key="integrated_gradients",
    title="Integrated Gradients",
    compute=compute_of(plan),
    plan=plan,
    sampled=True,
    promises=promise,
    reduce=added,
    passes=_passes,
    first_passes=_first_passes,
    params=(
        Number(
            "steps", "Path steps", default=32, low=4, high=256, step=4,
            help="Each is cut in three, again and again, while the map misses its sum by more than 5 %.",
        ),
        Number(
            "most_steps", "Path steps at most", default=288, low=4, high=7776, step=4,
            help="Where cutting steps in three ends, whether the map adds up or not.",
        ),
        fill_choice("baseline", "Baseline", "average", help="What the picture is held against; it decides the map."),
    ),
    signed=True,
    word="contributes to",
    quantity="each pixel's part in the score's difference from the baseline, summed over the colour channels",
    doesnt_show="Pixels that equal the baseline: they get 0, whatever they mean. Another baseline gives another map.",
    paper="https://arxiv.org/abs/1703.01365",
    group="contribution",
    order=25,
)  # fmt: skip
