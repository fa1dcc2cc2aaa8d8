"""Why a config is refused, in sentences that name the layer, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from model_zoo.own import allowed
from model_zoo.own.kind import SAVE_AGAIN
from model_zoo.own.types import Refused, shown

WEIGHTS_ONLY = "or, if the network is one of those that ship with ConvScope, save only the weights and pick it."
OWN_LAYERS = f"Export the model with Keras's own layers and functions only, {WEIGHTS_ONLY}"
NO_LAMBDA = f"Export the model without it (Rescaling, Activation or Reshape often do the same), {WEIGHTS_ONLY}"
REBUILD = (
    "Build it again as a Sequential or functional model (keras.Model(inputs, outputs)), give it the weights, save it."
)
IMAGES = "Export the part of the model that takes images."
ANOTHER = "Take another network: those of keras.applications named ResNet, DenseNet, EfficientNet or MobileNet open."


def is_keras(module: object) -> bool:
    """Say whether a module's name is Keras's own, or absent as in older files."""
    return module is None or (isinstance(module, str) and (module in ("keras", "builtins") or module[:6] == "keras."))


def check_lambda(value: Mapping[str, Any], name: str) -> None:
    """Raise Refused where a dict holds Python code."""
    if value.get("class_name") in ("Lambda", "__lambda__"):
        raise Refused(
            "lambda",
            f"“{shown(name)}” is or holds a Lambda: Python code in the file, which ConvScope never runs.",
            NO_LAMBDA,
        )


def check_module(value: Mapping[str, Any], what: str) -> None:
    """Raise Refused where a dict names a module that isn't Keras's."""
    module = value.get("module")
    if not is_keras(module):
        raise Refused(
            "foreign",
            f"{what} names “{shown(value.get('class_name', ''))}” of the module “{shown(module)}”, which isn't part of "
            "Keras. Nothing of it was run.",
            OWN_LAYERS,
        )


def check_layer(raw: Mapping[str, Any], name: str) -> str:
    """Return the class of an allowed layer, by its present name. Raises Refused with the reason for any other."""
    kind: str = allowed.ALIASES.get(raw["class_name"], raw["class_name"])
    check_lambda(raw, name)
    module, registered = raw.get("module"), raw.get("registered_name")
    if not is_keras(module):
        if ">" not in str(registered or "") and registered in (None, kind) and str(module).split(".")[0] != "__main__":
            check_module(raw, f"The layer “{shown(name)}”")
        raise custom(kind, name)
    if registered not in (None, kind, raw["class_name"]) or ("module" in raw and module is None):
        raise custom(kind, name)
    if kind in allowed.REASONS:
        raise Refused("layer_kind", f"The layer “{shown(name)}” ({kind}) {allowed.REASONS[kind]}.", _mend_kind(kind))
    if module is not None and not _layer_module(module):
        raise Refused(
            "not_a_layer",
            f"The config names “{shown(kind)}” of “{shown(module)}” as the layer “{shown(name)}”, and that is none of "
            "the layers ConvScope opens. Nothing of it was run.",
            OWN_LAYERS,
        )
    if kind not in allowed.LAYERS:
        if "module" not in raw:
            raise custom(kind, name)
        raise Refused(
            "layer_kind",
            f"The layer “{shown(name)}” ({shown(kind)}) isn't among the kinds of layers that ConvScope opens.",
            OWN_LAYERS,
        )
    return kind


def _layer_module(module: str) -> bool:
    return module in ("keras.layers", "keras.models", "keras", "builtins") or module.startswith(
        ("keras.src.layers.", "keras.layers.", "keras.src.engine.", "keras.engine.")
    )


def _mend_kind(kind: str) -> str:
    if allowed.REASONS[kind] == allowed.REASONS["TFSMLayer"]:
        return OWN_LAYERS
    return ANOTHER if kind == "LayerScale" else IMAGES


def custom(kind: str, name: str) -> Refused:
    """Return the refusal of a layer that isn't Keras's own."""
    return Refused(
        "custom_layer",
        f"The layer “{shown(name)}” is of a class of its own (“{shown(kind)}”), not one of Keras's; its code isn't in "
        "the file.",
        OWN_LAYERS,
    )


def named(value: Any, name: str, word: str) -> str:
    """Return the name of a function or small object in a layer's settings. Raises Refused for foreign ones."""
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        raise unexpected(f"The {word} of the layer “{shown(name)}”", value)
    check_lambda(value, name)
    inner = value.get("config") if value.get("class_name") == "function" else value.get("class_name")
    if not isinstance(inner, str):
        raise unexpected(f"The {word} of the layer “{shown(name)}”", value)
    module = value.get("module")
    if not is_keras(module):
        raise Refused(
            "foreign",
            f"The {word} of the layer “{shown(name)}” names “{shown(inner)}” of the module “{shown(module)}”, which "
            "isn't part of Keras. Nothing of it was run.",
            OWN_LAYERS,
        )
    return inner


