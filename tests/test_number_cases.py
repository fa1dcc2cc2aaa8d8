"""Cases 77 to 87: numbers that go wrong in the wild, each by its number, with the very words of the answer."""

from __future__ import annotations

import numpy as np
import pytest
from screen import assert_fine, make_ready, notes, opened, switched, texts
from seeds import pictures, seeded

from components import compute, sentences
from explain import ConvScopeError, Target, attribute, engine_for

SHAPE = (9, 8, 3)
FASHION = {"model": "fashion_cnn"}
LEFT_OUT = "Left out of the address, because it can't be used here: {names}."


def refusal(model, x, method="saliency", target=1, **settings):
    with pytest.raises(ConvScopeError) as caught:
        attribute(model, x, method, target, **settings)
    assert isinstance(caught.value, ValueError)
    return str(caught.value)


def said(result):
    return [sentences.said(finding) for finding in result.findings]


@pytest.fixture
def x():
    return pictures(1, SHAPE)[0]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_77_an_image_with_nan(gap_model, x, value):
    x[3, 4, 1] = value
    expected = "x: expected finite values, got NaN or infinity; check the image and its preprocessing"
    assert refusal(gap_model, x) == expected


@pytest.mark.parametrize("method", ["saliency", "integrated_gradients", "grad_cam", "occlusion"])
def test_78_a_constant_image(gap_model, method):
    result = attribute(gap_model, np.full(SHAPE, 0.5, np.float32), method, 1)
    assert np.isfinite(result.map).all()
    assert (
        "The picture has one colour everywhere: a map of it shows the network and its edges, no part of a picture. "
        "Noise, a share of its range, is 0."
    ) in said(result)
    coloured = np.ones(SHAPE, np.float32) * [0.1, 0.2, 0.3]
    assert any(text.endswith("no part of a picture.") for text in said(attribute(gap_model, coloured, method, 1)))
    assert not any("one colour" in text for text in said(attribute(gap_model, pictures(1, SHAPE)[0], method, 1)))


def one_channel(weights, kernel=1.0):
    """A 1 x 1 convolution with ReLU on a grey 28 x 28 picture, its mean, and a dense layer of ten classes."""
    from keras import Input, Sequential, layers

    conv = layers.Conv2D(1, 1, activation="relu", use_bias=False, name="conv")
    end = layers.Dense(10, activation="softmax", name="end")
    model = Sequential([Input((28, 28, 1)), conv, layers.GlobalAveragePooling2D(name="mean"), end])
    conv.set_weights([np.full((1, 1, 1, 1), kernel, "float32")])
    end.set_weights([np.array([weights], "float32"), np.zeros(10, "float32")])
    return model


AGAINST, DEAD = ([1, -1] + [0] * 8, 1.0), ([1, -1] + [0] * 8, -1.0)
BRIGHT = np.linspace(0.1, 1, 784, dtype="float32").reshape(28, 28, 1)
EMPTY = "The map is 0 everywhere: {cause}. This is not an answer about the picture."
NEGATIVE = EMPTY.format(cause="all of its evidence is negative, and this method keeps only the positive part")
SILENT = EMPTY.format(cause="every unit of conv is silent on this picture, and nothing passes it")


@pytest.fixture
def on_screen(monkeypatch):
    """Put another network in the place of a declared one, for pictures that no other test asks for."""

    def put(weights, kernel):
        make_ready("fashion_cnn")
        engine = engine_for(one_channel(weights, kernel))
        monkeypatch.setattr(compute, "engine", lambda *_: engine)

    return put


def test_79_an_all_zero_map_says_its_cause(on_screen):
    result = attribute(one_channel(*AGAINST), BRIGHT, "grad_cam", 1)
    assert not result.map.any()
    assert said(result)[0] == NEGATIVE
    on_screen(*AGAINST)
    at = opened("attribution", **FASHION, picture="fashion/7901", methods="grad_cam", target=1, minus="-")
    assert_fine(at)
    assert NEGATIVE in notes(at)
    assert any("0 everywhere" in text for text in texts(at)), "the figure's title says so as well"
    assert "Show signed map" in [button.label for button in at.button]


@pytest.mark.parametrize("method", ["saliency", "grad_cam", "score_cam"])
def test_80_a_dead_relu_is_named(method):
    result = attribute(one_channel(*DEAD), BRIGHT, method, 0)
    assert not result.map.any()
    assert said(result)[0] == SILENT


