"""Models as declared data: what each is, how to build and feed it, and pictures to give it.

`MODELS` maps keys to entries, discovered from the files in `model_zoo/models`. Importing this loads no TensorFlow.
"""

from __future__ import annotations

from explain.errors import WeightsMissing
from model_zoo.discovery import discover
from model_zoo.entry import ModelEntry, Weights
from model_zoo.geometry import crop_box
from model_zoo.samples import PHOTOGRAPHS, SAMPLES, load_sample, sample_title

MODELS: dict[str, ModelEntry] = discover("model_zoo.models")

__all__ = [
    "MODELS",
    "PHOTOGRAPHS",
    "SAMPLES",
    "ModelEntry",
    "Weights",
    "WeightsMissing",
    "crop_box",
    "load_sample",
    "sample_title",
]
