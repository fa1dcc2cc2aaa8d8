"""A map as a few lines of Python that make it again, without the app."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components import models
from components.parts.targets import Explained
from components.text import _
from explain import METHODS
from explain.types import Attribution, Layer
from model_zoo.own import preprocessing

USUAL = {"smooth_samples": 0, "parity": False, "signed": False, "seed": 0}
OF_SMOOTHING = {"smooth_noise": None, "smooth_statistic": "abs_mean", "smooth_sampling": "plain"}
"""What `attribute` takes for granted; the noise is always written, since it makes the map."""


def popover(one: Explained, result: Attribution) -> None:
    """Offer the lines that make a map."""
    with st.popover(_("Code"), icon=":material/code:", type="tertiary"):
        st.caption(_("Run it in ConvScope's folder; it gives the same array."))
        st.code(snippet(one, result), language="python", wrap_lines=True)


def snippet(one: Explained, result: Attribution) -> str:
    """Return Python that computes a result's map anew, by the public interface."""
    mine = one.subject.picture.startswith("upload/")
    blind = METHODS[result.method].targets == "none"
    names = ["attribute"] if blind else ["Target", "attribute"]
    pixels = 'open_image("your-picture.png").pixels' if mine else f"load_sample({one.subject.picture!r})"
    lines = [
        f"from explain import {', '.join([*names, *(['open_image'] if mine else [])])}",
        *_entry(one, mine),
        f"x = entry.preprocess({pixels})",
        "result = attribute(",
        f"    entry, x, {result.method!r},",
        *([] if blind else [f"    target={_target(result)},"]),
        *(f"    {name}={value!r}," for name, value in _settings(result).items()),
        ")",
        f"result.map  # {result.map.shape}, raw: not normalised",
    ]
    return "\n".join(lines).replace("'", '"')


def _entry(one: Explained, mine: bool) -> list[str]:
    """Return the lines that make the model's entry: a bundled one, or one from a file of the user's."""
    if not one.subject.model.startswith(models.OWN):
        some = f"from model_zoo import MODELS{'' if mine else ', load_sample'}"
        return [some, "", f"entry = MODELS[{one.subject.model!r}]"]
    way = getattr(one.subject.entry.preprocessor, "way", None)
    chosen = f", preprocessing={way.key!r}" if way is not None and way.key in preprocessing.CHOICES else ""
    return [
        "from pathlib import Path",
        *([] if mine else ["from model_zoo import load_sample"]),
        "from model_zoo.own.opening import open_model",
        "",
        f'entry = open_model(Path("your-model.keras"), "your-model.keras"{chosen}).entry',
    ]


def _target(result: Attribution) -> str:
    target = result.target
    said = [str(target.index)]
    said += [] if target.minus is None else [f"minus={target.minus}"]
    said += [] if target.kind == "logit" else [f"kind={target.kind!r}"]
    said += [] if target.sign == 1 else [f"sign={target.sign}"]
    return f"Target({', '.join(said)})"


def _settings(result: Attribution) -> dict[str, Any]:
    """Return the settings that are not taken for granted, the layer by its name."""
    usual: dict[str, Any] = dict(USUAL)
    if result.settings["smooth_samples"]:
        usual |= OF_SMOOTHING | ({"smooth_statistic": "mean"} if result.settings["signed"] else {})
    for param in METHODS[result.method].params:
        usual[param.name] = None if isinstance(param, Layer) else param.default
    return {name: result.settings[name] for name in usual if result.settings.get(name) != usual[name]}
