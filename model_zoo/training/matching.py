"""Whether a network fits the pictures that it is to be trained on, and the same network made to fit them."""

from __future__ import annotations

from dataclasses import replace

from explain.chain import worked
from explain.chain_layers import Impossible, Link, Shape
from explain.chain_text import read, written


def misfits(network: str, shape: Shape, classes: int) -> tuple[tuple[str, Shape, Shape], ...]:
    """Return what keeps a network, a chain as text, from pictures of `shape` (H, W, C) in so many classes.

    Each is a code with what the network has and what the pictures ask for: "input", "classes", or "activation", where
    the last layer gives no probabilities. Raises Impossible for a chain that can't be built.
    """
    takes, links = read(network)
    done = worked(takes, links)
    gives = done[-1].info.output_shape if done else takes
    found: list[tuple[str, Shape, Shape]] = []
    if tuple(takes) != tuple(shape):
        found.append(("input", tuple(takes), tuple(shape)))
    binary = classes == 2 and tuple(gives) == (1,) and links[-1].activation == "sigmoid"
    if tuple(gives) != (classes,) and not binary:
        found.append(("classes", tuple(gives), (classes,)))
    elif links[-1].type != "dense" or (links[-1].activation != "softmax" and not binary):
        found.append(("activation", tuple(gives), (classes,)))
    return tuple(found)


def mended(network: str, shape: Shape, classes: int) -> str:
    """Return a chain that takes pictures of `shape` and ends in as many probabilities as there are classes.

    What lies between stays. A last dense layer is given other units; where there is none, one is put at the end, on
    one row of numbers.
    """
    links = list(read(network)[1])
    last = links.pop() if links and links[-1].type == "dense" else Link("dense")
    if len(_out(shape, links)) == 3:
        links.append(Link("flatten"))
    return written(shape, [*links, replace(last, units=classes, activation="softmax")])


def _out(shape: Shape, links: list[Link]) -> Shape:
    """Return the shape behind the layers, the input's where they can't follow it: that is said where it is built."""
    try:
        done = worked(shape, links)
    except Impossible:
        return () if any(link.type == "flatten" for link in links) else shape
    return done[-1].info.output_shape if done else shape
