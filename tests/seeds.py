"""Weights and pictures drawn from a seed, for tests."""

import numpy as np


def seeded(model, seed=0):
    """Give every weight of a model seeded values, without touching any global generator."""
    draw = np.random.default_rng(seed)
    for weight in model.weights:
        values = draw.normal(scale=0.4, size=weight.shape)
        weight.assign(np.abs(values) + 0.5 if "variance" in weight.name else values)
    return model


def pictures(count, shape, seed=1):
    return np.random.default_rng(seed).normal(size=(count, *shape)).astype("float32")
