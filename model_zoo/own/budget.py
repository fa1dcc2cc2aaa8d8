"""What a measured model would need: weights that its file must hold, parameters, activations, arithmetic."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

from model_zoo.own.graph import Measured
from model_zoo.own.hdf5 import Structure
from model_zoo.own.kind import SAVE_AGAIN, megabytes
from model_zoo.own.settings import Shape
from model_zoo.own.shapes import by
from model_zoo.own.types import Limits, Refused, shown

SMALLER = "Save a model that takes smaller pictures or has fewer channels there."


def check(model: Measured, limits: Limits) -> None:
    """Raise Refused where a model asks for more than the limits, naming the layer that asks for most."""
    layers = list(model.all())
    _most(
        "parameters",
        {id(one): sum(math.prod(shape) for shape in one.weights) for one in layers},
        layers,
        limits.max_parameters,
        "The model declares {all:,} parameters, {most:,} of them in “{name}”; at most {limit:,} are accepted.",
    )
    memory = {id(one): sum(4 * math.prod(shape) for shape in one.outputs) for one in layers}
    if sum(memory.values()) > limits.max_activation_bytes:
        worst = max(layers, key=lambda one: memory[id(one)])
        raise Refused(
            "activations",
            f"One picture would set {megabytes(sum(memory.values()))} of activations, {megabytes(memory[id(worst)])} "
            f"of them in “{shown(worst.name)}” ({by(max(worst.outputs, key=math.prod))}); at most "
            f"{megabytes(limits.max_activation_bytes)} are accepted.",
            SMALLER,
        )
    _most(
        "arithmetic",
        {id(one): one.work for one in layers},
        layers,
        limits.max_multiply_adds,
        "One picture would take {all:,} multiply-adds, {most:,} of them in “{name}”; at most {limit:,} are accepted.",
    )


def _most(code: str, counts: dict[int, int], layers: list[Measured], limit: int, sentence: str) -> None:
    total = sum(counts.values())
    if total > limit:
        worst = max(layers, key=lambda one: counts[id(one)])
        text = sentence.format(all=total, most=counts[id(worst)], name=shown(worst.name), limit=limit)
        raise Refused(code, text, SMALLER)


def check_weights(model: Measured, held: Structure, *, legacy: bool) -> None:
    """Raise Refused where a layer's weights aren't in the file, or have other shapes than its config asks for."""
    if legacy:
        _check_by_name(model, held)
        return
    arrays = {_modern(path): shape for path, shape in held.arrays.items()}
    groups: dict[str, dict[int, Shape]] = {}
    for path, shape in arrays.items():
        group, _, number = path.rpartition("/vars/")
        if number.isdecimal():
            groups.setdefault(group, {})[int(number)] = shape
    for container, twins in _containers("layers", model):
        _check_container(container, twins, groups)


def _check_container(container: str, twins: list[Measured], groups: Mapping[str, Mapping[int, Shape]]) -> None:
    """Compare layers of one class, which the file numbers in an order of its own."""
    paths = [container if not at else f"{container}_{at}" for at in range(len(twins))]
    found = [sorted(groups.get(path, {}).values()) for path in paths]
    expected = [sorted(one.weights) for one in twins]
    if sorted(found) == sorted(expected):
        return
    at = next(at for at in range(len(twins)) if found[at] != expected[at])
    raise differing(twins[at].name, twins[at].weights, list(groups.get(paths[at], {}).values()))


def _containers(path: str, model: Measured) -> Iterator[tuple[str, list[Measured]]]:
    """Yield the place of each class of layers in a file, and the layers of that class in order."""
    twins: dict[str, list[Measured]] = {}
    for one in model.inside:
        twins.setdefault(snake_case(one.kind), []).append(one)
    for kind, ones in twins.items():
        if any(one.weights for one in ones):
            yield f"{path}/{kind}", ones
        for at, one in enumerate(ones):
            place = f"{path}/{kind}" if not at else f"{path}/{kind}_{at}"
            if one.kind == "TimeDistributed":
                yield from _wrapped(f"{place}/layer", one.inside[0])
            elif one.inside:
                yield from _containers(f"{place}/layers", one)


def _wrapped(path: str, one: Measured) -> Iterator[tuple[str, list[Measured]]]:
    if one.kind == "TimeDistributed":
        yield from _wrapped(f"{path}/layer", one.inside[0])
    elif one.inside:
        yield from _containers(f"{path}/layers", one)
    elif one.weights:
        yield path, [one]


def _check_by_name(model: Measured, held: Structure) -> None:
    """Compare layer by layer with an older .h5 file, which keeps weights under the names of the outermost layers."""
    top = "model_weights/"
    for layer in model.inside:
        expected = [shape for one in layer.all() for shape in one.weights]
        if not expected:
            continue
        group = f"{top}{layer.name}"
        listed = held.names.get(group, {}).get("weight_names", [])
        found = [held.arrays[f"{group}/{name}"] for name in listed if f"{group}/{name}" in held.arrays]
        if sorted(found) != sorted(expected):
            raise differing(layer.name, expected, found)


def differing(name: str, expected: list[Shape], found: list[Shape]) -> Refused:
    """Return the refusal of a layer whose weights are missing or have other shapes."""
    if not found:
        return Refused(
            "weights_missing",
            f"The weights of the layer “{shown(name)}” ({_list(expected)}) are not in the file.",
            SAVE_AGAIN,
        )
    return Refused(
        "weights_shape",
        f"The layer “{shown(name)}” needs weights of {_list(expected)}; the file holds {_list(found)}.",
        "Save config and weights together, from the same model.",
    )


def _list(shapes: list[Shape]) -> str:
    texts = ["×".join(str(side) for side in shape) or "1" for shape in shapes[:6]]
    return ", ".join(texts) + (f" and {len(shapes) - 6} more" if len(shapes) > 6 else "")


def _modern(path: str) -> str:
    return path.replace("_layer_checkpoint_dependencies", "layers")


def snake_case(name: str) -> str:
    """Return a class's name as Keras writes it in a weights file: Conv2D -> conv2d, PReLU -> p_re_lu."""
    apart = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", apart).lower()


def model_arrays(held: Structure) -> dict[str, Shape]:
    """Return the shapes of the model's own weights by path, without the optimizer's."""
    return {path: shape for path, shape in held.arrays.items() if path.startswith("model_weights/")}
