"""A layer's settings read as whole numbers, pairs and sides; see `shapes`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from model_zoo.own.types import Refused, shown

Shape = tuple[int, ...]
Config = Mapping[str, Any]
Weights = list[Shape]
Rule = Callable[[Config, list[Shape]], tuple[Shape, Weights]]


def whole(config: Config, key: str, least: int = 1) -> int:
    """Return a whole number from a layer's settings."""
    value = config[key]
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int or value < least:
        raise Refused(
            "setting_value",
            f"The layer “{shown(config.get('name'))}” has {key} = {shown(value)}; expected a whole number of at least "
            f"{least}.",
            "Set it, and save the model again.",
        )
    return value


def pair(config: Config, key: str, otherwise: int | None = None, least: int = 1) -> tuple[int, int]:
    """Return two whole numbers, for height and width, from one or two in a layer's settings."""
    value = config.get(key, otherwise)
    value = otherwise if value is None else value
    both = value if isinstance(value, list) else [value, value]
    if len(both) != 2:
        raise ValueError(key)
    return (
        whole({"name": config.get("name"), key: both[0]}, key, least),
        whole({"name": config.get("name"), key: both[1]}, key, least),
    )


def sides(config: Config, key: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return ((top, bottom), (left, right)) from one number, two, or two pairs."""
    value = config[key]
    both = value if isinstance(value, list) else [value, value]
    if len(both) != 2:
        raise ValueError(key)
    made = [pair({"name": config.get("name"), key: one}, key, least=0) for one in both]
    return made[0], made[1]


def first(config: Config) -> bool:
    """Say whether channels come before height and width."""
    return config.get("data_format") == "channels_first"


def split(config: Config, shape: Shape) -> tuple[int, int, int]:
    """Return height, width and channels of a batch of maps."""
    _, one, two, three = shape
    return (two, three, one) if first(config) else (one, two, three)


def joined(config: Config, height: int, width: int, channels: int) -> Shape:
    """Return the shape of a batch of maps."""
    return (1, channels, height, width) if first(config) else (1, height, width, channels)
