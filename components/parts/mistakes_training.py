"""The confusion matrix over the training of the open model, where that was recorded."""

from __future__ import annotations

import numpy as np
import streamlit as st

from components import show
from components.figures import Words
from components.figures.confusion import over_training
from components.parts import recorder
from components.parts.mistakes import WIDTH
from components.sentences import recordings as said
from components.subjects import Subject
from components.text import _, number


def draw(subject: Subject) -> None:
    """Walk through the confusion matrices of the recorded moments, once they are asked for."""
    recording = recorder.open_recording(subject)
    if recording is None:
        return
    names = [said.class_name(recording, at) for at in range(recording.confusion.shape[-1])]
    if not names or not recording.checked:
        st.info(_("No confusion matrices were recorded of this network: it has too many classes, or none."))
        return
    words = Words(
        said.walked(recording),
        _(
            "The network's answers to {n} held-back pictures at each recorded moment: the true class in rows, the "
            "answer in columns. Ink: the share of the row's pictures, mistakes only; one scale for all."
        ).format(n=number(recording.checked)),
        _("which pictures changed sides between two moments."),
    )
    moments = [said.moment(recording, at) for at in range(recording.moments)]
    counts = recording.confusion.astype(np.int64)
    show.figure(over_training(counts, names, moments, words, width=show.fit(WIDTH)), "film", of_weights=False)
