"""Write the first screen that ships, from the live engine: components/data/first_look.json.

    python -m scripts.make_first_look

Run it again after a change to EfficientNet-Lite0, the engine or the strip's thumbnails; a test compares the two.
Takes some seconds, most of them for loading TensorFlow.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from streamlit.logger import set_log_level

set_log_level("ERROR")  # Streamlit's caches work without a server; each would warn that there is none

from components import compute, first_look  # noqa: E402 - silenced first

MOST_BYTES = 200_000


def differences(fresh: compute.Glance, kept: compute.Glance) -> list[str]:
    """Return the names of what did not come back from the file as it was written."""
    assert fresh.total is not None
    assert kept.total is not None
    same = {
        "layers": fresh.layers == kept.layers,
        "faces": dict(fresh.faces) == dict(kept.faces),
        "logits": np.array_equal(fresh.logits, kept.logits),
        "probabilities": np.array_equal(fresh.probabilities, kept.probabilities),
        "default_layer": fresh.default_layer == kept.default_layer,
        "output_kind": fresh.output_kind == kept.output_kind,
        "total": np.array_equal(fresh.total.cells, kept.total.cells),
    }
    return [name for name, equal in same.items() if not equal]


def main() -> None:
    """Compute the glance, write it, and read it back."""
    fresh = compute.glance(first_look.SUBJECT)
    assert fresh.probabilities is not None
    second, first = (int(one) for one in np.argsort(fresh.probabilities)[-2:])
    apart = compute.answer_sum(first_look.SUBJECT, first, second)
    assert apart is not None
    first_look.save(fresh, apart)
    first_look.load.cache_clear()
    lost = differences(fresh, first_look.load())
    size = first_look.PATH.stat().st_size
    if lost or size > MOST_BYTES:
        raise SystemExit(f"{first_look.PATH}: {size:,} bytes (at most {MOST_BYTES:,}), not read back: {lost or 'none'}")
    print(f"{first_look.PATH}: {size:,} bytes, {len(fresh.layers)} layers, {len(fresh.faces)} thumbnails, read back")


if __name__ == "__main__":
    main()
