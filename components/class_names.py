"""Class names from a user's file: text or CSV, one name a line, as many as the model has outputs."""

from __future__ import annotations

import csv
import io

from components.text import _, ngettext
from model_zoo.own.types import Refused, shown

MOST_BYTES = 1_000_000
LONGEST = 60
SAFE = str.maketrans(
    {"<": "‹", ">": "›", "[": "(", "]": ")", "{": "(", "}": ")", "`": "'", "*": "∗", "$": "＄", "\\": "/", "|": "/"}
    | {"~": "∼", "#": "＃", ":": "∶"}
)
"""What a screen would read as markup, and what stands for it: a name is text everywhere it is written."""


def read(data: bytes, count: int, *, single: bool = False) -> list[str]:
    """Return `count` class names; of two for a `single` yes-or-no output the second.

    Raises Refused, saying what was expected and what came.
    """
    if len(data) > MOST_BYTES:
        raise Refused(
            "names_too_large",
            _("The file of class names is larger than a megabyte."),
            _("Put one name on each line."),
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(
            "names_not_text",
            _("The file of class names is not text in UTF-8."),
            _("Save it as plain text, one name a line."),
        ) from None
    names = [_safe(row[0]) for row in csv.reader(io.StringIO(text.replace("\0", ""))) if row and row[0].strip()]
    if single and len(names) == 2:
        return names[1:]
    if len(names) != count:
        raise Refused(
            "names_count",
            ngettext(
                "The file holds {came} class names and the model has {count} output.",
                "The file holds {came} class names and the model has {count} outputs.",
                count,
            ).format(came=f"{len(names):,}", count=f"{count:,}"),
            _("Put one name on each line, in the order of the outputs."),
        )
    return names


def _safe(name: str) -> str:
    return shown(name.strip().translate(SAFE), LONGEST)
