"""The first component of a layer's values: the one pattern over places that stands for most of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from explain.types import Images

ROUNDS = 2000
CLOSE_ENOUGH = 1e-9


def first_component(values: Images) -> Images:
    """Return each image's values (N, h, w, C) projected on their first right singular vector, (N, h, w, 1).

    With M the (places x channels) matrix of one image, not centred, and v its first right singular vector: M v. Its
    sign is the one that makes v's entries add up to no less than zero, so that the map rises with the plain sum of the
    channels. Zeros give zeros.
    """
    maps = [_projected(image.reshape(-1, image.shape[-1]).astype(np.float64)) for image in values]
    return np.stack(maps).reshape(*values.shape[:3], 1).astype(np.float32)


def _projected(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    places, channels = matrix.shape
    if places < channels:
        left = leading_vector(matrix @ matrix.T)
        right = left @ matrix
        right /= np.linalg.norm(right) or 1
    else:
        right = leading_vector(matrix.T @ matrix)
    return np.asarray((matrix @ right) * _sign(right), np.float64)


def _sign(vector: NDArray[np.float64]) -> float:
    total = float(vector.sum())
    return np.sign(total) or np.sign(vector[np.abs(vector).argmax()]) or 1.0


def leading_vector(square: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the unit eigenvector of the largest eigenvalue of a symmetric matrix without negative ones, (n,).

    By power iteration from a fixed start: a decomposition by NumPy's BLAS once took twelve seconds beside TensorFlow's
    threads. Where the two largest are all but equal, some vector between theirs.
    """
    vector = np.random.default_rng(0).standard_normal(len(square))
    vector /= np.linalg.norm(vector)
    for _ in range(ROUNDS):
        image = square @ vector
        size = float(np.linalg.norm(image))
        if size == 0:
            break
        image /= size
        moved = float(np.abs(image - vector).max())
        vector = image
        if moved < CLOSE_ENOUGH:
            break
    return vector
