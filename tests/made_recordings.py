"""Made-up recordings, whose findings are known."""

from __future__ import annotations

from typing import Any

import numpy as np

from model_zoo.training.recorded import Recording

STEPS = (0, 10, 40, 50, 100)


def made(**parts: Any) -> Recording:
    """A recording of five moments: a convolution of 3 kernels on 2 pinned pictures of 6 x 5, 4 classes."""
    draw = np.random.default_rng(5)
    count = len(STEPS)
    maps = draw.integers(1, 256, (count, 2, 6, 5, 3), dtype=np.uint8)
    values: dict[str, Any] = {
        "steps": np.array(STEPS),
        "epochs": np.array(STEPS, np.float32) / 50,
        "kernels": {"conv": draw.normal(size=(count, 3, 3, 2, 3)).astype(np.float16)},
        "maps": {"conv": maps},
        "scales": {"conv": (0, 0.01)},
        "peaks": {"conv": maps.max(axis=(1, 2, 3)).astype(np.float32) * 0.01},
        "statistics": {"conv": np.zeros((count, 4), np.float32)},
        "predictions": draw.dirichlet(np.ones(4), (count, 2)).astype(np.float32),
        "saliency": np.abs(draw.normal(size=(count, 2, 6, 5))).astype(np.float16),
        "confusion": np.zeros((count, 4, 4), np.int32),
        "accuracy": np.array([0.1, 0.2, 0.65, 0.7, 0.6], np.float32),
        "loss": np.array([2, 1, 0.6, 0.5, 0.4], np.float32),
        "pinned": draw.integers(0, 256, (2, 6, 5, 1), dtype=np.uint8),
        "labels": np.array([2, -1]),
        "names": ("a", "b", "c", "d"),
        "checked": 200,
    }
    return Recording(**{**values, **parts})
