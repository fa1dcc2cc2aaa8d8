"""A chain in one line of text, as an address holds it: "28x56x3.conv-8-3x3-same.max-3x3.flatten.dense-3"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from explain.chain_layers import ACTIVATIONS, LINKS, Link, Pair, Shape
from explain.errors import ArgumentError

MOST_SIZE = 100_000
BETWEEN = re.compile(r"\s*[x×X*,; ]\s*")


def sizes(name: str, text: str, counts: Sequence[int]) -> tuple[int, ...]:
    """Read "3x2" (or "3, 2") as whole numbers of 1 or more; `counts` says how many there may be.

    Raises ArgumentError naming the argument.
    """
    parts = BETWEEN.split(str(text).strip().strip("()"))
    fits = len(parts) in counts and all(part.isascii() and part.isdigit() and 0 < len(part) < 7 for part in parts)
    values = tuple(int(part) for part in parts) if fits else ()
    if not fits or not all(1 <= value <= MOST_SIZE for value in values):
        example = "x".join("3" * max(counts))
        raise ArgumentError(
            f"{name}: expected whole numbers from 1 to {MOST_SIZE:,}, as {example}, got {text!r}; write it so"
        )
    return values


def pair(name: str, text: str) -> Pair:
    """Read "3" as (3, 3) and "3x2" as (3, 2). Raises ArgumentError naming the argument."""
    found = sizes(name, text, (1, 2))
    return found[0], found[-1]


def written(input_shape: Shape, links: Sequence[Link]) -> str:
    """Return a chain as one line of text."""
    return ".".join(["x".join(map(str, input_shape)), *map(_link, links)])


def _link(link: Link) -> str:
    fields = LINKS[link.type].fields
    parts = [link.type]
    parts += [str(link.units)] if "units" in fields else []
    parts += ["{}x{}".format(*link.window)] if "window" in fields else []
    parts += ["x".join(map(str, link.shape))] if "shape" in fields else []
    parts += [str(round(100 * link.rate))] if "rate" in fields else []
    parts += ["same"] if "padding" in fields and link.padding == "same" else []
    parts += ["s{}x{}".format(*link.strides)] if "strides" in fields and link.strides else []
    parts += ["d{}x{}".format(*link.dilation)] if "dilation" in fields and link.dilation != (1, 1) else []
    parts += ["nobias"] if "bias" in fields and not link.bias else []
    parts += [link.activation] if "activation" in fields and link.activation != "linear" else []
    return "-".join(parts)


def read(text: str) -> tuple[Shape, tuple[Link, ...]]:
    """Read what `written` writes. Raises ArgumentError naming what was expected."""
    first, *rest = text.split(".")
    return sizes("input", first, (3,)), tuple(_read(part) for part in rest if part)


def _read(text: str) -> Link:
    name, *parts = text.split("-")
    if name not in LINKS:
        raise ArgumentError(f"layer: expected one of {', '.join(LINKS)}, got {name!r}; choose one of those")
    fields: tuple[str, ...] = LINKS[name].fields
    found: dict[str, object] = {}
    for field in ("units", "window", "shape", "rate"):
        if field in fields:
            found[field] = _value(field, parts.pop(0) if parts else "")
    for part in parts:
        field, value = _flag(part)
        if field not in fields:
            raise ArgumentError(f"{field}: {name} has none, got {part!r}; leave it out")
        found[field] = value
    return Link(name, **found)  # type: ignore[arg-type]


def _value(field: str, text: str) -> object:
    if field == "units":
        return sizes("units", text, (1,))[0]
    if field == "rate":
        return min(sizes("rate", text, (1,))[0], 99) / 100 if text != "0" else 0.0
    return pair("window", text) if field == "window" else sizes("shape", text, (1, 2, 3))


def _flag(text: str) -> tuple[str, object]:
    if text in ("same", "valid"):
        return "padding", text
    if text == "nobias":
        return "bias", False
    if text in ACTIVATIONS:
        return "activation", text
    if text[:1] in ("s", "d"):
        return ("strides" if text[0] == "s" else "dilation"), pair(
            "strides" if text[0] == "s" else "dilation", text[1:]
        )
    raise ArgumentError(f"layer: expected same, nobias, relu, s2x2 or d2x2, got {text!r}; leave it out")
