"""The first two gates for a user's model: each bad file is refused in exact words, each good one passes."""

from __future__ import annotations

import dataclasses
import inspect as reflection
import io
import json
import os
import subprocess
import sys
import time
import tracemalloc
import zipfile
from pathlib import Path

import h5py
import pytest
from corpus import CASES, controls, good, hostile, loads
from corpus.writing import (
    after,
    archive,
    conv,
    draw,
    entrance,
    functional,
    layer,
    older,
    pair,
    sequential,
    under,
    weights,
)

from model_zoo.own import allowed, config_check, graph, json_check
from model_zoo.own.inspect import inspect
from model_zoo.own.types import DEFAULT, Limits, Refused, shown

REFUSED = [case for case in CASES if not case.opens]
OPENED = [case for case in CASES if case.opens]


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_a_bad_file_is_refused_in_these_words(case):
    before = set(sys.modules)
    with pytest.raises(Refused) as caught:
        inspect(case.data(), case.name)
    assert (caught.value.code, str(caught.value)) == (case.code, case.text)
    assert not {
        name for name in set(sys.modules) - before if "trap" in name or name.startswith(("keras", "tensorflow"))
    }


@pytest.mark.parametrize("case", OPENED, ids=str)
def test_an_unusual_model_passes(case):
    checked = inspect(case.data(), case.name)
    assert tuple(note.code for note in checked.notes) == case.notes
    assert checked.arrays
    assert "compile_config" not in json.dumps(checked.config)


@pytest.mark.parametrize("name", list(controls()))
def test_an_ordinary_model_passes_from_bytes_and_from_a_file(name, tmp_path):
    data = controls()[name]
    (tmp_path / name).write_bytes(data)
    checked = inspect(data, name)
    assert checked == inspect(tmp_path / name, name)
    assert checked.kind == ("h5" if name.endswith(".h5") else "keras")
    assert checked.notes == ()


def test_the_corpus_covers_all_cases_and_is_the_same_each_time():
    assert {case.number for case in CASES} == set(range(1, 57))
    for case in (CASES[0], *OPENED[:4]):
        assert case.data() == case.data()


def test_a_layer_of_200_million_units_costs_neither_time_nor_memory():
    data = next(case for case in REFUSED if case.number == 15).data()
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(Refused):
        inspect(data, "model.keras")
    spent, (_, most) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert spent < 1
    assert most < 50e6


def test_two_thousand_layers_pass_within_two_seconds():
    data = loads.deep()
    before = os.times()
    checked = inspect(data, "model.keras")
    spent = [after - was for after, was in zip(os.times()[:4], before[:4], strict=True)]
    assert sum(spent) < 2  # of computing, the reading child's included
    assert len(checked.config["config"]["layers"]) == 2003


