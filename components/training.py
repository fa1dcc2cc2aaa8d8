"""The session's side of training: which one is in its address, what came of it, and how it becomes a model."""

from __future__ import annotations

import hashlib
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import compute, kept_models, logs, models, opening, recordings, state
from components.text import _, bytes_text
from components.training_outcome import outcome
from explain.errors import ConvScopeError
from model_zoo.training.data import DATASETS
from model_zoo.training.look import Look, look
from model_zoo.training.pictures import Pictures, read_pictures
from model_zoo.training.temporary import PICTURES, Folder

if TYPE_CHECKING:
    from model_zoo.training.recipe import Recipe
    from model_zoo.training.run import Training

TOKEN, LOST, REFUSED = "training", "training_lost", "training_refused"
OWN_PICTURES, OPENED = "train_own_pictures", "train_opened"
OWN, FASHION = "own/", "fashion_mnist"


def current() -> Training | None:
    """Return the training that the address names; one that is no longer kept is let go, and said once."""
    from model_zoo.training.run import TRAININGS

    token = state.view().get(TOKEN)
    if not token:
        return None
    found = TRAININGS.get(token)
    if found is None:
        state.put(**{TOKEN: None})
        st.session_state[LOST] = True
    return found


def watched(now: Training) -> None:
    """Count a look at a training as a visit: it is stopped where nobody looks for hours."""
    from model_zoo.training.run import TRAININGS

    TRAININGS.get(now.token)


def lost() -> bool:
    """Whether the address named a training that is no longer kept; said once."""
    return bool(st.session_state.pop(LOST, False))


def begin(recipe: Recipe) -> None:
    """Begin a training, and keep its token in the address; where it can't begin, keep why for the page to say."""
    from model_zoo.training.run import TRAININGS

    try:
        mine = own_pictures().get(recipe.data)
        made = TRAININGS.begin(recipe, mine.load() if mine else None)
    except (ConvScopeError, OSError, ValueError) as error:
        st.session_state[REFUSED] = str(error)
        return
    state.put(**{TOKEN: made.token})
    state.to_top()


def refused() -> str:
    """Return why the last training didn't begin, "" if it did; said once."""
    return str(st.session_state.pop(REFUSED, ""))


def forget(**settings: str) -> None:
    """Point at no training any more; the settings stay as they are, but for those given."""
    state.put(**{TOKEN: None, **settings})
    state.to_top()


def done_with() -> None:
    """Point at no training that has ended: another is to be set up."""
    now = current()
    if now is not None and now.state == "ended":
        forget()


class OwnPictures:
    """Pictures of a session's own: a file in a temporary folder, which is deleted with the last who holds this."""

    def __init__(self, pictures: Pictures) -> None:
        folder = Folder(PICTURES)
        self._finalizer = weakref.finalize(self, folder.remove)
        self._path = folder.path / "pictures.npz"
        pictures.save(self._path)
        self.source = pictures.source

    def load(self) -> Pictures:
        """Read them."""
        return read_pictures(self._path)


def own_pictures() -> dict[str, OwnPictures]:
    """Return the session's own pictures by key: those of its last zip."""
    kept: dict[str, OwnPictures] = st.session_state.setdefault(OWN_PICTURES, {})
    return kept


def take_pictures(key: str, pictures: Pictures) -> None:
    """Keep pictures of the session's own in place of those it had."""
    st.session_state[OWN_PICTURES] = {key: OwnPictures(pictures)}


def keys() -> list[str]:
    """Return what there is to train on, by key: the session's own pictures first."""
    return [*own_pictures(), *DATASETS]


def title(key: str) -> str:
    """Name a data set."""
    return DATASETS[key].title if key in DATASETS else _("Your own pictures")


def offered(key: str) -> str:
    """Name a data set in a list: one that would have to be fetched says its size."""
    if key not in DATASETS or found(key):
        return title(key)
    size = DATASETS[key].bytes
    return f"{title(key)} · " + (_("{size} to fetch").format(size=bytes_text(size)) if size else _("not here"))


def found(key: str) -> str:
    """Return where a data set comes from, "" where it isn't on this machine."""
    return own_pictures()[key].source if key in own_pictures() else DATASETS[key].find()


def looked(key: str) -> Look:
    """Return how a data set looks; the pictures themselves are dropped again."""
    name = ("training look", key)
    known = compute.kept(name)
    if known is None:
        mine = own_pictures().get(key)
        known = look(DATASETS[key].load() if mine is None else mine.load())
        compute.keep(name, known)
    return known  # type: ignore[no-any-return]


def file_name(now: Training) -> str:
    """Name the file of a trained model after its pictures, its recipe and what is in it.

    A recipe alone isn't enough: stopped early it leaves another network than trained to its end.
    """
    kind = now.recipe.data.partition("/")[0]
    return "-".join([kind, now.recipe.name[:4], *_checksum(now)]) + ".keras"


def _checksum(now: Training) -> list[str]:
    """Return the beginning of the checksum of a training's network; nothing where there is no network."""
    if now.best is None:
        return []
    written = now.best.stat()
    name = ("trained file", now.token, written.st_mtime_ns, written.st_size)
    known = compute.kept(name)
    if known is None:
        known = hashlib.sha256(now.best.read_bytes()).hexdigest()[:8]
        compute.keep(name, known)
    return [str(known)]


def open_trained(now: Training) -> None:
    """Open what a training learned as this session's own model, with its class names, its values and its pictures."""
    if now.best is None:
        return
    token, fashion, first = now.token, _fashion(now), _first(now)
    moments = now.recording if now.settled else None  # before, it may be at another step than the network

    def arrived(key: str) -> None:
        st.session_state.setdefault(OPENED, {})[token] = key
        _recorded(key, moments)
        kept_models.offer(first)

    opening.start(
        file_name(now),
        now.best.read_bytes(),
        dress=lambda entry: kept_models.dressed(entry, title(now.recipe.data), fashion),
        arrived=arrived,
        preprocessing="0_1",
        class_names=now.names,
    )


def _fashion(now: Training) -> bool:
    """Whether its pictures are those that ship for networks of Fashion-MNIST."""
    return now.recipe.data.startswith(FASHION)


def _first(now: Training) -> list[tuple[str, Any]]:
    """Return the first test pictures with their class and number, none where all of them ship."""
    known = () if _fashion(now) else outcome(now).first
    return [
        (_("{name}, test {n}").format(name=now.names[one.label], n=at + 1), one.picture) for at, one in enumerate(known)
    ]


def _recorded(key: str, moments: Path | None) -> None:
    """Give an opened model the moments of its training; without them every page but the recorder's works."""
    if moments is None:
        return
    try:
        recordings.register(key, moments)
    except (OSError, ValueError) as error:
        logs.failure("reading a recording", error)


def opened(now: Training) -> str:
    """Return the key under which this session has opened a training's model, "" if it has not, or let it go."""
    key = str(st.session_state.get(OPENED, {}).get(now.token, ""))
    return key if key in models.own() else ""


def keep_trained(now: Training) -> None:
    """Keep what a training learned on this machine; where that can't be written, say so."""
    if now.best is None or not kept_models.allowed():
        return
    known = {"names": now.names, "data": title(now.recipe.data), "fashion": _fashion(now)}
    try:
        kept_models.keep(file_name(now), now.best, known, _first(now), now.recording)
    except OSError as error:
        code = logs.failure("keeping a model", error)
        st.toast(
            _("It could not be written on this machine. Download it instead. Code {code}.").format(code=code),
            icon=":material/error:",
        )
