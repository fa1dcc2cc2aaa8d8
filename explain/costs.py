"""What a map will cost before it is computed: passes, and seconds on this machine, measured once and kept."""

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
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import platformdirs

from explain.api import passes
from explain.cams import cam_layer
from explain.memo import digest
from explain.resume import share_after
from explain.settings import method_called
from explain.types import Attribution, Images, Method, Target
from explain.versions import versions

if TYPE_CHECKING:
    from explain.engine import Engine

FILE = "speed.json"
FREE_SIZE = 224
FORWARD_BATCH = 8
BACKWARD_BATCH = 4
ENOUGH_SECONDS = 0.2
MOST_TIMES = 5
_lock = threading.Lock()
_known: dict[tuple[Path, str], Speed] = {}


@dataclass(frozen=True)
class Speed:
    """Seconds an image takes on this machine, warm: forward, and forward and back; alone, and in batches of 8 and 4."""

    forward: float
    forward_batched: float
    gradient: float
    gradient_batched: float


@dataclass(frozen=True)
class Estimate:
    """What a map will cost at most: `passes` (forward 1, forward and back 2) and `seconds`, without first tracing."""

    passes: float
    seconds: float


def estimate(
    engine: Engine,
    method: str,
    x: Images | None = None,
    target: Target | None = None,
    *,
    layer: str | None = None,
    smooth_samples: int = 0,
    after: Attribution | None = None,
    folder: Path | None = None,
    **settings: Any,
) -> Estimate:
    """Return what `api.stream` with these settings will cost.

    With the image x (1, H, W, C) and its target, passes that are remembered are left out; so are those of a result to
    go on from (`after`). Skipped channels are not foreseen: it is the most that it will cost. Raises ValueError for an
    unknown method or a layer without rows and columns.
    """
    chosen, speed = method_called(method), speed_of(engine, folder)
    own = settings | ({"layer": layer} if chosen.uses_layer else {})
    count = float(passes(method, engine, smooth_samples=smooth_samples, **own))
    if after is not None:
        count = max(0.0, count - after.passes)
        return Estimate(count, count * _unit(engine, chosen, speed, layer, batched=True))
    if x is None or smooth_samples:
        batched = bool(smooth_samples) or chosen.sampled
        return Estimate(count, count * _unit(engine, chosen, speed, layer, batched=batched))
    return _remembered(engine, chosen, speed, x, target, layer, count)


def to_come(engine: Engine, x: Images, target: Target, layer: str | None = None) -> float:
    """Return the passes that a gradient at a layer (the image for None) would cost now, from what is remembered."""
    x, weights = engine.weighted(x, [target])
    of_x, of_weights = digest(x), digest(weights)
    if layer is None:
        return 2.0 * (engine.memo.get(("input", of_x, of_weights)) is None)
    position = engine.position(layer)
    if engine.memo.get(("output", position, of_x)) is None:
        return 2.0
    return 2 * share_after(engine, layer) * (engine.memo.get(("at", position, of_x, of_weights)) is None)


def _remembered(
    engine: Engine, method: Method, speed: Speed, x: Images, target: Target | None, layer: str | None, count: float
) -> Estimate:
    reads = cam_layer(engine, layer) if method.uses_layer else None
    unit = _unit(engine, method, speed, layer, batched=method.sampled)
    if method.forward_only:
        saved = reads is not None and engine.memo.get(("output", engine.position(reads), digest(x))) is not None
        return Estimate(max(0.0, count - saved), max(0.0, count - saved) * unit)
    if method.sampled or target is None:
        return Estimate(count, count * unit)
    left = to_come(engine, x, target, reads)
    if left == 2:
        return Estimate(count, count * unit)
    count = max(0.0, count - 2 + left)
    return Estimate(count, count * speed.gradient / 2)


def _unit(engine: Engine, method: Method, speed: Speed, layer: str | None, *, batched: bool) -> float:
    """Return the seconds of one pass: the way back to a layer is shorter than to the image, by what precedes it."""
    forward = speed.forward_batched if batched else speed.forward
    if method.forward_only:
        return forward
    gradient = speed.gradient_batched if batched else speed.gradient
    share = share_after(engine, cam_layer(engine, layer)) if method.uses_layer else 1.0
    return (forward + max(0.0, gradient - forward) * share) / 2


def speed_of(engine: Engine, folder: Path | None = None) -> Speed:
    """Return a model's speed on this machine: kept from before, else measured (a few passes) and kept in `folder`.

    The folder is the user's cache by default. A file that can't be read or written only means measuring again.
    """
    path = (folder or Path(platformdirs.user_cache_dir("convscope", appauthor=False))) / FILE
    key = _key(engine)
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


def measure(engine: Engine) -> Speed:
    """Time warm passes of an engine, alone and in batches. Counts no passes, and waits for its turn first."""
    shape = [size or FREE_SIZE for size in engine.input_shape]
    one = np.random.default_rng(0).standard_normal((1, *shape)).astype(np.float32)
    forward = engine.compiled.logits() if engine.classes else engine.compiled.output_of(len(engine.layers) - 1)
    many = np.repeat(one, min(engine.at_once(one), FORWARD_BATCH), axis=0)
    alone, together = _seconds(forward, one), _seconds(forward, many) / len(many)
    if not engine.classes:
        return Speed(alone, together, 2 * alone, 2 * together)
    some = np.repeat(one, min(engine.at_once(one, back=True), BACKWARD_BATCH), axis=0)
    back, weights = engine.compiled.input_gradients(), engine.weighted(some, [Target(0)] * len(some))[1]
    return Speed(alone, together, _seconds(back, one, weights[:1]), _seconds(back, some, weights) / len(some))


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
