"""What a careful colleague would say about a map: codes and values, which a screen puts into words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from explain.faults import FEW_CELLS, finer_layer, first_silent, last_with_gradient, origin_of_nan, saturated
from explain.types import Entry, Finding, Images, Map, Method, Target

if TYPE_CHECKING:
    from explain.engine import Engine

TOP = 5
SLACK = 0.02
NARROW = 0.02
"""Below this standard deviation, as a share of the training range, an input is next to one grey: 0..1 for 0..255."""
RELIABLE = 0.5
NO_MEANING = {
    "a", "an", "and", "camera", "capture", "copy", "dsc", "file", "image", "img", "in", "my", "of", "on", "photo",
    "photograph", "pic", "picture", "pxl", "scan", "screenshot", "snapshot", "test", "the", "untitled", "upload",
    "with",
}  # fmt: skip


def findings(
    engine: Engine,
    x: Images,
    method: Method,
    target: Target,
    native: Map,
    layer: str | None = None,
    *,
    entry: Entry | None = None,
    title: str = "",
    sampled: tuple[int, float | None] = (0, None),
) -> tuple[Finding, ...]:
    """Return the findings about one image's map, the gravest first, each with a mend.

    x (1, H, W, C) and `native` (h, w). `entry` adds what needs a declared model: random weights, the range of its
    inputs, the title held against the class name. `sampled`: the samples it has, and how reliable they make it. Costs
    passes only where the map is zero everywhere.
    """
    found = [*_of_samples(*sampled), *_of_map(engine, x, method, target, native, layer), *_of_picture(x)]
    found += _of_model(engine, x, entry)
    if method.targets != "none":
        found += _of_target(engine, x, target, entry.labels() if entry is not None else [], title)
    rank = {"error": 0, "warning": 1, "info": 2}
    return tuple(sorted(found, key=lambda finding: rank[finding.severity]))


def _of_samples(done: int, reliability: float | None) -> Iterator[Finding]:
    if reliability is not None and reliability < RELIABLE:
        yield Finding("too_few_samples", "warning", {"agreement": reliability, "done": done}, "more_samples")


def _of_map(
    engine: Engine, x: Images, method: Method, target: Target, native: Map, layer: str | None
) -> Iterator[Finding]:
    if not np.isfinite(native).all():
        origin = origin_of_nan(engine, x, target)
        values = {"count": int((~np.isfinite(native)).sum()), "layer": layer} | origin
        own = origin["cause"] in ("weights", "overflow")
        yield Finding("map_nan", "error", values, "see_step" if own else "other_method")
    elif not native.any():
        yield zero_map(engine, x, method, target, layer)
    elif native.min() == native.max():
        values = {"value": float(native.flat[0]), "cells": native.size, "layer": layer}
        yield Finding("constant_map", "warning", values, "other_method")
    if layer is not None and native.size < FEW_CELLS:
        finer = finer_layer(engine, native.size)
        values = {"grid": native.shape, "cells": native.size, "layer": layer, "finer": finer}
        yield Finding("coarse_grid", "warning", values, "finer_layer" if finer else "other_method")


def zero_map(engine: Engine, x: Images, method: Method, target: Target, layer: str | None) -> Finding:
    """Say why a map is zero everywhere: cause, and what mends it: "show_signed" where the signed map is not zero.

    Causes, with the `step` that made it so: "no_path" (the score doesn't depend on the layer), "silent_units" (the step
    gives only zeros), "saturated" (the last activation is so near its end that it does not move), "zero_gradient" (the
    step is the last that one reaches, None where there is none at all), "no_difference" (there is a gradient, but
    nothing that the method puts in the picture's place changes the score), "negative_evidence" (everything counts
    against the target). A method that weighs by probabilities instead of gradients gets "weights_all_zero": the class
    has none left behind any mask.
    """
    if layer is None:
        return _zero(*_input_cause(engine, x, target), layer)
    activations = engine.activation(x, layer)
    if not activations.any():
        return _zero("silent_units", first_silent(engine, x, layer), layer)
    if method.targets == "class":
        if activations.min() >= 0:
            return Finding("weights_all_zero", "warning", {"layer": layer}, "other_method")
    elif method.targets != "none" and not engine.layer_gradients(x, layer, [target])[1].any():
        if not engine.reaches_output(layer):
            return _zero("no_path", None, layer, mend="" if layer == engine.default_layer() else "default_layer")
        return _zero(*_stopped(engine, x, target, engine.position(layer)), layer)
    lowest = _lowest(engine, x, method, target, layer)
    return _zero("negative_evidence", None, layer, {"lowest": lowest}, "show_signed" if lowest < 0 else "")


def _zero(
    cause: str, step: str | None, layer: str | None, values: dict[str, Any] | None = None, mend: str = ""
) -> Finding:
    """The mend, unless one is named: see the step that made it so, else ask a method that goes another way."""
    mend = mend or ("other_method" if step is None else "see_step")
    return Finding("map_all_zero", "warning", {"cause": cause, "step": step, "layer": layer} | (values or {}), mend)


def _input_cause(engine: Engine, x: Images, target: Target) -> tuple[str, str | None]:
    """Why a map at the image is zero: it compares with what changes nothing, no path, or where the gradient ends."""
    if engine.input_gradients(x, [target]).any():
        return "no_difference", None
    return _stopped(engine, x, target, 0) if engine.reaches_output() else ("no_path", None)


def _stopped(engine: Engine, x: Images, target: Target, start: int) -> tuple[str, str | None]:
    """Say why the gradient is zero at a position: the last step that it reaches is silent, or stops it otherwise."""
    if saturated(engine, x, target):
        return "saturated", None
    step = last_with_gradient(engine, x, target, start)
    if step is not None and not engine.activation(x, step).any():
        return "silent_units", first_silent(engine, x, step)
    return "zero_gradient", step


def _lowest(engine: Engine, x: Images, method: Method, target: Target, layer: str) -> float:
    """Return the lowest value of the method's signed map, 0.0 if it has none."""
    if method.signed_compute is None:
        return 0.0
    raw: Images | None = None
    for raw in method.signed_compute(engine, x, [target], layer=layer):
        if raw.min() < 0:
            break
    return 0.0 if raw is None else float(raw.min())


