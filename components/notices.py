"""What the frame itself has to say: badges, losses, failures."""

from __future__ import annotations

from components.text import _


def lost(what: str, asked: str) -> str:
    """Say that the address named a model or a picture that can't be opened here."""
    if what == "model" and asked.startswith("own/"):
        return _(
            "The address points at a model that someone opened from a file, “{asked}”. Such a model is kept in the "
            "memory of its own session only: not in other windows, and not after the page was loaded anew. Open the "
            "same file again under “Your own model” on the Overview page. Until then another model is open."
        ).format(asked=asked[:16])
    if what == "model":
        return _("There is no model called “{asked}”. Another one is open.").format(asked=asked[:60])
    if asked.startswith("upload/"):
        return _("The address points at an uploaded picture, which only its own session has. A sample is shown.")
    return _("There is no picture called “{asked}”. A sample is shown.").format(asked=asked[:60])


def random_weights() -> str:
    """Say what a model with random weights can and can't show."""
    return _("These weights are random: nothing was learned, so no picture here shows what a trained network does.")


def precomputed() -> str:
    """Say what the precomputed badge means."""
    return _("This first screen was computed beforehand and ships with the app. The live model takes over by itself.")


def model_failed(code: str) -> str:
    """Say that opening a model failed for a reason that nobody foresaw."""
    return _(
        "It could not be opened, and the reason is not known. The model that was open, your pictures and the other "
        "pages are unharmed. Try once more; if it stays, report it with the code {code}."
    ).format(code=code)


def failed(code: str) -> str:
    """Say that a page failed, what is unharmed and what to do."""
    return _(
        "This page could not be drawn. Your model, pictures and the other pages are unharmed. "
        "Change a setting, or start again here. If it stays, report it with the code {code}."
    ).format(code=code)


def broken(code: str) -> str:
    """Say that one computation failed, what is unharmed and what to do."""
    return _(
        "This computation failed. The rest of the page, your pictures and earlier results are unharmed, and the next "
        "one can begin. Change a setting. If it stays, report it with the code {code}."
    ).format(code=code)


def out_of_memory(code: str) -> str:
    """Say that there was too little memory, what is unharmed and what to do."""
    return _(
        "There was too little memory for this. Your pictures and earlier results are unharmed, and the next "
        "computation can begin. Ask for fewer samples, or choose a smaller model. Code {code}."
    ).format(code=code)


def session_lost(why: str) -> str:
    """Say that the browser's session is a new one, why, and what went with the old one."""
    reason = {
        "expired": _("Your connection was gone for longer than a session is kept here, so this is a new one."),
        "restarted": _("The server was restarted meanwhile, so this is a new session."),
    }[why]
    return f"{reason} " + _(
        "Page, model, place and settings are back from the address. Lost are your uploaded pictures and models, and "
        "maps that were not finished. Files you saved are complete."
    )


def gave_up() -> str:
    """Say that a session keeps only so much."""
    return _(
        "This session keeps at most 40 MB: the oldest unfinished maps and pictures that are not on the screen were let "
        "go. They can be opened and computed again."
    )
