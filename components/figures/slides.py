"""A kernel that slides over a small picture: place, multiply, add, slide, repeat, played inside the figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from components import tokens
from components.figures import base, panels, playing
from components.figures.base import Limits, Values
from components.figures.contract import Drawn, Words, finish
from components.figures.panels import Spot
from components.figures.playing import PHASES
from components.raster import natural_limits
from components.text import _, number

GAP, TITLE, LARGER = 1.3, 1.0, 1.35
NARROW = 560


@dataclass(frozen=True, eq=False)
class Slide:
    """What is drawn: the picture with its padding (H, W), NaN in the padding; the kernel (k, k); the output (h, w);
    the patch of every output cell (h, w, k, k), NaN in the padding; `stride`; how wide the padding is in front."""

    picture: Values
    kernel: Values
    output: Values
    patches: Values
    stride: int


@dataclass(frozen=True)
class _Spots:
    picture: Spot
    patch: Spot
    kernel: Spot
    products: Spot
    output: Spot
    words: tuple[float, float]
    size: tuple[float, float]


def slides(slide: Slide, words: Words, *, cell: tuple[int, int], phase: str = "add", width: int = 960) -> Drawn:
    """Draw one step of the slide, with buttons that play on from it and a slider over all steps, without a server.

    Clicks on the output report ("cell", row, column).
    """
    spots = _spots(slide, width)
    wide, high = spots.size
    figure = panels.board(wide, high, width, 38, playing.BUTTONS + playing.SLIDER)
    scales = _scales(slide)
    steps = [(at, one) for at in np.ndindex(slide.output.shape) for one in PHASES]
    start = steps.index((cell, phase))
    _still(figure, slide, spots, scales)
    moving = len(figure.data)
    for trace in _moving(slide, spots, scales, *steps[start]):
        figure.add_trace(trace)
    figure.add_trace(_markers(slide, spots.output))
    figure.frames = [
        {
            "name": f"{at}",
            "data": [_changed(trace) for trace in _moving(slide, spots, scales, *step)],
            "traces": list(range(moving, len(figure.data) - 1)),
        }
        for at, step in enumerate(steps)
    ]
    figure.update_layout(
        sliders=[playing.slider(playing.said(steps), start, playing.BUTTONS)],
        updatemenus=[playing.play(8, playing.MILLISECONDS)],
    )
    alt = _("Row {row}, column {column}: {formula}. All outputs: {outputs}.").format(
        row=cell[0],
        column=cell[1],
        formula=" ".join(_formula(slide, cell, "add")[1:]),
        outputs="; ".join(", ".join(panels.written(row)) for row in slide.output),
    )
    return finish(figure, words, alt)


def _spots(slide: Slide, width: int) -> _Spots:
    """Lay the grids out in one row where there is room, else in two."""
    (tall, wide), (rows, columns), size = slide.picture.shape, slide.output.shape, len(slide.kernel)
    small = LARGER * size
    if width < NARROW:
        picture, output = Spot(0, TITLE, tall, wide), Spot(wide + GAP, TITLE, rows, columns)
        below = max(picture.bottom, output.bottom) + TITLE + 0.5
        lefts = [at * (small + GAP) for at in range(3)]
        trio = [Spot(left, below, size, size, LARGER, LARGER) for left in lefts]
        full = max(output.right, trio[2].right)
        return _Spots(
            picture, trio[0], trio[1], trio[2], output, (full / 2, below + small + 2.1), (full, below + small + 4.2)
        )
    high = max(TITLE + tall, TITLE + rows, TITLE + small + 3.4)
    picture = Spot(0, TITLE, tall, wide)
    lefts = [wide + GAP + at * (small + GAP) for at in range(3)]
    trio = [Spot(left, TITLE, size, size, LARGER, LARGER) for left in lefts]
    output = Spot(trio[2].right + GAP, TITLE, rows, columns)
    return _Spots(
        picture, trio[0], trio[1], trio[2], output, (trio[1].middle[0], TITLE + small + 1.9), (output.right, high)
    )


def _scales(slide: Slide) -> dict[str, tuple[str, Limits]]:
    products = slide.patches * slide.kernel
    return {
        "picture": ("input_grey", (0.0, max(1.0, float(np.nanmax(slide.picture))))),
        "kernel": ("weights", natural_limits(slide.kernel, "weights")),
        "products": ("activation_signed", natural_limits(products, "activation_signed")),
        "output": ("activation_signed", natural_limits(slide.output, "activation_signed")),
    }


def _still(figure: go.Figure, slide: Slide, spots: _Spots, scales: dict[str, tuple[str, Limits]]) -> None:
    """Draw what does not move: the picture, the kernel, the names and the signs."""
    for spot, values, name, said in (
        (spots.picture, slide.picture, "picture", _("picture")),
        (spots.kernel, slide.kernel, "kernel", _("kernel")),
    ):
        kind, limits = scales[name]
        figure.add_trace(panels.grid(spot, values, kind, limits, said))
        known = [text or "0" for text in panels.written(values)]
        figure.add_trace(panels.numbers(spot, known, panels.inks(values, kind, limits)))
    shape = slide.output.shape
    inner = np.argwhere(np.isfinite(slide.picture))
    (top, left), (bottom, right) = inner[0], inner[-1] + 1
    outlines = [spots.output.box(0, 0, *shape), spots.picture.box(top, left, bottom - top, right - left)]
    outlines += [spot.box(0, 0, spot.rows, spot.columns) for spot in (spots.patch, spots.products, spots.kernel)]
    figure.add_trace(base.lines(outlines, tokens.LINE, 1))
    named = {
        _("picture"): spots.picture,
        _("patch"): spots.patch,
        _("kernel"): spots.kernel,
        _("products"): spots.products,
        _("output"): spots.output,
    }
    figure.add_trace(panels.signs([(spot.middle[0], spot.top - 0.45) for spot in named.values()], list(named), 13))
    between = [(spots.patch, spots.kernel), (spots.kernel, spots.products)]
    places = [((one.right + other.left) / 2, one.middle[1]) for one, other in between]
    figure.add_trace(panels.signs(places, ["\u00d7", "="]))


def _moving(
    slide: Slide, spots: _Spots, scales: dict[str, tuple[str, Limits]], cell: tuple[int, int], phase: str
) -> list[go.Scatter | go.Heatmap]:
    """Draw what changes from step to step; always the same traces in the same order."""
    at, patch = PHASES.index(phase), slide.patches[cell]
    products = patch * slide.kernel if at >= 1 else np.full(slide.kernel.shape, np.nan)
    done = np.where(
        np.arange(slide.output.size) < np.ravel_multi_index(cell, slide.output.shape) + (at == 2), 1, np.nan
    )
    traces: list[go.Scatter | go.Heatmap] = []
    for spot, values, name, said in (
        (spots.patch, patch, "picture", _("patch")),
        (spots.products, products, "products", _("product")),
        (spots.output, slide.output * done.reshape(slide.output.shape), "output", _("output")),
    ):
        kind, limits = scales[name]
        texts = panels.written(values)
        if name == "picture" or (name == "products" and at >= 1):
            texts = [text or "0" for text in texts]
        traces.append(panels.grid(spot, values, kind, limits, said))
        traces.append(panels.numbers(spot, texts, panels.inks(values, kind, limits)))
    size = len(slide.kernel)
    top, left = (slide.stride * place for place in cell)
    boxes = [spots.picture.box(top, left, size, size), spots.output.box(*cell)]
    traces += [base.lines(boxes, tokens.WHITE, 5), base.lines(boxes, tokens.FOR, 3)]
    x, y = spots.words
    traces.append(panels.signs([(x, y)], ["<br>".join(_formula(slide, cell, phase))], 14))
    return traces


def _formula(slide: Slide, cell: tuple[int, int], phase: str) -> list[str]:
    """Write which cell it is, and its sum a kernel row a line, as far as the step has come."""
    patch, kernel = np.nan_to_num(slide.patches[cell]), slide.kernel
    (where,) = playing.said([(cell, phase)])
    if phase == "place":
        return [f"<b>{where}</b>", "", "", ""]
    said = panels.written(patch), panels.written(kernel)
    size = len(kernel)
    terms = [f"{one}\u00b7{_bracketed(other)}" for one, other in zip(*said, strict=True)]
    lines = [" + ".join(terms[row * size : (row + 1) * size]) for row in range(size)]
    lines[1:] = ["+ " + line for line in lines[1:]]
    if phase == "add":
        lines[-1] += f" = <b>{number(float(slide.output[cell]), strip=True)}</b>"
    return [f"<b>{where}</b>", *lines]


def _bracketed(said: str) -> str:
    return f"({said})" if said.startswith("\u2212") else said


def _changed(trace: go.Scatter | go.Heatmap) -> dict[str, Any]:
    """Only what differs from step to step."""
    kept = {"z", "x", "y", "text", "textfont"} if trace.type == "scatter" else {"z"}
    given = trace.to_plotly_json()
    moves = kept - ({"x", "y"} if trace.mode == "text" else {"text", "textfont"}) if trace.type == "scatter" else kept
    return {"type": trace.type, **{name: given[name] for name in moves if name in given}}


def _markers(slide: Slide, spot: Spot) -> go.Scatter:
    ys, xs = np.meshgrid(spot.ys, spot.xs, indexing="ij")
    cells = list(np.ndindex(slide.output.shape))
    said = [_("row {row}, column {column}").format(row=row, column=column) for row, column in cells]
    said = [f"{where}<br>{float(slide.output[at])!r}" for where, at in zip(said, cells, strict=True)]
    return base.click_markers(xs.ravel().tolist(), ys.ravel().tolist(), [("cell", *at) for at in cells], said)
