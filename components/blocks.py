"""Cut a network into the blocks of the strip: runs of layers of equal resolution, at most nine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from components.text import _
from explain.layers import LayerInfo

MOST_BLOCKS = 9


@dataclass(frozen=True)
class Run:
    """A run of layers of equal resolution. `size` is (H, W), or None behind the last feature map."""

    layers: tuple[LayerInfo, ...]
    size: tuple[int, int] | None

    @property
    def channels(self) -> int:
        """The most channels (or units) of any layer of the run."""
        return max(int(layer.output_shape[-1] or 1) for layer in self.layers)

    @property
    def label(self) -> str:
        """The run in a word or two: "56×56 · 256", "3 layers · 1000"."""
        return self._sized(self.channels)

    def label_of(self, layer: LayerInfo) -> str:
        """The run in a word or two, by one of its layers."""
        return self._sized(layer.output_shape[-1])

    def _sized(self, channels: int) -> str:
        height, width = self.size or (1, 1)
        return f"{height}×{width} · {channels}"

    @property
    def short_label(self) -> str:
        """The run's resolution alone: "56²", "28×14", "units" behind the last feature map."""
        if self.size is None:
            return _("units")
        height, width = self.size
        return f"{height}²" if height == width else f"{height}×{width}"


def size_of(layer: LayerInfo) -> tuple[int, int] | None:
    """Return (H, W) of a layer's feature maps, None if it has none."""
    shape = layer.output_shape
    return (int(shape[0]), int(shape[1])) if len(shape) == 3 else None


def runs(layers: Sequence[LayerInfo]) -> list[Run]:
    """Group the layers behind the input into runs; the shortest neighbours are joined while there are too many."""
    inner = [layer for layer in layers if layer.kind != "input"]
    found = [Run(tuple(group), size) for size, group in groupby(inner, key=size_of)]
    while len(found) > MOST_BLOCKS:
        at = min(range(len(found) - 1), key=lambda i: len(found[i].layers) + len(found[i + 1].layers))
        found[at : at + 2] = [Run(found[at].layers + found[at + 1].layers, found[at + 1].size)]
    return found


def run_of(found: Sequence[Run], layer: str | None) -> int:
    """Return the position of the run that holds a layer, 0 if none does."""
    return next((i for i, run in enumerate(found) if any(one.name == layer for one in run.layers)), 0)


def face_layer(run: Run) -> LayerInfo | None:
    """Return the layer whose strongest channel is the run's thumbnail: its last with rows and columns."""
    return next((layer for layer in reversed(run.layers) if size_of(layer)), None)
