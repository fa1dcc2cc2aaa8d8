"""Eigen-CAM: a layer's activations along their first component (Muhammad and Yeasin, 2020, arXiv:2008.00299)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from explain.cams import cam_layer, positive
from explain.eigen import first_component
from explain.types import Images, Layer, Method, Target

if TYPE_CHECKING:
    from explain.engine import Engine


def eigen_cam(engine: Engine, x: Images, targets: Sequence[Target], *, layer: str | None = None) -> Iterator[Images]:
    """Yield once the positive part of the activations along their first component, (N, h, w, 1). Targets don't count.

    As published the activations are not centred, so the component is the layer's strongest common pattern. Its sign is
    the one in which the map adds up to no less than zero; behind a ReLU nothing is then below zero at all.
    """
    for values in signed_eigen_cam(engine, x, targets, layer=layer):
        yield positive(values)


def signed_eigen_cam(
    engine: Engine, x: Images, targets: Sequence[Target], *, layer: str | None = None
) -> Iterator[Images]:
    """Yield once the same map with its negative part kept, (N, h, w, 1)."""
    values = first_component(engine.activation(x, cam_layer(engine, layer)))
    yield np.where(values.sum(axis=(1, 2), keepdims=True) < 0, -values, values)


METHOD = Method(
    key="eigen_cam",
    title="Eigen-CAM",
    compute=eigen_cam,
    signed_compute=signed_eigen_cam,
    passes=lambda engine, layer=None: 1,
    params=(Layer(),),
    targets="none",
    word="varies most, whatever the class",
    quantity="activations along their first component, positive part",
    doesnt_show="Anything about a class: it is what varies most in this layer, whatever the class.",
    paper="https://arxiv.org/abs/2008.00299",
    group="cam",
    order=70,
)
