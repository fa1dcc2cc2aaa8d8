"""Attribute a model's score to the pixels of one image: the public way in, for screens, scripts and notebooks."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from explain.attribution import METHODS
from explain.cams import cam_layer
from explain.checks import between, fraction, one_image, one_of, whole
from explain.completeness import broken_promise, promised
from explain.engines import engine_for
from explain.fills import resolved
from explain.findings import findings
from explain.plans import maps_of
from explain.resize import resize
from explain.smoothing import STATISTICS, smooth
from explain.types import Attribution, Choice, Compute, Entry, Images, Layer, Method, Number, Target
from explain.versions import versions

if TYPE_CHECKING:
    from explain.engine import Engine

MOST_SAMPLES = 10_000


@dataclass(frozen=True)
class _Job:
    """One attribution, checked and ready to run."""

    engine: Engine
    x: Images
    method: Method
    target: Target
    layer: str | None
    params: Mapping[str, Any]
    settings: Mapping[str, Any]
    entry: Entry | None
    title: str

    @property
    def signed(self) -> bool:
        return bool(self.settings["signed"])

    @property
    def samples(self) -> int:
        return int(self.settings["smooth_samples"])

    @property
    def compute(self) -> Compute:
        return self.method.signed_compute if self.signed and self.method.signed_compute else self.method.compute


def attribute(model: Any, x: Any, method: str, target: int | Target | None = None, **settings: Any) -> Attribution:
    """Attribute one target's score to the pixels of one image, and return the finished result.

    model: an Engine, a Keras model or a declared entry. x: the preprocessed image, (H, W, C) or (1, H, W, C) float.
    target: a class, a Target, or None for the top class. Settings, all by name:

    - layer: the layer a CAM reads; None takes the default. Methods without a layer take only None.
    - smooth_samples (0: no smoothing), smooth_noise (standard deviation as a fraction of the image's max - min),
      smooth_statistic ("abs_mean", "mean_abs", "mean"), seed.
    - parity: enlarge with aligned corners, as tf-keras-vis. signed: keep values below zero (smoothing then takes
      "mean"). entry, title: what findings may be held against.
    - and the method's own parameters (Method.params).

    Raises ValueError naming the argument, what was expected and what came; NoClassOutput for a model without classes.
    """
    results = deque(stream(model, x, method, target, **settings), maxlen=1)
    if not results:
        raise RuntimeError(f"method: {method} yielded no map")
    return results[0]


def stream(
    model: Any,
    x: Any,
    method: str,
    target: int | Target | None = None,
    *,
    layer: str | None = None,
    smooth_samples: int = 0,
    smooth_noise: float = 0.2,
    smooth_statistic: str = "abs_mean",
    seed: int = 0,
    parity: bool = False,
    signed: bool = False,
    entry: Entry | None = None,
    title: str = "",
    **params: Any,
) -> Iterator[Attribution]:
    """Check the settings (attribute's), then return ever better results; the last has done == total and its findings.

    No further pass starts once the caller stops asking.
    """
    chosen = _method(method)
    if signed and chosen.signed_compute is None:
        raise ValueError(f"signed: {chosen.title} has no signed map; use one of {', '.join(_signed_keys())}")
    settings = {
        "smooth_samples": whole("smooth_samples", smooth_samples, 0, MOST_SAMPLES),
        "smooth_noise": fraction("smooth_noise", smooth_noise),
        "smooth_statistic": "mean" if signed else one_of("smooth_statistic", smooth_statistic, tuple(STATISTICS)),
        "seed": whole("seed", seed, 0, 2**32 - 1),
        "parity": bool(parity),
        "signed": bool(signed),
    }
    own = _params(chosen, params, parity)
    engine = engine_for(model)
    images = one_image(x)
    if entry is None and hasattr(model, "labels") and hasattr(model, "trained"):
        entry = model
    reads = _layer(engine, chosen, layer)
    goal = _goal(engine, images, chosen, target)
    if chosen.uses_layer:
        own["layer"] = reads
    ready = resolved(chosen, own, entry, seed)
    return _run(_Job(engine, images, chosen, goal, reads, ready, settings | own, entry, title))


def passes(method: str, engine: Engine, *, smooth_samples: int = 0, **params: Any) -> int:
    """Return the model passes an attribution will cost at most: an image forward is 1, forward and back is 2."""
    chosen = _method(method)
    own = {name: value for name, value in params.items() if name in {param.name for param in chosen.params}}
    return int(chosen.passes(engine, **own)) * max(1, whole("smooth_samples", smooth_samples, 0, MOST_SAMPLES))


def _run(job: _Job) -> Iterator[Attribution]:
    began, before = time.perf_counter(), job.engine.passes
    last: Attribution | None = None
    for raw, done, total in _maps(job, before):
        last = _result(job, raw, min(done, total), total, job.engine.passes - before, time.perf_counter() - began)
        if not last.partial:
            break
        yield last
    if last is not None:
        kept = None if job.samples else promised(job.engine, job.x, job.method, job.target, last.raw, job.params)
        missed = broken_promise(kept, job.method, last.total, job.params)
        asked = (job.engine, job.x, job.method, job.target, last.native, job.layer)
        found = (*missed, *findings(*asked, entry=job.entry, title=job.title))
        seconds = time.perf_counter() - began
        yield replace(last, done=last.total, findings=found, promise=kept, seconds=seconds)


def _maps(job: _Job, before: int) -> Iterator[tuple[Images, int, int]]:
    """Yield raw maps, how much is done and of how much: samples where they are numbered, else passes."""
    if not job.samples:
        if job.method.plan is not None:
            make = job.method.signed_plan if job.signed and job.method.signed_plan else job.method.plan
            for one, done, count in maps_of(make(job.engine, job.x, job.target, **job.params)):
                yield one[None], done, count
            return
        total = int(job.method.passes(job.engine, **job.params)) if job.method.sampled else 1
        for raw in job.compute(job.engine, job.x, [job.target], **job.params):
            yield raw, job.engine.passes - before if job.method.sampled else 1, total
        return
    rule = {name: job.settings[f"smooth_{name}"] for name in ("samples", "noise", "statistic")}
    compute = partial(job.compute, **job.params)
    for part in smooth(compute, job.engine, job.x, [job.target], seed=job.settings["seed"], **rule):
        yield part.values, part.done, job.samples


def _result(job: _Job, raw: Images, done: int, total: int, spent: int, seconds: float) -> Attribution:
    native = strongest_signed(raw)[0] if job.signed else job.method.reduce(raw)[0]
    size = (job.x.shape[1], job.x.shape[2])
    return Attribution(
        method=job.method.key,
        target=job.target,
        raw=raw[0],
        native=native,
        map=resize(native, size, "aligned_corners" if job.settings["parity"] else "half_pixel"),
        layer=job.layer,
        passes=spent,
        findings=(),
        settings=job.settings,
        done=done,
        total=total,
        seconds=seconds,
        versions=versions(),
        model_hash=job.engine.model_hash,
    )


def strongest_signed(raw: Images) -> Images:
    """Reduce (N, h, w, C) to (N, h, w): at each place the channel's value of greatest magnitude, sign kept."""
    at = np.abs(raw).argmax(axis=-1, keepdims=True)
    return np.asarray(np.take_along_axis(raw, at, axis=-1)[..., 0], np.float32)


def _method(key: str) -> Method:
    if key not in METHODS:
        raise ValueError(f"method: expected one of {', '.join(METHODS)}, got {key!r}")
    return METHODS[key]


def _signed_keys() -> Sequence[str]:
    return [key for key, method in METHODS.items() if method.signed_compute is not None]


def _layer(engine: Engine, method: Method, layer: str | None) -> str | None:
    if method.uses_layer:
        return cam_layer(engine, layer)
    if layer is not None:
        raise ValueError(f"layer: {method.title} works at the image and reads no layer, got {layer!r}; leave it None")
    return None


def _goal(engine: Engine, x: Images, method: Method, target: Any) -> Target:
    goal = engine.top_target(x) if target is None else engine.target(target)
    if method.targets != "class":
        return goal
    turned = goal.sign == -1 and engine.output_kind != "sigmoid"
    if goal.minus is not None or goal.kind == "log_probability" or turned:
        raise ValueError(
            f"target: {method.title} weighs channels by a class's probability, so it explains one class, got {goal}; "
            "give a class number, or choose a gradient method"
        )
    return goal


def _params(method: Method, given: Mapping[str, Any], parity: bool) -> dict[str, Any]:
    """Return a method's own parameters, checked, with defaults; parity takes aligned corners where there's a choice."""
    declared = {param.name: param for param in method.params if not isinstance(param, Layer)}
    unknown = set(given) - set(declared)
    if unknown:
        known = ", ".join(declared) or "none"
        raise ValueError(f"{min(unknown)}: {method.title} has no such parameter; it takes {known}")
    values: dict[str, Any] = {}
    for name, param in declared.items():
        default = param.default
        if parity and isinstance(param, Choice) and "aligned_corners" in param.options:
            default = "aligned_corners"
        values[name] = _checked(param, given.get(name, default))
    return values


def _checked(param: Number | Choice, value: Any) -> Any:
    if isinstance(param, Choice):
        return one_of(param.name, value, param.options)
    if param.whole:
        return whole(param.name, value, int(param.low), int(param.high))
    return between(param.name, value, param.low, param.high)
