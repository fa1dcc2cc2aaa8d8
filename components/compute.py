"""Every cache of the app. Jobs are pure functions of names, numbers and bytes; arrays that leave here are read-only."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import streamlit as st
from cachetools import LRUCache
from numpy.typing import NDArray

from components import admission, blocks, logs, memory, models, pixels, raster
from components.glances import Glance
from components.sizes import size
from components.subjects import MOST_PICTURES, Subject
from explain import attribute, stream
from explain.cover import Cover
from explain.sums import Sum
from explain.types import Attribution, Target
from model_zoo.geometry import centre_square
from model_zoo.samples import load_sample

if TYPE_CHECKING:
    from explain.kernels import Folded

T = TypeVar("T")
RESULT_BYTES = 96 << 20
BY_SUBJECT: dict[str | type[Any], Callable[[Any], Any]] = {
    Subject: lambda subject: f"{subject.model}|{subject.state}|{subject.picture}"
}


def engine(model: str, state: str) -> Any:
    """Build a model and make it ready to be looked into; one for all sessions, an own one for those that opened it."""
    own = models.held(model, state)
    network = _network(model, state) if own is None else own.network
    if network.built:
        return network.engine()
    memory.make_room(memory.for_model(models.entry_of(model)))
    made = network.engine()
    memory.collect()
    return made


@st.cache_resource(max_entries=6, show_spinner=False)
def _network(model: str, state: str) -> models.Network:
    return models.Network(models.entry_of(model))


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_SUBJECT)
def model_input(subject: Subject) -> NDArray[np.float32]:
    """Return the picture as the model gets it, (H, W, C) float32."""
    return subject.entry.preprocess(subject.pixels)


@st.cache_data(max_entries=512, show_spinner=False)
def face(picture: str, side: int = 160) -> bytes:
    """Return a sample picture as a small PNG, Fashion-MNIST dark on light."""
    drawn = pixels.as_drawn(picture, load_sample(picture))
    left, top, right, bottom = centre_square(drawn.shape[1], drawn.shape[0])
    return raster.picture_thumbnail(drawn[top:bottom, left:right], side)


@st.cache_resource(show_spinner=False, max_entries=16)
def shared(make: type[T]) -> T:
    """Return the one object of a class that all sessions share."""
    return make()


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_SUBJECT)
def shown_input(subject: Subject) -> NDArray[np.uint8]:
    """Return the picture as the model gets it, cropped and resized, as pixels to draw, (H, W, 3) uint8."""
    return pixels.given(subject)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_SUBJECT)
def shown_picture(subject: Subject) -> NDArray[np.uint8]:
    """Return the picture as it was opened, (H, W, 3) uint8; Fashion-MNIST dark on light, as the notebooks draw it."""
    return pixels.as_drawn(subject.picture, subject.pixels)


@st.cache_resource(max_entries=MOST_PICTURES + 1, show_spinner=False, hash_funcs=BY_SUBJECT)
def activations(subject: Subject) -> Mapping[str, NDArray[np.float32]]:
    """Return the activations of every layer for one picture, by layer name, without the batch axis."""
    values = engine(subject.model, subject.state).activations(model_input(subject)[None])
    kept = {name: value[0] for name, value in values.items()}
    for value in kept.values():
        value.setflags(write=False)
    return kept


@st.cache_data(max_entries=512, show_spinner=False, hash_funcs=BY_SUBJECT)
def layer_face(subject: Subject, layer: str, channel: int | None) -> bytes:
    """Return a layer's strongest channel for the picture, or the one asked for, as a small PNG."""
    values = activations(subject)[layer]
    return raster.thumbnail(values if channel is None else values[..., channel : channel + 1])


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=BY_SUBJECT)
def glance(subject: Subject) -> Glance:
    """Return what every page shows of a subject, from one pass through the model."""
    from explain.sums import answer_as_sum
    from explain.targets import probabilities_of

    ready = engine(subject.model, subject.state)
    if not models.fed(subject.model, subject.state):
        return Glance(ready.layers, {}, None, None, ready.default_layer(), "none", None, fed=False)
    x, values, faces = model_input(subject)[None], activations(subject), {}
    for run in blocks.runs(ready.layers):
        layer = blocks.face_layer(run)
        if layer is not None:
            faces[layer.name] = raster.thumbnail(values[layer.name])
    if not ready.classes:
        return Glance(ready.layers, faces, None, None, ready.default_layer(), ready.output_kind, None)
    logits, plain = ready.logits(x)[0], ready.output_kind == "linear"
    shares = None if plain and len(logits) == 1 else probabilities_of(logits, "softmax" if plain else ready.output_kind)
    total = answer_as_sum(ready, x[0], Target(int(np.argmax(logits))))
    return Glance(ready.layers, faces, logits, shares, ready.default_layer(), ready.output_kind, total)