def test_inspection_needs_no_keras():
    code = (
        "import sys; sys.path.insert(0, 'tests'); from corpus import controls; "
        "from model_zoo.own.inspect import inspect; "
        "[inspect(data, name) for name, data in controls().items()]; "
        "assert not {'keras', 'tensorflow', 'streamlit'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent.parent, check=True)


def test_the_checked_config_is_written_anew():
    layers = good.body()
    layers[1]["config"]["kernel_regularizer"] = "l2"
    layers[1]["config"]["kernel_initializer"] = {"module": "keras.initializers", "class_name": "HeNormal", "config": {}}
    layers[1]["shared_object_id"], layers[1]["build_config"] = 7, {"input_shape": [None, 16, 16, 3]}
    made = inspect(good.keras(sequential(*layers, compile_config={"loss": "mse"})), "model.keras").config
    layer = made["config"]["layers"][1]
    assert set(layer) == {"module", "class_name", "registered_name", "config"}
    assert layer["config"]["kernel_initializer"] == "zeros"
    assert layer["config"]["kernel_regularizer"] is None
    assert layer["config"]["dtype"] == "float32"
    assert set(made) == {"module", "class_name", "registered_name", "config"}


LAMBDA = {"class_name": "__lambda__", "config": {"value": ["4wEAAAA=", None, None]}}
PLACES = ("activation", "kernel_initializer", "bias_regularizer", "kernel_constraint", "filters", "dtype", "padding")


@pytest.mark.parametrize("place", PLACES)
def test_a_lambda_is_found_in_every_setting(place):
    layers = good.body()
    layers[1]["config"][place] = LAMBDA
    with pytest.raises(Refused) as caught:
        inspect(good.keras(sequential(*layers)), "model.keras")
    assert caught.value.code in ("lambda", "dtype")
    assert "conv" in caught.value.cause


@pytest.mark.parametrize("module", ["os", "builtins", "keras.utils", "keras.src.saving.saving_lib", "Keras.layers", 3])
@pytest.mark.parametrize("place", ["layer", "activation", "initializer", "call"])
def test_a_name_outside_the_list_is_refused_wherever_it_stands(module, place):
    said = {"module": module, "class_name": "system", "config": {}, "registered_name": None}
    function = {"module": module, "class_name": "function", "config": "system", "registered_name": "system"}
    layers = [after(entrance()), after(conv("conv"), "image")]
    if place == "layer":
        layers.append(after({**said, "config": {"name": "odd"}}, "conv"))
    elif place == "call":
        layers[1]["inbound_nodes"][0]["args"].append(said)
    else:
        layers[1]["config"]["activation" if place == "activation" else "bias_initializer"] = function
    with pytest.raises(Refused):
        inspect(archive(functional(layers, ["image"], ["conv"]), good.held()), "model.keras")


@pytest.mark.parametrize("name", sorted(allowed.LAYERS))
def test_keras_has_every_allowed_layer_and_setting(name):
    from keras import layers

    made, known = getattr(layers, name), set()
    for cls in made.__mro__:
        known |= set(reflection.signature(cls.__init__).parameters)
        if cls is layers.Layer:
            break
    older = {"batch_input_shape", "batch_shape", "alpha", "noise_shape", "rms_scaling"}
    assert allowed.LAYERS[name] - known <= older


def test_shapes_agree_with_keras():
    """Every kind of layer once: weights and outputs as Keras builds them."""
    from keras import Input, Model, layers

    image = Input((19, 17, 4), name="image")
    z = layers.RandomFlip()(layers.Rescaling(2.0)(layers.Normalization(axis=-1)(image)))
    z = layers.Conv2D(8, (3, 5), strides=(2, 1), padding="same", groups=2, name="grouped")(z)
    z = layers.DepthwiseConv2D(3, depth_multiplier=2, dilation_rate=2)(layers.PReLU(shared_axes=[1, 2])(z))
    z = layers.BatchNormalization(scale=False)(layers.SeparableConv2D(6, 3, padding="same")(z))
    z = layers.Conv2DTranspose(4, 3, strides=2, padding="same", use_bias=False)(
        layers.ZeroPadding2D(((1, 2), (0, 1)))(z)
    )
    z = layers.LayerNormalization()(layers.Cropping2D(1)(layers.GroupNormalization(2)(z)))
    z = layers.AveragePooling2D(3, strides=2)(layers.UpSampling2D((1, 2))(z))
    z = layers.Concatenate()([z, layers.MaxPooling2D(1)(z)])
    z = layers.Conv2DTranspose(3, 4, strides=3, output_padding=1)(layers.Resizing(9, 8)(z))
    z = layers.Permute((2, 1, 3))(layers.Multiply()([z, layers.GlobalMaxPooling2D(keepdims=True)(z)]))
    z = layers.TimeDistributed(layers.Dense(5, name="each"))(z)
    z = layers.Reshape((-1, 5))(z / 2.0)
    model = Model(image, layers.Dense(2, name="end")(layers.Flatten()(layers.RepeatVector(2)(layers.Flatten()(z)))))
    raw = json.loads(json.dumps(serialized(model)))
    measured = graph.measure(config_check.check(raw, DEFAULT)[0], DEFAULT)
    assert len(measured.inside) == len(model.operations)
    for one in measured.inside:
        made = model.get_layer(one.name) if one.kind != "TrueDivide" else None
        if made is not None:
            found = sorted(shape for part in one.all() for shape in part.weights)
            assert found == sorted(tuple(weight.shape) for weight in made.weights), one.name
            assert one.outputs == [(1, *made.output.shape[1:])], one.name


def serialized(model):
    from keras.saving import serialize_keras_object

    return serialize_keras_object(model)


def test_older_files_keep_their_order_of_layers():
    """Keras numbers layers of one class in a weights file in an order of its own."""
    layers = [after(entrance()), after(conv("big", filters=5, padding="same"), "image")]
    layers += [
        after(conv("small", filters=2, padding="same"), "image"),
        after(layer("Concatenate", "all"), "big", "small"),
    ]
    made = under("layers/conv2d/vars", pair(3, 3, 3, 2)) | under("layers/conv2d_1/vars", pair(3, 3, 3, 5))
    assert inspect(archive(functional(layers, ["image"], ["all"]), weights(made)), "model.keras").arrays


def test_a_file_of_keras_2_passes():
    """Its calls are lists, its input has a batch_input_shape, its depthwise layer one group."""

    def old(kind, name, source="", **settings):
        calls = [[[source, 0, 0, {}]]] if source else []
        return {"class_name": kind, "name": name, "config": {"name": name, **settings}, "inbound_nodes": calls}

    shape = {"batch_input_shape": [None, 16, 16, 3], "ragged": False, "sparse": False, "dtype": "float32"}
    layers = [
        old("InputLayer", "image", **shape),
        old("DepthwiseConv2D", "deep", "image", kernel_size=[3, 3], groups=1, kernel_initializer=None),
        old("BatchNormalization", "norm", "deep", axis=[3]),
        old("GlobalAveragePooling2D", "average", "norm"),
        old("Dense", "scores", "average", units=2, activation="softmax"),
    ]
    ends = {"input_layers": [["image", 0, 0]], "output_layers": [["scores", 0, 0]]}
    config = {"class_name": "Functional", "config": {"name": "net", "layers": layers, **ends}}
    held = {"deep": {"d:0": draw(3, 3, 3, 1), "b:0": draw(3)}, "norm": {f"{at}:0": draw(3) for at in range(4)}}
    held["scores"] = {"k:0": draw(3, 2), "b:0": draw(2)}
    made = inspect(older(config, held), "model.h5").config["config"]["layers"]
    assert made[0]["config"]["batch_shape"] == [None, 16, 16, 3]
    assert "groups" not in made[1]["config"]
    assert made[2]["config"]["axis"] == 3


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"filters": -1}, "setting_value"),
        ({"filters": "four"}, "setting_value"),
        ({"kernel_size": [3, 3, 3]}, "shapes"),
        ({"kernel_size": [99, 99]}, "shapes"),
        ({"padding": "causal"}, "shapes"),
        ({"strides": 0}, "setting_value"),
        ({"groups": 2}, "shapes"),
        ({"surprise": 1}, "setting"),
        ({"dtype": "int8_from_float32"}, "dtype"),
        ({"name": "a/b"}, "layer_name"),
        ({"filters": 2**60}, "json_number"),
    ],
)
def test_a_wrong_setting_is_named(settings, code):
    layers = good.body()
    layers[1]["config"].update(settings)
    with pytest.raises(Refused) as caught:
        inspect(good.keras(sequential(*layers)), "model.keras")
    assert caught.value.code == code


