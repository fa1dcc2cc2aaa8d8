"""What was changed when a picture was opened: sentences for the notes of `explain.open_image`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from components.text import _, number
from explain.types import Finding

Values = Mapping[str, Any]

NOTES: Mapping[str, Callable[[Values], str]] = {
    "upright": lambda v: _("Turned upright, as the camera's orientation mark (EXIF {orientation}) says.").format(
        orientation=v.get("orientation", "")
    ),
    "alpha": lambda v: _("Transparent parts were laid on white; colours hidden under them are gone."),
    "palette": lambda v: _("The palette was written out as colours."),
    "cmyk": lambda v: _("Print colours (CMYK) were turned into red, green and blue."),
    "deep": lambda v: _("{bits}-bit values were scaled to 8 bits.").format(bits=v.get("bits", 16)),
    "float": lambda v: _("Decimal values from {low} to {high} were scaled to 0 to 255.").format(
        low=number(float(v.get("low", 0))), high=number(float(v.get("high", 1)))
    ),
    "animated": lambda v: _("An animation of {frames} frames: the first one was taken.").format(
        frames=v.get("frames", "")
    ),
    "grey": lambda v: _("Grey was repeated in red, green and blue."),
}


def image_note(note: Finding) -> str:
    """Say one thing that was changed when a picture was opened; an unknown code is said as such."""
    if note.code in NOTES:
        return NOTES[note.code](note.values)
    return _("Changed on opening: {code}.").format(code=note.code.replace("_", " "))