@st.cache_data(max_entries=16, show_spinner=False)
def summary(model: str, state: str) -> str:
    """Return Keras's own summary of a model as text."""
    lines: list[str] = []
    engine(model, state).model.summary(print_fn=lambda line, **_more: lines.append(line), line_length=100)
    return "\n".join(lines)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_SUBJECT)
def effective_field(subject: Subject, layer: str, row: int, col: int, channel: int | None) -> NDArray[np.float32]:
    """Return how strongly each pixel moves one unit of a layer for this picture, (H, W)."""
    from explain.receptive import effective_field as field

    return field(engine(subject.model, subject.state), model_input(subject)[None], layer, row, col, channel)


@st.cache_data(max_entries=128, show_spinner=False, hash_funcs=BY_SUBJECT)
def answer_sum(subject: Subject, target: int, minus: int | None) -> Sum | None:
    """Return the answer as a sum for one class, or for one class against another."""
    from explain.sums import answer_as_sum

    return answer_as_sum(engine(subject.model, subject.state), model_input(subject), Target(target, minus))


@dataclass(frozen=True, eq=False)
class LayerKernels:
    """A layer's kernels as stored, (kh, kw, in, out), and with the normalisation behind it worked in, if any."""

    layer: str
    stored: NDArray[np.float32]
    bias: NDArray[np.float32] | None
    folded: Folded | None

    @property
    def inputs(self) -> int:
        """Channels that each kernel reads."""
        return int(self.stored.shape[2])


@st.cache_resource(max_entries=32, show_spinner=False)
def kernels(model: str, state: str, layer: str) -> LayerKernels:
    """Return a layer's kernels."""
    from explain.kernels import bias_of, folded_with_norm, kernel_of

    ready = engine(model, state)
    return LayerKernels(layer, kernel_of(ready, layer), bias_of(ready, layer), folded_with_norm(ready, layer))


def cover(subject: Subject, target: Target) -> Iterator[Cover]:
    """Cover each of 7×7 squares in turn; yields after each batch."""
    from explain.cover import cover_squares

    return cover_squares(engine(subject.model, subject.state), model_input(subject), target)


def attribution(
    subject: Subject,
    method: str,
    target: Target,
    title: str,
    settings: Mapping[str, Any],
    after: Attribution | None = None,
) -> Iterator[Attribution]:
    """Attribute a target to a picture's pixels; yields ever better results, the last with its findings."""
    ready, x = engine(subject.model, subject.state), model_input(subject)
    return stream(ready, x, method, target, entry=subject.entry, title=title, after=after, **settings)


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=BY_SUBJECT)
def reference(
    subject: Subject, method: str, target: Target, layer: str | None, samples: int, noise: float, seed: int, top_n: int
) -> tuple[NDArray[np.float32] | None, float]:
    """Compute a map with tf-keras-vis; returns it with the seconds it took, None where it can't run."""
    from explain.reference import reference_map

    more: dict[str, Any] = {"top_n": top_n} if top_n else {}
    settings: dict[str, Any] = {"layer": layer, "smooth_samples": samples, "smooth_noise": noise, "seed": seed}
    ready, x = engine(subject.model, subject.state), model_input(subject)
    with admission.JOBS.turn(admission.session(), admission.SPELL):
        return reference_map(ready, method, x, target, **settings, **more)


def parity(subject: Subject, target: Target, result: Attribution) -> Attribution:
    """Return a result as tf-keras-vis would make it: its statistic, aligned corners, and masks enlarged likewise."""
    own = ("signed", "parity", "placement", "smooth_sampling")
    settings = {name: value for name, value in result.settings.items() if name not in own}
    ready, x = engine(subject.model, subject.state), model_input(subject)
    if result.layer is None:
        settings.pop("layer", None)
    settings["smooth_statistic"] = "abs_mean"
    key = ("parity", subject, target, result.method, tuple(sorted(settings.items())))
    known = kept(key)
    if known is None:
        known = attribute(ready, x, result.method, target, parity=True, **settings)
        keep(key, known)
    return known  # type: ignore[no-any-return]


@st.cache_resource(show_spinner=False)
def _results() -> tuple[LRUCache[Hashable, Any], threading.Lock]:
    return LRUCache(maxsize=RESULT_BYTES, getsizeof=size), threading.Lock()


def kept(key: Hashable) -> Any:
    """Return a finished result of any session, None if there is none."""
    cache, lock = _results()
    with lock:
        logs.counts["results_known" if key in cache else "results_new"] += 1
        return cache.get(key)


def keep(key: Hashable, value: Any) -> None:
    """Keep a finished result for all sessions, within the memory set aside for results."""
    cache, lock = _results()
    with lock:
        if size(value) <= cache.maxsize:
            cache[key] = value


@st.cache_data(max_entries=128, show_spinner=False)
def chain_built(text: str) -> tuple[tuple[tuple[int, ...], int], ...]:
    """Return the output shape and the parameters of each layer of a chain, as Keras builds it."""
    from explain.chain_keras import built
    from explain.chain_text import read

    return built(*read(text))