def unknown_function(said: str, name: str, word: str) -> Refused:
    """Return the refusal of an activation or the like that isn't on the list."""
    return Refused(
        "function",
        f"The {word} of the layer “{shown(name)}” is “{shown(said)}”, which isn't one that ConvScope opens. Nothing of "
        "it was run.",
        OWN_LAYERS,
    )


def object_in(value: Mapping[str, Any], name: str) -> Refused:
    """Return the refusal of an object where a number or a text belongs."""
    return Refused(
        "object",
        f"A setting of “{shown(name)}” is an object, “{shown(value.get('class_name'))}”, where a number or a text "
        "belongs. Nothing of it was run.",
        OWN_LAYERS,
    )


def unexpected(what: str, value: Any) -> Refused:
    """Return the refusal of a part of a config that has another form than Keras gives it."""
    return Refused(
        "config_form", f"{what} is not as Keras writes it: {shown(type(value).__name__)} was found.", SAVE_AGAIN
    )


def no_model(found: str) -> Refused:
    """Return the refusal of a config whose outermost value isn't a model."""
    return Refused("root", f"The config doesn't describe a model: {found} was found.", SAVE_AGAIN)


def root(raw: Mapping[str, Any]) -> Refused:
    """Return the refusal of a config whose outermost class is not a Sequential or functional model."""
    kind, module = raw["class_name"], raw.get("module")
    if kind in ("Lambda", "__lambda__"):
        return no_model(f"a {kind}")
    if not is_keras(module) and "registered_name" in raw and raw["registered_name"] in (None, kind):
        return Refused(
            "foreign",
            f"The config names “{shown(kind)}” of the module “{shown(module)}”, which isn't part of Keras. Nothing of "
            "it was run.",
            OWN_LAYERS,
        )
    if is_keras(module) and module is not None:
        return no_model(f"“{shown(kind)}” of “{shown(module)}”")
    return subclassed(kind)


def subclassed(kind: str) -> Refused:
    """Return the refusal of a model that is a class of its own."""
    return Refused(
        "subclassed",
        f"The model is a class of its own (“{shown(kind)}”): how its layers are joined stands in its code, which isn't "
        "in the file.",
        REBUILD,
    )


def nested(most: int) -> Refused:
    """Return the refusal of models nested too deep."""
    return Refused("nested", f"More than {most} models are nested in each other.", REBUILD)


def layers(most: int) -> Refused:
    """Return the refusal of a config with too many layers."""
    return Refused("layers", f"The model has more than {most:,} layers.", "Save a part of the model.")


def graph(name: str, why: str) -> Refused:
    """Return the refusal of a config whose layers can't be joined."""
    return Refused("graph", f"The layers of “{shown(name)}” can't be joined: {shown(why, 200)}.", SAVE_AGAIN)


def setting(kind: str, key: str, name: str) -> Refused:
    """Return the refusal of a setting that Keras doesn't know."""
    return Refused(
        "setting",
        f"The layer “{shown(name)}” has a setting “{shown(key)}”, which {shown(kind)} doesn't have in Keras 3.",
        "Save the model again with Keras 3.",
    )


def dtype(name: str, value: Any) -> Refused:
    """Return the refusal of a type of numbers."""
    return Refused(
        "dtype",
        f"“{shown(name)}” computes in “{shown(value)}”; expected float16, bfloat16, float32, float64 or a mixed type.",
        "Save the model again with float32 weights, not quantised; text and labels can't be its input.",
    )


def layer_name(value: Any) -> Refused:
    """Return the refusal of a name that no layer can have."""
    return Refused(
        "layer_name",
        f"A layer is named “{shown(value)}”; expected up to 200 characters without a slash.",
        "Rename the layer, and save the model again.",
    )
