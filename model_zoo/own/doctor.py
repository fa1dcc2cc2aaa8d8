"""What is changed in a checked config so that its model can be looked into, each change with a note for the user."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from model_zoo.own.allowed import LAYERS
from model_zoo.own.types import Note, Refused, shown
from model_zoo.own.wiring import input_shapes

Config = dict[str, Any]
SIDES = (224, 256)
"""Tried in turn where a model leaves its picture's size open."""
NESTED = ("Sequential", "Functional")
LAST = 'Build it again with data_format="channels_last", give it the same weights, and save it.'
ROUND = {1: 3, 2: 1, 3: 2, -1: 2, -2: 1, -3: 3}
"""Axes of maps with their channels first, (N, C, H, W), and where they are once the channels are last."""
ANYHOW = {
    "InputLayer", "Activation", "ReLU", "LeakyReLU", "ELU", "Add", "Subtract", "Multiply", "Average", "Maximum",
    "Minimum", "Identity", "Dropout", "GaussianDropout", "GaussianNoise", "AlphaDropout", "Rescaling",
    "ActivityRegularization", "Divide", "TrueDivide", "Relu", "Relu6", "Sigmoid", "Silu", "Tanh",
}  # fmt: skip
"""Layers that do the same to every value, wherever it stands."""
ALONG = {"BatchNormalization", "LayerNormalization", "GroupNormalization", "Normalization", "Softmax", "Concatenate"}
"""Layers that work along an axis."""
MOST_NAMED = 3
REBUILT = Note(
    "sequential",
    "The Sequential model doesn't begin with an input layer. It was rebuilt with one, for pictures of the size that "
    "the file gives; layers and weights are the same.",
)


def layers(config: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Config]]:
    """Yield every layer's dict of a checked model with its path ("backbone/conv1"), nested models before their own."""
    for layer in config["config"]["layers"]:
        path = prefix + layer["config"]["name"]
        yield path, layer
        if layer["class_name"] in NESTED:
            yield from layers(layer, f"{path}/")


def prepared(config: Mapping[str, Any], side: int) -> tuple[Config, tuple[Note, ...]]:
    """Return a config whose model takes any number of pictures of a known size, and computes in float32.

    An open height or width becomes `side`, or the one that is known. Random layers get a seed: without one Keras
    would draw it from Python's own generator, which all share.
    """
    made: Config = copy.deepcopy(dict(config))
    notes: dict[str, Note] = {}
    for one in [made, *(layer for _, layer in layers(made))]:
        if one["class_name"] == "Sequential" and _declare_input(one):
            notes["sequential"] = REBUILT
    inside = [path for path, layer in layers(made) if layer["class_name"] in NESTED]
    if inside:
        notes["nested"] = _opened(inside)
    for holder in [made, *(layer for _, layer in layers(made))]:
        inner = holder["config"]
        _float32(holder, notes)
        for key in ("batch_shape", "input_shape", "build_input_shape"):
            if isinstance(inner.get(key), list):
                inner[key] = _free(inner[key], side, notes)
        if isinstance(inner.get("shape"), list):
            inner["shape"] = _free([inner.get("batch_size"), *inner["shape"]], side, notes)[1:]
            inner["batch_size"] = None
        _settle_chance(holder)
    return made, tuple(notes.values())


def _settle_chance(holder: Config) -> None:
    """Leave nothing to be drawn at random: weights begin as zeros, random layers get a seed."""
    inner = holder["config"]
    for setting in LAYERS.get(holder["class_name"], ()):
        if setting.endswith("_initializer"):
            inner.setdefault(setting, "zeros")
        elif setting == "seed" and inner.get("seed") is None:
            inner["seed"] = 0


def _opened(paths: list[str]) -> Note:
    """Say that models inside the model are gone into."""
    named = ", ".join(f"“{shown(path)}”" for path in paths[:MOST_NAMED])
    more = f" and {len(paths) - MOST_NAMED} more" if len(paths) > MOST_NAMED else ""
    return Note(
        "nested",
        f"Networks nested in this one were opened: {named}{more}. Their layers are listed with the others, and "
        "Grad-CAM and the methods like it reach the convolutions in there.",
    )


def _declare_input(model: Config) -> bool:
    """Begin a Sequential model with an InputLayer, as Keras 3 has it; older files give its shape to the first layer.

    Returns whether it had none.
    """
    inner = model["config"]
    parts = inner["layers"]
    shapes = input_shapes(model)
    inner["build_input_shape"] = None
    for part in parts:
        if part["class_name"] != "InputLayer":
            part["config"].pop("input_shape", None)
            part["config"].pop("batch_shape", None)
    if shapes and parts[0]["class_name"] != "InputLayer":
        config = {"name": f"{inner['name']}_input", "batch_shape": list(shapes[0]), "dtype": "float32"}
        parts.insert(
            0, {"module": "keras.layers", "class_name": "InputLayer", "registered_name": None, "config": config}
        )
        return True
    return False


