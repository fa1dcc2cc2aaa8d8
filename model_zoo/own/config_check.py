"""The allow-list over every dict of a config: what passes is written out anew, so nothing unknown reaches Keras.

Nothing named in a config is imported or called here. What only matters in training is left out: compile and build
entries, regularisers, constraints; initialisers become zeros, since the file's own weights take their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from model_zoo.own import allowed, refusals
from model_zoo.own.types import Limits, Note, Refused
from model_zoo.own.values import holds_code, is_operation, operation, plain

MOST_NESTED = 8
LONGEST_NAME = 200
FUNCTIONAL = {"module": "keras.src.models.functional", "class_name": "Functional", "registered_name": "Functional"}
SEQUENTIAL = {"module": "keras", "class_name": "Sequential", "registered_name": None}


class Checker:
    """Checks one config; counts its layers as it goes, and collects what was changed in `notes`."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self.layers = limits, 0
        self.notes: dict[str, Note] = {}

    def root(self, raw: Any) -> dict[str, Any]:
        """Return the checked config of a whole model. Raises Refused."""
        if not isinstance(raw, dict) or not isinstance(raw.get("class_name"), str):
            raise refusals.no_model(type(raw).__name__)
        if raw["class_name"] not in allowed.MODELS:
            raise refusals.root(raw)
        refusals.check_module(raw, "The model")
        if raw.get("compile_config") is not None and holds_code(raw["compile_config"]):
            self.notes["compile"] = Note(
                "compile_dropped",
                "The loss, optimizer or metrics in this file name code that isn't Keras's. They were left out: only "
                "training needs them.",
            )
        return self.model(raw, 0)

    def model(self, raw: Mapping[str, Any], depth: int) -> dict[str, Any]:
        """Return the checked config of a Sequential or functional model, or of one nested in it."""
        if depth > MOST_NESTED:
            raise refusals.nested(MOST_NESTED)
        config = raw.get("config")
        if raw["class_name"] == "Sequential" and isinstance(config, list):
            config = {"name": "sequential", "layers": config}  # as Keras wrote it before 2.2.3
        if not isinstance(config, dict) or not isinstance(config.get("layers"), list):
            raise refusals.subclassed(str(raw["class_name"]))
        if raw["class_name"] == "Sequential":
            return SEQUENTIAL | {"config": self.sequential(config, depth)}
        return FUNCTIONAL | {"config": self.functional(config, depth)}

    def sequential(self, config: Mapping[str, Any], depth: int) -> dict[str, Any]:
        """Check the layers of a Sequential model in turn."""
        layers = [self.layer(one, depth) for one in config["layers"]]
        shape = config.get("build_input_shape", config.get("batch_input_shape"))
        name = _name(config.get("name"), "sequential")
        made = {"name": name, "trainable": config.get("trainable") is not False, "layers": layers}
        made["build_input_shape"] = plain(shape, name) if isinstance(shape, list) else None
        self.unique(layers, name)
        return made | self.dtype(config, name)

    def functional(self, config: Mapping[str, Any], depth: int) -> dict[str, Any]:
        """Check the layers of a functional model, the calls that join them, its inputs and outputs."""
        name = _name(config.get("name"), "model")
        made: dict[str, Any] = {"name": name, "trainable": config.get("trainable") is not False, "layers": []}
        for raw in config["layers"]:
            layer = self.layer(raw, depth)
            nodes = raw.get("inbound_nodes", [])
            if not isinstance(nodes, list):
                raise refusals.graph(name, "a layer's calls are no list")
            title = layer["config"]["name"]
            layer["inbound_nodes"] = [plain(node, title, tensors=True) for node in nodes]
            layer["name"] = title
            made["layers"].append(layer)
        for end in ("input_layers", "output_layers"):
            if not isinstance(config.get(end), list | dict):
                raise refusals.subclassed(name)
            made[end] = plain(config[end], name)
        self.unique(made["layers"], name)
        return made | self.dtype(config, name)

    def unique(self, layers: list[dict[str, Any]], name: str) -> None:
        """Raise Refused where two layers share a name."""
        names = [layer["config"]["name"] for layer in layers]
        if len(set(names)) < len(names):
            twice = next(one for at, one in enumerate(names) if one in names[:at])
            raise refusals.graph(name, f"two layers are named “{twice}”")

    def dtype(self, config: Mapping[str, Any], name: str) -> dict[str, Any]:
        """Return a model's own type, where it has one."""
        return {"dtype": self.typed(config["dtype"], name)} if config.get("dtype") is not None else {}

    def layer(self, raw: Any, depth: int) -> dict[str, Any]:
        """Return one checked layer, operation or nested model."""
        if not isinstance(raw, dict) or not isinstance(raw.get("class_name"), str):
            raise refusals.unexpected("A layer", raw)
        self.layers += 1
        if self.layers > self.limits.max_layers:
            raise refusals.layers(self.limits.max_layers)
        config = raw.get("config")
        inner = config.get("name") if isinstance(config, dict) else None
        name = _name(raw.get("name", inner) if inner is None else inner, raw["class_name"].lower())
        if raw["class_name"] in allowed.MODELS and isinstance(config, dict | list):
            refusals.check_module(raw, f"The model “{name}” inside it")
            made = self.model(raw, depth + 1)
            made["config"]["name"] = name
            return made
        if is_operation(raw):
            return operation(raw, name)
        kind = refusals.check_layer(raw, name)
        if not isinstance(config, dict):
            raise refusals.unexpected(f"The config of the layer “{name}”", config)
        settings = {key: self.setting(kind, key, value, name, depth) for key, value in self.known(kind, config, name)}
        made = {"module": "keras.layers", "class_name": kind, "registered_name": None}
        return made | {"config": settings | {"name": name}}

    def known(self, kind: str, config: Mapping[str, Any], name: str) -> list[tuple[str, Any]]:
        """Return the settings that Keras knows for this kind of layer. Raises Refused for any other that matters."""
        idle = allowed.IDLE_ANYWHERE | allowed.IDLE.get(kind, {})
        kept = []
        for key, value in config.items():
            if key in idle and value in (None, idle[key]):
                continue
            if key not in allowed.LAYERS[kind]:
                if (
                    kind in ("DepthwiseConv2D", "SeparableConv2D")
                    and key.startswith("kernel_")
                    and key != "kernel_size"
                ):
                    self.role(key, value, name)
                    continue
                raise refusals.setting(kind, key, name)
            kept.append((_renamed(kind, key), value))
        return kept

    def setting(self, kind: str, key: str, value: Any, name: str, depth: int) -> Any:
        """Return one checked setting of a layer."""
        if key == "layer":
            return self.layer(value, depth + 1)
        if key == "activation":
            return self.activation(value, name)
        if key == "dtype":
            return self.typed(value, name, allowed.INPUT_DTYPES if kind == "InputLayer" else allowed.DTYPES)
        if any(key.endswith(role) for role in allowed.ROLES):
            return self.role(key, value, name)
        if key == "axis" and isinstance(value, list) and len(value) == 1 and kind == "BatchNormalization":
            return plain(value[0], name)
        return plain(value, name)

    def role(self, key: str, value: Any, name: str) -> Any:
        """Check an initialiser, regulariser or constraint. Initialisers become zeros, the others are left out."""
        ending = next(role for role in allowed.ROLES if key.endswith(role))
        word, known = allowed.ROLES[ending]
        if value is not None:
            said = refusals.named(value, name, word)
            if said.replace("_", "").lower() not in known:
                raise refusals.unknown_function(said, name, word)
            if isinstance(value, dict) and isinstance(value.get("config"), dict):
                plain(value["config"], name)
        return "zeros" if ending == "_initializer" and value is not None else None

    def activation(self, value: Any, name: str) -> str | None:
        """Return the name of one of Keras's own activations."""
        if value is None:
            return None
        said = refusals.named(value, name, "activation")
        if said not in allowed.ACTIVATIONS:
            raise refusals.unknown_function(said, name, "activation")
        return said

    def typed(self, value: Any, name: str, known: frozenset[str] = allowed.DTYPES) -> str | None:
        """Return the name of a number type or of a policy such as mixed_float16."""
        if isinstance(value, dict):
            refusals.check_module(value, f"The type of “{name}”")
            inner = value.get("config")
            value = inner.get("name") if value.get("class_name") in ("DTypePolicy", "Policy") and inner else value
        if value is None or (isinstance(value, str) and value in known):
            return value
        raise refusals.dtype(name, value)


def _name(value: Any, otherwise: str) -> str:
    if value is None:
        return otherwise
    if not isinstance(value, str) or not value or len(value) > LONGEST_NAME or "/" in value or not value.isprintable():
        raise refusals.layer_name(value)
    return value


def _renamed(kind: str, key: str) -> str:
    if key == "batch_input_shape":
        return "batch_shape" if kind == "InputLayer" else "input_shape"
    return "negative_slope" if kind == "LeakyReLU" and key == "alpha" else key


def check(raw: Any, limits: Limits) -> tuple[dict[str, Any], tuple[Note, ...]]:
    """Return the checked config of a whole model, written out anew, and what was left out. Raises Refused."""
    checker = Checker(limits)
    made = checker.root(raw)
    if not checker.layers:
        raise Refused("no_layers", "The model has no layers.", "Add layers, build the model, and save it again.")
    return made, tuple(checker.notes.values())
