"""A chain of layers worked out by hand: sizes by two rules, parameters, multiply-adds, memory, receptive field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from explain.arithmetic import SizeRule, dilated, size_rule
from explain.chain_layers import LINKS, Impossible, Link, Shape
from explain.errors import ArgumentError
from explain.layers import LayerInfo
from explain.receptive import ReceptiveField, Span

FLOAT_BYTES = 4
MOST_LINKS = 60
MOST_NUMBERS = 1 << 40
"""Of one layer's output or parameters: beyond it a chain is a slip of the pen."""


@dataclass(frozen=True)
class Worked:
    """One layer of a chain, worked out.

    `info` as explain.layers describes a built one; `source` the shape before it; `rules` the two size rules for rows
    and columns, None where nothing slides; `unread` the last rows and columns that no window reads.
    """

    link: Link
    info: LayerInfo
    source: Shape
    rules: tuple[SizeRule, SizeRule] | None
    unread: tuple[int, int]

    @property
    def bytes(self) -> int:
        """Memory of its output for one picture, as float32."""
        return prod(self.info.output_shape) * FLOAT_BYTES


def worked(input_shape: Shape, links: Sequence[Link]) -> tuple[Worked, ...]:
    """Work a chain out from its input (H, W, C) on.

    Raises Impossible, with `at`, for a layer that can't follow what is before it; ValueError for an input that is none.
    """
    if len(input_shape) != 3 or min(input_shape) < 1:
        raise ArgumentError(f"input: expected rows, columns and channels of 1 or more, got {input_shape}; give three")
    if len(links) > MOST_LINKS:
        raise ArgumentError(f"links: expected at most {MOST_LINKS} layers, got {len(links)}; take fewer")
    done: list[Worked] = []
    field: ReceptiveField | None = ReceptiveField()
    shape = tuple(input_shape)
    for at, link in enumerate(links):
        try:
            one = _worked(at, link, shape, field, done[-1].info.name if done else "image")
        except Impossible as problem:
            problem.at = at
            raise
        done.append(one)
        shape, field = one.info.output_shape, one.info.receptive_field
    return tuple(done)


def _worked(at: int, link: Link, source: Shape, field: ReceptiveField | None, feed: str) -> Worked:
    made = LINKS[link.type]
    out = made.makes(link, source)
    parameters, macs = made.parameters(link, source), made.macs(link, source, out)
    if max(prod(out), parameters) > MOST_NUMBERS:
        raise Impossible(
            "too_much",
            f"units: {max(prod(out), parameters):,} numbers are more than any machine holds; take smaller sizes",
            numbers=max(prod(out), parameters),
        )
    rules = _rules(link, source) if made.slides else None
    info = LayerInfo(
        index=at + 1,
        name=f"{link.type}_{at + 1}",
        kind=made.kind if link.type != "conv" or link.window != (1, 1) else "pointwise",
        type=made.keras,
        output_shape=out,
        parameters=parameters,
        macs=macs,
        non_negative=False,
        has_kernel=link.type in ("conv", "transpose"),
        receptive_field=_field(link, field, rules, out),
        kernel=link.window if made.slides or link.type == "transpose" else None,
        strides=link.steps if made.slides or link.type == "transpose" else None,
        padding=link.padding if made.slides or link.type == "transpose" else None,
        dilation=link.dilation if link.type == "conv" else None,
        inputs=(feed,),
    )
    return Worked(link, info, source, rules, _unread(link, source, out) if rules else (0, 0))


def _rules(link: Link, source: Shape) -> tuple[SizeRule, SizeRule]:
    rows, columns = (
        size_rule(source[i], link.window[i], link.steps[i], link.padding, link.gaps[i], axis)
        for i, axis in enumerate(("height", "width"))
    )
    return rows, columns


def _unread(link: Link, source: Shape, out: Shape) -> tuple[int, int]:
    """Return the cells at the far end of each axis that no window reads."""
    if link.padding == "same":
        return 0, 0
    rows, columns = (
        max(source[i] - (out[i] - 1) * link.steps[i] - dilated(link.window[i], link.gaps[i]), 0) for i in (0, 1)
    )
    return rows, columns


def _field(
    link: Link, field: ReceptiveField | None, rules: tuple[SizeRule, SizeRule] | None, out: Shape
) -> ReceptiveField | None:
    """Return the receptive field, None where a unit can depend on the whole input."""
    if field is None or len(out) != 3:
        return None
    if link.type == "upsampling":
        return field.repeated(link.window)
    if link.type == "transpose":
        return field.laid(link.window, link.steps, link.padding)
    if rules is None:
        return field if link.type in ("dropout", "norm", "dense") else None
    spans: list[Span] = []
    for rule, span in zip(rules, (field.rows, field.columns), strict=True):
        spans.append(span.through(rule.kernel, rule.stride, rule.before, rule.dilation))
    return ReceptiveField(*spans)
