"""Gradient x Input: each value times the gradient there (Shrikumar et al., 2016, arXiv:1605.01713)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from explain.reduce import added
from explain.types import Images, Method, Target

if TYPE_CHECKING:
    from explain.engine import Engine


def gradient_x_input(engine: Engine, x: Images, targets: Sequence[Target]) -> Iterator[Images]:
    """Yield once the gradient of each image's target score times its values, (N, H, W, C), in units of the score.

    Exact for a linear model, where it adds up to the logit less its bias, and for a network of ReLUs without biases,
    where it adds up to the logit. Elsewhere it promises no sum.
    """
    yield engine.input_gradients(x, targets) * x


METHOD = Method(
    key="gradient_x_input",
    title="Gradient × Input",
    compute=gradient_x_input,
    reduce=added,
    passes=lambda engine: 2,
    signed=True,
    word="contributes to",
    quantity="gradient times value, summed over the colour channels",
    doesnt_show="Pixels whose prepared value is 0: they get 0, whatever they mean. Nor how the score goes on after a "
    "first small step.",
    paper="https://arxiv.org/abs/1605.01713",
    group="contribution",
    order=20,
)
