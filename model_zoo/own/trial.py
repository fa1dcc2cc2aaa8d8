"""Gates 3 and 4, in the worker: a checked model is rebuilt, given its weights, and tried on noise. Needs Keras."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from model_zoo.own import doctor, rebuild
from model_zoo.own.types import Note, Refused, shown

SEED = 0
SAME = 1e-3
AGAIN = 'Load it where it was trained, call it on a picture, and save it again with model.save("model.keras").'
OTHER_WEIGHTS = "Save config and weights together, from the same model; or pick the architecture that they are for."


def tried(job: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Rebuild and try the model of a job, and write its weights to `folder`; returns the recipe, facts and notes.

    A job holds `config` (checked) or `architecture`, `paths` and `names` of the arrays in `folder`/arrays.npz, and
    their `shapes`. Raises Refused.
    """
    inner, config, notes = _model(job, folder)
    image = _image_input(inner)
    output = _class_output(inner)
    notes = [*notes, *_of_ends(inner, image, output)]
    model = rebuild.assembled(inner, output, image)
    finite, why = _finite(model, inner)
    if why:
        notes.append(Note("not_finite", why))
    no_maps = why or _no_maps(inner, model)
    recipe = {
        "config": config,
        "architecture": job["architecture"],
        "shapes": job["shapes"],
        "output": output,
        "image": image,
        "no_maps": no_maps,
    }
    facts = _facts(rebuild.marked(model, no_maps), inner) | {"finite": finite}
    np.savez(folder / "weights.npz", **{str(at): _float32(one) for at, one in enumerate(inner.weights)})
    return {"recipe": recipe, "facts": facts, "notes": [[note.code, note.text] for note in notes]}


def _float32(weight: Any) -> Any:
    return np.asarray(weight.value, np.float32)


def _model(job: Mapping[str, Any], folder: Path) -> tuple[Any, Any, list[Note]]:
    """Return the model with its weights, the config that it can be built from again, and what was changed."""
    given = (folder / "arrays.npz", job["paths"], job["names"], folder)
    if not job["config"]:
        model = rebuild.shipped(job["architecture"], {name: tuple(shape) for name, shape in job["shapes"].items()})
        _load(model, *given)
        return model, None, []
    model, config, notes = _sized(job["config"])
    _load(model, *given)
    if not doctor.channels_first(config):
        _compare_batches(model, notes)
        return model, config, notes
    config = doctor.turned(config, _ranks(model))
    return _turned(model, config), config, [*notes, doctor.TURNED]


def _sized(checked: Mapping[str, Any]) -> tuple[Any, Any, list[Note]]:
    """Build a config, at another size where its picture's size is open and the first one doesn't fit."""
    failed: Exception | None = None
    for side in doctor.SIDES:
        config, notes = doctor.prepared(checked, side)
        try:
            return rebuild.build(config), config, list(notes)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError) as error:
            failed = error
        if not any(note.code == "size" for note in notes):
            break
    raise Refused(
        "rebuild",
        f"Keras could not rebuild the model from its config ({_said(failed)}).",
        AGAIN,
    ) from failed


def _said(error: object) -> str:
    """Return the first line of an error of Keras, cut."""
    return shown((str(error).strip().splitlines() or [""])[0] or type(error).__name__, 160)


def _load(model: Any, *given: Any) -> None:
    try:
        rebuild.load(model, *given)
    except (ValueError, KeyError, IndexError, TypeError, OSError, AttributeError) as error:
        raise Refused(
            "weights_load", f"The weights in the file don't fit the model ({_said(error)}).", OTHER_WEIGHTS
        ) from error


def _noise(model: Any, count: int = 1) -> list[Any]:
    draw = np.random.default_rng(SEED)
    return [
        draw.uniform(size=(count, *(size or 1 for size in one.shape[1:]))).astype(np.float32) for one in model.inputs
    ]


def _outputs(model: Any, inputs: list[Any]) -> list[Any]:
    import keras

    made = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    return [np.asarray(one, np.float32) for one in keras.tree.flatten(made)]


def _alike(one: Any, other: Any) -> bool:
    return bool(np.allclose(one, other, rtol=SAME, atol=SAME * max(1.0, float(np.abs(one).max())), equal_nan=True))


def _compare_batches(model: Any, notes: list[Note]) -> None:
    """Raise Refused where a model made for one size of batch gives other answers at another."""
    if not any(note.code == "batch" for note in notes):
        return
    two = _noise(model, 2)
    alone = _outputs(model, [one[:1] for one in two])
    if not all(_alike(one, both[:1]) for one, both in zip(alone, _outputs(model, two), strict=True)):
        raise Refused("batch", "The model gives other answers when it gets another number of pictures.", AGAIN)


