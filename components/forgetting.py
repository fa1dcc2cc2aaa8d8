"""Let go of whatever can be made again; models stay, since they take longest to make."""

from __future__ import annotations

from components import compute, raster
from explain.memo import SHARED


def forget() -> None:
    """Empty every cache of results, pictures and passes."""
    results, lock = compute._results()
    with lock:
        results.clear()
    for cached in (
        compute.model_input,
        compute.face,
        compute.shown_input,
        compute.shown_picture,
        compute.activations,
        compute.layer_face,
        compute.glance,
        compute.effective_field,
        compute.answer_sum,
        compute.kernels,
        compute.reference,
    ):
        cached.clear()
    raster.forget()
    SHARED.clear()
