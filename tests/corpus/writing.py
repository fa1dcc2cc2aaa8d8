"""Writes model files as Keras 3 does, byte for byte the same each time, without Keras: a zip, JSON and HDF5."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import h5py
import numpy as np

Arrays = Mapping[str, np.ndarray]
WHEN = (2026, 1, 1, 0, 0, 0)
METADATA = b'{"keras_version": "3.15.1", "date_saved": "2026-01-01@00:00:00"}'


def policy(name="float32"):
    return {"module": "keras", "class_name": "DTypePolicy", "config": {"name": name}, "registered_name": None}


def layer(kind, name, module="keras.layers", dtype="float32", **settings):
    config = {"name": name, "trainable": True, "dtype": policy(dtype), **settings}
    return {"module": module, "class_name": kind, "config": config, "registered_name": None}


def entrance(shape=(16, 16, 3), name="image", batch=None):
    config = {"batch_shape": [batch, *shape], "dtype": "float32", "sparse": False, "ragged": False, "name": name}
    return {"module": "keras.layers", "class_name": "InputLayer", "config": config, "registered_name": None}


def sequential(*layers, name="net", **more):
    inner = {"name": name, "trainable": True, "dtype": policy(), "layers": list(layers)}
    return {"module": "keras", "class_name": "Sequential", "config": inner, "registered_name": None, **more}


def after(one, *sources, several=False):
    """Return a layer called on the outputs of other layers, by name."""
    tensors = [
        {
            "class_name": "__keras_tensor__",
            "config": {"shape": [None], "dtype": "float32", "keras_history": [source, 0, 0]},
        }
        for source in sources
    ]
    args = [tensors] if several or len(tensors) > 1 else tensors
    nodes = [{"args": args, "kwargs": {}}] if sources else []
    return {**one, "name": one["config"]["name"], "inbound_nodes": nodes}


def functional(layers, inputs, outputs, name="net", **more):
    ends = [[[one, 0, 0] for one in names] for names in (inputs, outputs)]
    ends = [end[0] if len(end) == 1 else end for end in ends]
    inner = {"name": name, "trainable": True, "layers": layers, "input_layers": ends[0], "output_layers": ends[1]}
    kind = {"module": "keras.src.models.functional", "class_name": "Functional", "registered_name": "Functional"}
    return {**kind, "config": inner, **more}


def conv(name="conv", filters=4, size=3, **more):
    return layer("Conv2D", name, filters=filters, kernel_size=[size, size], **{"activation": "relu", **more})


def draw(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).normal(scale=0.4, size=shape).astype("float32")


def pair(*shape, seed=0):
    """Return a kernel of this shape and its bias."""
    return {"0": draw(*shape, seed=seed), "1": draw(shape[-1], seed=seed + 1)}


def under(path: str, arrays: Arrays) -> dict[str, np.ndarray]:
    return {f"{path}/{name}": array for name, array in arrays.items()}


def hdf5(fill: Callable[[h5py.File], Any]) -> bytes:
    stream = io.BytesIO()
    with h5py.File(stream, "w", libver="earliest") as file:
        fill(file)
    return stream.getvalue()


def weights(arrays: Arrays) -> bytes:
    """Return a model.weights.h5 with arrays at paths such as layers/conv2d/vars/0."""

    def fill(file):
        for path, array in arrays.items():
            file.create_dataset(path, data=array, track_times=False)

    return hdf5(fill)


def older(config: Any, layers: Mapping[str, Arrays], **attributes: str) -> bytes:
    """Return an .h5 file of a whole model, as `model.save("model.h5")` writes it."""

    def fill(file):
        file.attrs["keras_version"] = "3.15.1"
        file.attrs["backend"] = "tensorflow"
        file.attrs["model_config"] = config if isinstance(config, str) else json.dumps(config)
        for name, text in attributes.items():
            file.attrs[name] = text
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [name.encode() for name in layers]
        for name, arrays in layers.items():
            inner = group.create_group(name)
            inner.attrs["weight_names"] = [f"{name}/{weight}".encode() for weight in arrays]
            for weight, array in arrays.items():
                inner.create_dataset(f"{name}/{weight}", data=array, track_times=False)

    return hdf5(fill)


def without_modules(config: Any) -> Any:
    """Return a config as it stands in an .h5 file: without modules."""
    if isinstance(config, list):
        return [without_modules(one) for one in config]
    if not isinstance(config, dict):
        return config
    kept = {key: without_modules(value) for key, value in config.items()}
    if "inbound_nodes" in kept or kept.get("class_name") not in (None, "DTypePolicy", "__keras_tensor__"):
        kept.pop("module", None)
        kept.pop("registered_name", None)
    return kept


def member(name: str, packed: bool = False) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, WHEN)
    info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    return info


def archive(config: Any, held: bytes | None, more: Mapping[str, bytes] | None = None, packed: bool = False) -> bytes:
    """Return a .keras file: a config (a dict, or bytes as they are), the bytes of its weights, other members."""
    text = config if isinstance(config, bytes) else json.dumps(config).encode()
    parts = {"metadata.json": METADATA, "config.json": text}
    if held is not None:
        parts["model.weights.h5"] = held
    return zipped([*parts.items(), *(more or {}).items()], packed)


def zipped(parts: list[tuple[str, bytes]], packed: bool = False) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a name twice is what one case is about
        for name, data in parts:
            made.writestr(member(name, packed), data)
    return stream.getvalue()
