"""The same map by tf-keras-vis, where it can run: another engine to hold ours against."""

from __future__ import annotations

import importlib
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from explain.checks import one_image
from explain.engines import engine_for
from explain.noise import NoiseSource, seeded_noise
from explain.tracing import final_activation
from explain.types import Map, Target

if TYPE_CHECKING:
    from explain.engine import Engine


@dataclass(frozen=True)
class _Peer:
    """Where tf-keras-vis keeps a method, and what our parameters are called there."""

    module: str
    name: str
    reads_layer: bool = True
    raw: str = "normalize_cam"
    params: Mapping[str, str] = field(default_factory=dict)


PEERS: dict[str, _Peer] = {
    "saliency": _Peer("saliency", "Saliency", reads_layer=False, raw="normalize_map"),
    "grad_cam": _Peer("gradcam", "Gradcam"),
    "grad_cam_plus_plus": _Peer("gradcam_plus_plus", "GradcamPlusPlus"),
    "layer_cam": _Peer("layercam", "Layercam"),
    "score_cam": _Peer("scorecam", "Scorecam", params={"top_n": "max_N"}),
}
"""Our method keys, and the tf-keras-vis classes that compute the same."""

_views: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
_lock = threading.RLock()


def reference_can_run(model: Any, method: str) -> str:
    """Return "" where tf-keras-vis can compute a method on a model, else the reason's id.

    "unknown_method", "no_class_output", "nested_model" (it finds no layers inside a nested model), "sigmoid_output"
    (its Score-CAM takes a softmax over the outputs, which says nothing about single units).
    """
    engine = engine_for(model)
    if method not in PEERS:
        return "unknown_method"
    if not engine.classes:
        return "no_class_output"
    if any("/" in info.name for info in engine.layers):
        return "nested_model"
    return "sigmoid_output" if method == "score_cam" and engine.output_kind == "sigmoid" else ""


def reference_map(
    model: Any,
    method: str,
    x: Any,
    target: int | Target,
    layer: str | None = None,
    smooth_samples: int = 0,
    smooth_noise: float = 0.2,
    seed: int = 0,
    noise_source: NoiseSource | None = None,
    **params: Any,
) -> tuple[Map | None, float]:
    """Return tf-keras-vis's raw map of one image, (H, W), aligned corners, and the seconds its call took.

    It gets the layer and the noise that ours gets, and bare logits from a view that shares the model's weights, so the
    model is neither cloned nor changed. The map is None where it can't run, or can't explain this kind of target.
    Smoothing is known to it for saliency alone.
    """
    engine, peer = engine_for(model), PEERS.get(method)
    goal = engine.target(target)
    if peer is None or reference_can_run(engine, method) or goal.kind != "logit":
        return None, 0.0
    if peer.reads_layer and smooth_samples:
        return None, 0.0
    options: dict[str, Any] = {peer.raw: False}
    options |= {peer.params[name]: value for name, value in params.items() if name in peer.params}
    if peer.reads_layer:
        options |= {"penultimate_layer": layer or engine.default_layer(), "seek_penultimate_conv_layer": False}
    else:
        options |= {"smooth_samples": smooth_samples, "smooth_noise": smooth_noise}
    with _lock, _quiet():
        module = importlib.import_module(f"tf_keras_vis.{peer.module}")
        method_object = getattr(module, peer.name)(_logit_view(engine))
        with _noise(module, noise_source or seeded_noise(seed)):
            began = time.perf_counter()
            raw = method_object(partial(_score, target=goal), one_image(x).astype(np.float32), **options)
            seconds = time.perf_counter() - began
    return np.asarray(raw, np.float32)[0], seconds


def _score(outputs: Any, target: Target) -> Any:
    score = outputs[:, target.index]
    return target.sign * (score if target.minus is None else score - outputs[:, target.minus])


def _logit_view(engine: Engine) -> Any:
    """Return a functional model that gives logits and shares every weight."""
    if engine.model not in _views:
        import keras

        end, _ = final_activation(engine.graph)
        inputs = engine.model.inputs
        if end is None:
            output = engine.model.outputs[0]
        elif end.type == "Dense":
            output = keras.layers.Lambda(partial(_affine, end.op), name="bare_logits")(end.op.input)
        else:
            output = end.op.input
        view = keras.Model(inputs, output)
        object.__setattr__(view, "predict", partial(view.predict, verbose=0))
        _views[engine.model] = view
    return _views[engine.model]


def _affine(dense: Any, z: Any) -> Any:
    from keras import ops

    product = ops.matmul(z, dense.kernel)
    return product if dense.bias is None else ops.add(product, dense.bias)


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave out two warnings of tf-keras-vis that nobody can act on: its input lists, and a scipy name it imports."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The structure of `inputs`")
        warnings.filterwarnings("ignore", message=".*scipy.ndimage", category=DeprecationWarning)
        yield


@contextmanager
def _noise(module: Any, draw: NoiseSource) -> Iterator[None]:
    """Give a tf-keras-vis module our noise: it draws from NumPy's global generator, unseeded."""

    def normal(mean: float, sigma: Any, size: tuple[int, ...]) -> Any:
        standard = np.stack([np.broadcast_to(draw(i, size[2:]), size[1:]) for i in range(size[0])])
        return (mean + np.asarray(sigma) * standard).astype(np.float32)

    real = module.np
    module.np = _NumpyWith(SimpleNamespace(normal=normal))
    try:
        yield
    finally:
        module.np = real


class _NumpyWith:
    """NumPy with another `random`."""

    def __init__(self, random: Any) -> None:
        self.random = random

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)