def _ranks(model: Any, prefix: str = "") -> dict[str, int]:
    """Return how many axes each layer's input has, batch included, by path."""
    found: dict[str, int] = {}
    for layer in model.layers:
        nodes = getattr(layer, "_inbound_nodes", ())
        tensors = [*nodes[0].input_tensors, *nodes[0].output_tensors] if nodes else []
        found[prefix + layer.name] = max((len(tensor.shape) for tensor in tensors[:1]), default=2)
        if hasattr(layer, "layers"):
            found |= _ranks(layer, f"{prefix}{layer.name}/")
    return found


def _turned(model: Any, config: Mapping[str, Any]) -> Any:
    """Return the model of a turned config, once its answers to noise are those of the one as it was."""
    try:
        made = rebuild.build(config)
        made.set_weights(model.get_weights())
        rebuild.settle(made)
        noise = _noise(model)
        here = _outputs(made, [np.moveaxis(one, 1, -1) if one.ndim == 4 else one for one in noise])
        there = [np.moveaxis(one, 1, -1) if one.ndim == 4 else one for one in _outputs(model, noise)]
    except (ValueError, TypeError, KeyError, RuntimeError) as error:
        raise doctor.turned_differently() from error
    if not all(one.shape == other.shape and _alike(one, other) for one, other in zip(here, there, strict=True)):
        raise doctor.turned_differently()
    return made


def _image_input(model: Any) -> int:
    """Return the number of the input that takes pictures: in colours or grey where there is one."""
    shapes = [tuple(one.shape[1:]) for one in model.inputs]
    pictures = [at for at, shape in enumerate(shapes) if len(shape) == 3]
    usual = [at for at in pictures if shapes[at][-1] in (1, 3)]
    if not pictures:
        raise Refused(
            "no_images", "The model takes no pictures (height × width × channels).", "Upload a network for images."
        )
    return (usual or pictures)[0]


def _class_output(model: Any) -> int:
    """Return the number of the output that is explained: the first with class scores, else the first."""
    flat = [at for at, one in enumerate(model.outputs) if len(one.shape) == 2]
    return flat[0] if flat else 0


def _of_ends(model: Any, image: int, output: int) -> list[Note]:
    notes = []
    if len(model.outputs) > 1:
        names = [shown(one._keras_history.operation.name) for one in model.outputs]
        rest = ", ".join(f"“{name}”" for at, name in enumerate(names) if at != output)
        notes.append(
            Note(
                "outputs",
                f"The model has {len(names)} outputs. “{names[output]}” is explained; {rest} is left out. To look at "
                "another one, save a model that ends in it: keras.Model(model.inputs, model.outputs[number]).",
            )
        )
    if len(model.inputs) > 1:
        name = shown(model.inputs[image]._keras_history.operation.name)
        notes.append(
            Note(
                "inputs",
                f"The model has {len(model.inputs)} inputs. Pictures go to “{name}”; for the others there are no "
                "values, so only kernels and architecture are shown.",
            )
        )
    return notes


def _no_maps(inner: Any, model: Any) -> str:
    if len(inner.inputs) > 1:
        return (
            f"the model takes {len(inner.inputs)} inputs, and a map needs values for all of them; "
            "export a model with the picture as its only input"
        )
    depth = model.inputs[0].shape[-1]
    if depth not in (1, 3):
        return f"the model takes pictures of {depth} channels, and ConvScope has pictures in colour (3) or grey (1)"
    return ""


def _finite(model: Any, inner: Any) -> tuple[bool, str]:
    """Say whether weights and answers are finite, and if not, what isn't."""
    for weight in inner.weights:
        if not np.isfinite(_float32(weight)).all():
            name = shown(weight.path.rpartition("/")[0] or weight.path)
            return False, f"the weights of “{name}” are not finite (NaN or infinite), so the model has no answers"
    outputs = _outputs(model, _noise(model))
    if not all(np.isfinite(one).all() for one in outputs):
        return False, "the model's answers to noise are not finite (NaN or infinite)"
    return True, ""


def _facts(model: Any, inner: Any) -> dict[str, Any]:
    """Return what the model card says, read by the engine that every page uses. Raises Refused where it can't."""
    from explain.engine import Engine

    try:
        engine = Engine(model)
    except ValueError as error:
        raise Refused("engine", f"The model can't be looked into ({_said(error)}).", AGAIN) from error
    scores = tuple(int(size or 0) for size in model.outputs[0].shape[1:])
    return {
        "layers": sum(info.kind != "input" for info in engine.layers),
        "parameters": int(inner.count_params()),
        "input_shape": list(engine.input_shape),
        "output_shape": list(scores),
        "classes": scores[0] if len(scores) == 1 else 0,
        "output_kind": engine.output_kind,
        "default_layer": engine.default_layer() or "",
        "kernels": any(info.has_kernel and info.spatial for info in engine.layers),
    }