def _float32(holder: Config, notes: dict[str, Note]) -> None:
    inner = holder["config"]
    dtype = inner.get("dtype")
    if dtype in (None, "float32"):
        return
    inner["dtype"] = "float32"
    if "float" in dtype:
        notes["precision"] = Note(
            "precision",
            f"The model was made to compute in {shown(dtype)}. Here it computes in float32, from the same weights: "
            "its answers differ from the file's own by rounding only.",
        )
    else:
        notes["input_dtype"] = Note(
            "input_dtype",
            f"The model takes in {shown(dtype)}. Here it gets the same values as float32, for gradients to reach them.",
        )


def _free(shape: list[int | None], side: int, notes: dict[str, Note]) -> list[int | None]:
    batch, *rest = shape
    if batch is not None:
        notes["batch"] = Note(
            "batch",
            f"The model was made for exactly {batch} picture{'s' if batch > 1 else ''} at a time. "
            "Here it takes any number; the weights are the same.",
        )
    if len(rest) == 3 and None in rest:
        known = [size for size in rest if size is not None and size > 4]
        size = known[0] if known else side
        rest = [size if one is None else one for one in rest]
        notes["size"] = Note(
            "size", f"The model takes pictures of any size. Here it gets {size}×{size} pixels, so that maps line up."
        )
    return [None, *rest]


def channels_first(config: Mapping[str, Any]) -> bool:
    """Say whether a model takes its pictures with their channels first."""
    return any(layer["config"].get("data_format") == "channels_first" for _, layer in layers(config))


def turned(config: Mapping[str, Any], ranks: Mapping[str, int]) -> Config:
    """Return the config of the same network with its channels last. The weights' shapes stay as they are.

    `ranks` gives the number of axes, batch included, of what each layer takes in, by path. Raises Refused, naming the
    layer, where the network can't be turned by its config alone. Whether it is the same is for the caller to compare.
    """
    made: Config = copy.deepcopy(dict(config))
    for key in ("build_input_shape", "batch_input_shape"):
        _turn_shape(made["config"], key)
    for path, layer in list(layers(made)):
        inner = layer["config"]
        for key in ("batch_shape", "input_shape", "build_input_shape"):
            _turn_shape(inner, key)
        if layer["class_name"] not in NESTED and ranks.get(path, 2) >= 4:
            _turn(layer, path)
    return made


def _turn_shape(inner: Config, key: str) -> None:
    shape = inner.get(key)
    if isinstance(shape, list) and len(shape) == 4:
        batch, channels, height, width = shape
        inner[key] = [batch, height, width, channels]


def _turn(layer: Config, path: str) -> None:
    """Turn a layer that is given maps."""
    kind, inner = layer["class_name"], layer["config"]
    if kind == "Flatten":
        _turn_flatten(layer)
    elif "data_format" in inner:
        if inner["data_format"] != "channels_first":
            raise _cannot(path, f"the {kind} layer “{shown(path)}” takes them last")
        inner["data_format"] = "channels_last"
    elif kind in ALONG and isinstance(inner.get("axis", -1), int) and inner.get("axis", -1) in ROUND:
        inner["axis"] = ROUND[inner.get("axis", -1)]
    elif kind not in ANYHOW:
        raise _cannot(path, f"the {kind} layer “{shown(path)}” depends on the order of the axes")


def _turn_flatten(layer: Config) -> None:
    """Let a Flatten give its values in the order that it gave them in, which the weights behind it rely on."""
    inner = layer["config"]
    if inner.get("data_format") == "channels_first":
        inner["data_format"] = "channels_last"
        return
    name = inner["name"]
    back = {"name": f"{name}_channels_first", "dims": [3, 1, 2]}
    parts = [
        {"module": "keras.layers", "class_name": "Permute", "registered_name": None, "config": back},
        {"module": "keras.layers", "class_name": "Flatten", "registered_name": None, "config": dict(inner)},
    ]
    layer |= {"module": "keras", "class_name": "Sequential", "config": {"name": name, "layers": parts}}


def _cannot(path: str, why: str) -> Refused:
    return Refused(
        "channels_first",
        f"The model takes its pictures with the channels first, and can't be turned round: {why}.",
        LAST,
    )


def turned_differently() -> Refused:
    """Return the refusal of a turned model whose answers are not the original's."""
    return Refused(
        "channels_first",
        "The model takes its pictures with the channels first; turned round, it gave other answers than as it was.",
        LAST,
    )


TURNED = Note(
    "channels_first",
    "The model takes its pictures with the channels first. It was turned to channels last, and gives the same answers "
    "to the same noise.",
)
