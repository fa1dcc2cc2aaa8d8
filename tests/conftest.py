"""Small models with seeded weights that every test of the numerics shares, and pictures to feed them."""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "2")

import pytest
from seeds import seeded
from servers import without_nginx


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if without_nginx:
        said = (
            f"NO NGINX: {len(without_nginx)} tests of deploy/nginx.conf were SKIPPED. Install nginx-light and openssl."
        )
        terminalreporter.write_line(said, red=True, bold=True)


@pytest.fixture(scope="session")
def linear_model():
    """Flatten and one dense layer on 5 x 4 x 3: the gradient is the weight itself."""
    from keras import Input, Sequential, layers

    return seeded(Sequential([Input((5, 4, 3)), layers.Flatten(), layers.Dense(4, activation="softmax")]))


@pytest.fixture(scope="session")
def sequential_model():
    from keras import Input, Sequential, layers

    parts = [
        Input((12, 10, 3)),
        layers.Conv2D(6, 3, padding="same", activation="relu", name="conv_1"),
        layers.MaxPooling2D(name="pool_1"),
        layers.Conv2D(5, 3, activation="relu", name="conv_2"),
        layers.Flatten(name="flatten"),
        layers.Dense(7, activation="relu", name="dense_1"),
        layers.Dropout(0.5, name="dropout"),
        layers.Dense(6, activation="softmax", name="predictions"),
    ]
    return seeded(Sequential(parts))


@pytest.fixture(scope="session")
def gap_model():
    """Convolution, ReLU, global average and one dense layer: the answer is a sum of its cells."""
    from keras import Input, Model, layers

    image = Input((9, 8, 3), name="image")
    z = layers.Conv2D(4, 3, strides=2, padding="same", use_bias=False, name="conv")(image)
    z = layers.BatchNormalization(name="bn")(z)
    cells = layers.ReLU(name="relu")(z)
    z = layers.Dropout(0.2, name="drop")(layers.GlobalAveragePooling2D(name="average")(cells))
    return seeded(Model(image, layers.Dense(6, activation="softmax", name="predictions")(z)))


@pytest.fixture(scope="session")
def skip_model():
    """A residual block: a branch with a skip round it, then a head whose softmax is a layer of its own."""
    from keras import Input, Model, layers

    image = Input((10, 10, 3), name="image")
    stem = layers.Conv2D(4, 3, padding="same", activation="relu", name="stem")(image)
    z = layers.DepthwiseConv2D(3, padding="same", name="depthwise")(stem)
    z = layers.ReLU(6.0, name="inside")(z)
    z = layers.Conv2D(4, 1, name="project")(z)
    z = layers.Activation("relu", name="after")(layers.Add(name="add")([z, stem]))
    z = layers.MaxPooling2D(name="pool")(z)
    z = layers.Dense(5, name="scores")(layers.Flatten(name="flatten")(z))
    return seeded(Model(image, layers.Softmax(name="softmax")(z)))


@pytest.fixture(scope="session")
def nested_model():
    """A backbone model inside a model, as in transfer learning."""
    from keras import Input, Model, layers

    image = Input((12, 12, 3), name="picture")
    z = layers.Conv2D(5, 3, padding="same", activation="relu", name="conv1")(image)
    z = layers.Conv2D(4, 3, strides=2, name="conv2")(z)
    backbone = Model(image, layers.ReLU(name="out")(z), name="backbone")
    outer = Input((12, 12, 3), name="image")
    z = layers.Flatten(name="flatten")(backbone(outer))
    return seeded(Model(outer, layers.Dense(3, activation="softmax", name="predictions")(z)))


@pytest.fixture(scope="session")
def grey_sigmoid_model():
    from keras import Input, Sequential, layers

    parts = [
        Input((8, 8, 1)),
        layers.Conv2D(3, 3, activation="relu", name="conv"),
        layers.Flatten(),
        layers.Dense(1, activation="sigmoid", name="unit"),
    ]
    return seeded(Sequential(parts))


@pytest.fixture(params=["sequential_model", "gap_model", "skip_model", "nested_model", "grey_sigmoid_model"])
def any_model(request):
    """Each of the small convolutional models in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """Trainings that a test drives, in place of processes."""
    from fake_training import Registry

    from components import warming
    from model_zoo.training import run

    made = Registry(tmp_path)
    monkeypatch.setattr(run, "TRAININGS", made)
    monkeypatch.setattr(warming, "warm_soon", lambda subject: None)
    return made
