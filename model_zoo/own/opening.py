"""Open a user's own model: inspected, rebuilt and tried in another process, then declared like any shipped one."""

from __future__ import annotations

import json
import shutil
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model_zoo.entry import ModelEntry, Weights
from model_zoo.own import arrays, worker
from model_zoo.own.card import ModelCard, card
from model_zoo.own.doctor import layers
from model_zoo.own.inspect import inspect
from model_zoo.own.kind import check_size
from model_zoo.own.preprocessing import CHOICES, Preparer, Preprocessing, chosen, guessed
from model_zoo.own.types import DEFAULT, Checked, Limits, Note, Refused, shown
from model_zoo.own.worker import Step, quiet

if TYPE_CHECKING:
    import keras

ORDER = 1000
LAYERS_A_SECOND = 50
"""So many layers more give the worker a second more."""


@dataclass(frozen=True)
class Opened:
    """A user's model, ready to use: its entry, its card, and what was changed or has to be known."""

    entry: ModelEntry
    card: ModelCard
    notes: tuple[Note, ...]


class Stored:
    """A model's weights in a folder of this process, deleted with the last entry that builds from them."""

    def __init__(self, folder: Path, recipe: Mapping[str, Any]) -> None:
        self.recipe = recipe
        self.weights = folder / "weights.npz"
        self._finalizer = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)

    def __call__(self) -> keras.Model:
        """Build the model, with its weights."""
        from model_zoo.own.rebuild import from_recipe

        return from_recipe(self.recipe, self.weights)


def open_model(
    data: bytes | Path,
    name: str,
    *,
    architecture: str = "",
    preprocessing: Preprocessing | str | None = None,
    class_names: Sequence[str] = (),
    limits: Limits = DEFAULT,
    step: Step = quiet,
) -> Opened:
    """Open a user's file: a .keras or .h5 file of a whole model, or weights and the `architecture` they are for.

    `preprocessing` is one of preprocessing.CHOICES, its key, or preprocessing.custom(...); None takes a guess, which
    a note says. `class_names` are as many as the model has classes, or two for a single yes-or-no unit (no, yes).
    `step` is told how far it is ("inspecting", "reading", then worker.Worker.run's); what it raises ends the opening.
    Raises Refused, whose text is fit to show.
    """
    step("inspecting")
    given = data if isinstance(data, bytes) else _read(data, limits)
    checked = inspect(given, name, limits, architecture)
    way = None if preprocessing is None else chosen(preprocessing)
    folder = Path(tempfile.mkdtemp(prefix="convscope-"))
    try:
        step("reading")
        said = _tried(given, checked, folder, limits, step)
        return _opened(checked, Stored(folder, said["recipe"]), said, way, class_names)
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise Refused(
                "storage",
                "The server could not write the model's weights to its temporary folder.",
                "Try again later; whoever runs this server can free space there, or name another folder (TMPDIR).",
            ) from error
        raise


def _read(path: Path, limits: Limits) -> bytes:
    """Return a file's bytes, read once: what was checked is what is opened."""
    check_size(path.stat().st_size, limits)
    with path.open("rb") as stream:
        return stream.read(limits.max_bytes + 1)


def _tried(data: bytes, checked: Checked, folder: Path, limits: Limits, step: Step) -> dict[str, Any]:
    held = arrays.extract(data, folder, limits)
    job = {
        "config": checked.config,
        "architecture": checked.architecture,
        "paths": held.paths,
        "names": held.names,
        "shapes": checked.arrays,
    }
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    more = len(list(layers(checked.config))) // LAYERS_A_SECOND if checked.config else 0
    try:
        return worker.WORKER.run(folder, replace(limits, build_seconds=limits.build_seconds + more), step)
    finally:
        for name in ("job.json", "answer.json", "arrays.npz"):
            (folder / name).unlink(missing_ok=True)


def _opened(
    checked: Checked, stored: Stored, said: Mapping[str, Any], way: Preprocessing | None, names: Sequence[str]
) -> Opened:
    facts, notes = said["facts"], [*checked.notes, *(Note(str(code), str(text)) for code, text in said["notes"])]
    shipped = _shipped(checked.architecture)
    if way is None and shipped is None:
        way, guess = guessed(checked.config)
        notes.append(guess)
    height, width, depth = (int(size) for size in facts["input_shape"])
    shape = (height, width, depth)
    own = way is None and shipped is not None
    value_range = shipped.value_range if own and shipped else way.range_of(depth) if way else (0.0, 1.0)
    labels = _labels(tuple(names), int(facts["classes"]), facts["output_kind"], shipped)
    entry = ModelEntry(
        key=f"own/{checked.sha256[:12]}",
        title=shown(Path(checked.name).stem or checked.name, 40),
        summary=f"your file {checked.name}: {facts['layers']} layers, {facts['parameters']:,} parameters",
        input_shape=shape,
        value_range=value_range,
        trained=True,
        pictures=shipped.pictures if shipped else "photographs",
        weights=Weights(source=f"your file {checked.name}", licence="not stated in the file", sha256=checked.sha256),
        builder=stored,
        preprocessor=shipped.preprocessor if own and shipped else Preparer(way or CHOICES["0_1"], shape),
        namer=lambda: list(labels),
        order=ORDER,
        preprocessing=shipped.preprocessing if own and shipped else way.text if way else "",
    )
    made = card(facts, said["recipe"]["no_maps"], checked.sha256, value_range)
    return Opened(entry, made, tuple(notes))


def _shipped(architecture: str) -> ModelEntry | None:
    from model_zoo import MODELS

    return MODELS.get(architecture)


def _labels(names: tuple[str, ...], classes: int, kind: str, shipped: ModelEntry | None) -> tuple[str, ...]:
    """Return a name for each class. Raises Refused where another number is given."""
    if not classes:
        return ()
    if names:
        if classes == 1 and len(names) == 2 and kind == "sigmoid":
            names = names[1:]
        if len(names) != classes:
            raise Refused(
                "class_names",
                f"There are {len(names)} class names, and the model has {classes} classes.",
                "Give one name a line, in the order of the model's outputs.",
            )
        return tuple(shown(one, 80) for one in names)
    known = shipped.labels() if shipped else []
    return tuple(known) if len(known) == classes else tuple(f"class {at}" for at in range(classes))
