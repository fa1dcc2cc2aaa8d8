"""A small memory of passes already made, bounded by bytes and safe to share between threads."""

from __future__ import annotations

import hashlib
import threading
import weakref
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

PIECE = 16 << 20
SHARED_BYTES = 192 << 20
RECENT, RECENT_FROM, RECENT_TO, GLANCE = 4, 16 << 10, 4 << 20, 4096
Floats = NDArray[np.float32]
Arrays = tuple[Floats, ...]

What = tuple[str, tuple[int, ...]]

_recent: deque[tuple[What, bytes, NDArray[Any], bytes]] = deque(maxlen=RECENT)


def digest(array: NDArray[Any]) -> bytes:
    """Return 16 bytes that name an array's values, kind and shape.

    The last few images are remembered: comparing a picture of 224 x 224 takes a thirtieth of the time of hashing it.
    """
    return _named(array)[1]


def settled(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array with the same values that nobody can change: while it is in use, naming it costs nothing."""
    return _named(array)[0]


def is_settled(array: NDArray[Any]) -> bool:
    """Whether an array came from `settled` a short while ago."""
    return any(array is own for _same, _first, own, _name in tuple(_recent))


def met(array: NDArray[Any]) -> NDArray[Any]:
    """Return the settled array of the same values if there is one, else the array itself."""
    known = _known(np.ascontiguousarray(array)) if RECENT_FROM <= array.nbytes <= RECENT_TO else None
    return array if known is None else known[0]


def _named(array: NDArray[Any]) -> tuple[NDArray[Any], bytes]:
    array = np.ascontiguousarray(array)
    if not RECENT_FROM <= array.nbytes <= RECENT_TO:
        return array, _hash(array)
    if (known := _known(array)) is not None:
        return known
    own, name = array.copy(), _hash(array)
    own.setflags(write=False)
    _recent.append((_what(own), _beginning(own), own, name))
    return own, name


def _known(array: NDArray[Any]) -> tuple[NDArray[Any], bytes] | None:
    for _same, _first, own, name in tuple(_recent):
        if array is own:
            return own, name
    what, begins, wide = _what(array), _beginning(array), _wide(array)
    for same, first, own, name in tuple(_recent):
        if same == what and first == begins and np.array_equal(_wide(own), wide):
            return own, name
    return None


def _what(array: NDArray[Any]) -> What:
    return array.dtype.str, array.shape


def _beginning(array: NDArray[Any]) -> bytes:
    return array.reshape(-1).view(np.uint8)[:GLANCE].tobytes()


def _hash(array: NDArray[Any]) -> bytes:
    array = np.ascontiguousarray(array)
    return hashlib.blake2b(
        array.reshape(-1).view(np.uint8).data, digest_size=16, key=str(_what(array)).encode()
    ).digest()


def _wide(array: NDArray[Any]) -> NDArray[Any]:
    """Return the bytes of an array as few large numbers, which are compared in less time."""
    return array.reshape(-1).view(np.uint8 if array.nbytes % 8 else np.int64)


def hash_of(weights: Iterable[Any]) -> str:
    """Return the first 12 hex digits of sha256 over Keras variables' shapes and values.

    Read in pieces: VGG16's largest matrix is 411 MB, which nobody needs twice.
    """
    total = hashlib.sha256()
    for weight in weights:
        total.update(f"{tuple(weight.shape)}{weight.dtype}".encode())
        rows = int(weight.shape[0]) if len(weight.shape) else 0
        step = max(1, PIECE // max(1, int(np.prod(weight.shape[1:], dtype=np.int64)) * 4))
        for start in range(0, rows, step):
            total.update(np.asarray(weight.value[start : start + step]).tobytes())
        if not rows:
            total.update(np.asarray(weight.value).tobytes())
    return total.hexdigest()[:12]


class Memo:
    """Keeps the arrays last used, at most `limit` bytes of them (`bytes` now). What it gives back is read-only."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.bytes = 0
        self._kept: OrderedDict[Hashable, Arrays] = OrderedDict()
        self._lock = threading.Lock()
        self._left: deque[object] = deque()

    def get(self, key: Hashable) -> Arrays | None:
        """Return what was put under a key, None if it was never there or has been dropped."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: Hashable, arrays: Arrays) -> Arrays:
        """Keep arrays under a key, drop the longest unused beyond the limit, and return them read-only."""
        for array in arrays:
            array.setflags(write=False)
        with self._lock:
            self._clear()
            self.bytes -= _size(self._kept.pop(key, ()))
            if _size(arrays) <= self.limit:
                self._kept[key] = arrays
                self.bytes += _size(arrays)
            while self.bytes > self.limit:
                self.bytes -= _size(self._kept.popitem(last=False)[1])
        return arrays

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._kept.clear()
            self.bytes = 0

    def room(self, owner: object) -> Room:
        """Return a part of this memo that is an owner's own, and is cleared once the owner is no more."""
        name = object()
        weakref.finalize(owner, self._left.append, name).atexit = False
        return Room(self, name)

    def _clear(self) -> None:
        """Drop what owners left behind. Not at once: an owner may go while the lock is held."""
        gone = {self._left.popleft() for _ in range(len(self._left))}
        if gone:
            for key in [key for key in self._kept if isinstance(key, tuple) and key[0] in gone]:
                self.bytes -= _size(self._kept.pop(key))


class Room:
    """One owner's part of a memo, within the bytes of the whole."""

    def __init__(self, memo: Memo, name: object) -> None:
        self._memo, self._name = memo, name

    def get(self, key: Hashable) -> Arrays | None:
        """Return what the owner put under a key, None if it never did or it has been dropped."""
        return self._memo.get((self._name, key))

    def put(self, key: Hashable, arrays: Arrays) -> Arrays:
        """Keep arrays under a key of the owner's, and return them read-only."""
        return self._memo.put((self._name, key), arrays)

    def rows(self, kind: str, x: NDArray[Any], compute: Callable[[NDArray[Any]], NDArray[np.float32]]) -> Floats:
        """Return what `compute` gives for images x (N, ...), each image's kept; only those missing are run."""
        keys = [(kind, digest(x) if len(x) == 1 else _hash(x[i : i + 1])) for i in range(len(x))]
        kept = [self.get(key) for key in keys]
        missing = [i for i, known in enumerate(kept) if known is None]
        if missing:
            made = compute(x if len(missing) == len(x) else x[missing])
            for i, row in zip(missing, made, strict=True):
                kept[i] = self.put(keys[i], (row[None].copy(),))
        whole = kept[0][0] if len(x) == 1 else np.concatenate([known[0] for known in kept])  # type: ignore[index]
        whole.setflags(write=False)
        return whole


SHARED = Memo(SHARED_BYTES)
"""What all engines of the process remember together."""


def _size(arrays: Arrays) -> int:
    return sum(array.nbytes for array in arrays)
