"""The rules of the layers that join, cut, enlarge, reshape or normalise; see `shapes`."""

from __future__ import annotations

import math
from itertools import zip_longest

from model_zoo.own.settings import Config, Shape, Weights, joined, pair, sides, split, whole
from model_zoo.own.windows import biased


def dense(config: Config, shapes: list[Shape]) -> tuple[Shape, Weights]:
    """Dense, along the last side."""
    units, shape = whole(config, "units"), shapes[0]
    if len(shape) < 2:
        raise ValueError("rank")
    return (*shape[:-1], units), biased(config, [(shape[-1], units)], units)


def merged(config: Config, shapes: list[Shape]) -> tuple[Shape, Weights]:
    """Join inputs value by value; a side of 1 is repeated, as is a missing one."""
    ranks = [tuple(reversed(shape[1:])) for shape in shapes]
    made = []
    for column in zip_longest(*ranks, fillvalue=1):
        if len(set(column) - {1}) > 1:
            raise ValueError("sides")
        made.append(max(column))
    return (1, *reversed(made)), []


def concatenated(config: Config, shapes: list[Shape]) -> tuple[Shape, Weights]:
    """Put inputs one after another along an axis."""
    axis = _axis(config.get("axis", -1), shapes[0])
    rest = {(*shape[:axis], *shape[axis + 1 :]) for shape in shapes}
    if len(rest) > 1 or axis == 0:
        raise ValueError("sides")
    return (*shapes[0][:axis], sum(shape[axis] for shape in shapes), *shapes[0][axis + 1 :]), []


def _axis(value: object, shape: Shape) -> int:
    if type(value) is not int or not -len(shape) <= value < len(shape):
        raise ValueError("axis")
    return value % len(shape)


def flat(config: Config, shapes: list[Shape]) -> tuple[Shape, Weights]:
    """All values in a row."""
    return (1, math.prod(shapes[0][1:])), []


def reshaped(config: Config, shapes: list[Shape]) -> tuple[Shape, Weights]:
    """The same values in another form; one side may be -1."""
    target = [whole({"target_shape": side}, "target_shape", -1) for side in config["target_shape"]]
    values, known = math.prod(shapes[0][1:]), math.prod(side for side in target if side > 0)
    if target.count(-1) > 1 or 0 in target or (values % known if -1 in target else values != known):
        raise ValueError("target_shape")
    return (1, *(values // known if side < 0 else side for side in target)), []


def permuted(config: Config, shapes: list[Shape]) -> tuple[Shape, Weights]:
    """The sides in another order."""
    if sorted(config["dims"]) != list(range(1, len(shapes[0]))):
        raise ValueError("dims")
    return (1, *(shapes[0][at] for at in config["dims"])), []


def repeated(config: Config, shapes: list[Shape]) -> tuple[Shape, Weights]:
    """One vector several times."""
    return (1, whole(config, "n"), shapes[0][1]), []


def padded(config: Config, shapes: list[Shape]) -> tuple[Shape, Weights]:
    """Zeros round the maps."""
    height, width, channels = split(config, shapes[0])
    (top, bottom), (left, right) = sides(config, "padding")
    return joined(config, height + top + bottom, width + left + right, channels), []


def cropped(config: Config, shapes: list[Shape]) -> tuple[Shape, Weights]:
    """The maps without their edges."""
    height, width, channels = split(config, shapes[0])
    (top, bottom), (left, right) = sides(config, "cropping")
    return joined(config, height - top - bottom, width - left - right, channels), []


def enlarged(config: Config, shapes: list[Shape]) -> tuple[Shape, Weights]:
    """Every place several times."""
    height, width, channels = split(config, shapes[0])
    down, across = pair(config, "size", 2)
    return joined(config, height * down, width * across, channels), []


def resized(config: Config, shapes: list[Shape]) -> tuple[Shape, Weights]:
    """The maps at a size of their own."""
    return joined(config, whole(config, "height"), whole(config, "width"), split(config, shapes[0])[2]), []


def _scales(config: Config, shape: Shape, more: int = 0) -> Weights:
    given = config.get("axis", -1)
    axes = [_axis(one, shape) for one in (given if isinstance(given, list) else [given])]
    one = tuple(shape[axis] for axis in axes)
    return [one] * ((config.get("scale", True) is True) + (config.get("center", True) is True) + more)


def batch_norm(config: Config, shapes: list[Shape]) -> tuple[Shape, Weights]:
    """Scale, shift, moving mean and variance of each channel."""
    if config.get("renorm"):
        raise ValueError("renorm")
    return shapes[0], _scales(config, shapes[0], more=2)


def norm(config: Config, shapes: list[Shape]) -> tuple[Shape, Weights]:
    """Scale and shift of layer or group normalisation."""
    return shapes[0], _scales({**config, "center": False} if config.get("rms_scaling") else config, shapes[0])


def normalized(config: Config, shapes: list[Shape]) -> tuple[Shape, Weights]:
    """Mean and variance kept from training data, and their count; none where they stand in the config."""
    if config.get("mean") is not None:
        return shapes[0], []
    given = config.get("axis", -1)
    axes = [] if given is None else given if isinstance(given, list) else [given]
    kept = tuple(shapes[0][_axis(one, shapes[0])] for one in axes)
    return shapes[0], [kept, kept, ()]


def prelu(config: Config, shapes: list[Shape]) -> tuple[Shape, Weights]:
    """A slope for every value, or shared along some axes."""
    shared = config.get("shared_axes") or []
    return shapes[0], [tuple(1 if at in shared else side for at, side in enumerate(shapes[0]) if at)]


def same(config: Config, shapes: list[Shape]) -> tuple[Shape, Weights]:
    """Leave the shape as it is: activations, dropout and all that only acts in training."""
    return shapes[0], []