def test_80_a_dead_relu_is_named_on_screen(on_screen):
    on_screen(*DEAD)
    at = opened("attribution", **FASHION, picture="fashion/8001", methods="saliency,grad_cam", target=0, minus="-")
    assert_fine(at)
    assert notes(at).count(SILENT) == 2


def test_81_a_saturated_softmax_leaves_the_logits_map_right_and_no_alarm():
    """The logit is 1000 times the mean of the picture, so each pixel's gradient is 1000 / 784."""
    model = one_channel([1000, -1000] + [0] * 8)
    assert engine_for(model).probabilities(BRIGHT[None])[0, 0] == 1
    result = attribute(model, BRIGHT, "saliency", 0)
    np.testing.assert_allclose(result.map, 1000 / 784, rtol=1e-5)
    assert [finding.code for finding in result.findings] == ["constant_map"]
    cam = attribute(model, BRIGHT, "grad_cam", 0)
    np.testing.assert_allclose(cam.map, BRIGHT[..., 0] * 1000 / 784, rtol=1e-5)
    assert cam.findings == ()
    flat = attribute(model, BRIGHT, "saliency", Target(0, kind="probability"))
    cause = "the probability is so near to its end that it does not move, though the logit does"
    assert said(flat)[0] == EMPTY.format(cause=cause)


CLASS = "expected a class from 0 to 5, got {got}; choose one the model has"
WHOLE_CLASS = "expected a whole class number or a Target, got {got}; give a class's number"


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (-1, CLASS.format(got=-1)),
        (6, CLASS.format(got=6)),
        ("abc", WHOLE_CLASS.format(got="'abc'")),
        (2.5, WHOLE_CLASS.format(got="2.5")),
        (True, WHOLE_CLASS.format(got="True")),
    ],
)
def test_82_a_class_that_does_not_exist(gap_model, x, target, expected):
    assert refusal(gap_model, x, target=target) == f"target: {expected}"


@pytest.fixture(scope="module")
def ready():
    make_ready("fashion_cnn")


@pytest.mark.parametrize("target", ["-1", "abc", "2.5"])
def test_82_no_class_in_the_address(ready, target):
    at = opened("overview", **FASHION, methods="saliency", target=target)
    assert_fine(at)
    assert LEFT_OUT.format(names="`target`") in notes(at)
    at = switched(at, "attribution")
    assert_fine(at)
    assert at.selectbox(key="pick_target").value == 9


def test_82_a_class_too_many_in_the_address(ready):
    at = opened("attribution", **FASHION, methods="saliency", target=10)
    assert_fine(at)
    assert "There is no class 10: this model has 10." in notes(at)
    assert at.selectbox(key="pick_target").value == 9


@pytest.mark.parametrize("samples", [-5, 10**6, 2.5, "many", None, True])
def test_83_samples(gap_model, x, samples):
    expected = f"smooth_samples: expected a whole number from 0 to 10000, got {samples!r}; choose one of those"
    assert refusal(gap_model, x, smooth_samples=samples) == expected


def test_83_no_samples_is_the_plain_map(gap_model, x):
    plain, zero = attribute(gap_model, x, "saliency", 1), attribute(gap_model, x, "saliency", 1, smooth_samples=0)
    np.testing.assert_array_equal(plain.map, zero.map)


@pytest.mark.parametrize("samples", ["-5", "1000000", "2.5"])
def test_83_samples_in_the_address(ready, samples):
    at = opened("attribution", **FASHION, methods="saliency", smooth_samples=samples)
    assert_fine(at)
    assert LEFT_OUT.format(names="`smooth_samples`") in notes(at)
    assert at.slider(key="set_smooth_samples").value == 20


@pytest.mark.parametrize("noise", [-1, float("nan"), float("inf"), "a lot"])
def test_84_noise(gap_model, x, noise):
    expected = f"smooth_noise: expected a finite number from 0 to inf, got {noise!r}; choose one of those"
    assert refusal(gap_model, x, smooth_samples=2, smooth_noise=noise) == expected


def test_84_no_noise_is_the_plain_map_and_very_much_is_finite_or_refused(gap_model, x):
    plain = attribute(gap_model, x, "saliency", 1)
    none = attribute(gap_model, x, "saliency", 1, smooth_samples=3, smooth_noise=0)
    np.testing.assert_allclose(none.map, plain.map, rtol=1e-6)
    assert np.isfinite(attribute(gap_model, x, "saliency", 1, smooth_samples=2, smooth_noise=1e9).map).all()
    x = x / np.ptp(x)
    assert refusal(gap_model, x, smooth_samples=2, smooth_noise=1e38) == (
        "smooth_noise: expected at most 1e+36 for an image that spans 1, so that noisy copies stay finite, got 1e+38; "
        "take less"
    )


