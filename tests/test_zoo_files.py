"""Discovery of model files, and weights files that aren't what they should be: refused by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from model_zoo import MODELS
from model_zoo.arrays import load_arrays, load_legacy_h5, named_weights
from model_zoo.discovery import discover
from model_zoo.geometry import centre_square, crop_box
from model_zoo.models.simple_cnn_224 import MODEL
from scripts import convert_efficientnet_lite0, convert_imagenet_labels

ENTRY = "from dataclasses import replace\nfrom model_zoo.models.simple_cnn_224 import MODEL as BASE\n"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest):
    """Give a function that writes an importable package of model files and returns its name."""
    monkeypatch.syspath_prepend(tmp_path)
    name = f"zoo_{abs(hash(request.node.name))}"

    def write(**files: str) -> str:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
        for module, source in files.items():
            (tmp_path / name / f"{module}.py").write_text(ENTRY + source)
        return name

    return write


def test_discovery_sorts_by_order_then_key(package):
    name = package(
        a="MODEL = replace(BASE, key='late', order=2)",
        b="MODEL = replace(BASE, key='z', order=1)",
        c="MODEL = replace(BASE, key='y', order=1)",
    )
    assert list(discover(name)) == ["y", "z", "late"]


def test_a_key_declared_twice_is_refused(package):
    with pytest.raises(ValueError, match="'simple_cnn_224' is declared twice"):
        discover(package(a="MODEL = BASE", b="MODEL = BASE"))


def test_a_file_without_an_entry_or_that_fails_to_import_is_not_skipped(package):
    with pytest.raises(AttributeError, match="MODEL"):
        discover(package(a=""))


def test_an_import_error_goes_through(package):
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        discover(package(a="import no_such_module"))


def small() -> keras.Model:
    image = keras.Input((4, 4, 1))
    x = keras.layers.Conv2D(2, 3, name="conv")(image)
    return keras.Model(image, keras.layers.BatchNormalization(name="norm")(x))


def arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {name: rng.random(weight.shape, np.float32) for name, weight in named_weights(small()).items()}


def test_arrays_arrive_under_their_names_also_from_float16(tmp_path):
    path, values, model = tmp_path / "w.npz", arrays(), small()
    np.savez(path, **{name: value.astype(np.float16) for name, value in values.items()})
    load_arrays(model, path)
    assert set(values) == {"conv/kernel", "conv/bias"} | {
        f"norm/{name}" for name in ("gamma", "beta", "moving_mean", "moving_variance")
    }
    for name, weight in named_weights(model).items():
        np.testing.assert_array_equal(weight.numpy(), values[name].astype(np.float16).astype(np.float32))


def test_wrong_arrays_are_named(tmp_path):
    path, values = tmp_path / "w.npz", arrays()
    bias = values.pop("conv/bias")
    np.savez(path, **values)
    with pytest.raises(ValueError, match=r"missing \['conv/bias'\], unexpected \[\]"):
        load_arrays(small(), path)
    np.savez(path, **values, **{"conv/bias": bias[:1]})
    with pytest.raises(ValueError, match=r"conv/bias should be \(2,\), is \(1,\)"):
        load_arrays(small(), path)


def test_a_damaged_or_absent_file_is_named(tmp_path):
    path = tmp_path / "w.npz"
    with pytest.raises(FileNotFoundError):
        load_arrays(small(), path)
    np.savez(path, **arrays())
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"w\.npz"):
        load_arrays(small(), path)
    path.write_bytes(b"")
    with pytest.raises(ValueError, match=r"w\.npz"):
        load_arrays(small(), path)


def write_h5(path: Path, values: dict[str, np.ndarray]) -> None:
    with h5py.File(path, "w") as file:
        for layer in {name.split("/")[0] for name in values}:
            names = [name for name in values if name.startswith(layer)]
            file.create_group(layer).attrs["weight_names"] = [name.encode() for name in names]
            for name in names:
                file[layer][name] = values[name]


def test_hdf5_weights_arrive_by_layer_name(tmp_path):
    path, values, model = tmp_path / "w.h5", arrays(), small()
    write_h5(path, values)
    load_legacy_h5(model, path)
    for name, weight in named_weights(model).items():
        np.testing.assert_array_equal(weight.numpy(), values[name])


def test_hdf5_weights_of_another_architecture_are_refused(tmp_path):
    path, values = tmp_path / "w.h5", arrays()
    write_h5(path, {name: value for name, value in values.items() if name.startswith("conv")})
    with pytest.raises(ValueError, match="no layer 'norm'"):
        load_legacy_h5(small(), path)
    write_h5(path, values | {"conv/kernel": np.zeros((5, 5, 1, 2), np.float32)})
    with pytest.raises(ValueError, match="conv should have the shapes"):
        load_legacy_h5(small(), path)


def test_the_centre_square():
    assert centre_square(451, 300) == (75, 0, 375, 300)
    assert centre_square(1, 1) == (0, 0, 1, 1)
    with pytest.raises(ValueError, match="image_size: expected"):
        centre_square(0, 5)
    assert crop_box((30, 31), MODEL) == (0, 0, 30, 30)
    assert crop_box((30, 31), replace(MODEL, input_shape=(10, 20, 3))) == (0, 0, 30, 31)


def test_the_converter_knows_every_layer_of_efficientnet_lite0():
    names = convert_efficientnet_lite0.layer_names()
    model = MODELS["efficientnet_lite0"].build()
    assert list(names) == [layer.name for layer in model.layers if layer.weights]
    assert len(set(names.values())) == len(names)
    assert names["block7a_expand_conv"] == "_blocks.15._expand_conv"


def test_shared_names_are_told_apart():
    names = convert_imagenet_labels.first_synonyms([["maillot"], ["maillot", "tank suit"], ["cat", "puss"]])
    assert names == ["maillot", "tank suit", "cat"]
    with pytest.raises(ValueError, match="shared by several classes"):
        convert_imagenet_labels.first_synonyms([["crane"], ["crane"]])
