"""Models trained here that the user wants back after a restart: a folder on one's own machine, and nowhere else."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from components import operating, own_settings, raster, state, subjects
from components.text import _
from explain import open_image

if TYPE_CHECKING:
    from model_zoo.entry import ModelEntry

FOLDER = "CONVSCOPE_KEPT_MODELS"
"""Environment variable: where they are kept instead of the user's data folder."""

ENDING, KNOWN, MOMENTS = ".keras", ".json", ".npz"
MOST = 50


def allowed() -> bool:
    """Whether this visitor may keep models here: models may be uploaded, and only this machine reaches the server."""
    return own_settings.uploads_allowed() and operating.on_loopback() and not operating.behind_a_proxy()


def folder() -> Path:
    """Return the folder; it is made when the first model is kept."""
    said = os.environ.get(FOLDER, "").strip()
    return Path(said) if said else Path(platformdirs.user_data_dir("convscope", appauthor=False)) / "models"


def kept() -> dict[str, Path]:
    """Return the kept models' files by name, none for a visitor who may not have them."""
    if not allowed():
        return {}
    try:
        found = sorted(path for path in folder().iterdir() if path.suffix == ENDING and path.is_file())
    except OSError:
        return {}
    return {path.name: path for path in found[:MOST]}


def keep(
    name: str, model: Path, known: Mapping[str, Any], pictures: Sequence[tuple[str, Any]], recording: Path | None
) -> None:
    """Keep a model's file under a name, with what `told` needs of it, and the recording of its training.

    `known` has its "names", "data" and "fashion"; `pictures` as `offer` takes them. Raises OSError where that can't be
    written.
    """
    first = [(title, base64.b64encode(raster.png_bytes(pixels)).decode()) for title, pixels in pictures]
    path = folder() / Path(name).name
    path.parent.mkdir(parents=True, exist_ok=True)
    contents = {_beside(path): json.dumps({**known, "first": first}).encode(), path: model.read_bytes()}
    if recording is not None:
        contents[_beside(path, MOMENTS)] = recording.read_bytes()
    for target, content in contents.items():
        part = target.with_name(f"{target.name}.part")
        part.write_bytes(content)
        os.replace(part, target)


def remove(name: str) -> None:
    """Delete a kept model."""
    path = kept().get(name)
    if path is not None:
        for one in (path, _beside(path), _beside(path, MOMENTS)):
            one.unlink(missing_ok=True)


def told(path: Path) -> dict[str, Any]:
    """Return how a kept model's file is to be opened: its class names, its preparation, its data set."""
    try:
        known = json.loads(_beside(path).read_bytes())
        names, data, fashion = [str(one) for one in known["names"]], str(known["data"]), bool(known["fashion"])
        first = [(str(title), open_image(base64.b64decode(png)).pixels) for title, png in known["first"]]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    moments = _beside(path, MOMENTS)
    recording = moments if moments.exists() else None
    return {
        "class_names": names,
        "preprocessing": "0_1",
        "dress": lambda entry: dressed(entry, data, fashion, recording),
        "arrived": lambda _key: offer(first),
    }


def dressed(entry: ModelEntry, data: str, fashion: bool, recording: Path | None = None) -> ModelEntry:
    """Return the entry of a network that was trained here: on which data, and whether its pictures are those that ship.

    `recording` is the file of its training's moments.
    """
    kind: Any = "fashion" if fashion and entry.input_shape == (28, 28, 1) else "photographs"
    summary = _("Trained here on {data}").format(data=data)
    return replace(entry, dataset=data, summary=summary, pictures=kind, recording=recording)


def offer(pictures: Sequence[tuple[str, Any]]) -> None:
    """Offer pictures, (H, W, C) uint8 with a title each, as the session's own, and show the first."""
    added = [subjects.add_pixels(title, pixels) for title, pixels in pictures]
    if added:
        state.put(picture=added[0], also=None)


def _beside(path: Path, ending: str = KNOWN) -> Path:
    return path.with_suffix(ending)
