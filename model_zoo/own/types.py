"""What the parts of opening a user's own model hand to each other: a refusal, a note, the limits, a checked file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

Kind = Literal["keras", "h5", "weights"]
MIB = 2**20
PREFIX = "CONVSCOPE_OWN_"


class Refused(ValueError):  # noqa: N818 - it says what happened, as in a message
    """A file that isn't opened: `code` for tests and logs, `cause` and `mend` are sentences for the user.

    The text is fit to show: it holds no path of the server and nothing of the file that could be taken for markup
    (`shown` cuts what comes from the file).
    """

    def __init__(self, code: str, cause: str, mend: str) -> None:
        super().__init__(f"{cause} {mend}")
        self.code, self.cause, self.mend = code, cause, mend

    def __reduce__(self) -> tuple[type[Refused], tuple[str, str, str]]:
        """Pickle by the three parts: a refusal may come from another process."""
        return Refused, (self.code, self.cause, self.mend)


@dataclass(frozen=True)
class Note:
    """What was changed so that a file could be opened, or has to be known about it."""

    code: str
    text: str


@dataclass(frozen=True)
class Limits:
    """How much a file may ask for. Bytes, seconds and counts; none may be below 1.

    `seconds` is CPU time, and `memory_bytes` address space, of the child process that parses HDF5; `build_seconds`
    (elapsed) and `build_memory_bytes` (above its idle) are for the worker that rebuilds the model. `side` stands for
    a height or width that the model leaves open when its activations are counted.
    """

    max_bytes: int = 50 * MIB
    max_members: int = 64
    max_ratio: int = 100
    max_total: int = 200 * MIB
    max_config_bytes: int = 4 * MIB
    max_depth: int = 64
    max_nodes: int = 250_000
    max_layers: int = 5_000
    max_calls: int = 20_000
    max_objects: int = 50_000
    max_parameters: int = 150_000_000
    max_activation_bytes: int = 1024 * MIB
    max_multiply_adds: int = 100_000_000_000
    side: int = 224
    seconds: int = 1
    memory_bytes: int = 300 * MIB
    build_seconds: int = 20
    build_memory_bytes: int = 1024 * MIB

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if value < 1:
                raise ValueError(f"{one.name}: expected at least 1, got {value}; leave it out for the default")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Limits:
        """Return the limits with what an operator set, such as CONVSCOPE_OWN_MAX_BYTES=20000000.

        Raises ValueError, naming the variable, where a value isn't a whole number of at least 1.
        """
        chosen: dict[str, int] = {}
        for one in fields(cls):
            name = PREFIX + one.name.upper()
            if name in environment:
                text = environment[name].strip()
                if not text.isdecimal() or int(text) < 1:
                    raise ValueError(
                        f"{name}: expected a whole number of at least 1, got {text!r}; correct or unset it"
                    )
                chosen[one.name] = int(text)
        return cls(**chosen)


DEFAULT = Limits()


@dataclass(frozen=True)
class Checked:
    """A file that passed inspection: safe to rebuild, in a child process first.

    `name` is the file's name as shown. `config` is the model's checked config without compile and build entries,
    None for a weights file. `arrays` gives each weight's path in the HDF5 file and its shape. `architecture` is the
    key of the shipped model that a weights file is for.
    """

    kind: Kind
    sha256: str
    name: str
    config: Mapping[str, Any] | None
    arrays: Mapping[str, tuple[int, ...]]
    notes: tuple[Note, ...] = field(default=())
    architecture: str = ""


def shown(text: object, most: int = 60) -> str:
    """Return a name out of a file as it may stand in a sentence: one line, printable, cut to `most` characters."""
    plain = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in str(text))
    return plain if len(plain) <= most else plain[: most - 1] + "…"
