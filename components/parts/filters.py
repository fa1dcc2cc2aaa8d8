"""The parts of the Filters page: the picture, what one kernel makes of it, and the learned kernel nearest to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from components import controls, figures, show
from components.figures import Drawn, Words
from components.parts import architecture
from components.parts.filter_editor import Setting
from components.raster import robust_limits
from components.subjects import Subject
from components.text import _, number, percent, shape_text
from explain.arithmetic import SizeRule
from explain.errors import ArgumentError
from explain.filters import correlate, rules
from model_zoo.images import to_picture

MOST_SIDE = 256
WIDTH = 340
GOES_IN, DRAWN_AS = ("grey", "colours"), ("values", "picture")
Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Filtered:
    """A picture (H, W, C) in 0..1, what the kernel made of it (h, w, C), and the size rules of both axes."""

    subject: Subject
    picture: Values
    result: Values
    rules: tuple[SizeRule, SizeRule]
    shrunk: tuple[int, int] | None


def more(subject: Subject, setting: Setting) -> tuple[str, str]:
    """Draw what goes in and how the result is drawn; returns both keys."""
    grey = subject.pixels.shape[2] == 1
    source = "grey" if grey else controls.segments("filter_in", _("What goes in"), GOES_IN, "grey", _source_title)
    total = float(setting.kernel.sum())
    default = "picture" if abs(total - 1) < 1e-5 else "values"
    drawn = controls.segments("filter_as", _("The result drawn as"), DRAWN_AS, default, _drawn_title)
    return source, drawn


def _source_title(key: str) -> str:
    return {"grey": _("Grey"), "colours": _("Each colour")}[key]


def _drawn_title(key: str) -> str:
    return {"values": _("Numbers, in colours"), "picture": _("Picture, clipped")}[key]


def prepared(subject: Subject, source: str) -> tuple[Values, tuple[int, int] | None]:
    """Return the picture as it was opened, (H, W, C) in 0..1, and its first size where it was made smaller."""
    picture = to_picture(subject.pixels).convert("L" if source == "grey" else "RGB")
    size, most = picture.size, max(picture.size)
    if most > MOST_SIDE:
        smaller = tuple(max(1, round(side * MOST_SIDE / most)) for side in size)
        picture = picture.resize((smaller[0], smaller[1]), Image.Resampling.BICUBIC)
    values = np.asarray(picture, np.float64) / 255
    return values.reshape(*values.shape[:2], -1), (size[1], size[0]) if most > MOST_SIDE else None


def filtered(subject: Subject, setting: Setting, source: str) -> Filtered | None:
    """Slide the kernel over the picture; where no window fits, say so and return None."""
    picture, shrunk = prepared(subject, source)
    slides = setting.stride, setting.padding, setting.dilation
    try:
        both = rules((picture.shape[0], picture.shape[1]), setting.kernel.shape[:2], *slides)
    except ArgumentError as problem:
        st.error(str(problem), icon=":material/straighten:")
        return None
    return Filtered(subject, picture, correlate(picture, setting.kernel, *slides), both, shrunk)


def headline(setting: Setting, found: Filtered | None) -> str:
    """Say in a sentence what size and what values come out."""
    if found is None:
        return _("{name}: no window of this kernel fits into the picture.").format(name=setting.name)
    return _("{name}: {before} becomes {after}; values from {low} to {high}.").format(
        name=setting.name,
        before=shape_text(found.picture.shape[:2]),
        after=shape_text(found.result.shape[:2]),
        low=number(float(found.result.min()), 2),
        high=number(float(found.result.max()), 2),
    )


def kernel(setting: Setting) -> None:
    """Draw the kernel's weights."""
    values = setting.kernel
    total = float(values.sum())
    title = _("Weights add up to {total}").format(total=number(round(total, 6), strip=True))
    meaning = _("brightness stays as it is") if abs(total - 1) < 1e-5 else ""
    meaning = _("an even surface becomes 0") if abs(total) < 1e-5 else meaning
    words = Words(
        f"{title}: {meaning}" if meaning else title,
        _("{name}, {rows}×{columns}; one scale, white is 0.").format(
            name=setting.name, rows=values.shape[0], columns=values.shape[1]
        ),
    )
    show.figure(figures.one_kernel(values[..., None], words, width=show.fit(300)), "filter_kernel", of_weights=False)


