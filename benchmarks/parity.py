"""How far our maps are from tf-keras-vis's, and the seconds of both: a row a model and method.

Run from the project's folder: python -m benchmarks.parity [--vgg16]

Maps are scaled to 0..1 and enlarged with aligned corners; both engines get the same layer, weights and noise. "ours" is
the first time of a picture that the engine has not met, functions traced; "theirs" its call alone.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from explain import attribute, engine_for
from explain.reference import PEERS, reference_map
from model_zoo import MODELS
from model_zoo.samples import PHOTOGRAPHS, load_sample

PARAMS = {"score_cam": {"top_n": 10}}
ROW = "{:<20} {:<20} {:>10} {:>8} {:>8} {:>7}"


def scaled(values):
    span = values.max() - values.min()
    return (values - values.min()) / (span or 1)


def compare(model, x, method, **settings):
    target = engine_for(model).top_target(x[None]).index
    ours = attribute(model, x, method, target, parity=True, **settings)
    theirs, seconds = reference_map(model, method, x, target, **settings)
    return float(np.abs(scaled(ours.map) - scaled(theirs)).max()), ours.seconds, seconds


def row(title, model, pictures, method, name, **settings):
    found = np.array([compare(model, x, method, **settings) for x in pictures])
    times = np.median(found[1:] if len(found) > 1 else found, axis=0)[1:]
    print(ROW.format(title, name, f"{found[:, 0].max():.1e}", f"{times[0]:.3f}", f"{times[1]:.3f}", len(pictures)))


def table(title, model, pictures, samples):
    for method in PEERS:
        row(title, model, pictures, method, method, **PARAMS.get(method, {}))
    row(title, model, pictures, "saliency", f"smoothgrad, {samples}", smooth_samples=samples, smooth_noise=0.2)


def random_vgg16():
    """VGG16 with seeded He-normal weights, its logits kept small enough for no probability to underflow."""
    import keras

    model, draw = keras.applications.VGG16(weights=None), np.random.default_rng(0)
    for weight in model.weights:
        scale = np.sqrt(2 / np.prod(weight.shape[:-1])) if len(weight.shape) > 1 else 0.01
        scale *= 0.01 if weight.shape[-1] == 1000 else 1
        weight.assign(draw.standard_normal(weight.shape, np.float32) * np.float32(scale))
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vgg16", action="store_true", help="VGG16 with seeded random weights too (3 GB of memory)")
    options = parser.parse_args()
    print(ROW.format("model", "method", "difference", "ours s", "theirs s", "images"))
    lite, fashion = MODELS["efficientnet_lite0"], MODELS["fashion_cnn"]
    photographs = [lite.preprocess(load_sample(key)) for key in PHOTOGRAPHS]
    table(lite.title, lite.build(), photographs, 8)
    clothes = [fashion.preprocess(load_sample(f"fashion/{number}")) for number in range(8)]
    table(fashion.title, fashion.build(), clothes, 20)
    if options.vgg16:
        x = MODELS["vgg16"].preprocess(load_sample("chelsea"))
        table("VGG16, random", random_vgg16(), [x, x[:, ::-1].copy()], 4)


if __name__ == "__main__":
    main()
