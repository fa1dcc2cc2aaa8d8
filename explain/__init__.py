"""The numerics of ConvScope: attribution, activations, kernels and convolution arithmetic, with no screen.

TensorFlow is loaded by the first call that needs a model, not by this import.
"""

from explain.api import attribute, passes, stream
from explain.attribution import METHODS
from explain.engines import engine_for
from explain.errors import ConvScopeError, NoClassOutput, WeightsMissing
from explain.image_file import ImageFileError, OpenedImage, open_image
from explain.types import Attribution, Choice, Finding, Layer, Method, Number, Target

__all__ = [
    "METHODS",
    "Attribution",
    "Choice",
    "ConvScopeError",
    "Finding",
    "ImageFileError",
    "Layer",
    "Method",
    "NoClassOutput",
    "Number",
    "OpenedImage",
    "Target",
    "WeightsMissing",
    "attribute",
    "engine_for",
    "open_image",
    "passes",
    "stream",
]
