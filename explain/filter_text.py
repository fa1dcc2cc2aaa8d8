"""A kernel as a short text for an address: "sobel_x-3x3", or its weights row by row, "3x3~1~0~-1~2~0~-2~1~0~-1".

A weight that repeats is written once with its count, "9*0.5"; a named kernel with some weights changed keeps its name,
followed by place and weight of each change, "gaussian-27x27~364:2".
"""

from __future__ import annotations

import re

import numpy as np

from explain.errors import ArgumentError
from explain.filters import PRESETS, SIZES, Kernel, checked, preset

_HEAD = re.compile(r"(?:(\w{1,20})-)?(\d{1,2})x(\d{1,2})")
_WEIGHT = r"-?\d{0,6}\.?\d{0,9}(?:e-?\d{1,2})?"
_RUN = re.compile(rf"(?:(\d{{1,3}})\*)?({_WEIGHT})")
_CHANGE = re.compile(rf"(\d{{1,3}}):({_WEIGHT})")
MOST_LETTERS = 20_000


def written(kernel: Kernel, base: str = "") -> str:
    """Write a kernel as text, weights to six digits; as changes of the preset `base` where that is shorter."""
    rows, columns = kernel.shape
    size = f"{rows}x{columns}"
    weights = [f"{value:.6g}" for value in (kernel + 0.0).ravel()]
    listed = "~".join([size, *_runs(weights)])
    if base not in PRESETS:
        return listed
    plain = [f"{value:.6g}" for value in preset(base, rows, columns).ravel() + 0.0]
    changes = [f"{at}:{mine}" for at, (mine, theirs) in enumerate(zip(weights, plain, strict=True)) if mine != theirs]
    return min("~".join([f"{base}-{size}", *changes]), listed, key=len) if changes else f"{base}-{size}"


def _runs(weights: list[str]) -> list[str]:
    runs: list[tuple[int, str]] = []
    for weight in weights:
        if runs and runs[-1][1] == weight:
            runs[-1] = (runs[-1][0] + 1, weight)
        else:
            runs.append((1, weight))
    return [weight if count == 1 else f"{count}*{weight}" for count, weight in runs]


def read(text: str) -> tuple[Kernel, str]:
    """Read a kernel back: its weights, and the preset it is or comes from, "" for one by hand.

    Raises ArgumentError saying which part can't be read.
    """
    head, *parts = text[:MOST_LETTERS].split("~")
    found = _HEAD.fullmatch(head)
    if found is None or (int(found[2]), int(found[3])) not in SIZES:
        sizes = ", ".join(f"{rows}x{columns}" for rows, columns in SIZES)
        raise ArgumentError(f"kernel: expected a size of {sizes} first, as in sobel_x-3x3, got {head[:40]!r}")
    base, rows, columns = found[1] or "", int(found[2]), int(found[3])
    values = _changed(preset(base, rows, columns), parts) if base else _listed(parts, rows * columns)
    return checked(values.reshape(rows, columns)), base


def _changed(kernel: Kernel, parts: list[str]) -> Kernel:
    flat = kernel.ravel().copy()
    for part in parts:
        found = _CHANGE.fullmatch(part)
        if found is None or int(found[1]) >= flat.size:
            raise ArgumentError(f"kernel: expected a place below {flat.size} and a weight, as 4:2.5, got {part[:40]!r}")
        flat[int(found[1])] = _number(found[2])
    return flat


def _listed(parts: list[str], count: int) -> Kernel:
    weights: list[float] = []
    for part in parts:
        found = _RUN.fullmatch(part)
        if found is None:
            raise ArgumentError(f"kernel: expected a weight as 0.5, or 9*0.5 for nine of them, got {part[:40]!r}")
        weights += [_number(found[2])] * int(found[1] or 1)
    if len(weights) != count:
        raise ArgumentError(f"kernel: expected {count} weights, got {len(weights)}; give one for each place")
    return np.array(weights)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as problem:
        raise ArgumentError(f"kernel: expected a number, got {text!r}") from problem
