"""Take a map along: PNG of the map, PNG of the overlay, NPZ of the raw values with the settings that made it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from components import compute, downloads, raster
from components.parts.maps import colours_of, is_signed, limits_of, scale_kind
from components.parts.targets import Explained
from components.parts.variants import Variant
from components.text import _
from explain import METHODS
from explain.types import Attribution

if TYPE_CHECKING:
    from components.parts.maps import Look

PNG = "image/png"


def buttons(one: Explained, variant: Variant, result: Attribution, look: Look, name: str) -> None:
    """Draw the three download buttons of a map; the files are made on the click."""
    stem = file_stem(one, variant)
    values, signed = _drawn(variant, result, look)
    for label, ending, mime, make in (
        (_("Overlay PNG"), "overlay.png", PNG, lambda: overlay_png(one, values, signed, look.colours)),
        (_("Map PNG"), "map.png", PNG, lambda: map_png(one, values, signed, colours_of(result, look))),
        (_("Raw NPZ"), "raw.npz", "application/octet-stream", lambda: raw_npz(one, result)),
    ):
        downloads.button(label, make, f"{stem}_{ending}", mime, key=f"save_{ending}_{name}", type="tertiary")


def preview(one: Explained, variant: Variant, result: Attribution, look: Look) -> bytes:
    """Return a map as it is drawn on the page, as PNG: over its picture where the colours ask for one, else alone."""
    colours = colours_of(result, look)
    make = overlay_png if colours in ("recommended", "jet") else map_png
    return make(one, *_drawn(variant, result, look), colours)


def _drawn(variant: Variant, result: Attribution, look: Look) -> tuple[Any, bool]:
    values = result.map if look.smooth else result.native
    return values, is_signed(variant, result)


def file_stem(one: Explained, variant: Variant) -> str:
    """Name a file after model, picture, method and target; random weights are said in the name."""
    words = [one.subject.model, one.title, variant.key]
    if variant.method.targets != "none":
        words.append(str(one.target.index))
        words += [] if one.target.minus is None else [f"minus_{one.target.minus}"]
    if not one.subject.entry.trained:
        words.append("random_weights")
    safe = "_".join(words).lower().replace(" ", "_")
    return "".join(letter for letter in safe if letter.isalnum() or letter in "_-")[:80]


def overlay_png(one: Explained, values: Any, signed: bool, colours: str) -> bytes:
    """Return the map over its picture as PNG, enlarged to at least 448 pixels."""
    picture = _large(compute.shown_input(one.subject))
    if colours == "jet":
        return _png(one, raster.jet(picture, values))
    kind = scale_kind(signed, "")
    return _png(one, raster.overlay(picture, values, kind, limits_of(values, kind)))


def map_png(one: Explained, values: Any, signed: bool, colours: str) -> bytes:
    """Return the map alone as PNG, at the picture's size."""
    kind = scale_kind(signed, colours)
    size = _large(compute.shown_input(one.subject)).shape
    return _png(one, raster.colour_map(raster.spread(values, size[:2]), kind, limits_of(values, kind))[..., :3])


def _png(one: Explained, pixels: Any) -> bytes:
    """Write a PNG; a map of random weights can't leave without saying so."""
    return raster.png_bytes(pixels if one.subject.entry.trained else raster.stamped(pixels, "RANDOM WEIGHTS"))


def _large(picture: Any) -> Any:
    factor = max(1, -(-448 // max(picture.shape[:2])))
    return picture.repeat(factor, axis=0).repeat(factor, axis=1)


def raw_npz(one: Explained, result: Attribution) -> bytes:
    """Return every raw value with everything needed to repeat it."""
    said = {
        "model": one.subject.model,
        "picture": one.subject.picture,
        "title": one.title,
        "method": result.method,
        **_score(result),
        "layer": result.layer,
        "settings": dict(result.settings),
        "passes": result.passes,
        "done": result.done,
        "total": result.total,
        "reliability": result.reliability,
        "promise": None if result.promise is None else [result.promise.total, result.promise.difference],
        "versions": dict(result.versions),
        "model_hash": result.model_hash,
        "trained": one.subject.entry.trained,
        "findings": [finding.code for finding in result.findings],
    }
    file = io.BytesIO()
    np.savez_compressed(
        file, raw=result.raw, native=result.native, map=result.map, settings=orjson.dumps(said).decode()
    )
    return file.getvalue()


def _score(result: Attribution) -> dict[str, Any]:
    """Return what the map is about: a score, the probability of a class that weighs it, or no class at all."""
    needs = METHODS[result.method].targets
    if needs == "none":
        return {"target": None, "minus": None, "score": None}
    score = result.target.kind if needs == "any" else "class"
    return {"target": result.target.index, "minus": result.target.minus, "score": score}