def _of_picture(x: Images) -> Iterator[Finding]:
    """Say that a picture has one colour everywhere; its noise, a share of its span, is none where it spans nothing."""
    corner = x[:, :1, :1]
    if (x[:, ::32, ::32] == corner).all() and (x == corner).all():
        yield Finding("constant_picture", "warning", {"span": float(x.max() - x.min())}, "other_picture")


def _of_model(engine: Engine, x: Images, entry: Entry | None) -> Iterator[Finding]:
    if entry is None:
        return
    if not entry.trained:
        twin = str(getattr(entry, "twin", ""))
        values: dict[str, Any] = {"model": entry.key, "twin": twin}
        yield Finding("random_weights", "warning", values, "trained_twin" if twin else "trained_model")
    low, high = entry.value_range
    values = {"low": float(x.min()), "high": float(x.max()), "expected_low": low, "expected_high": high}
    slack, spread = SLACK * (high - low), float(x.std(dtype=np.float64)) / (high - low)
    if x.min() < low - slack or x.max() > high + slack:
        yield Finding("input_outside_range", "warning", values, "see_conventions")
    elif spread < NARROW:
        yield Finding("input_narrow", "warning", values | {"spread": spread}, "see_conventions")


def _of_target(engine: Engine, x: Images, target: Target, labels: Sequence[str], title: str) -> Iterator[Finding]:
    if engine.classes < 2 or engine.output_kind == "sigmoid":
        return
    logits = engine.logits(x)[0]
    rank = 1 + int((logits > logits[target.index]).sum())
    if rank <= TOP:
        return
    top = int(np.argmax(logits))
    values: dict[str, Any] = {"target": target.index, "rank": rank, "of": engine.classes, "top": top}
    if engine.output_kind == "softmax":
        shares = engine.probabilities(x)[0]
        values |= {"probability": float(shares[target.index]), "top_probability": float(shares[top])}
    yield Finding("target_outside_top", "warning", values, "use_top_class")
    contradiction = title_finding(title, target.index, labels)
    if contradiction is not None:
        yield contradiction


def title_finding(title: str, target: int, labels: Sequence[str]) -> Finding | None:
    """Return "title_contradicts_class" where a title and the name of the target's class share no word.

    Its mend is the first class that shares one with the title ("use_titled_class"), else the model's first choice. None
    where the title says nothing (a camera's file name) or there are no class names. Names of one thing may differ
    (espresso, coffee cup), so `findings` asks only where the model, too, puts the target outside its top five.
    """
    if not 0 <= target < len(labels):
        return None
    said, named = _words(title), _words(labels[target])
    if not said or not named or any(_akin(a, b) for a in said for b in named):
        return None
    values: dict[str, Any] = {"title": title, "class": labels[target], "target": target}
    titled = (i for i, label in enumerate(labels) if any(_akin(a, b) for a in said for b in _words(label)))
    if (fits := next(titled, None)) is None:
        return Finding("title_contradicts_class", "warning", values, "use_top_class")
    return Finding("title_contradicts_class", "warning", values | {"titled": fits}, "use_titled_class")


def _words(text: str) -> set[str]:
    words = re.findall(r"[^\W\d_]+", re.sub(r"\w*\d\w*", " ", text.lower()))
    return {word.removesuffix("s") for word in words if len(word) > 1} - NO_MEANING


def _akin(a: str, b: str) -> bool:
    """Whether two words are one, or one of four letters or more begins or ends the other."""
    short, long = sorted((a, b), key=len)
    return a == b or (len(short) >= 4 and (long.startswith(short) or long.endswith(short)))
