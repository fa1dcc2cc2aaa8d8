"""Where a model's key becomes its entry: the bundled models, and those that a session opened itself.

An own model belongs to the sessions that opened it and is let go with the last of them. Equal files share one built
network; nothing else is shared, and a key from another session's address opens nothing.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import streamlit as st

from components import memory
from components.text import _, bytes_text
from explain.errors import ConvScopeError
from model_zoo import MODELS, ModelEntry
from model_zoo.own.types import Refused

if TYPE_CHECKING:
    from components.model_faces import Face
    from model_zoo.own.opening import Opened

OWN = "own/"
KEPT = "own_models"
MOST = 3
MOST_BYTES = 40_000_000
"""Of weights, in one session; the newest model may be larger than this alone."""
MOST_BYTES_OF_ALL = 500_000_000
FLOAT_BYTES = 4


class ModelGone(ConvScopeError):  # noqa: N818 - it says what happened
    """A model of a session's own that is no longer kept was asked for."""

    def __init__(self, key: str) -> None:
        super().__init__("model_gone", f"model: {key} is no longer open in this session; open its file again")


class Network:
    """A network, built once, when it is first asked for; what equal files share. `bytes` are those of its weights."""

    def __init__(self, entry: ModelEntry, size: int = 0) -> None:
        self.bytes = size
        self._entry = entry
        self._engine: Any = None
        self._lock = threading.Lock()

    @property
    def built(self) -> bool:
        """Whether it is there without waiting."""
        return self._engine is not None

    def engine(self) -> Any:
        """Return the network made ready to be looked into."""
        from explain.engine import Engine

        with self._lock:
            if self._engine is None:
                self._engine = Engine(self._entry.build())
            return self._engine


class Held:
    """A model of a session's own: its entry with the words and the preparation chosen for it, its card, its network."""

    def __init__(self, opened: Opened, entry: ModelEntry, network: Network) -> None:
        self.opened, self.entry, self.network = opened, entry, network

    @property
    def prepared_otherwise(self) -> bool:
        """Whether the user chose another preparation than the one it was opened with."""
        return self.entry.preprocessing != self.opened.entry.preprocessing

    @cached_property
    def face(self) -> Face | None:
        """The kernels of its first convolution, None where there is none to draw."""
        from components import model_faces

        return model_faces.live(self.network.engine())


_lock = threading.Lock()
_held: WeakValueDictionary[tuple[str, str], Held] = WeakValueDictionary()
_networks: WeakValueDictionary[str, Network] = WeakValueDictionary()


def own() -> dict[str, Held]:
    """Return this session's own models by key, oldest first."""
    kept: dict[str, Held] = st.session_state.setdefault(KEPT, {})
    return kept


def offered() -> dict[str, ModelEntry]:
    """Return every model that this session can open, by key: the bundled ones, then its own."""
    return {**MODELS, **{key: held.entry for key, held in own().items()}}


def held(model: str, state: str | None = None) -> Held | None:
    """Return what is kept of an own model, None for a bundled one: this session's, or the one of a known state.

    A thread without a session asks by state. Raises ModelGone if nobody keeps it any more.
    """
    if not model.startswith(OWN):
        return None
    found = own().get(model) if state is None else _held.get((model, state))
    if found is None:
        raise ModelGone(model)
    return found


def entry_of(model: str, state: str | None = None) -> ModelEntry:
    """Return a model's entry. Raises ModelGone for an own model that nobody keeps, KeyError for an unknown key."""
    found = held(model, state)
    return MODELS[model] if found is None else found.entry


def built(model: str, state: str) -> bool:
    """Whether an own model is there without waiting."""
    found = held(model, state)
    return found is not None and found.network.built


def fed(model: str, state: str) -> bool:
    """Whether a model can be given a picture: one of several inputs can't."""
    found = held(model, state)
    return found is None or not found.opened.card.pages.get("activations")


def hold(opened: Opened, entry: ModelEntry | None = None) -> Held:
    """Return the one object that stands for an opened model in every session that opened it alike.

    `entry` has the words or the preparation that were chosen since. Raises Refused when all sessions together would
    hold more than the server keeps.
    """
    size = opened.card.parameters * FLOAT_BYTES
    entry = _suited(opened.entry) if entry is None else entry
    tag = _tag(opened, entry)
    entry = replace(entry, state=lambda: tag)
    name = f"{opened.card.sha256} {_architecture(opened)}"
    with _lock:
        network = _networks.get(name)
        if network is None:
            _make_room(size)
            _networks[name] = network = Network(opened.entry, size)
        same = _held.get((entry.key, tag))
        if same is None:
            _held[entry.key, tag] = same = Held(opened, entry, network)
        return same


def _make_room(size: int) -> None:
    if sum(one.bytes for one in list(_networks.values())) + size > MOST_BYTES_OF_ALL:
        raise Refused(
            "server_full",
            _("This server keeps {size} of its users' models, and they are all in use.").format(
                size=bytes_text(MOST_BYTES_OF_ALL)
            ),
            _("Try again when others have left."),
        )


def _suited(entry: ModelEntry) -> ModelEntry:
    """Offer Fashion-MNIST's pictures to networks of its size: the small ones that courses begin with."""
    return replace(entry, pictures="fashion") if entry.input_shape == (28, 28, 1) else entry


def _architecture(opened: Opened) -> str:
    """Return the bundled model whose weights a file holds: the same weights may suit two."""
    return str(getattr(opened.entry.builder, "recipe", {}).get("architecture") or "")


def _tag(opened: Opened, entry: ModelEntry) -> str:
    """Name everything that makes pictures of one model differ: the file, its preparation, and the words for it."""
    words = "\n".join(
        [_architecture(opened), entry.title, entry.preprocessing, str(entry.value_range), *entry.labels()]
    )
    return f"{opened.card.sha256}.{hashlib.sha256(words.encode()).hexdigest()[:16]}"


def keep(new: Held) -> list[str]:
    """Keep an opened model for this session; returns the titles of those that had to go for it, oldest first."""
    mine = own()
    mine.pop(new.entry.key, None)
    gone = []
    while mine and (len(mine) >= MOST or _bytes(mine.values()) + new.network.bytes > MOST_BYTES):
        gone.append(mine.pop(next(iter(mine))).entry.title)
    mine[new.entry.key] = new
    if gone:
        memory.collect()  # an ordinary collection leaves out what was there before the last one
    return gone


def _bytes(models: Any) -> int:
    return sum(one.network.bytes for one in models)


def change(model: str, entry: ModelEntry) -> None:
    """Give an own model of this session other words or another preparation; its network stays."""
    mine = own()
    mine[model] = hold(mine[model].opened, entry)


def let_go(model: str) -> None:
    """Let an own model of this session go."""
    own().pop(model, None)
    memory.collect()


def rename(entry: ModelEntry, names: Sequence[str]) -> ModelEntry:
    """Return an entry with other class names."""
    return replace(entry, namer=lambda: list(names))