def before(found: Filtered) -> None:
    """Draw the picture that goes in."""
    rows, columns = found.picture.shape[:2]
    said = _("Values from 0 (black) to 1 (white).")
    if dark_is_high(found.subject):
        said = _("Values from 0 (white) to 1 (black), drawn dark on light as the notebooks do.")
    if found.shrunk is not None:
        said += " " + _("Made smaller from {size}, so that each value can be drawn.").format(
            size=shape_text(found.shrunk)
        )
    words = Words(
        _("The picture that goes in, {rows}×{columns}").format(rows=rows, columns=columns),
        said,
    )
    show.figure(_as_picture(found.subject, found.picture, words, _("value")), "filter_before", of_weights=False)


def dark_is_high(subject: Subject) -> bool:
    """Whether a picture is drawn dark on light: Fashion-MNIST's are."""
    return subject.picture.startswith("fashion/")


def _as_picture(subject: Subject, values: Values, words: Words, quantity: str) -> Drawn:
    if values.shape[2] == 3:
        return figures.model_input(np.clip(values, 0, 1), words, value_range=(0.0, 1.0), width=show.fit(WIDTH))
    kind = "input_grey" if dark_is_high(subject) else "grey"
    return figures.one_map(values[..., 0], kind, words, quantity=quantity, limits=(0.0, 1.0), width=show.fit(WIDTH))


def after(setting: Setting, found: Filtered, drawn: str) -> None:
    """Draw what comes out: as numbers on one scale, each channel by itself, or as a picture with the rest cut off."""
    outside = float(((found.result < 0) | (found.result > 1)).mean())
    title = _("{share} of the values lie outside 0 to 1").format(share=percent(outside))
    if drawn == "picture":
        words = Words(title, _how(setting, found) + " " + _("Drawn as a picture, cut off at 0 and 1."), doesnt_show())
        clipped = np.clip(found.result, 0, 1)
        show.figure(_as_picture(found.subject, clipped, words, _("value, cut off")), "filter_after", of_weights=False)
        return
    kind = "activation" if setting.kernel.min() >= 0 else "activation_signed"
    names = (_("Red"), _("Green"), _("Blue")) if found.result.shape[2] == 3 else ("",)
    limits = robust_limits(found.result, kind)
    for at, name in enumerate(names):
        last = at == len(names) - 1
        words = Words(
            title if not at else _("The same of {colour}").format(colour=name.lower()),
            (_how(setting, found) + " " + _scale_words(kind, limits)) if last else _scale_words(kind, limits),
            doesnt_show() if last else "",
        )
        shape = figures.one_map(
            found.result[..., at], kind, words, quantity=_("value"), limits=limits, width=show.fit(WIDTH)
        )
        show.figure(shape, f"filter_after_{at}", kicker=name, of_weights=False)


def _scale_words(kind: str, limits: tuple[float, float]) -> str:
    if kind == "activation":
        return _("No weight is below 0, so no value is: colours from 0 to {most}.").format(most=number(limits[1]))
    return _("Brown below 0, green above, one scale of ±{most}.").format(most=number(limits[1]))


def _how(setting: Setting, found: Filtered) -> str:
    said = _("{name}, stride {stride}, padding {padding}, dilation {dilation}.").format(
        name=setting.name, stride=setting.stride, padding=setting.padding, dilation=setting.dilation
    )
    if found.result.shape[2] == 3:
        said += " " + _("Each colour by itself, as Keras's DepthwiseConv2D; a Conv2D would add the three up.")
    return said


def doesnt_show() -> str:
    """Say what one kernel's result may not be taken for."""
    return _(
        "what a network makes of the picture: its layers add many such results up, and bend them by an activation."
    )


def size(found: Filtered) -> None:
    """Write where the size comes from, and what the sums are."""
    st.subheader(_("How large the result is"), anchor=False)
    architecture.write_rules(found.rules)
    show.small(
        _(
            "Each value is a sum of products, weight by pixel, with the kernel laid on as it stands. That is "
            "cross-correlation; Keras calls it convolution. The mathematician's turns the kernel by 180° first."
        )
    )
