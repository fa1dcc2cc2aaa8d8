"""The cases that are refused for what their archive, HDF5 or config holds."""

from __future__ import annotations

import io
import json
import zipfile

import h5py
import numpy as np

from corpus import good
from corpus.writing import (
    after,
    archive,
    conv,
    draw,
    entrance,
    functional,
    hdf5,
    layer,
    member,
    older,
    pair,
    sequential,
    under,
    weights,
    without_modules,
    zipped,
)

CODE = ["4wEAAAAAAAAA", None, None]
LAMBDA = layer("Lambda", "double", function={"class_name": "__lambda__", "config": {"value": CODE}}, arguments={})
KERNEL = "layers/conv2d/vars/0"


def with_layer(one, at=2):
    return good.keras(good.config(one, at=at))


def lambda_older():
    old = {"class_name": "Lambda", "config": {"name": "double", "function": CODE, "function_type": "lambda"}}
    return good.legacy(good.config(old))


def nested(one=LAMBDA):
    """A layer inside a model inside the model."""
    return with_layer(sequential(entrance((14, 14, 4)), one, name="inside"))


def timed(one=LAMBDA):
    return with_layer(layer("TimeDistributed", "each", layer=one))


def activation(module, name):
    said = {"module": module, "class_name": "function", "config": name, "registered_name": name}
    layers = good.body()
    layers[1]["config"]["activation"] = said
    return good.keras(sequential(*layers))


def foreign_class():
    return with_layer({"module": "corpus.trap", "class_name": "Sprung", "config": {}, "registered_name": None})


def keras_function():
    """Keras's own function that changes its settings for everybody, as a layer."""
    said = {"module": "keras.config", "class_name": "set_dtype_policy", "config": {"policy": "float16"}}
    return with_layer({**said, "registered_name": None})


def lookup():
    return with_layer(layer("StringLookup", "words", vocabulary="/etc/passwd"), at=1)


def sized(**settings):
    """The ordinary model with a Dense layer of any size."""
    return good.keras(good.config(layer("Dense", "wide", **settings), at=4))


def upsampled():
    ups = [layer("UpSampling2D", f"up_{at}", size=[4, 4]) for at in range(5)]
    return good.keras(good.config(*ups))


def bomb(name):
    """An archive in which one member of 100 MB takes 0.1 MB."""
    parts = {"config.json": json.dumps(good.config()).encode(), "model.weights.h5": good.held()}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for one, data in parts.items():
            if one != name:
                made.writestr(member(one), data)
        with made.open(member(name, packed=True), "w") as target:
            for _ in range(100):
                target.write(b" " * 2**20)
    return stream.getvalue()


def twice():
    parts = {"config.json": json.dumps(good.config()).encode(), "model.weights.h5": good.held()}
    return zipped([*parts.items(), ("config.json", json.dumps(good.config(LAMBDA)).encode())])


def encrypted():
    """The ordinary archive with the flag of encryption set for every member."""
    data = bytearray(good.keras())
    for signature, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + flags] |= 1
            at = data.find(signature, at + 4)
    return bytes(data)


def replaced(make):
    """The ordinary archive whose kernel is something else: `make(file, path)` puts it there."""

    def fill(file):
        for path, array in good.arrays().items():
            if path != KERNEL:
                file[path] = array
        file.require_group("layers/conv2d/vars")
        make(file, KERNEL)

    return archive(good.config(), hdf5(fill))


def external_link(file, path):
    file[path] = h5py.ExternalLink("/etc/passwd", "/0")


def soft_link(file, path):
    file[path] = h5py.SoftLink("/layers/dense/vars/0")


def raw_elsewhere(file, path):
    file.create_dataset(path, (3, 3, 3, 4), "float32", external=[("/etc/passwd", 0, 432)])


def virtual(file, path):
    made = h5py.VirtualLayout((3, 3, 3, 4), "float32")
    made[:] = h5py.VirtualSource("/etc/passwd", "data", (3, 3, 3, 4))
    file.create_virtual_dataset(path, made)


def huge(file, path):
    file.create_dataset(path, (700_000_000,), "float32", chunks=(1_000_000,))


def unpacked_elsewhere(name):
    return zipped([("config.json", json.dumps(good.config()).encode()), ("model.weights.h5", good.held()), (name, b"")])


def saved_model():
    return zipped([("model/saved_model.pb", b"\x08\x01"), ("model/variables/variables.index", b"")])


def weights_only():
    return good.held()


def no_kernel():
    return archive(good.config(), weights({path: one for path, one in good.arrays().items() if "conv" not in path}))


def wrong_kernel():
    made = good.arrays() | under("layers/conv2d/vars", pair(3, 3, 3, 5))
    return archive(good.config(), weights(made))


def wrong_kernel_older():
    named = {"conv": {"kernel": draw(3, 3, 1, 4), "bias": draw(4)}, "scores": {"kernel": draw(4, 3), "bias": draw(3)}}
    return older(without_modules(good.config()), named)


def custom():
    said = {"module": None, "class_name": "Squeeze", "config": {"name": "squeeze"}, "registered_name": "mine>Squeeze"}
    return with_layer(said)


def custom_older():
    return good.legacy(good.config({"class_name": "Squeeze", "config": {"name": "squeeze"}}))


def subclassed():
    said = {"module": None, "class_name": "MyNet", "config": {"trainable": True}, "registered_name": "MyNet"}
    return good.keras(said)


def text_model():
    layers = [entrance((100,)), layer("Embedding", "words", input_dim=1000, output_dim=8)]
    layers += [layer("Flatten", "flatten"), layer("Dense", "scores", units=2)]
    return archive(sequential(*layers), weights({"layers/dense/vars/0": np.zeros((800, 2), "float32")}))


def volumes():
    layers = [entrance((8, 8, 8, 1)), layer("Conv3D", "conv", filters=2, kernel_size=[3, 3, 3])]
    return archive(sequential(*layers), weights(under("layers/conv3d/vars", pair(3, 3, 3, 1, 2))))


def unbuilt():
    return archive(sequential(*good.body()[1:]), weights({}))


def endless():
    """An .h5 file whose reader never ends: see `ENDLESS`."""
    from corpus.endless import endless_file

    return endless_file()


def loop():
    """A functional model in which two layers wait for each other."""
    layers = [
        after(entrance()),
        after(conv("one", padding="same"), "two"),
        after(conv("two", padding="same"), "one"),
    ]
    return archive(functional(layers, ["image"], ["two"]), good.held())
