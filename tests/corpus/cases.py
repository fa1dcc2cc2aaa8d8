"""The cases 1 to 56 of the models, each with its file and what has to come of it, word for word."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from corpus import good, hostile, loads
from corpus.texts import TEXTS
from corpus.writing import archive, layer, sequential


@dataclass(frozen=True)
class Case:
    """One file of a case: `code` and `text` of the refusal, none where it opens; `notes` are codes it opens with."""

    number: int
    title: str
    data: Callable[[], bytes]
    code: str = ""
    text: str = ""
    name: str = "model.keras"
    notes: tuple[str, ...] = ()

    @property
    def opens(self) -> bool:
        return not self.code

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


def _config_text(text: bytes) -> Callable[[], bytes]:
    return lambda: archive(text, good.held())


def _nan() -> bytes:
    return json.dumps(good.config(layer("Dropout", "drop", rate=float("nan")))).encode()


HOSTILE = [
    (1, "lambda", lambda: hostile.with_layer(hostile.LAMBDA), "lambda"),
    (2, "lambda in h5", hostile.lambda_older, "lambda"),
    (3, "lambda in a submodel", hostile.nested, "lambda"),
    (4, "lambda in TimeDistributed", hostile.timed, "lambda"),
    (6, "foreign function", lambda: hostile.activation("corpus.trap", "spring"), "foreign"),
    (7, "foreign class", hostile.foreign_class, "foreign"),
    (8, "Keras function as a layer", hostile.keras_function, "not_a_layer"),
    (8, "Keras function as activation", lambda: hostile.activation("keras.config", "set_floatx"), "function"),
    (9, "TFSMLayer", lambda: hostile.with_layer(layer("TFSMLayer", "served", filepath="/srv/model")), "layer_kind"),
    (10, "StringLookup with a path", hostile.lookup, "layer_kind"),
    (11, "a layer as root", lambda: good.keras(layer("Dense", "scores", units=3)), "root"),
    (11, "a list as root", _config_text(b"[1, 2]"), "root"),
    (12, "bad JSON", _config_text(b'{"class_name": "Sequential", "config": {'), "json"),
    (13, "deep JSON", _config_text(b'{"a": ' * 200_000 + b"1" + b"}" * 200_000), "json_depth"),
    (14, "NaN in JSON", lambda: archive(_nan(), good.held()), "json_number"),
    (15, "200 million units", lambda: hostile.sized(units=200_000_000), "parameters"),
    (15, "units the file hasn't", lambda: hostile.sized(units=2_000_000), "weights_shape"),
    (16, "huge input", lambda: good.keras(sequential(*good.body((100_000, 100_000, 3)))), "activations"),
    (17, "up-sampling chain", hostile.upsampled, "activations"),
    (18, "zip bomb in the config", lambda: hostile.bomb("config.json"), "archive_ratio"),
    (19, "zip bomb in the weights", lambda: hostile.bomb("model.weights.h5"), "archive_ratio"),
    (20, "member that leads out", lambda: hostile.unpacked_elsewhere("../../evil.txt"), "archive_path"),
    (21, "member twice", hostile.twice, "archive_twice"),
    (22, "encrypted", hostile.encrypted, "archive_encrypted"),
    (23, "external link", lambda: hostile.replaced(hostile.external_link), "hdf5_link"),
    (24, "external raw data", lambda: hostile.replaced(hostile.raw_elsewhere), "hdf5_external"),
    (25, "virtual dataset", lambda: hostile.replaced(hostile.virtual), "hdf5_virtual"),
    (26, "soft link", lambda: hostile.replaced(hostile.soft_link), "hdf5_link"),
    (27, "2.8 GB declared", lambda: hostile.replaced(hostile.huge), "hdf5_size"),
    (28, "truncated", lambda: good.keras()[:-200], "archive_broken"),
    (33, "zipped SavedModel", hostile.saved_model, "saved_model"),
    (35, "no weights in the archive", lambda: archive(good.config(), None), "weights_absent"),
    (35, "a layer's weights missing", hostile.no_kernel, "weights_missing"),
    (36, "wrong shape", hostile.wrong_kernel, "weights_shape"),
    (37, "custom layer", hostile.custom, "custom_layer"),
    (38, "subclassed", hostile.subclassed, "subclassed"),
    (43, "text model", hostile.text_model, "layer_kind"),
    (44, "Conv3D", hostile.volumes, "layer_kind"),
    (50, "unbuilt", hostile.unbuilt, "unbuilt"),
    (55, "over the limit", lambda: b"PK\x03\x04" + bytes(51 * 2**20), "too_large"),
]
OTHERS = [
    (29, "truncated h5", "model.h5", lambda: good.legacy()[:-3000], "hdf5_broken"),
    (30, "empty", "model.keras", lambda: b"", "empty"),
    (31, "text renamed", "model.h5", lambda: b"epoch,loss\n1,0.7\n", "kind"),
    (34, "weights only", "model.weights.h5", hostile.weights_only, "architecture"),
    (36, "wrong shape in h5", "model.h5", hostile.wrong_kernel_older, "weights_shape"),
    (37, "custom layer in h5", "model.h5", hostile.custom_older, "custom_layer"),
    (56, "never finishes", "model.h5", hostile.endless, "hdf5_stuck"),
]
NOTES = {5: ("compile_dropped",)}
OPENS = [
    (5, "lambda as compiled loss", "model.keras", loads.compiled_lambda),
    (32, "archive named h5", "MODEL.H5", good.keras),
    (32, "HDF5 named keras", "Model.KERAS", good.legacy),
    (39, "NaN weights", "model.keras", loads.nan_weights),
    (40, "two inputs", "model.keras", loads.two_inputs),
    (41, "two outputs", "model.keras", loads.two_outputs),
    (42, "no convolution", "model.keras", loads.no_convolution),
    (45, "open size", "model.keras", loads.open_size),
    (46, "channels first", "model.keras", loads.channels_first),
    (47, "mixed float16", "model.keras", loads.mixed),
    (48, "nested backbone", "model.keras", loads.backbone),
    (49, "Sequential", "model.keras", good.keras),
    (51, "batch of one", "model.keras", loads.one_picture),
    (52, "grey and sigmoid", "model.keras", loads.grey_sigmoid),
    (53, "segmentation", "model.keras", loads.segmentation),
    (54, "2,000 layers", "model.keras", loads.deep),
]
CASES = tuple(
    [Case(number, title, make, code, TEXTS[number, title]) for number, title, make, code in HOSTILE]
    + [Case(number, title, make, code, TEXTS[number, title], name) for number, title, name, make, code in OTHERS]
    + [Case(number, title, make, name=name, notes=NOTES.get(number, ())) for number, title, name, make in OPENS]
)
