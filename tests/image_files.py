"""What the Dockerfile puts into an image, read from the Dockerfile itself."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).parent.parent


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions in order, each with its arguments; continued lines are joined."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    pairs = [line.split(maxsplit=1) for line in text.splitlines() if line.strip()]
    return [(name, re.sub(r"\s+", " ", rest).strip()) for name, rest in pairs]


def copied() -> list[tuple[str, str]]:
    """Return (path in the project, path in the image) of everything that is copied."""
    found = []
    for name, rest in instructions():
        if name == "COPY":
            *sources, target = shlex.split(rest)
            found += [(one, f"{target}{one}" if target.endswith("/") else target) for one in sources]
    return found


def image_root(folder: Path) -> Path:
    """Lay out the app's folder of the image, by links."""
    for source, target in copied():
        (folder / target).symlink_to(ROOT / source)
    return folder
