"""What stands in for a picture, as a person can see it: a method's baseline, the inside of a patch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from components import compute
from components.subjects import Subject
from explain.fills import stand_ins

Pixels = NDArray[np.uint8]


class _AsDrawn:
    """An entry whose input is the pixels on screen: black is drawn as it is in the picture."""

    def __init__(self, inverted: bool, depth: int) -> None:
        self.inverted, self.depth = inverted, depth

    def preprocess(self, image: Pixels) -> NDArray[np.float32]:
        return (255 - image if self.inverted else image)[..., : self.depth].astype(np.float32)


def inverted(subject: Subject) -> bool:
    """Whether the picture is drawn dark on light, though the model gets it light on dark."""
    return subject.picture.startswith("fashion/")


def pictures(subject: Subject, kind: str, seed: int = 0) -> list[Pixels]:
    """Return what stands in for the subject's picture, each (H, W, 3) uint8, drawn as the picture itself is.

    Every preparation here is a line for each colour channel, so that filling pixels and filling inputs is one thing.
    """
    depth = subject.entry.input_shape[2]
    shown = compute.shown_input(subject)[None, ..., :depth].astype(np.float32)
    entry: Any = _AsDrawn(inverted(subject), depth)
    made = [np.clip(np.rint(one[0]), 0, 255).astype(np.uint8) for one in stand_ins(kind, shown, entry, seed)]
    return [np.repeat(one, 3, axis=-1) if depth == 1 else one for one in made]
