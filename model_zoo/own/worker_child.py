"""Run as a process of its own (python -m model_zoo.own.worker_child): rebuilds and tries models, one after another.

It loads TensorFlow, writes "ready", then takes a folder a line: job.json in it becomes answer.json, and the folder is
written back. It ends with its input. Nothing it prints by other ways reaches the parent.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sys
from pathlib import Path
from typing import IO, Any

from model_zoo.own.types import Refused


def answer(folder: Path) -> dict[str, Any]:
    """Do one job; returns what was found out, or the parts of a refusal."""
    from model_zoo.own import trial

    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    try:
        return trial.tried(job, folder)
    except Refused as error:
        return {"refused": [error.code, error.cause, error.mend]}
    except MemoryError:
        return {"failed": "MemoryError"}
    except Exception as error:  # the file may be anything: whatever it sets off is this one file's refusal
        print(repr(error), file=sys.stderr)
        return {"failed": type(error).__name__}


def settle() -> None:
    """Let go of what a job left behind."""
    import keras

    keras.backend.clear_session()
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        import ctypes

        ctypes.CDLL(None).malloc_trim(0)


def limit(written: int) -> None:
    """Let the system refuse this process any file larger than `written` bytes; others' work goes first."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (written, written))
    if hasattr(os, "nice"):
        os.nice(5)


def warm() -> None:
    """Load what every job needs, and run it once."""
    import keras
    import numpy as np

    from explain.engine import Engine

    image = keras.Input((8, 8, 3))
    z = keras.layers.Flatten()(keras.layers.Conv2D(2, 3)(image))
    model = keras.Model(image, keras.layers.Dense(2, activation="softmax")(z))
    model(np.zeros((1, 8, 8, 3), np.float32), training=False)
    Engine(model)
    settle()


def serve(out: IO[str]) -> None:
    """Answer one folder after another until the input ends."""
    warm()
    out.write("ready\n")
    for line in sys.stdin:
        folder = Path(line.rstrip("\n"))
        text = json.dumps(answer(folder))
        settle()
        (folder / "answer.json").write_text(text, encoding="utf-8")
        out.write(f"{folder}\n")


if __name__ == "__main__":
    limit(int(sys.argv[1]))
    with os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8") as channel:
        os.dup2(2, 1)
        serve(channel)
