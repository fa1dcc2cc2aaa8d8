"""The errors of ConvScope: a code and values that a screen can put into words, and a message for a script."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

_WRONG = {
    "absent": "is not on this machine",
    "wrong_size": "is there with another size",
    "wrong_checksum": "is there with another checksum",
}


class ConvScopeError(Exception):
    """Something ConvScope could not do; `code` names the cause, `values` hold what a sentence about it needs."""

    code: str
    values: dict[str, Any]

    def __init__(self, code: str, message: str, values: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.values = dict(values or {})


class ArgumentError(ConvScopeError, ValueError):
    """A value that can't be used; the message names the argument, what was expected, what came, and the next step."""

    def __init__(self, message: str) -> None:
        super().__init__("wrong_argument", message, {"argument": message.partition(":")[0]})


class NoClassOutput(ConvScopeError, ValueError):  # noqa: N818 - says the state; part of the public interface
    """A model without class scores was asked for a class target."""

    def __init__(
        self,
        message: str = "target: this model has no class output, so no class can be explained; "
        "look at its kernels and activations, or open a model that ends in class scores",
        *,
        code: str = "no_class_output",
        values: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code, message, values)


class WeightsMissing(NoClassOutput):
    """A model's classifier can't be built because its weights file is not on this machine.

    `path` is where the file is expected, `bytes` its size (0: any), `checksum` written "algorithm:hex digest",
    `source` the address it can be fetched from, `reason` what is wrong: "absent", "wrong_size", "wrong_checksum".
    """

    def __init__(self, path: Path, bytes: int, checksum: str, source: str, reason: str = "absent") -> None:
        self.path = Path(path)
        self.bytes = bytes
        self.checksum = checksum
        self.source = source
        self.reason = reason
        size = f"{bytes:,} bytes, " if bytes else ""
        super().__init__(
            f"target: the class scores need a weights file that {_WRONG[reason]}. Expected {self.path} "
            f"({size}{checksum}). Fetch it from {source}: with model_zoo.download, with the screen's "
            "download button, or by hand to that path.",
            code="weights_missing",
            values={"path": str(self.path), "bytes": bytes, "checksum": checksum, "source": source, "reason": reason},
        )
