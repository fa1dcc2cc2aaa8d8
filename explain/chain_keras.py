"""A chain as Keras builds it, and as lines of Python. Imports Keras only when one is built."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from explain.chain import worked
from explain.chain_layers import LINKS, Link, Shape

if TYPE_CHECKING:
    import keras

MOST_PARAMETERS = 20_000_000
"""Of a chain that is built only to be compared: 80 MB."""

ARGUMENTS: dict[str, Callable[[Link], dict[str, Any]]] = {
    "units": lambda link: {("units" if link.type == "dense" else "filters"): link.units},
    "window": lambda link: {_window_name(link): link.window},
    "strides": lambda link: {} if link.strides is None else {"strides": link.strides},
    "padding": lambda link: {"padding": link.padding},
    "dilation": lambda link: {} if link.dilation == (1, 1) else {"dilation_rate": link.dilation},
    "bias": lambda link: {} if link.bias else {"use_bias": False},
    "shape": lambda link: {"target_shape": link.shape},
    "rate": lambda link: {"rate": link.rate},
    "activation": lambda link: {} if link.activation == "linear" else {"activation": link.activation},
}


def _window_name(link: Link) -> str:
    made = LINKS[link.type]
    return "pool_size" if made.pools else "size" if link.type == "upsampling" else "kernel_size"


def arguments(link: Link) -> dict[str, Any]:
    """Return what the link's Keras class is called with."""
    found: dict[str, Any] = {}
    for field in LINKS[link.type].fields:
        found |= ARGUMENTS[field](link)
    return found


def calls(input_shape: Shape, links: Sequence[Link]) -> list[tuple[str, dict[str, Any]]]:
    """Return the Keras layers of a chain, class name and arguments; a sum is an average times the window's size."""
    made: list[tuple[str, dict[str, Any]]] = [("Input", {"shape": tuple(input_shape)})]
    for link in links:
        made.append((LINKS[link.type].keras, arguments(link)))
        if link.type == "sum":
            made.append(("Rescaling", {"scale": float(prod(link.window))}))
    return made


def code(input_shape: Shape, links: Sequence[Link], ends: str = "") -> str:
    """Return Python that builds the chain with Keras; `ends` is a comment behind the last layer, of one line."""
    lines = ["import keras", "from keras import layers", "", "model = keras.Sequential(", "    ["]
    for name, given in calls(input_shape, links):
        lines.append(f"        layers.{name}({', '.join(f'{key}={value!r}' for key, value in given.items())}),")
    written = "\n".join(lines).replace("'", '"')
    return "\n".join([written, *([f"        # {ends}"] if ends else []), "    ]", ")", "model.summary()"])


def network(input_shape: Shape, links: Sequence[Link], name: str = "chain") -> keras.Model:
    """Build a chain with Keras, with initial weights from the global seed; layers are named as in `worked`."""
    import keras

    ends = iter(one.info.name for one in worked(input_shape, links))
    made = []
    for kind, given in calls(input_shape, links):
        own = {"name": "image"} if kind == "Input" else {} if kind == "Rescaling" else {"name": next(ends)}
        made.append(getattr(keras.layers, kind)(**given, **own))
    return keras.Sequential(made, name=name)


def built(input_shape: Shape, links: Sequence[Link]) -> tuple[tuple[Shape, int], ...]:
    """Build the chain with Keras; return each link's output shape and parameters as Keras says.

    Raises Impossible as `worked` does, ValueError for more parameters than are built for a look.
    """
    count = sum(one.info.parameters for one in worked(input_shape, links))
    if count > MOST_PARAMETERS:
        raise ValueError(f"links: {count:,} parameters are not built only to be compared; at most {MOST_PARAMETERS:,}")
    model = network(input_shape, links)
    names = calls(input_shape, links)
    ends = iter(layer for layer, (name, _given) in zip(model.layers, names[1:], strict=True) if name != "Rescaling")
    return tuple((tuple(layer.output.shape[1:]), int(layer.count_params())) for layer in ends)
