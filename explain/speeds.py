"""How long a pass of a model takes on this machine: timed once, kept in a file, and corrected by quicker ones."""

from __future__ import annotations

import json
import logging
import os
import platform
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import platformdirs

from explain.types import Images, Target
from explain.versions import versions

if TYPE_CHECKING:
    from explain.engine import Engine

FILE = "speed.json"
FREE_SIZE = 224
FORWARD_BATCH = 64
BACKWARD_BATCH = 4
ENOUGH_SECONDS = 0.2
MOST_TIMES = 5
WORTH_KEEPING = 0.95
"""A pace this share of the one on file, or less, is written there."""
_lock = threading.Lock()
_known: dict[tuple[Path, str], Speed] = {}
_paces: dict[tuple[Path, str], float] = {}


@dataclass(frozen=True)
class Speed:
    """Seconds an image takes on this machine, warm: forward, and forward and back; alone, and in batches.

    Batches are of 8 pictures of 224 x 224 forward (at most 64 smaller ones), and of 4 forward and back.
    """

    forward: float
    forward_batched: float
    gradient: float
    gradient_batched: float


def speed_of(engine: Engine, folder: Path | None = None) -> Speed:
    """Return a model's speed on this machine: kept from before, else measured (a few passes) and kept in `folder`.

    The folder is the user's cache by default. A file that can't be read or written only means measuring again. What
    passes take later in earnest, where that is less, comes in its place (`noted`): the machine was busy before.
    """
    path, key = _path(folder), _key(engine)
    if (path, key) in _known:
        return _known[path, key]  # without the lock: another model may be measured meanwhile
    with _lock:
        if (path, key) not in _known:
            found = _speed(_read(path).get(key))
            if found is None:
                found = measure(engine)
                # Read again: another process may have added to it meanwhile.
                _write(path, _read(path) | {key: asdict(found)})
            _known[path, key] = found
        return _known[path, key]


def pace_of(engine: Engine, folder: Path | None = None) -> float:
    """Return the seconds of a forward pass of one image in a full batch: `speed_of`'s where it is known.

    Else that alone is timed, for this process: what only goes forward need not wait for a gradient to be traced.
    """
    path, key = _path(folder), _key(engine)
    if (path, key) in _known or _speed(_read(path).get(key)) is not None:
        return speed_of(engine, folder).forward_batched
    with _lock:
        if (path, key) not in _paces:
            forward, many = _forward(engine)
            _paces[path, key] = _seconds(forward, many) / len(many)
        return _paces[path, key]


def noted(engine: Engine, folder: Path | None = None, **seconds: float) -> None:
    """Note the seconds an image took in earnest, by a name of `Speed`: the least that was ever seen is kept.

    Nothing is noted of a model that was not timed yet, but for `pace_of`.
    """
    path, key = _path(folder), _key(engine)
    with _lock:
        if (path, key) in _paces:
            _paces[path, key] = min(_paces[path, key], seconds.get("forward_batched", _paces[path, key]))
        known = _known.get((path, key)) or _speed(_read(path).get(key))
        if known is None:
            return
        quicker = {name: value for name, value in seconds.items() if 0 < value < getattr(known, name)}
        _known[path, key] = replace(known, **quicker)
        if any(value <= WORTH_KEEPING * getattr(known, name) for name, value in quicker.items()):
            _write(path, _read(path) | {key: asdict(_known[path, key])})


def _path(folder: Path | None) -> Path:
    return (folder or Path(platformdirs.user_cache_dir("convscope", appauthor=False))) / FILE


def measure(engine: Engine) -> Speed:
    """Time warm passes of an engine, alone and in batches. Counts no passes, and waits for its turn first."""
    forward, many = _forward(engine)
    one = many[:1]
    alone, together = _seconds(forward, one), _seconds(forward, many) / len(many)
    if not engine.classes:
        return Speed(alone, together, 2 * alone, 2 * together)
    some = np.repeat(one, min(engine.at_once(one, back=True), BACKWARD_BATCH), axis=0)
    back, weights = engine.compiled.input_gradients(), engine.weighted(some, [Target(0)] * len(some))[1]
    return Speed(alone, together, _seconds(back, one, weights[:1]), _seconds(back, some, weights) / len(some))


def _forward(engine: Engine) -> tuple[Any, Images]:
    """Return an engine's compiled way forward, and a full batch for it."""
    shape = [size or FREE_SIZE for size in engine.input_shape]
    one = np.random.default_rng(0).standard_normal((1, *shape)).astype(np.float32)
    forward = engine.compiled.logits() if engine.classes else engine.compiled.output_of(len(engine.layers) - 1)
    return forward, np.repeat(one, min(engine.at_once(one), FORWARD_BATCH), axis=0)


def _seconds(function: Callable[..., Any], *arrays: Any) -> float:
    """Return the median seconds of a compiled pass, after one that doesn't count, without the time in line."""
    import tensorflow as tf

    from explain.queueing import LINE

    given, times = [tf.constant(array) for array in arrays], list[float]()
    while len(times) < 2 or (len(times) <= MOST_TIMES and sum(times[1:]) < ENOUGH_SECONDS):
        with LINE.turn():
            began = time.perf_counter()
            out = function(*given)
            (out[0] if isinstance(out, (list, tuple)) else out).numpy()
            times.append(time.perf_counter() - began)
    return statistics.median(times[1:])


def _key(engine: Engine) -> str:
    machine = f"{platform.node()} {platform.machine()} {os.cpu_count()}"
    return " ".join([engine.model_hash, machine, *(f"{name} {version}" for name, version in versions().items())])


def _read(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        logging.getLogger(__name__).info("measuring again, since %s can't be read: %s", path, error)
        return {}
    return kept if isinstance(kept, dict) else {}


def _speed(values: Any) -> Speed | None:
    names = Speed.__dataclass_fields__
    if not isinstance(values, Mapping) or set(values) != set(names):
        return None
    good = all(isinstance(value, float) and 0 < value < float("inf") for value in values.values())
    return Speed(**values) if good else None


def _write(path: Path, kept: Mapping[str, Any]) -> None:
    """Replace the file at once, so that another process never reads half of one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            new = Path(folder) / path.name
            new.write_text(json.dumps(kept, indent=1))
            os.replace(new, path)
    except OSError as error:
        logging.getLogger(__name__).info("to be measured again, since %s can't be written: %s", path, error)
