"""Write the pictures on the models' cards, from the live engines: components/data/model_faces.json.

    python -m scripts.make_model_faces

Run it again after a change to a model or a new one; a test compares the two. VGG16's picture is that of the kernels
that ship. Takes a minute, most of it for building the models.
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["CONVSCOPE_VGG16"] = str(Path(__file__).parent / "there-is-no-such-file.h5")

from streamlit.logger import set_log_level

set_log_level("ERROR")  # Streamlit's caches work without a server; each would warn that there is none

from components import compute, model_faces  # noqa: E402 - silenced first
from model_zoo import MODELS  # noqa: E402

MOST_BYTES = 60_000


def live(model: str) -> model_faces.Face | None:
    """Draw the face of a model from its engine, None if it has no convolution."""
    return model_faces.live(compute.engine(model, MODELS[model].state()))


def main() -> None:
    """Draw every model's face, write them, and read them back."""
    drawn = {key: face for key in MODELS if (face := live(key)) is not None}
    model_faces.save(drawn)
    model_faces.faces.cache_clear()
    size = model_faces.PATH.stat().st_size
    if dict(model_faces.faces()) != drawn or size > MOST_BYTES:
        raise SystemExit(f"{model_faces.PATH}: {size:,} bytes (at most {MOST_BYTES:,}), or not read back as written")
    print(f"{model_faces.PATH}: {size:,} bytes, {len(drawn)} models, read back")


if __name__ == "__main__":
    main()
