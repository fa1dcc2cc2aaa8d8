"""The score that removal is measured in: the log-odds of the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explain.types import Images, Target

if TYPE_CHECKING:
    from explain.engine import Engine


def log_odds(engine: Engine, images: Images, target: Target) -> NDArray[np.float64]:
    """Return the target's log-odds for each image (N, H, W, C), in float64 from the logits, (N,).

    For a class log p / (1 - p); for A minus B the difference of their logits, which is the log-odds between the two;
    for a sigmoid unit its logit. A model that ends in plain scores has no odds: there it is the score itself.
    `target.kind` does not matter, the order of the three forms being the same.
    """
    z = engine.logits(images).astype(np.float64)
    own = z[:, target.index]
    if target.minus is not None:
        own = own - z[:, target.minus]
    elif engine.output_kind == "softmax":
        others = np.delete(z, target.index, axis=1)
        top = others.max(axis=1)
        own = own - top - np.log(np.exp(others - top[:, None]).sum(axis=1))
    return target.sign * own
