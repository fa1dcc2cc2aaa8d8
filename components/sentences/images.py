"""What was changed when a picture was opened: sentences for the notes of `explain.open_image`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from components.text import _, percent

Values = Mapping[str, Any]


class Note(Protocol):
    """A change that was made to a picture: `explain.image_file.Note` is one."""

    @property
    def code(self) -> str:
        """What was changed."""

    @property
    def values(self) -> Values:
        """The numbers and words a sentence about it needs."""


NOTES: Mapping[str, Callable[[Values], str]] = {
    "first_frame": lambda v: _("An animation of {frames} frames: the first one was taken.").format(frames=v["frames"]),
    "turned_upright": lambda v: _("Turned upright, as the camera's mark (EXIF {n}) says.").format(n=v["orientation"]),
    "scaled_16_bit": lambda v: _("16-bit values were scaled to 8 bits."),
    "scaled_range": lambda v: _("Its values were scaled to 0 to 255."),
    "grey_to_colour": lambda v: _("Grey was repeated in red, green and blue."),
    "palette": lambda v: _("The palette was written out as colours."),
    "colour_space": lambda v: _("{mode} colours were turned into red, green and blue.").format(mode=v["mode"]),
    "made_smaller": lambda v: _(
        "Larger than a session keeps: blocks of {n}×{n} pixels were averaged, to {width}×{height}."
    ).format(n=v["factor"], width=v["width"], height=v["height"]),
    "on_white": lambda v: _("Laid on white: {share} of it was transparent.").format(share=percent(v["share"])),
}


def image_note(note: Note) -> str:
    """Say one thing that was changed when a picture was opened; an unknown code is said as such."""
    if note.code in NOTES:
        return NOTES[note.code](note.values)
    return _("Changed on opening: {code}.").format(code=note.code.replace("_", " "))
