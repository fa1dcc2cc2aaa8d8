"""What the Kernels, Activations and Attribution pages show of a recorded training."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import compute, raster, sentences
from components.figures import Words, even_columns, fitting_columns
from components.figures.film import Film
from components.parts import kernels as kernels_page
from components.parts import recorder
from components.pointing import Pointed
from components.sentences import recordings as said
from components.subjects import Subject
from components.text import _, number, plain
from explain.kernels import norm_matrix
from explain.layers import LayerInfo
from model_zoo.training.recorded import Recording
from model_zoo.training.recording_findings import dead, still

Values = NDArray[np.float32]
A_PAGE = 64


def kernels(subject: Subject, here: Pointed, source: int) -> None:
    """Show all kernels that read one input channel of the pinned layer, over the training."""
    recording = recorder.open_recording(subject)
    if recording is None or here.layer is None:
        return
    layer = here.layer.name
    if layer not in recording.kernels:
        st.info(_("The kernels of {layer} were not recorded: they are too many.").format(layer=layer))
        return
    stored = recording.kernels[layer].astype(np.float32)
    source = min(source, stored.shape[3] - 1)
    shown = _kernel_film(recording, layer, np.moveaxis(stored[:, :, :, source], -1, 1))
    moved = np.sqrt(((stored[-1] - stored[0])[:, :, source] ** 2).sum(axis=(0, 1)))
    words = Words(
        _("{layer}, input {source}: kernel {n} moved furthest from its start").format(
            layer=layer, source=source, n=int(np.nan_to_num(moved).argmax())
        ),
        _("Kernels of {layer}, input channel {source}; one scale for all recorded moments, ±{bound}.").format(
            layer=layer, source=source, bound=number(shown.limits[0][1])
        ),
        kernels_page.doesnt_show(),
    )
    found = [
        said.stood_still(recording, layer, still(recording, layer)),
        said.died(recording, layer, dead(recording, layer)),
    ]

    def title(at: int) -> str:
        return sentences.kernels_title(layer, source, norm_matrix(stored[at])[source])

    recorder.draw(subject, recording, recorder.Shown(shown, words, title, found, layer))


def _kernel_film(recording: Recording, layer: str, tiles: Values) -> Film:
    count, wide = tiles.shape[1], tiles.shape[3]
    return Film(
        tiles=tiles,
        numbers=list(range(count)),
        kind="weights",
        limits=[raster.natural_limits(tiles, "weights")] * recording.moments,
        said=_moments(recording),
        quantity=_("weight"),
        noun=_("kernel"),
        columns=even_columns(count, 3) if count <= A_PAGE else fitting_columns(count, wide, recorder.WIDE, 10),
        labels="row",
        notes=_notes(said.left_out(recording, "kernels", layer)),
    )


def activations(subject: Subject, here: Pointed) -> None:
    """Show a layer's feature maps of a pinned picture, over the training."""
    recording = recorder.open_recording(subject)
    if recording is None or here.layer is None:
        return
    layer = _recorded(subject, here.layer, recording)
    if layer is None:
        st.info(_("No feature maps were recorded of this network."))
        return
    picture = recorder.pinned_picker(subject, recording, recording.maps[layer.name].shape[1])
    values = recording.values(layer.name, picture)
    shown = _map_film(recording, layer, values)
    if layer.name != here.layer.name:
        elsewhere = _("Of {layer} itself no maps were recorded.").format(layer=here.layer.name)
        shown = replace(shown, notes=[*shown.notes, elsewhere])
    peaks = np.abs(values).max(axis=(1, 2))
    words = Words(
        _quiet(layer.name, peaks),
        _(
            "Activation of {layer} for the pinned picture, in steps of 1/255 of the largest; one scale for all "
            "recorded moments."
        ).format(layer=layer.name),
        sentences.channel_doesnt_show(),
    )
    found = [said.died(recording, layer.name, dead(recording, layer.name))]

    def title(at: int) -> str:
        return sentences.layer_title(layer.name, peaks[at])

    recorder.draw(subject, recording, recorder.Shown(shown, words, title, found, layer.name))


def _map_film(recording: Recording, layer: LayerInfo, values: Values) -> Film:
    """Make a film of maps (T, h, w, C): the first 64 channels."""
    tiles = np.moveaxis(values[..., :A_PAGE], -1, 1)
    channels, kind = values.shape[-1], "activation" if layer.non_negative else "activation_signed"
    return Film(
        tiles=tiles,
        numbers=list(range(tiles.shape[1])),
        kind=kind,
        limits=[raster.natural_limits(tiles, kind)] * recording.moments,
        said=_moments(recording),
        quantity=_("activation"),
        noun=_("channel"),
        columns=even_columns(tiles.shape[1], 2),
        notes=_notes(
            _("Channels are numbered row by row, from 0; pointing at one names it."),
            said.left_out(recording, "cells", layer.name),
            said.left_out(recording, "maps", layer.name),
            _("The first {n} of {of} channels.").format(n=A_PAGE, of=channels) if channels > A_PAGE else "",
        ),
    )


def attribution(subject: Subject) -> None:
    """Show the saliency of a pinned picture's predicted class, over the training."""
    recording = recorder.open_recording(subject)
    if recording is None:
        return
    if not recording.saliency.shape[-1]:
        st.info(_("This network has no class output, so no saliency was recorded."))
        return
    picture = recorder.pinned_picker(subject, recording, len(recording.pinned))
    tiles = recording.saliency[:, picture, None].astype(np.float32)
    shown = Film(
        tiles=tiles,
        numbers=[0],
        kind="attribution",
        limits=[raster.natural_limits(one, "attribution") for one in tiles],
        said=[said.answer(recording, at, picture) for at in range(recording.moments)],
        quantity=_("|gradient|"),
        picture=recorder.drawn_picture(subject, recording, picture),
        notes=_notes(
            said.left_out(recording, "gradients"),
            _("Each moment has its own colour range: compare shapes, not strengths."),
        ),
    )
    words = Words(
        said.learned(recording, picture),
        _("Saliency of the class predicted at that moment: the greatest |gradient| of its logit over the colours."),
        _("which pixels made the network learn, or how much of the score a pixel makes up."),
    )
    recorder.draw(
        subject,
        recording,
        recorder.Shown(shown, words, lambda at: plain(said.answer(recording, at, picture)), [], "predicted_class"),
    )


def _moments(recording: Recording) -> list[str]:
    return [said.moment(recording, at) for at in range(recording.moments)]


def _notes(*notes: str) -> list[str]:
    return [note for note in notes if note]


def _quiet(layer: str, peaks: Values) -> str:
    """Title a layer's maps, (T, C) the strongest of each: how many channels are silent at both ends."""
    first, last = (int((peaks[at] == 0).sum()) for at in (0, -1))
    return _("{layer}: {a} of {n} channels silent on this picture untrained, {b} at the end").format(
        layer=layer, a=number(first), b=number(last), n=number(peaks.shape[1])
    )


def _recorded(subject: Subject, wanted: LayerInfo, recording: Recording) -> LayerInfo | None:
    """Return the recorded layer that the pinned one comes from: itself, else the last one before it."""
    layers: Iterable[LayerInfo] = compute.glance(subject).layers
    kept = [info for info in layers if info.name in recording.maps]
    before = [info for info in kept if info.index <= wanted.index]
    return before[-1] if before else kept[0] if kept else None
