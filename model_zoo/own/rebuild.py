"""A Keras model from a checked config and plain weights: in the worker first, then in the process that shows it.

Nothing global is changed: no policy, no seed, no image format. Only Python's recursion limit is raised for models with
very many layers, since Keras follows a graph by recursion; it is never lowered again.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from explain.errors import NoClassOutput
from model_zoo.own.budget import snake_case
from model_zoo.own.doctor import layers

if TYPE_CHECKING:
    import keras

FRAMES = 4
"""Calls of Python that Keras makes a layer."""


def build(config: Mapping[str, Any]) -> keras.Model:
    """Build a prepared config (doctor.prepared), all weights zero: in safe mode, with no class but Keras's own."""
    import keras

    deep = 1000 + FRAMES * sum(1 for _ in layers(config))
    if deep > sys.getrecursionlimit():
        sys.setrecursionlimit(deep)
    return keras.saving.deserialize_keras_object(copy.deepcopy(dict(config)), custom_objects={}, safe_mode=True)


def shipped(architecture: str, shapes: Mapping[str, tuple[int, ...]]) -> keras.Model:
    """Build a shipped model for weights of these shapes by path."""
    from model_zoo import MODELS

    if architecture == "vgg16":
        from model_zoo.models.vgg16 import architecture as vgg16

        return vgg16(top=(25088, 4096) in shapes.values())
    return MODELS[architecture].build()


def load(model: keras.Model, arrays: Path, paths: list[str], names: Mapping[str, Any], folder: Path) -> None:
    """Give a model the weights of an .npz file of numbered arrays that stood at `paths` of a user's HDF5 file.

    Raises ValueError where they aren't the model's.
    """
    with np.load(arrays, allow_pickle=False) as values:
        held = {path: values[str(at)] for at, path in enumerate(paths)}
    arrays.unlink()
    if any("layer_names" in lists for lists in names.values()):
        _by_name(model, held, names, folder / "clean.h5")
    else:
        _by_class(model, {path.replace("_layer_checkpoint_dependencies", "layers"): held[path] for path in held})
    settle(model)


def _by_name(model: keras.Model, held: Mapping[str, Any], names: Mapping[str, Any], clean: Path) -> None:
    """Load as from an older .h5 file, which Keras reads from a copy that holds these numbers and names only."""
    import h5py

    with h5py.File(clean, "w", libver="latest") as file:
        for path, value in held.items():
            file.create_dataset(path, data=value)
        for group, lists in names.items():
            for name, items in lists.items():
                holder = file.require_group(group) if group else file
                holder.attrs[name] = np.array([item.encode() for item in items], dtype="S")
    try:
        model.load_weights(clean)
    finally:
        clean.unlink()


def _by_class(model: keras.Model, held: Mapping[str, Any]) -> None:
    """Load as Keras 3 saves: layers of a class are numbered, `layers/conv2d_1/vars/0` being the second's first weight.

    Keras's own way looks at every attribute of every layer, and takes 15 s for 2,000 of them.
    """
    groups: dict[str, dict[str, Any]] = {}
    for path, value in held.items():
        group, _, number = path.rpartition("/vars/")
        groups.setdefault(group, {})[number] = value
    _give(model, "", groups)


def _give(model: keras.Model, prefix: str, groups: Mapping[str, Mapping[str, Any]]) -> None:
    seen: dict[str, int] = {}
    for layer in model.layers:
        kind = snake_case(type(layer).__name__)
        at = seen[kind] = seen.get(kind, -1) + 1
        place = f"{prefix}layers/{kind}" + (f"_{at}" if at else "")
        while type(layer).__name__ == "TimeDistributed":
            layer, place = layer.layer, f"{place}/layer"
        if hasattr(layer, "layers"):
            _give(layer, f"{place}/", groups)
        elif layer.weights:
            layer.load_own_variables(dict(groups.get(place, {})))


def settle(model: keras.Model) -> None:
    """Let layers that work something out of their weights do so (Normalization)."""
    for layer in model._flatten_layers():
        if type(layer).__name__ == "Normalization":
            layer.finalize_state()


def assembled(model: keras.Model, output: int, image: int) -> keras.Model:
    """Return a view of a model with one picture in and one output: it shares the layers.

    Inputs other than number `image` are held at zero; an output of one row and one column is flattened.
    """
    import keras

    chosen = model.outputs[output]
    alone = tuple(chosen.shape[1:3]) == (1, 1) and len(chosen.shape) == 4
    if len(model.inputs) == 1 and len(model.outputs) == 1 and not alone:
        return model
    source = model.inputs[image]
    if len(model.inputs) > 1:
        source = keras.Input(source.shape[1:], name=source._keras_history.operation.name)
        given = [source if at == image else _held(source, one) for at, one in enumerate(model.inputs)]
        made = model(given)
        chosen = keras.tree.flatten(made)[output]
    if alone:
        chosen = keras.layers.Flatten(name="flat_scores")(chosen)
    return keras.Model(source, chosen, name=model.name)


def _held(source: Any, tensor: Any) -> Any:
    """Return zeros for another input than the picture, as many as there are pictures."""
    import keras

    class Held(keras.layers.Layer):  # type: ignore[misc]
        """Zeros in the place of an input that ConvScope has no values for."""

        def __init__(self, shape: tuple[int, ...], **settings: Any) -> None:
            super().__init__(**settings)
            self.held = shape

        def call(self, x: Any) -> Any:
            return keras.ops.zeros((keras.ops.shape(x)[0], *self.held), "float32")

        def compute_output_shape(self, shape: Any) -> Any:
            return (shape[0], *self.held)

    shape = tuple(size or 1 for size in tensor.shape[1:])
    return Held(shape, name=f"{tensor._keras_history.operation.name}_held_at_zero")(source)


def from_recipe(recipe: Mapping[str, Any], weights: Path) -> keras.Model:
    """Build the model that the worker tried out, with the weights it handed over, float32 by number.

    `recipe`: config or architecture, output, image, and the reasons why there are no maps or classes, "" for none.
    Raises ValueError where the weights aren't those of the config.
    """
    inner = build(recipe["config"]) if recipe["config"] else shipped(recipe["architecture"], recipe["shapes"])
    with np.load(weights, allow_pickle=False) as values:
        if len(values.files) != len(inner.weights):
            raise ValueError(f"weights: expected {len(inner.weights)} arrays, got {len(values.files)}")
        for at, weight in enumerate(inner.weights):
            value = values[str(at)]
            if value.shape != tuple(weight.shape):
                raise ValueError(f"weights: {weight.path} should be {tuple(weight.shape)}, is {value.shape}")
            weight.assign(value)
    settle(inner)
    model = assembled(inner, recipe["output"], recipe["image"])
    return marked(model, recipe.get("no_maps", ""))


def marked(model: keras.Model, no_maps: str) -> keras.Model:
    """Let a model say why there are no maps of it, for whoever asks."""
    if no_maps:
        why = NoClassOutput(f"target: {no_maps}", code="no_maps", values={"reason": no_maps})
        for name in ("no_classes_because", "no_maps_because"):
            object.__setattr__(model, name, why)
    return model
