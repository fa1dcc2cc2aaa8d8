"""Run as a process of its own (python -m model_zoo.training.child FOLDER): one training, from start to end.

FOLDER/job.json holds the recipe, FOLDER/pictures.npz the pictures where they are somebody's own. Orders come on the
standard input; events.jsonl, best.keras, recording.npz and scores.npz are written into FOLDER.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import traceback
from pathlib import Path

from model_zoo.training.orders import Events, Orders
from model_zoo.training.recipe import Recipe

NICE = 10
ENDED_FIRST = 800
"""Of 1,000: what Linux is told of whom to end where memory runs out. The server is at 0."""


def give_way() -> None:
    """Let pages go first, leave no image of the memory behind, and be the one to end where memory runs out."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if hasattr(os, "nice"):
        os.nice(NICE)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(f"{ENDED_FIRST}\n", encoding="ascii")


def work(folder: Path, orders: Orders, events: Events) -> None:
    """Do the job in `folder`; whatever it sets off is this training's end, and said."""
    try:
        from model_zoo.training.fitting import train

        job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
        train(Recipe(**job["recipe"]), folder, orders, events)
    except MemoryError:
        events.tell("ended", why="failed", best_epoch=0, message="It took more memory than there is.")
    except Exception as error:
        traceback.print_exc()
        events.tell("ended", why="failed", best_epoch=0, message=f"{type(error).__name__}: {str(error)[:500]}")


def main() -> None:
    """Train, and end at once: what TensorFlow does when an interpreter ends takes seconds."""
    folder = Path(sys.argv[1])
    give_way()
    orders = Orders(0, folder)
    orders.listen()
    work(folder, orders, Events(folder / "events.jsonl"))
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
