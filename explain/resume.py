"""Run only what follows a layer: other values in, scores out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explain.types import Images

if TYPE_CHECKING:
    from explain.engine import Engine

CELLS_AT_ONCE = 4 << 20
MOST_AT_ONCE = 64


def logits_from(engine: Engine, x: Images, layer: str, values: Images) -> NDArray[np.float32]:
    """Return the logits (N, K) that follow when a layer of x gave `values` (N, ...) instead.

    x is one image (1, H, W, C), or as many as there are values. Only the layers behind it run, and a skip
    connection round it. Counts as the share of a pass that they are.
    """
    import tensorflow as tf

    position = engine.position(layer)
    function = engine.compiled.logits_from(position)
    wide = max(1, int(np.prod(values.shape[1:])), int(np.prod(x.shape[1:])))
    batch = max(1, min(MOST_AT_ONCE, CELLS_AT_ONCE // wide))
    values, share = np.asarray(values, np.float32), share_after(engine, layer)
    if len(x) == len(values):
        return engine.batches(function, batch, share, x, values)[0]
    return engine.batches(lambda some: function(tf.constant(x), some), batch, share, values)[0]


def share_after(engine: Engine, layer: str) -> float:
    """Return the share of a forward pass's multiplications that come after a layer in graph order, 0..1."""
    costs = [float(info.macs or 0) for info in engine.layers]
    total = sum(costs)
    return sum(costs[engine.position(layer) + 1 :]) / total if total else 1.0