def test_layers_that_wait_for_each_other_are_refused():
    with pytest.raises(Refused) as caught:
        inspect(hostile.loop(), "model.keras")
    assert caught.value.code == "graph"


@pytest.mark.parametrize("older_file", [False, True])
def test_the_one_layer_of_keras_applications_that_is_no_layer_of_keras_is_named(older_file):
    scale = {"class_name": "LayerScale", "config": {"name": "scale", "init_values": 1e-6, "projection_dim": 4}}
    newer = {"module": "keras.src.applications.convnext", "registered_name": "LayerScale"}
    with pytest.raises(Refused) as caught:
        inspect(good.legacy(good.config(scale)) if older_file else hostile.with_layer(scale | newer), "model")
    assert str(caught.value) == (
        "The layer “scale” (LayerScale) is a part of ConvNeXt, which Keras keeps outside its layers, and ConvScope "
        "doesn't open those networks. Take another network: those of keras.applications named ResNet, DenseNet, "
        "EfficientNet or MobileNet open."
    )


def test_models_that_call_each_other_many_times_are_refused():
    """Six models, each calling the one inside it eight times: 8^6 calls."""
    inner = functional([after(entrance()), after(layer("ReLU", "relu"), "image")], ["image"], ["relu"], name="m0")
    for level in range(1, 7):
        called = after(inner, "image")
        called["inbound_nodes"] *= 8
        parts = [after(entrance()), called]
        inner = functional(parts, ["image"], [inner["config"]["name"]], name=f"m{level}")
    with pytest.raises(Refused) as caught:
        graph.measure(config_check.check(inner, DEFAULT)[0], DEFAULT)
    assert caught.value.code == "calls"


