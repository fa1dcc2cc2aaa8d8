"""Attribute a model's score to the pixels of one image: the public way in, for screens, scripts and notebooks."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from explain.checks import shown, whole
from explain.errors import ArgumentError
from explain.running import Run
from explain.settings import MOST_SAMPLES, checked_job, method_called, own_params
from explain.types import Attribution, Entry, Target

if TYPE_CHECKING:
    from explain.engine import Engine


def attribute(model: Any, x: Any, method: str, target: int | Target | None = None, **settings: Any) -> Attribution:
    """Attribute one target's score to the pixels of one image, and return the finished result.

    model: an Engine, a Keras model or a declared entry. x: the preprocessed image, (H, W, C) or (1, H, W, C) float.
    target: a class, a Target, or None for the top class. Settings, all by name:

    - layer: the layer a CAM reads; None takes the default. Methods without a layer take only None.
    - smooth_samples (0: no smoothing), smooth_noise (standard deviation as a fraction of the image's max - min),
      smooth_statistic ("abs_mean", "mean_abs", "mean"; "variance", "squares" of signed values), seed,
      smooth_sampling ("plain"; "antithetic" draws pairs +n, -n; "quasi" spreads the noise's coarse part evenly).
    - parity: as tf-keras-vis, enlarge with aligned corners and take noisy copies one by one. signed: keep values below
      zero (smoothing then takes "mean"). entry, title: what findings may be held against.
    - after: an earlier result over samples, stopped or with fewer of them, to go on from.
    - and the method's own parameters (Method.params).

    Raises ValueError naming the argument, what was expected and what came; NoClassOutput for a model without classes.
    """
    results = deque(_run(model, x, method, target, **settings).results(), maxlen=1)
    if not results:
        raise RuntimeError(f"method: {method} yielded no map")
    return results[0]


def stream(
    model: Any, x: Any, method: str, target: int | Target | None = None, **settings: Any
) -> Iterator[Attribution]:
    """Check the settings (attribute's), then return ever better results; the last has done == total and its findings.

    The first comes after one sample. No further pass starts once the caller stops asking. `after` computes only what
    an earlier result lacks.
    """
    return _run(model, x, method, target, **settings).results()


def passes(method: str, engine: Engine, *, smooth_samples: int = 0, **params: Any) -> int:
    """Return the passes an attribution costs at most: an image forward is 1, forward and back 2, a part its share."""
    chosen = method_called(method)
    once = float(chosen.passes(engine, **own_params(chosen, params)))
    return math.ceil(once * max(1, whole("smooth_samples", smooth_samples, 0, MOST_SAMPLES)) - 1e-9)


def _run(
    model: Any,
    x: Any,
    method: str,
    target: int | Target | None,
    *,
    layer: str | None = None,
    smooth_samples: int = 0,
    smooth_noise: float = 0.2,
    smooth_statistic: str = "abs_mean",
    smooth_sampling: str = "plain",
    seed: int = 0,
    parity: bool = False,
    signed: bool = False,
    entry: Entry | None = None,
    title: str = "",
    after: Attribution | None = None,
    **params: Any,
) -> Run:
    common = {
        "smooth_samples": smooth_samples,
        "smooth_noise": smooth_noise,
        "smooth_statistic": smooth_statistic,
        "smooth_sampling": smooth_sampling,
        "seed": seed,
        "parity": parity,
        "signed": signed,
    }
    job = checked_job(model, x, method, target, layer, entry, title, common | params)
    if after is not None and not isinstance(after, Attribution):
        raise ArgumentError(f"after: expected an earlier result, got {shown(after)}; leave it None")
    return Run(job, after)
