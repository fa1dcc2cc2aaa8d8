"""The precomputed first screen: shown at once, marked, and given up as soon as the live engine is there."""

from __future__ import annotations

import base64
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from components import warming
from components.glances import Glance
from components.subjects import Subject
from explain.layers import LayerInfo
from explain.receptive import ReceptiveField, Span
from explain.sums import Sum

PATH = Path(__file__).parent / "data" / "first_look.json"
SUBJECT = Subject("efficientnet_lite0", "ready", "chelsea")


def shows(subject: Subject) -> bool:
    """Whether the shipped first look stands in for the live model just now."""
    return subject == SUBJECT and PATH.exists() and not warming.ready(subject)


def save(glance: Glance, apart: Sum) -> None:
    """Write a live glance as the shipped first look, with what separates its first two classes as a sum."""
    assert glance.total is not None
    said: dict[str, Any] = {
        "layers": [asdict(layer) for layer in glance.layers],
        "faces": {name: base64.b64encode(face).decode() for name, face in glance.faces.items()},
        "logits": glance.logits,
        "probabilities": glance.probabilities,
        "default_layer": glance.default_layer,
        "output_kind": glance.output_kind,
        "total": asdict(glance.total),
        "apart": asdict(apart),
    }
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_bytes(orjson.dumps(said, option=orjson.OPT_SERIALIZE_NUMPY))


@cache
def load() -> Glance:
    """Read the shipped first look."""
    said = orjson.loads(PATH.read_bytes())
    return Glance(
        layers=tuple(_layer(layer) for layer in said["layers"]),
        faces={name: base64.b64decode(face) for name, face in said["faces"].items()},
        logits=np.asarray(said["logits"], np.float32),
        probabilities=np.asarray(said["probabilities"], np.float32),
        default_layer=said["default_layer"],
        output_kind=said["output_kind"],
        total=_sum(said["total"]),
        precomputed=True,
        apart=_sum(said["apart"]),
    )


def _sum(said: dict[str, Any]) -> Sum:
    return Sum(**said | {"cells": np.asarray(said["cells"], np.float32)})


def _layer(said: dict[str, Any]) -> LayerInfo:
    field = said.pop("receptive_field")
    spans = (
        {axis: Span(**{name: _tuples(value) for name, value in span.items()}) for axis, span in field.items()}
        if field
        else None
    )
    values = {name: _tuples(value) for name, value in said.items()}
    return LayerInfo(**values, receptive_field=ReceptiveField(**spans) if spans else None)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value
