"""Numbers nobody thought of, for every method's parameters: a finite map that repeats, or an error that names what.

Run from the project's folder: python -m benchmarks.fuzz [--examples N] [--seed N] [--method KEY]

Hypothesis draws a small model, an image, a method, a target, a layer and settings, right and wrong ones. What comes has
to be a finite map of the image's size, the same once more with nothing remembered, and not below zero where the method
says so; or a ConvScopeError whose message begins with the name of an argument. A map that is not finite counts only
where a finding says so and names the cause. Anything else is printed, as small as Hypothesis can make it.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from explain import METHODS, Choice, ConvScopeError, Layer, Number, Target, attribute
from explain.memo import SHARED

ARGUMENTS = {
    "x", "target", "minus", "layer", "method", "title", "after", "smooth_samples", "smooth_noise", "smooth_statistic",
    "smooth_sampling", "seed", "parity", "signed", "colour",
}  # fmt: skip
SIZES = {"fashion": (28, 28, 1), "free": (14, 11, 3), "sigmoid": (8, 8, 1), "scores": (9, 8, 3)}
CLASSES = {"fashion": 10, "free": 4, "sigmoid": 1, "scores": 3}
LAYERS = {
    "fashion": ("conv_1", "pool_1", "conv_2", "pool_2"),
    "free": ("main", "side", "sum", "pool", "deep"),
    "sigmoid": ("conv",),
    "scores": ("conv",),
}
ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from([[], {}, (1, 2), b"abc", 1 + 2j, np.array([1.0, 2.0]), np.float32("nan"), np.int64(-3), "relu"]),
)
COSTLY = {"masks": 200, "steps": 24, "top_n": 12, "smooth_samples": 4}
"""Up to where a parameter is drawn when it is right: more of it costs time and reaches no other line."""


@cache
def engine(name: str) -> Any:
    """Return one of the small models, ready."""
    from keras import Input, Model, Sequential, layers, ops

    from explain.engine import Engine

    if name == "fashion":
        from model_zoo import MODELS

        return Engine(MODELS["fashion_cnn"].build())
    if name == "free":
        image = Input((None, None, 3), name="image")
        main = layers.Conv2D(4, 3, padding="same", activation="relu", name="main")(image)
        side = layers.Conv2D(4, 3, padding="same", activation="relu", name="side")(image)
        z = layers.Add(name="sum")([main, ops.stop_gradient(side)])
        z = layers.MaxPooling2D(name="pool")(layers.BatchNormalization(name="bn")(z))
        z = layers.Conv2D(5, 3, name="deep")(z)
        z = layers.GlobalAveragePooling2D(name="mean")(z)
        return Engine(drawn(Model(image, layers.Dense(4, activation="softmax", name="end")(z))))
    units, last = (1, "sigmoid") if name == "sigmoid" else (3, None)
    parts = [Input(SIZES[name]), layers.Conv2D(3, 3, activation="relu", name="conv"), layers.Flatten(name="flat")]
    return Engine(drawn(Sequential([*parts, layers.Dense(units, activation=last, name="end")])))


def drawn(model: Any) -> Any:
    """Give a model's weights seeded values."""
    draw = np.random.default_rng(0)
    for weight in model.weights:
        values = draw.normal(scale=0.4, size=weight.shape)
        weight.assign(np.abs(values) + 0.5 if "variance" in weight.name else values)
    return model


@st.composite
def images(draw: Callable[..., Any], name: str) -> Any:
    """Draw an image as what `image` makes it of: (kind, shape, seed, scale)."""
    height, width, depth = SIZES[name]
    if name == "free":
        height, width = draw(st.sampled_from([(14, 11), (14, 11), (1, 1), (2, 3), (6, 6), (5, 40)]))
    if draw(st.integers(0, 19)) == 7:
        return ("odd", draw(ODD))
    if draw(st.integers(0, 19)) == 7:
        height, width, depth = draw(st.tuples(*[st.integers(0, 5)] * 3))
    kind = draw(st.sampled_from(["normal"] * 8 + ["constant", "zero", "nan", "infinite", "uint8", "double"]))
    scale = draw(st.sampled_from([1.0] * 8 + [1e-30, 1e-6, 1e6, 1e18, 1e37, -1.0]))
    return (kind, (height, width, depth), draw(st.integers(0, 99)), scale)


def image(made_of: Any) -> Any:
    """Make the image that was drawn."""
    if made_of[0] == "odd":
        return made_of[1]
    kind, shape, number, scale = made_of
    values = np.random.default_rng(number).normal(size=shape) * scale
    if kind in ("constant", "zero"):
        values = np.full(shape, scale if kind == "constant" else 0.0)
    if kind in ("nan", "infinite") and values.size:
        values.flat[number % values.size] = np.nan if kind == "nan" else np.inf
    if kind == "uint8":
        return (np.abs(np.clip(values, -1, 1)) * 255).astype(np.uint8)
    return values if kind == "double" else values.astype(np.float32)


