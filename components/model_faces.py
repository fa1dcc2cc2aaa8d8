"""The faces of models: the kernels of each one's first convolution as a small picture, precomputed for its card."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from components import raster
from components.colour import rgb
from components.figures import even_columns
from components.text import _, number
from components.tokens import MAT

PATH = Path(__file__).parent / "data" / "model_faces.json"
WIDTH = 400
TWICE_AS_WIDE = 2


@dataclass(frozen=True)
class Face:
    """A PNG of a first layer's kernels, with what it shows: the layer, how many of which size, the scale's end."""

    png: bytes
    layer: str
    count: int
    size: tuple[int, int]
    limit: float

    @property
    def words(self) -> str:
        """What the picture shows, for those who can't see it."""
        return _("The {count} kernels of {layer}, the first layer: {h}×{w}, weights up to ±{limit}").format(
            count=self.count, layer=self.layer, h=self.size[0], w=self.size[1], limit=number(self.limit)
        )


def draw(layer: str, kernels: NDArray[np.float32]) -> Face:
    """Draw first-layer kernels, (kh, kw, in, out), on one symmetric scale, by the rules of the Kernels page.

    Three inputs make a colour with mid grey as 0; of any other number the first is drawn in the colours of weights.
    """
    height, width, inputs, count = kernels.shape
    limit = float(np.abs(kernels).max()) or 1.0
    columns = even_columns(count, TWICE_AS_WIDE)
    rows = -(-count // columns)
    whole = np.tile(np.array(rgb(MAT), np.uint8), (rows * (height + 1) + 1, columns * (width + 1) + 1, 1))
    for at in range(count):
        top, left = (at // columns) * (height + 1) + 1, (at % columns) * (width + 1) + 1
        whole[top : top + height, left : left + width] = _coloured(kernels[..., at], limit, inputs)
    cell = max(1, WIDTH // whole.shape[1])
    png = raster.png_bytes(whole.repeat(cell, axis=0).repeat(cell, axis=1))
    return Face(png, layer, count, (height, width), limit)


def live(engine: Any) -> Face | None:
    """Draw the first kernels of an engine, None where it has none or they are not numbers."""
    from explain.kernels import kernel_of

    first = next((layer.name for layer in engine.layers if layer.has_kernel and layer.spatial), None)
    kernels = None if first is None else kernel_of(engine, first)
    return None if first is None or kernels is None or not np.isfinite(kernels).all() else draw(first, kernels)


def _coloured(kernel: NDArray[np.float32], limit: float, inputs: int) -> NDArray[np.uint8]:
    if inputs == 3:
        return np.rint(127.5 + 127.5 * np.clip(kernel.astype(np.float64) / limit, -1, 1)).astype(np.uint8)
    return raster.colour_map(kernel[..., 0], "weights", (-limit, limit))[..., :3]


def save(faces: Mapping[str, Face]) -> None:
    """Write the faces that ship, by model."""
    said = {key: asdict(face) | {"png": base64.b64encode(face.png).decode()} for key, face in faces.items()}
    PATH.write_bytes(orjson.dumps(said, option=orjson.OPT_INDENT_2))


@cache
def faces() -> Mapping[str, Face]:
    """Read the faces that ship, by model; a model without a convolution has none."""
    return {key: _read(said) for key, said in orjson.loads(PATH.read_bytes()).items()}


def _read(said: dict[str, Any]) -> Face:
    return Face(**said | {"png": base64.b64decode(said["png"]), "size": tuple(said["size"])})
