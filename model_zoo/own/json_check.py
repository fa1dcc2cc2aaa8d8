"""JSON from a user: size, depth and number of parts are bounded before it is parsed, and every number is finite."""

from __future__ import annotations

import json
import math
import re
from itertools import accumulate
from typing import Any, NoReturn

from model_zoo.own.archive import check_config_size
from model_zoo.own.kind import SAVE_AGAIN
from model_zoo.own.types import Limits, Refused, shown

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_OTHER = re.compile(rb"[^\[\]{}]+")
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
LARGEST = 2**53


def parse(data: bytes, limits: Limits) -> Any:
    """Return the value of a JSON text. Raises Refused where it isn't JSON, too large, too deep, or has NaN in it."""
    check_config_size(len(data), limits)
    _check_depth(data, limits)
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_not_finite, parse_float=_finite, parse_int=_whole)
    except (ValueError, RecursionError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused("json", "The model's config is not valid JSON.", SAVE_AGAIN) from error


def _check_depth(data: bytes, limits: Limits) -> None:
    brackets = _OTHER.sub(b"", _STRING.sub(b"", data))
    if len(brackets) > 2 * limits.max_nodes:
        raise Refused(
            "json_nodes",
            f"The model's config has {len(brackets) // 2:,} parts; at most {limits.max_nodes:,} are accepted.",
            SAVE_AGAIN,
        )
    deepest = max(accumulate(_STEPS[byte] for byte in brackets), default=0)
    if deepest > limits.max_depth:
        raise Refused(
            "json_depth",
            f"The model's config is nested {deepest:,} deep; at most {limits.max_depth} are accepted.",
            SAVE_AGAIN,
        )


def _not_finite(text: str) -> NoReturn:
    raise Refused(
        "json_number",
        f"The model's config holds {shown(text, 20)}, which is no number that a layer can be built with.",
        "Look for a setting that became NaN or infinite (a rate, a scale), set it, and save the model again.",
    )


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _not_finite(text)


def _whole(text: str) -> int:
    return int(text) if len(text) < 20 and abs(int(text)) <= LARGEST else _not_finite(text)
