"""The model card: what a user's model is, which pages and methods apply to it, and why the others don't."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from explain import METHODS
from explain.types import Method

NO_CLASSES = "this model has no class output, so no class can be explained"
NO_CONVOLUTION = "the model has no convolution with rows and columns to map; use saliency instead"
ONE_SCORE = "it weighs by a class's probability, and one plain score has none"
NO_KERNELS = "the model has no convolution, so there are no kernels to draw"
ALWAYS = ("architecture", "shapes", "filters", "shift", "train")
NEEDS_VALUES = ("overview", "activations", "convolution")
NEEDS_CLASSES = ("attribution", "what_if", "put_to_the_test", "mistakes")


@dataclass(frozen=True)
class ModelCard:
    """What was found out about a user's model.

    `layers` without the input; `input_shape` (H, W, C); `classes` 0 without a class output; `finite` whether its
    weights and its answers to noise are. `pages` and `methods` give "" by key where they apply, else the reason.
    """

    layers: int
    parameters: int
    input_shape: tuple[int, int, int]
    value_range: tuple[float, float]
    classes: int
    sha256: str
    versions: Mapping[str, str]
    pages: Mapping[str, str]
    methods: Mapping[str, str]
    finite: bool


def card(facts: Mapping[str, Any], no_maps: str, sha256: str, value_range: tuple[float, float]) -> ModelCard:
    """Return the card of a model from what the worker found out."""
    height, width, depth = facts["input_shape"]
    return ModelCard(
        layers=int(facts["layers"]),
        parameters=int(facts["parameters"]),
        input_shape=(int(height), int(width), int(depth)),
        value_range=value_range,
        classes=int(facts["classes"]),
        sha256=sha256,
        versions={name: version(name) for name in ("keras", _tensorflow(), "numpy")},
        pages=_pages(facts, no_maps),
        methods={key: _method(method, facts, no_maps) for key, method in METHODS.items()},
        finite=bool(facts["finite"]),
    )


def _tensorflow() -> str:
    from importlib.metadata import packages_distributions

    return packages_distributions().get("tensorflow", ["tensorflow"])[0]


def _pages(facts: Mapping[str, Any], no_maps: str) -> dict[str, str]:
    pages = dict.fromkeys(ALWAYS, "") | {"kernels": "" if facts["kernels"] else NO_KERNELS}
    pages |= dict.fromkeys(NEEDS_VALUES, no_maps)
    return pages | dict.fromkeys(NEEDS_CLASSES, no_maps or ("" if facts["classes"] else NO_CLASSES))


def _method(method: Method, facts: Mapping[str, Any], no_maps: str) -> str:
    """Return why a method can't be used, "" if it can."""
    if no_maps:
        return no_maps
    if method.targets != "none" and not facts["classes"]:
        return NO_CLASSES
    if method.uses_layer and not facts["default_layer"]:
        return NO_CONVOLUTION
    if method.targets == "class" and facts["output_kind"] == "linear" and facts["classes"] == 1:
        return ONE_SCORE
    return ""