def test_a_table_of_a_million_members_is_not_read():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for number in range(3000):
            made.writestr(f"{number:040}", b"")
    with pytest.raises(Refused) as caught:
        inspect(stream.getvalue(), "model.keras")
    assert caught.value.code == "archive_members"


def test_a_group_that_holds_itself_is_refused():
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file.create_group("layers")["again"] = file["/"]
    with pytest.raises(Refused) as caught:
        inspect(stream.getvalue(), "model.h5")
    assert caught.value.code == "hdf5_twice"


def test_weights_alone_need_a_known_architecture():
    with pytest.raises(Refused, match="no architecture “alexnet” here"):
        inspect(good.held(), "weights.h5", architecture="alexnet")
    checked = inspect(good.held(), "weights.h5", architecture="fashion_cnn")
    assert (checked.kind, checked.config, checked.architecture) == ("weights", None, "fashion_cnn")
    assert checked.arrays["layers/dense/vars/1"] == (3,)


def test_pictures_need_height_width_and_channels():
    layers = [entrance((784,)), layer("Dense", "scores", units=3)]
    with pytest.raises(Refused, match="takes in 784, not pictures"):
        inspect(archive(sequential(*layers), weights({"layers/dense/vars/0": draw(784, 3)})), "model.keras")


def test_limits_come_from_the_environment_and_are_checked():
    limits = Limits.from_environment({"CONVSCOPE_OWN_MAX_BYTES": "1000", "PATH": "x"})
    assert limits == dataclasses.replace(DEFAULT, max_bytes=1000)
    with pytest.raises(Refused, match="10 kB; at most 1 kB"):
        inspect(good.keras(), "model.keras", limits)
    with pytest.raises(ValueError, match="CONVSCOPE_OWN_SECONDS: expected a whole number of at least 1, got '0'"):
        Limits.from_environment({"CONVSCOPE_OWN_SECONDS": "0"})


def test_names_from_a_file_are_shown_as_one_plain_line():
    assert shown("a\nb\u202ec") == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"
    assert len(shown("x" * 500)) == 60
    layers = good.body()
    layers[1] = {**hostile.LAMBDA, "config": {"name": "<script>" * 5}}
    with pytest.raises(Refused, match="“<script><script>"):
        inspect(good.keras(sequential(*layers)), "model.keras")


@pytest.mark.parametrize("text", [b'{"a": 1e999}', b"[Infinity]", b"[" + b"9" * 5000 + b"]"])
def test_numbers_beyond_reason_are_refused(text):
    with pytest.raises(Refused) as caught:
        json_check.parse(text, DEFAULT)
    assert caught.value.code == "json_number"


def test_a_refusal_survives_a_pipe():
    import pickle

    again = pickle.loads(pickle.dumps(Refused("a", "Cause.", "Mend.")))
    assert (again.code, again.cause, again.mend, str(again)) == ("a", "Cause.", "Mend.", "Cause. Mend.")


def test_nan_stays_in_the_weights_for_the_next_gate():
    assert inspect(loads.nan_weights(), "model.keras").arrays["layers/conv2d/vars/0"] == (3, 3, 3, 4)