@st.composite
def targets(draw: Callable[..., Any], name: str) -> Any:
    """Draw a target: mostly a class, or the fields of a Target."""
    way = draw(st.integers(0, 9))
    if way < 5:
        return draw(st.integers(0, CLASSES[name] - 1))
    if way == 5:
        return draw(st.one_of(st.integers(-3, 20), ODD))
    if way == 6:
        return None
    index = draw(st.integers(0, CLASSES[name] - 1)) if way < 9 else draw(st.one_of(st.integers(-2, 12), ODD))
    minus = draw(st.one_of(st.none(), st.none(), st.integers(-1, CLASSES[name])))
    kinds = ["logit", "logit", "probability", "log_probability", "odds"]
    return ("Target", index, minus, draw(st.sampled_from(kinds)), draw(st.sampled_from([1, 1, -1, 0])))


def right(param: Number | Choice) -> st.SearchStrategy[Any]:
    """Draw a value that a parameter allows."""
    if isinstance(param, Choice):
        return st.sampled_from(param.options)
    high = min(param.high, COSTLY.get(param.name, param.high))
    return st.integers(int(param.low), int(high)) if param.whole else st.floats(param.low, high)


@st.composite
def examples(draw: Callable[..., Any], methods: tuple[str, ...]) -> dict[str, Any]:
    """Draw everything that one call of `attribute` gets."""
    name, key = draw(st.sampled_from(sorted(SIZES))), draw(st.sampled_from(methods))
    odd = lambda: draw(st.integers(0, 24)) == 7  # noqa: E731
    asked: dict[str, Any] = {"model": name, "x": draw(images(name)), "target": draw(targets(name))}
    asked["method"] = draw(ODD) if odd() else key
    for param in METHODS[key].params:
        if isinstance(param, Layer):
            if draw(st.booleans()):
                asked["layer"] = draw(ODD) if odd() else draw(st.sampled_from(LAYERS[name]))
        elif draw(st.booleans()):
            asked[param.name] = draw(ODD) if odd() else draw(right(param))
    for common, usual in (
        ("smooth_samples", st.integers(0, COSTLY["smooth_samples"])),
        ("smooth_noise", st.one_of(st.floats(0, 2), st.floats(0, 1e38))),
        ("smooth_statistic", st.sampled_from(["abs_mean", "mean_abs", "mean", "variance", "squares"])),
        ("smooth_sampling", st.sampled_from(["plain", "antithetic", "quasi"])),
        ("seed", st.integers(0, 2**32 - 1)),
        ("parity", st.booleans()),
        ("signed", st.booleans()),
    ):
        if draw(st.integers(0, 3)) == 0:
            asked[common] = draw(ODD) if odd() else draw(usual)
    if odd():
        asked[draw(st.sampled_from(["layer", "title", "after", "colour"]))] = draw(ODD)
    return asked


def check(asked: dict[str, Any]) -> str:
    """Call `attribute` and return what came, in a word; raises AssertionError for what must not be."""
    given = dict(asked)
    ready = engine(given.pop("model"))
    given["x"] = x = image(given["x"])
    with np.errstate(all="ignore"):
        try:
            if isinstance(given["target"], tuple) and given["target"][:1] == ("Target",):
                given["target"] = Target(*given["target"][1:])
            result = attribute(ready, **given)
        except ConvScopeError as error:
            argument = str(error).partition(":")[0]
            if argument not in ARGUMENTS | set(given):
                raise AssertionError(f"no argument is named: {error}") from error
            return f"refused: {argument}"
        assert result.map.shape == np.shape(x)[-3:-1], f"a map of shape {result.map.shape}"
        assert result.done == result.total
        # With nothing remembered everything is computed anew.
        ready.memo = SHARED.room(ready)
        again = attribute(ready, **given)
    for part in ("raw", "native", "map"):
        np.testing.assert_array_equal(getattr(result, part), getattr(again, part), err_msg=f"{part} does not repeat")
    if not np.isfinite(result.native).all() or not np.isfinite(result.map).all():
        said = [finding for finding in result.findings if finding.code == "map_nan"]
        assert said, "a map that is not finite, and no finding says so"
        assert said[0].values["cause"]
        return f"not finite, said: {said[0].values['cause']}"
    positive = not METHODS[result.method].signed and not result.settings["signed"]
    assert not positive or result.native.min() >= 0, f"below zero: {result.native.min()}"
    return "map" if result.native.any() else "map, all zero"


def run(count: int, number: int | None = 0, methods: tuple[str, ...] = tuple(METHODS)) -> Counter[str]:
    """Check so many examples, drawn from a seed (None: always the same); returns what came how often."""
    came: Counter[str] = Counter()

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=number is None,
        suppress_health_check=list(HealthCheck),
    )
    @given(examples(methods))
    def one(asked: dict[str, Any]) -> None:
        came[check(asked)] += 1

    (one if number is None else seed(number)(one))()
    return came


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--method", choices=[*METHODS], help="only this one")
    asked = parser.parse_args()
    began = time.perf_counter()
    came = run(asked.examples, asked.seed, (asked.method,) if asked.method else tuple(METHODS))
    print(f"{came.total():,} examples in {time.perf_counter() - began:.0f} s, none of them neither a map nor an error:")
    for what, times in came.most_common():
        print(f"{times:>6}  {what}")


if __name__ == "__main__":
    main()
