"""A recipe: which network is trained on which pictures, and how. Values that can't be are refused before it starts."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from typing import Any

from explain.chain import worked
from explain.chain_layers import Shape
from explain.chain_text import read
from explain.errors import ArgumentError

OPTIMIZERS = ("adam", "sgd", "rmsprop", "adamw")
MOST_EPOCHS, MOST_BATCH, MOST_RATE = 1000, 4096, 10.0
MOST_PARAMETERS = 20_000_000


@dataclass(frozen=True)
class Recipe:
    """What is trained, on what, and how.

    `data` is a key of DATASETS or of the session's own pictures; `network` a chain as text (explain.chain_text), its
    input included; `validation` the share of the training pictures held back; `patience` epochs without a better
    validation loss before it stops, 0 to go on to the end; `most` training pictures at most, 0 for all.
    """

    data: str
    network: str
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    batch: int = 32
    epochs: int = 20
    validation: float = 0.2
    seed: int = 42
    patience: int = 2
    restore_best: bool = True
    most: int = 0

    def __post_init__(self) -> None:
        """Refuse values that can't be. Raises ArgumentError naming the argument, Impossible for the network."""
        if self.optimizer not in OPTIMIZERS:
            raise ArgumentError(f"optimizer: expected one of {', '.join(OPTIMIZERS)}, got {self.optimizer!r}")
        rate = self.learning_rate
        if not (isinstance(rate, int | float) and math.isfinite(rate) and 0 < rate <= MOST_RATE):
            raise ArgumentError(
                f"learning_rate: expected more than 0 and at most {MOST_RATE:g}, got {rate!r}; 0.001 is usual"
            )
        for name, low, high in (
            ("batch", 1, MOST_BATCH),
            ("epochs", 1, MOST_EPOCHS),
            ("seed", 0, 2**31 - 1),
            ("patience", 0, MOST_EPOCHS),
            ("most", 0, 10**9),
        ):
            value = getattr(self, name)
            if type(value) is not int or not low <= value <= high:
                raise ArgumentError(f"{name}: expected a whole number from {low} to {high:,}, got {value!r}")
        if not 0.01 <= self.validation <= 0.9:
            raise ArgumentError(f"validation: expected a share from 0.01 to 0.9, got {self.validation!r}; 0.2 is usual")
        self.shapes()

    def shapes(self) -> tuple[Shape, Shape]:
        """Return the network's input and output shape. Raises Impossible or ArgumentError for one that can't be."""
        shape, links = read(self.network)
        done = worked(shape, links)
        count = sum(one.info.parameters for one in done)
        if count > MOST_PARAMETERS:
            raise ArgumentError(
                f"network: {count:,} parameters are too many to train here, at most {MOST_PARAMETERS:,}; take fewer"
            )
        return shape, done[-1].info.output_shape if done else shape

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    @property
    def name(self) -> str:
        """A short name that equal recipes share: ten hexadecimal digits."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:10]


NETWORKS: dict[str, str] = {
    "003": "28x28x1.conv-32-3x3-same-relu.max-2x2.conv-64-3x3-same-relu.max-2x2.flatten.dense-100-relu.dropout-40."
    "dense-10-softmax",
    "001": "28x28x1.flatten.dense-100-sigmoid.dense-10-softmax",
    "000": "224x224x3.conv-32-3x3-relu.max-2x2.conv-64-3x3-relu.max-2x2.conv-64-3x3-relu.flatten.dense-64-relu."
    "dense-10-softmax",
}
"""The networks of the notebooks, by the notebook's number."""