@pytest.mark.parametrize("noise", ["-1", "nan", "1e9"])
def test_84_noise_in_the_address(ready, noise):
    at = opened("attribution", **FASHION, methods="saliency", smooth_noise=noise)
    assert_fine(at)
    assert LEFT_OUT.format(names="`smooth_noise`") in notes(at)
    assert at.slider(key="set_smooth_noise").value == 0.2


def test_84_noise_of_0_in_the_address_is_honoured(ready):
    at = opened("attribution", **FASHION, methods="smoothgrad", smooth_noise="0", smooth_samples="2")
    assert_fine(at)
    assert at.slider(key="set_smooth_noise").value == 0


def test_a_parameter_that_this_model_can_not_have_is_said_on_the_page(ready):
    at = opened("attribution", **FASHION, methods="occlusion", occlusion_patch=200)
    assert not at.exception
    assert "expected at most the picture's shorter side, 28 pixels, got 200; take less" in notes(at)


def test_85_a_layer_off_the_path_to_the_output():
    """A branch whose gradient is cut: the score is the same whatever it gives."""
    from keras import Input, Model, layers, ops

    image = Input(SHAPE)
    main = layers.Conv2D(2, 3, activation="relu", name="main")(image)
    side = layers.Conv2D(2, 3, activation="relu", name="side")(image)
    end = layers.GlobalAveragePooling2D()(layers.Add()([main, ops.stop_gradient(side)]))
    model = seeded(Model(image, layers.Dense(6, activation="softmax")(end)))
    image = np.abs(pictures(1, SHAPE)[0])
    result = attribute(model, image, "grad_cam", 1, layer="side")
    assert not result.map.any()
    assert said(result)[0] == EMPTY.format(cause="nothing leads from this layer to the target")
    assert attribute(model, image, "grad_cam", 1, layer="main", signed=True).map.any()


def test_85_a_layer_of_another_output_and_one_that_has_no_place(gap_model, x):
    from keras import Model, layers

    other = layers.Conv2D(2, 3, name="elsewhere")(gap_model.get_layer("relu").output)
    model = Model(gap_model.inputs[0], [gap_model.output, other])
    assert refusal(model, x, "grad_cam", layer="elsewhere") == (
        "layer: the model has none called 'elsewhere'; choose one of image, conv, bn, relu, average, drop, predictions"
    )
    assert refusal(gap_model, x, "grad_cam", layer="predictions") == (
        "layer: expected one with rows and columns, got predictions of shape (6,); choose from conv, bn, relu"
    )


def test_86_uint8_input(gap_model, x):
    assert refusal(gap_model, (x * 50).astype(np.uint8)) == (
        "x: expected preprocessed float values, got uint8; use the entry's preprocess(image), "
        'or x.astype("float32") if the model takes plain pixel values'
    )


@pytest.mark.parametrize("shape", [(8, 9, 3), (9, 8, 1), (1, 10, 8, 3), (0, 8, 3)])
def test_87_an_image_of_another_size(gap_model, shape):
    got = shape if len(shape) == 4 else (1, *shape)
    assert refusal(gap_model, np.zeros(shape, np.float32)) == (
        f"x: expected images of shape (N, 9, 8, 3), got {got}; use the entry's preprocess(image)"
    )


@pytest.mark.parametrize("size", [(1, 1), (3, 2)])
def test_87_an_image_too_small_for_a_model_of_free_size(size):
    from keras import Input, Model, layers

    image = Input((None, None, 3))
    z = layers.MaxPooling2D(2)(layers.Conv2D(3, 3, name="conv", activation="relu")(image))
    model = seeded(Model(image, layers.Dense(2, activation="softmax")(layers.GlobalAveragePooling2D()(z))))
    for method in ("saliency", "grad_cam", "eigen_cam"):
        words = refusal(model, np.ones((*size, 3), np.float32), method)
        assert words == f"x: an image of {size[0]} x {size[1]} is too small for this model; give a larger one"


@pytest.mark.parametrize("x", ["abc", None, [[1, 2], [3]], {"a": 1}, np.array(["a"]), np.zeros(SHAPE, complex)])
def test_what_is_no_image_is_named(gap_model, x):
    assert refusal(gap_model, x).startswith("x: expected ")
